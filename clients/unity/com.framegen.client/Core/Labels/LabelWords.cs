namespace FrameGen.Labels
{
    /// <summary>The words of the protocol's label_names.json: those that the shipped model knows, in lower case and in their singular.</summary>
    public static class LabelWords
    {
        public static readonly string[] All =
        {
            "aluminium", "aluminum", "apartment", "armchair", "ashlar", "asphalt", "automobile", "avatar", "awning", "background",
            "bark", "barn", "beach", "beer", "billboard", "bin", "birch", "blanket", "bodywork", "bookcase", "bookshelf", "boulder",
            "boy", "brass", "brick", "bricks", "brickwork", "building", "buildings", "bulb", "bulbs", "bus", "buses", "bush",
            "bushes", "cabin", "cacti", "cactus", "canal", "car", "carpet", "cars", "castle", "caution", "ceiling", "cement",
            "chandelier", "character", "child", "children", "chrome", "citizen", "cliff", "cloth", "cloud", "clouds", "cobble",
            "cobbles", "cobblestone", "concrete", "conifer", "conifers", "copper", "cottage", "couch", "crate", "creek", "crossing",
            "crosswalk", "crowd", "cupboard", "curb", "curtain", "cushion", "danger", "dark", "desert", "desk", "direction", "dirt",
            "door", "driveway", "dune", "earth", "enemy", "entry", "fabric", "facade", "face", "fence", "fern", "field", "fir",
            "flag", "flagstone", "floodlight", "floor", "flower", "foliage", "forest", "freeway", "girder", "girl", "glass",
            "glazing", "granite", "grass", "gravestone", "ground", "guard", "guardrail", "hair", "handrail", "headlight", "hedge",
            "highway", "hill", "hills", "house", "houses", "human", "iron", "ivy", "jungle", "kart", "kerb", "kid", "lake", "lamp",
            "lamppost", "lamps", "landscape", "lane", "lantern", "lanterns", "lawn", "leaf", "leaves", "light", "lights",
            "limestone", "line", "log", "lorry", "lumber", "man", "mannequin", "marble", "marking", "masonry", "meadow", "men",
            "metal", "motorway", "mountain", "mud", "npc", "oak", "ocean", "off", "paint", "painting", "palm", "pane", "panes",
            "parking", "parquet", "path", "pavement", "paving", "pedestrian", "people", "person", "picture", "pillow", "pine",
            "pines", "pipe", "plank", "planks", "plant", "plants", "plaster", "plastic", "player", "plaza", "pole", "pond", "pool",
            "post", "poster", "puddle", "racetrack", "rail", "railing", "reed", "river", "road", "roadside", "rock", "rocks",
            "roof", "rooftop", "rubber", "rug", "runway", "sand", "sandstone", "scaffolding", "sea", "shingle", "shingles", "shrub",
            "shrubs", "sidewalk", "sign", "signage", "signpost", "skin", "sky", "skybox", "skydome", "skyscraper", "sofa", "soil",
            "soldier", "speed", "spruce", "steel", "stem", "stone", "stop", "stream", "street", "streetlamp", "streetlamps",
            "streetlight", "streetlights", "stucco", "stump", "table", "tank", "tarmac", "tarp", "taxi", "tent", "terrain", "text",
            "textile", "thatch", "tile", "tiles", "timber", "tire", "tombstone", "tower", "traffic", "tree", "trees", "truck",
            "trucks", "trunk", "turf", "tyre", "unlit", "van", "vegetation", "vehicle", "vehicles", "villa", "villager", "vine",
            "walkway", "wall", "walls", "wardrobe", "warning", "water", "waterfall", "way", "wheel", "window", "windowpane",
            "windows", "windscreen", "windshield", "wine", "woman", "women", "wood", "wooden", "woodland", "woods", "yield",
            "zombie"
        };

        /// <summary>Those that alone say where a thing is, or what is far away: better no label than a wrong one.</summary>
        public static readonly string[] Vague =
        {
            "background", "beach", "cloud", "desert", "dune", "field", "forest", "hill", "jungle", "lane", "line", "meadow",
            "mountain", "paint", "sky", "stream", "woodland", "woods"
        };
    }
}
