@tool
extends RefCounted
## A label for a thing from the names that the engine has for it. Every client does the same; see "Labels from names" in
## the protocol's conventions, whose words these are.

## In lower case and in their singular.
const WORDS := """
aluminium aluminum apartment armchair ashlar asphalt automobile avatar awning background bark barn beach beer
billboard bin birch blanket bodywork bookcase bookshelf boulder boy brass brick bricks brickwork building buildings
bulb bulbs bus buses bush bushes cabin cacti cactus canal car carpet cars castle caution ceiling cement chandelier
character child children chrome citizen cliff cloth cloud clouds cobble cobbles cobblestone concrete conifer conifers
copper cottage couch crate creek crossing crosswalk crowd cupboard curb curtain cushion danger dark desert desk
direction dirt door driveway dune earth enemy entry fabric facade face fence fern field fir flag flagstone floodlight
floor flower foliage forest freeway girder girl glass glazing granite grass gravestone ground guard guardrail hair
handrail headlight hedge highway hill hills house houses human iron ivy jungle kart kerb kid lake lamp lamppost lamps
landscape lane lantern lanterns lawn leaf leaves light lights limestone line log lorry lumber man mannequin marble
marking masonry meadow men metal motorway mountain mud npc oak ocean off paint painting palm pane panes parking
parquet path pavement paving pedestrian people person picture pillow pine pines pipe plank planks plant plants plaster
plastic player plaza pole pond pool post poster puddle racetrack rail railing reed river road roadside rock rocks roof
rooftop rubber rug runway sand sandstone scaffolding sea shingle shingles shrub shrubs sidewalk sign signage signpost
skin sky skybox skydome skyscraper sofa soil soldier speed spruce steel stem stone stop stream street streetlamp
streetlamps streetlight streetlights stucco stump table tank tarmac tarp taxi tent terrain text textile thatch tile
tiles timber tire tombstone tower traffic tree trees truck trucks trunk turf tyre unlit van vegetation vehicle
vehicles villa villager vine walkway wall walls wardrobe warning water waterfall way wheel window windowpane windows
windscreen windshield wine woman women wood wooden woodland woods yield zombie
"""
## Those that alone say where a thing is, or what is far away: better no label than a wrong one.
const VAGUE := """
background beach cloud desert dune field forest hill jungle lane line meadow mountain paint sky stream woodland woods
"""
## What alone names the sky, which has no depth to be labelled at.
const SKIES: Array[String] = ["sky", "skybox", "skydome", "cloud", "clouds"]
const ENDINGS: Array[String] = ["es", "s"]
## It is a lamp only where a name ends with it: "light blue" is none.
const ADJECTIVE := "light"
## Characters of a label.
const MOST := 64
## Names whose words are remembered: a level's thousands of meshes share a few.
const MOST_KEPT := 4096
## They say nothing at the end of a name, where they tell many apart.
const NUMBERING := "0123456789._- "

static var _words := _set_of(WORDS)
static var _vague := _set_of(VAGUE)
static var _other := RegEx.create_from_string("[^A-Za-z]+")
static var _humps := RegEx.create_from_string("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
static var _said: Dictionary[String, String] = {}


## The label of a thing, empty where its [param names] say nothing. What says most comes first: the material's, the
## thing's own, its mesh's, that of what it is a part of.
static func label_of(names: PackedStringArray) -> String:
	var found: PackedStringArray = []
	var label := ""
	for name in names:
		var said := _said_by(name.rstrip(NUMBERING))
		if said == "" or said in found:
			continue
		found.append(said)
		var longer := label + ", " + said if label else said
		if longer.length() <= MOST:
			label = longer
	return label


## Whether a label is of the sky.
static func is_sky(label: String) -> bool:
	for word in label.get_slice(",", 0).split(" ", false):
		if not _singular(word) in SKIES:
			return false
	return label != ""


# The known words of one name.
static func _said_by(name: String) -> String:
	if not _said.has(name):
		if _said.size() >= MOST_KEPT:
			_said.clear()
		_said[name] = _known_of(name)
	return _said[name]


static func _known_of(name: String) -> String:
	var words := _humps.sub(_other.sub(name, " ", true), " ", true).to_lower().split(" ", false)
	var kept: PackedStringArray = []
	var says := false
	for i in words.size():
		var singular := _singular(words[i])
		if singular and (words[i] != ADJECTIVE or i == words.size() - 1):
			kept.append(words[i])
			says = says or not _vague.has(singular)
	return " ".join(kept) if says else ""


# Empty where the word is not known.
static func _singular(word: String) -> String:
	if _words.has(word):
		return word
	for ending in ENDINGS:
		var shorter := word.trim_suffix(ending)
		if shorter != word and _words.has(shorter):
			return shorter
	return ""


static func _set_of(list: String) -> Dictionary[String, bool]:
	var found: Dictionary[String, bool] = {}
	for word in list.replace("\n", " ").split(" ", false):
		found[word] = true
	return found
