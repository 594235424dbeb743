"""The words that the embedded model knows, and what they mean to it: data, read by :mod:`.prompt`."""

from __future__ import annotations

from collections.abc import Container, Mapping


def phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(","))


def _hues(adjectives: str) -> str:
    """Each of them before what a picture's colours are called: "warm colours", "warm tones" and so on."""
    nouns = phrases("color, colors, colour, colours, tone, tones, palette, tint, hues, grading, look")
    return ", ".join(f"{adjective} {noun}" for adjective in phrases(adjectives) for noun in nouns)


TIMES: dict[str, tuple[str, ...]] = {
    "noon": phrases(
        "noon, midday, mid day, day, daytime, daylight, by day, at day, afternoon, lunchtime, bright day, "
        "high sun, noonday"
    ),
    "morning": phrases(
        "morning, mornings, early morning, forenoon, breakfast, dawn, daybreak, sunrise, first light, early light, "
        "rising sun, sun rising, sun is rising"
    ),
    "golden_hour": phrases(
        "golden hour, golden light, golden, sunset, sundown, late afternoon, evening sun, evening light, low sun, "
        "warm sun, low warm sun, warm light, setting sun, magic hour, midnight sun, sun setting, sun is setting, sun "
        "goes down, sun going down, sun is low"
    ),
    "dusk": phrases(
        "dusk, twilight, blue hour, evening, nightfall, gloaming, after sunset, late evening, half light, before "
        "sunrise, before dawn, predawn, getting dark, white night"
    ),
    "night": phrases(
        "night, nights, nighttime, night time, midnight, at night, by night, nocturnal, moonlight, moonlit, moon, "
        "full moon, starry, stars, starlight, dark night, darkness, neon night, late night, starlit, milky way, "
        "aurora, auroras, aurora borealis, aurora australis, northern lights, southern lights, polar lights, after "
        "dark, pitch black, pitch dark"
    ),
}
"""Name of a time of day -> phrases that mean it."""
WEATHERS: dict[str, tuple[str, ...]] = {
    "clear": phrases(
        "clear, clear sky, clear skies, sunny, sunshine, sunlit, sunlight, cloudless, blue sky, blue skies, fair, "
        "fair weather, bright, bright sun, crisp, sun, sunbeam, sun beam, sunray, sun ray"
    ),
    "partly cloudy": phrases(
        "partly cloudy, partially cloudy, some clouds, few clouds, scattered clouds, clouds, cloudy, broken clouds, "
        "cumulus, fluffy clouds, cloud, mostly sunny, partly sunny"
    ),
    "overcast": phrases(
        "overcast, grey sky, gray sky, grey skies, gray skies, dull, gloomy, gloom, cloud cover, covered sky, dreary, "
        "moody, diffuse light, soft light, flat light, bleak, grey day, gray day, very cloudy, mostly cloudy, dark "
        "clouds, heavy clouds, thick clouds, dense clouds, grey clouds, gray clouds, low clouds, storm clouds, rain "
        "clouds, thunderclouds"
    ),
    "rain": phrases(
        "rain, rainy, raining, rains, rainfall, wet, drizzle, drizzling, drizzly, storm, stormy, thunderstorm, "
        "downpour, shower, showers, monsoon, soaked, puddles, after rain, rainstorm, thunder, damp, lightning, "
        "hurricane, typhoon, hail, hailstorm, sleet, flooded"
    ),
    "fog": phrases(
        "fog, foggy, mist, misty, haze, hazy, smog, smoggy, murky, fogbound, cloud forest, smoky, sandstorm, sand "
        "storm, duststorm, dust storm"
    ),
}
"""Name of a weather -> phrases that mean it."""
SEASONS: dict[str, tuple[str, ...]] = {
    "spring": phrases(
        "spring, springtime, spring time, blossom, blossoms, april, sakura, in bloom, full bloom, in march, early "
        "march, late march, in may"
    ),
    "summer": phrases(
        "summer, summertime, summer time, midsummer, june, july, august, lush, heatwave, heat wave, hot day"
    ),
    "autumn": phrases(
        "autumn, autumnal, fall, fall colors, fall colours, fall foliage, october, november, september, autumn "
        "leaves, indian summer, halloween"
    ),
    "winter": phrases(
        "winter, wintry, wintery, wintertime, midwinter, december, january, february, cold, bare trees, freezing"
    ),
}
"""Name of a season -> phrases that mean it."""
SNOW: dict[str, float] = {
    "snow": 0.9,
    "patchy snow": 0.45,
    "thin snow": 0.35,
    "light snow": 0.45,
    "dusting of snow": 0.35,
    "snowy": 0.9,
    "snowing": 0.9,
    "snowfall": 0.9,
    "snow covered": 1.0,
    "snowbound": 1.0,
    "blizzard": 1.0,
    "snowstorm": 1.0,
    "ice": 0.5,
    "icy": 0.5,
    "frost": 0.35,
    "frosty": 0.35,
    "frozen": 0.6,
    "hoarfrost": 0.4,
    "deep snow": 1.0,
    "powder snow": 1.0,
    "christmas": 0.9,
    "xmas": 0.9,
    "falling snow": 0.9,
    "snow falling": 0.9,
    "snow is falling": 0.9,
    "melting snow": 0.45,
    "covered in snow": 1.0,
    "covered with snow": 1.0,
    "winter wonderland": 0.9,
    "arctic": 0.9,
    "antarctic": 0.9,
    "antarctica": 0.9,
}
"""Phrases that bring snow -> how much lies, 0..1."""
FALLING_RAIN: dict[str, float] = {
    "rain": 0.4,
    "rainy": 0.4,
    "raining": 0.5,
    "rains": 0.5,
    "rainfall": 0.5,
    "drizzle": 0.2,
    "drizzling": 0.2,
    "drizzly": 0.2,
    "shower": 0.6,
    "showers": 0.6,
    "sleet": 0.5,
    "storm": 0.7,
    "stormy": 0.7,
    "thunderstorm": 0.9,
    "rainstorm": 0.9,
    "downpour": 1.0,
    "monsoon": 1.0,
    "hurricane": 1.0,
    "typhoon": 1.0,
}
"""Phrases of rain that can be seen to fall -> how much, 0..1; others say that all is wet."""
FALLING_SNOW: dict[str, float] = {
    "snowing": 0.5,
    "snowfall": 0.5,
    "falling snow": 0.5,
    "snow falling": 0.5,
    "snow is falling": 0.5,
    "snowstorm": 0.9,
    "blizzard": 1.0,
}
"""The same of snow."""
STARRY = phrases("stars, starry, starlight, starlit, milky way")
"""Brings more stars than a clear night has anyway."""
POLAR = phrases("aurora, auroras, aurora borealis, aurora australis, northern lights, southern lights, polar lights")
"""Brings an aurora."""
MOONLIT = phrases("moon, full moon, moonlight, moonlit")
"""Brings the moon."""
DAWN = phrases("dawn, daybreak, sunrise, first light, early light, rising sun, sun rising, sun is rising")
"""Between morning and golden hour."""
FAINT = ("mist", "misty", "haze", "hazy", "smoky", "drizzle", "drizzly")
"""Fog and rain of 0.4 of the usual strength."""
DETAILS = frozenset(
    phrases(
        "moon, full moon, moonlight, moonlit, stars, starry, starlight, dark night, neon night, late night, "
        "golden light, warm light, warm sun, evening sun, wet, damp, soaked, puddles, thunder, thunderstorm, storm, "
        "stormy, rainstorm, "
        "drizzle, drizzling, drizzly, downpour, shower, showers, dull, gloomy, gloom, dreary, moody, blossom, "
        "blossoms, lush, fall colors, fall colours, fall foliage, autumn leaves, cold, bare trees, ice, icy, frost, "
        "frosty, frozen, hoarfrost, christmas, blizzard, snowstorm, snowing, snowfall, light snow, patchy snow, "
        "thin snow, deep snow, powder snow, dusting of snow, starlit, aurora, auroras, aurora borealis, "
        "aurora australis, northern lights, southern lights, polar lights, milky way, "
        "bleak, lightning, hail, hailstorm, hurricane, typhoon, sleet, flooded, sandstorm, sand storm, "
        "duststorm, dust storm, smoky, sakura, in bloom, full bloom, halloween, xmas, "
        "freezing, heatwave, heat wave, falling snow, snow "
        "falling, snow is falling, melting snow, dark clouds, heavy clouds, thick clouds, dense clouds, grey "
        "clouds, gray clouds, low clouds, storm clouds, rain clouds, thunderclouds"
    )
)
"""Parts of a time, weather or season: who denies one of them denies nothing else."""
LACKING = {"moonless": "moon", "snowless": "snow", "starless": "stars", "sunless": "sun"}
"""Words that deny another."""
ALWAYS = phrases(
    "photo, photograph, photographic, photography, photorealistic, photoreal, photorealism, realistic, "
    "realism, real, photograph of, real life, film still, natural, ultra realistic, hyperrealistic"
)
"""Understood because the model never does anything else."""
PHOTO: tuple[tuple[str, Mapping[str, float]], ...] = (
    (
        "cinematic, filmic, movie, film look, movie look",
        {"split": 0.5, "contrast": 0.3, "vignette": 0.25, "fade": 0.15},
    ),
    ("teal and orange, orange and teal, teal orange, orange teal, blockbuster", {"split": 1.0, "contrast": 0.25}),
    (
        f"vivid, vibrant, saturated, colorful, colourful, {_hues('vivid, vibrant, rich, saturated')}",
        {"saturation": 0.4, "contrast": 0.1},
    ),
    ("technicolor, technicolour", {"saturation": 0.6, "contrast": 0.35, "warmth": 0.15}),
    (
        f"muted, desaturated, subdued, low saturation, washed out, drab, {_hues('muted, subdued, pale, dull')}",
        {"saturation": -0.45},
    ),
    (f"pastel, {_hues('pastel')}", {"saturation": -0.25, "exposure_ev": 0.4, "fade": 0.4, "contrast": -0.2}),
    (
        "black and white, black white, b w, bw, monochrome, monochromatic, greyscale, grayscale, colorless, colourless",
        {"saturation": -1.0},
    ),
    (
        "noir, film noir",
        {"saturation": -1.0, "contrast": 0.8, "exposure_ev": -0.3, "vignette": 0.5, "grain": 0.25},
    ),
    (f"sepia, sepia toned, {_hues('sepia')}", {"saturation": -1.0, "warmth": 0.8, "fade": 0.2}),
    (f"warm lighting, {_hues('warm, warmer')}", {"warmth": 0.45}),
    (
        f"cool light, cold light, cool lighting, cold lighting, {_hues('cool, cooler, cold, colder')}",
        {"warmth": -0.45},
    ),
    ("contrast", {"contrast": 0.3}),
    ("saturation, high saturation", {"saturation": 0.35}),
    ("high contrast, strong contrast, contrasty, punchy, hard light, harsh light", {"contrast": 0.6}),
    (f"low contrast, faded film, matte look, {_hues('faded')}", {"contrast": -0.3, "fade": 0.5}),
    ("dramatic, dramatic light, dramatic lighting, epic", {"contrast": 0.45, "exposure_ev": -0.2, "vignette": 0.2}),
    ("bleach bypass", {"saturation": -0.5, "contrast": 0.7}),
    ("gritty, grim", {"saturation": -0.35, "contrast": 0.45, "grain": 0.3}),
    (
        "darker, dim, dimly lit, underexposed, low key, dark mood, dark atmosphere, dark image, dark picture, "
        "dark scene, shadowy",
        {"exposure_ev": -0.8},
    ),
    ("brighter, overexposed, high key, blown out, bright image, bright picture, bright scene", {"exposure_ev": 1.0}),
    ("film grain, grainy", {"grain": 0.45}),
    ("vignette, vignetting, dark corner, dark corners, dark edge, dark edges", {"vignette": 0.6}),
    ("bloom, glow, glowing, soft glow, halation, soft focus", {"glow": 0.5}),
    ("dreamy, dreamlike, ethereal, fairytale", {"glow": 0.6, "contrast": -0.2, "saturation": 0.1, "exposure_ev": 0.2}),
    (
        "vintage, retro look, old film, vintage film, old photo, old photograph, analog, analogue, analog film, "
        "analogue film, 35mm, 35mm film, 35 mm, 16mm, polaroid, lomo",
        {"fade": 0.5, "saturation": -0.2, "warmth": 0.25, "grain": 0.3, "vignette": 0.35},
    ),
    (
        "horror, spooky, eerie, creepy, sinister",
        {"exposure_ev": -0.6, "saturation": -0.4, "warmth": -0.15, "contrast": 0.3, "vignette": 0.5},
    ),
    (
        "apocalyptic, post apocalyptic, dystopian",
        {"saturation": -0.4, "warmth": 0.3, "contrast": 0.35, "fade": 0.2, "grain": 0.15},
    ),
)
"""Phrases of photography -> what they add to :class:`framegen.ops.photo.Photo`."""
OF_THINGS = phrases(
    "black and white, black white, b w, bw, monochrome, monochromatic, colorless, colourless, vintage, analog, "
    "analogue, movie"
)
"""Of those, what is said of a thing where one follows, and not of the picture: "black and white tiles", "vintage
cars"."""
IDIOMS = phrases("depth of field, field of view, golden gate, hot spring, ice cream, post processing, spring water")
"""Say nothing of what their words mean alone: not understood."""
WEAK = frozenset(phrases("bit, faint, gentle, light, little, mild, slight, slightly, soft, some, thin, less"))
"""Halve what follows."""
STRONG = frozenset(
    phrases(
        "deep, dense, extreme, extremely, heavily, heavy, highly, intense, pouring, strong, thick, torrential, very, "
        "lot, more, much"
    )
)
"""Double what follows."""
NEGATIONS = frozenset(
    phrases(
        "aint, arent, cannot, cant, doesnt, dont, isnt, minus, neither, never, no, non, none, nor, not, wasnt, "
        "without, wont, zero, avoid, exclude, remove"
    )
)
"""Deny what follows."""
ENDS = frozenset(
    phrases(
        "across, after, along, around, at, before, behind, beside, by, during, in, into, near, on, over, through, "
        "under, when, while, with"
    )
)
"""End a negation that has met what it is about: "no people at night"."""
SUBJECTS = frozenset(phrases("it, its, there"))
"""Begin something else: "no snow and it is night"."""
FILLER = frozenset(
    phrases(
        "a, an, and, any, are, as, at, be, by, during, for, from, hour, image, in, into, is, it, its, like, look, "
        "looking, looks, near, of, on, or, over, picture, scene, season, sky, style, that, the, this, time, to, "
        "under, very, view, weather, with, across, after, along, anymore, around, before, behind, beside, has, have, "
        "landscape, make, please, should, there, through, when, while"
    )
)
"""Carry no meaning of their own."""
MATERIALS: dict[str, tuple[str, ...]] = {
    "sky": phrases("sky, skybox, skydome, clouds, cloud"),
    "soil": phrases("soil, dirt, mud, earth, ground, terrain, path, landscape"),
    "grass": phrases("grass, lawn, meadow, field, turf"),
    "sand": phrases("sand, beach, dune, desert"),
    "rock": phrases("rock, rocks, cliff, boulder, mountain"),
    "water": phrases("water, river, lake, sea, ocean, pond, pool, stream, creek, canal, waterfall, puddle"),
    "asphalt": phrases("asphalt, road, street, tarmac, highway, motorway, freeway, racetrack, runway, driveway"),
    "paving": phrases(
        "paving, pavement, sidewalk, cobble, cobbles, cobblestone, curb, kerb, walkway, plaza, flagstone"
    ),
    "road marking": phrases("marking, line, lane, crosswalk"),
    "plaster": phrases(
        "plaster, wall, stucco, facade, house, building, ceiling, tower, skyscraper, apartment, cottage, villa"
    ),
    "brick": phrases("brick, bricks, brickwork"),
    "concrete": phrases("concrete, cement"),
    "stone": phrases("stone, masonry, ashlar, marble, granite, sandstone, limestone, castle, gravestone, tombstone"),
    "roof": phrases("roof, rooftop, shingles, shingle, thatch"),
    "glass": phrases("glass, window, windows, pane, panes, glazing, windowpane, windscreen, windshield"),
    "wood": phrases(
        "wood, wooden, plank, planks, timber, floor, door, fence, parquet, log, lumber, crate, table, desk, "
        "bookshelf, bookcase, cupboard, wardrobe, barn, cabin"
    ),
    "metal": phrases(
        "metal, steel, iron, pole, post, railing, rail, guardrail, handrail, pipe, chrome, copper, aluminium, "
        "aluminum, brass, girder, scaffolding, lamppost, signpost, tank"
    ),
    "bark": phrases("bark, trunk, stem, stump"),
    "foliage": phrases(
        "foliage, leaf, leaves, tree, trees, forest, woods, woodland, jungle, pine, pines, conifers, bush, "
        "bushes, hedge, plant, plants, vegetation, shrub, shrubs, palm, oak, birch, spruce, fir, conifer, fern, "
        "ivy, vine, flower, reed"
    ),
    "car paint": phrases(
        "car, cars, vehicle, vehicles, paint, bodywork, truck, trucks, bus, buses, van, taxi, lorry, kart, automobile"
    ),
    "tyre": phrases("tyre, tire, wheel, rubber"),
    "plastic": phrases("plastic, bin"),
    "fabric": phrases(
        "fabric, cloth, curtain, carpet, sofa, rug, awning, textile, tent, tarp, flag, cushion, pillow, couch, "
        "armchair, blanket"
    ),
    "tile": phrases("tile, tiles"),
    "lamp": phrases(
        "lamp, lamps, light, lights, lantern, lanterns, bulb, bulbs, streetlight, streetlights, streetlamp, "
        "streetlamps, chandelier, floodlight, headlight"
    ),
    "picture": phrases("picture, painting, poster"),
    "cactus": phrases("cactus, cacti"),
    "sign": phrases("sign, signage, billboard, text"),
    "hill": phrases("hill, hills, background"),
}
"""Material of :data:`framegen.ops.layout.LABELS` -> words in a label's name that mean it."""
_OPEN = phrases(
    "wall, facade, house, building, tower, skyscraper, apartment, cottage, villa, ceiling, castle, barn, cabin, "
    "ground, terrain, landscape, path, floor, door, fence, table, desk, crate, pole, post, lamppost, rail, railing, "
    "guardrail, handrail, pipe, bin, signpost, tank, log, bookshelf, bookcase, cupboard, wardrobe, "
    "gravestone, tombstone"
)
_PLANTS = phrases("tree, pine, palm, oak, birch, spruce, fir, conifer, plant, flower")
_PLACES = phrases(
    "sky, cloud, forest, woods, woodland, jungle, field, meadow, beach, dune, desert, mountain, hill, background, "
    "water, river, lake, sea, ocean, pond, pool, stream, road, street, highway, line, lane, paint"
)
RANKS = 4
TELLS = {word: rank for rank, words in enumerate((_OPEN, _PLANTS, _PLACES), 1) for word in words}
"""How little some words of :data:`MATERIALS` tell of what a label's thing is made of, where others of its name tell
more: 1 may be of many materials, 2 is a plant whose trunk is none, 3 says where it is or what is on it. Others: 0."""
GROUND = frozenset(phrases("ground, terrain, landscape, path, floor"))
"""What of :data:`TELLS` is of what the place is of."""
COLORS: dict[str, tuple[float, float, float]] = {
    "red": (1.1, 0.85, 0.82),
    "orange": (1.12, 0.95, 0.75),
    "yellow": (1.1, 1.04, 0.75),
    "green": (0.85, 1.06, 0.84),
    "blue": (0.82, 0.92, 1.12),
    "purple": (1.0, 0.84, 1.08),
    "pink": (1.14, 0.94, 0.98),
    "brown": (0.96, 0.84, 0.72),
    "white": (1.2, 1.2, 1.2),
    "pale": (1.12, 1.12, 1.12),
    "dark": (0.7, 0.7, 0.7),
    "black": (0.45, 0.45, 0.45),
}
"""Words of colour -> gains on the sRGB-encoded surface."""
SHADES = ("dark", "pale")
"""Of those, the ones that say how light the next is."""
COPIES = frozenset(
    phrases(
        "asset, back, big, bottom, clone, col, collision, copy, damaged, dirty, front, geo, geometry, group, high, "
        "inner, inst, instance, instanced, large, left, lit, lod, long, low, lower, lowpoly, mat, material, medium, "
        "mesh, model, mtl, new, node, obj, object, old, outer, prefab, rear, right, root, short, small, static, "
        "tall, tex, texture, top, upper, variant, wide"
    )
)
"""What tells apart, at the end of their names, what engines have several of."""
_NO_PLURALS = frozenset(("falls", "springs"))
_ENDINGS = (("s", ""), ("es", ""), ("ies", "y"))


def singular(word: str, known: Container[str]) -> str:
    """``word`` in lower case, or its singular where only that is ``known``: ``beaches`` -> ``beach``."""
    if word in known or word in _NO_PLURALS:
        return word
    stems = (word.removesuffix(ending) + end for ending, end in _ENDINGS if word.endswith(ending))
    return next((stem for stem in stems if len(stem) > 2 and stem in known), word)
