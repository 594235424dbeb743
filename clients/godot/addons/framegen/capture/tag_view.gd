@tool
extends SubViewport
## Draws what [FrameGenTag] nodes and names say into one picture: label, intensity and "moves" of every pixel.
##
## A quad says nothing of the whole picture, and what is tagged is drawn over that where the depth of the picture
## shows it. Drawn only for frames that are captured, and only while there are tags.

const CameraMirror := preload("camera_mirror.gd")
const FullScreenQuad := preload("full_screen_quad.gd")
const NameTags := preload("name_tags.gd")
const TagLayer := preload("tag_layer.gd")
const TagMaterial := preload("tag_material.gd")
const NOTHING_SHADER := preload("../shaders/untagged.gdshader")
const GROUP := &"framegen_tags"

var _camera := Camera3D.new()
var _environment := Environment.new()
var _is_used := false


func _init() -> void:
	render_target_update_mode = SubViewport.UPDATE_DISABLED
	positional_shadow_atlas_size = 0
	debug_draw = Viewport.DEBUG_DRAW_UNSHADED
	_environment.background_mode = Environment.BG_COLOR
	_environment.background_color = Color.BLACK
	_environment.tonemap_mode = Environment.TONE_MAPPER_LINEAR
	_camera.environment = _environment
	_camera.compositor = Compositor.new()  # not the world's
	_camera.current = true
	_camera.add_child(FullScreenQuad.new(NOTHING_SHADER, -128, CameraMirror.TAG_LAYER))
	add_child(_camera)


## Whether anything is tagged, or labelled by its names.
func is_used() -> bool:
	return _is_used


## Whether anything is tagged, which says more than a label.
func has_tags() -> bool:
	return is_inside_tree() and get_tree().get_node_count_in_group(GROUP) > 0


## Tags leave alone what is on [param layers] only.
func leave_out(layers: int) -> void:
	if layers != TagLayer.left_out_layers:
		TagLayer.left_out_layers = layers
		get_tree().call_group(GROUP, &"refresh")
		NameTags.refresh()


## Sees the tags from where [param mirror] is. [param depth] is that of the picture, a viewport or texture that is
## drawn before this one.
func follow(mirror: Camera3D, depth: Texture2D, depth_is_packed: bool) -> void:
	_is_used = has_tags() or (is_inside_tree() and NameTags.is_used())
	if _is_used:
		CameraMirror.follow(_camera, mirror, 0.0)
		_camera.cull_mask = CameraMirror.TAG_LAYER
		_camera.environment = _environment
		TagMaterial.see_depth(depth, depth_is_packed, mirror.far)


## Draws the tags into the frame that is about to be rendered.
func draw_once() -> void:
	if _is_used:
		render_target_update_mode = SubViewport.UPDATE_ONCE
