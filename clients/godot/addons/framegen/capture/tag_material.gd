@tool
extends ShaderMaterial
## Draws what one tag says where the depth of the picture shows the tagged thing.

const SHADER := preload("../shaders/tag.gdshader")

const FEWEST_KEPT := 64

static var _all: Array[WeakRef] = []
# Those that are gone are taken out when there are so many.
static var _most_kept := FEWEST_KEPT
# Texture, whether it is packed, and how far it reaches.
static var _depth := []


func _init(is_opaque: bool) -> void:
	shader = SHADER
	render_priority = 127
	set_shader_parameter("is_opaque", is_opaque)
	if _all.size() >= _most_kept:
		_forget_gone()
	_all.append(weakref(self))
	if not _depth.is_empty():
		_see(_depth)


## What [method FrameGenTag] says: three digits of 7 bits.
func set_digits(code: int, intensity: float, moves: bool) -> void:
	var share := roundi(clampf(intensity, 0.0, 1.0) * 63.0)
	var digits := Vector3(8 * (code >> 4), 8 * (code & 15), share + (64 if moves else 0))
	set_shader_parameter("digits", digits)


## The depth of the picture, for all tags.
static func see_depth(texture: Texture2D, is_packed: bool, far_m: float) -> void:
	var depth := [texture, is_packed, far_m]
	if depth == _depth:
		return
	_depth = depth
	_forget_gone()
	for kept in _all:
		kept.get_ref()._see(depth)


static func _forget_gone() -> void:
	_all = _all.filter(func(kept: WeakRef) -> bool: return kept.get_ref() != null)
	_most_kept = maxi(2 * _all.size(), FEWEST_KEPT)


func _see(depth: Array) -> void:
	set_shader_parameter("depth_now", depth[0])
	set_shader_parameter("depth_is_packed", depth[1])
	set_shader_parameter("far_m", depth[2])
