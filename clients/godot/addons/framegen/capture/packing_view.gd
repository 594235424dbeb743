@tool
extends SubViewport
## The Compatibility renderer's capture: every plane drawn into one picture, which is read back at once.
##
## That renderer has no compute shaders and shows depth to materials alone, so the world is drawn a second
## time under a full-screen quad that writes its depth. A picture of bytes is exact there, and so depth
## travels in it as the four bytes of each float. It is read when the next frame begins: by then the GPU has
## finished it, and nothing waits.

const CameraMirror := preload("camera_mirror.gd")
const CapturedFrame := preload("../protocol/captured_frame.gd")
const FullScreenQuad := preload("full_screen_quad.gd")
const DEPTH_SHADER := preload("../shaders/depth_quad.gdshader")
const PACK_SHADER := preload("../shaders/pack.gdshader")

var _frame_size: Vector2i
var _depth_view := SubViewport.new()
var _depth_camera := Camera3D.new()
var _depth_quad := FullScreenQuad.new(DEPTH_SHADER, 127, CameraMirror.DEPTH_LAYER)
var _darkness := _black()
var _rect := ColorRect.new()
var _material := ShaderMaterial.new()
var _waiting: CapturedFrame


## Takes the views of the [param picture] and of the [param tags] in, as children.
func set_up(frame_size: Vector2i, picture: SubViewport, tags: SubViewport) -> void:
	_frame_size = frame_size
	disable_3d = true
	transparent_bg = true
	render_target_update_mode = SubViewport.UPDATE_DISABLED
	add_child(picture)
	add_child(tags)
	_set_up_depth()
	tags.add_child(_depth_view)  # which they look at
	_material.shader = PACK_SHADER
	_material.set_shader_parameter("frame_size", frame_size)
	_material.set_shader_parameter("picture", picture.get_texture())
	_material.set_shader_parameter("depth", _depth_view.get_texture())
	_material.set_shader_parameter("tags", tags.get_texture())
	_rect.material = _material
	add_child(_rect)


## Shows another world than that of the viewport around.
func use_world(world: World3D) -> void:
	_depth_view.world_3d = world


## Three digits of 7 bits of the depth over the far plane's distance.
func depth_texture() -> Texture2D:
	return _depth_view.get_texture()


## Sees what [param mirror] sees, but for [param light_layers]: lights would draw their shadows for nothing.
func follow(mirror: Camera3D, has_tags: bool, light_layers: int) -> void:
	_depth_view.render_target_update_mode = SubViewport.UPDATE_ONCE
	CameraMirror.follow(_depth_camera, mirror, 0.0)
	_depth_camera.cull_mask = _depth_camera.cull_mask & ~light_layers | CameraMirror.DEPTH_LAYER
	_depth_camera.environment = _darkness
	var quarter := _frame_size.y >> 2
	size = Vector2i(_frame_size.x, 2 * _frame_size.y + (3 * quarter if has_tags else 0))
	_rect.size = size
	(_depth_quad.material_override as ShaderMaterial).set_shader_parameter("far_m", mirror.far)
	_material.set_shader_parameter("far_m", mirror.far)
	_material.set_shader_parameter("rows", size.y)


## Reads the frame that was just drawn when the next one begins.
func capture(frame: CapturedFrame) -> void:
	_waiting = frame


## Whether a frame waits to be read.
func is_ready() -> bool:
	return _waiting != null


## Reads the frame that was drawn last.
func take() -> CapturedFrame:
	var frame := _waiting
	_waiting = null
	var picture := get_texture().get_image()
	var count := _frame_size.x * _frame_size.y
	frame.pixels = picture.get_data()
	frame.ranges["color"] = Vector2i(0, 4 * count)
	frame.ranges["depth"] = Vector2i(4 * count, 4 * count)
	if picture.get_height() > 2 * _frame_size.y:
		var at := 8 * count
		for plane: String in ["label", "intensity_mask", "dynamic_mask"]:
			frame.ranges[plane] = Vector2i(at, count)
			at += count
	return frame


## Packs the frame that is about to be rendered.
func draw_once() -> void:
	render_target_update_mode = SubViewport.UPDATE_ONCE


func _set_up_depth() -> void:
	_depth_view.size = _frame_size
	_depth_view.positional_shadow_atlas_size = 0
	_depth_view.debug_draw = Viewport.DEBUG_DRAW_UNSHADED
	_depth_view.add_child(_depth_camera)
	_depth_camera.current = true
	_depth_camera.add_child(_depth_quad)


static func _black() -> Environment:
	var environment := Environment.new()
	environment.background_mode = Environment.BG_COLOR
	environment.background_color = Color.BLACK
	environment.tonemap_mode = Environment.TONE_MAPPER_LINEAR
	return environment
