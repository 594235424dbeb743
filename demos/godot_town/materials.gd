extends RefCounted
## What the town is made of: for each material the tag that framegen reads, and how it is drawn.

## Material -> the label and the words of its [FrameGenTag].
const TAGS: Dictionary[String, Array] = {
	"grass": ["grass", "meadow"],
	"hill": ["hill", ""],
	"asphalt": ["asphalt", "old town street"],
	"road marking": ["road marking", ""],
	"paving": ["paving", "cobbled pavement"],
	"stone": ["stone", ""],
	"brick": ["brick", "old red brick"],
	"plaster": ["plaster", "weathered plaster"],
	"trim": ["plaster", "painted plaster"],
	"reveal": ["plaster", "painted plaster"],
	"roof": ["roof", "clay tiles"],
	"glass": ["glass", "window"],
	"frame": ["wood", "painted wood"],
	"wood": ["wood", ""],
	"bark": ["bark", ""],
	"limb": ["bark", ""],
	"foliage": ["foliage", "broad-leaved trees"],
	"leaves": ["foliage", "broad-leaved trees"],
	"metal": ["metal", ""],
	"wire": ["metal", ""],
	"lamp": ["lamp", ""],
	"sign": ["sign", ""],
	"fabric": ["fabric", ""],
	"goods": ["plastic", ""],
	"water": ["water", ""],
	"car paint": ["car paint", ""],
	"windscreen": ["windscreen", ""],  # a vehicle's glass: nobody switches a light on behind it
	"car lamp": ["car lamp", ""],  # of a parked car, so it stays dark
	"headlight": ["headlight", ""],
	"tyre": ["tyre", ""],
	"person": ["person", ""],
}
## Casts a shadow that is worth its price; the others lie flat on these, or are small.
const SOLID: Array[String] = ["stone", "brick", "plaster", "roof", "bark", "foliage", "fabric", "car paint", "person"]
## Seen from both sides: awnings from below, leaves from everywhere.
const TWO_SIDED: Array[String] = ["fabric", "leaves", "wire"]
## Further away these are hardly larger than a pixel.
const FINE: Array[String] = ["frame", "goods", "leaves", "limb", "reveal", "wire"]
const FINE_M := 50.0

static var _drawn: Dictionary[BaseMaterial3D.CullMode, StandardMaterial3D] = {}


## Sets up [param mesh], which is made of [param material].
static func dress(mesh: GeometryInstance3D, material: String) -> void:
	mesh.material_override = _material(
		BaseMaterial3D.CULL_DISABLED if material in TWO_SIDED else BaseMaterial3D.CULL_BACK
	)
	if not material in SOLID:
		mesh.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	if material in FINE:
		mesh.visibility_range_end = FINE_M


## A tag that says what [param material] is.
static func tag(material: String, moves: bool) -> FrameGenTag:
	var made := FrameGenTag.new()
	made.label = TAGS[material][0]
	made.words = TAGS[material][1]
	made.moves = moves
	return made


# One for all meshes: what shares a material is drawn together.
static func _material(cull_mode: BaseMaterial3D.CullMode) -> StandardMaterial3D:
	if not _drawn.has(cull_mode):
		var material := StandardMaterial3D.new()
		material.vertex_color_use_as_albedo = true
		material.vertex_color_is_srgb = true
		# Flat faces without highlights look the same so, and are cheaper.
		material.shading_mode = BaseMaterial3D.SHADING_MODE_PER_VERTEX
		material.specular_mode = BaseMaterial3D.SPECULAR_DISABLED
		material.cull_mode = cull_mode
		_drawn[cull_mode] = material
	return _drawn[cull_mode]
