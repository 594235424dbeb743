extends TextureRect
## Draws what stands in the world and is to be read (name tags, markers) over the result.
##
## A transparent view of the window's size sees the overlay layers alone, from where the shown picture is seen. The
## depth of the picture hides in it what lies behind. Nothing is drawn while there are no such layers.

const CameraMirror := preload("../capture/camera_mirror.gd")
const Capture := preload("../capture/capture.gd")
const CapturedFrame := preload("../protocol/captured_frame.gd")
const FullScreenQuad := preload("../capture/full_screen_quad.gd")
const DEPTH_SHADER := preload("../shaders/overlay_depth.gdshader")
const SHADER := preload("../shaders/overlay.gdshader")
## What labels have of the game's environment: how bright and in which tones they are.
const TONES: Array[StringName] = [
	&"background_color",
	&"ambient_light_source",
	&"ambient_light_color",
	&"ambient_light_energy",
	&"ambient_light_sky_contribution",
	&"sky",
	&"tonemap_mode",
	&"tonemap_exposure",
	&"tonemap_white",
]

## Draws the labels. What hides them is drawn by its children, before it.
var view := SubViewport.new()

var _camera := Camera3D.new()
var _environment := Environment.new()
var _attributes := CameraAttributesPractical.new()  # not the world's: exposure is measured there
var _quad := FullScreenQuad.new(DEPTH_SHADER, -128, CameraMirror.OVERLAY_LAYER)
var _depth_material: ShaderMaterial = _quad.material_override
var _material := ShaderMaterial.new()


func _init() -> void:
	_material.shader = SHADER
	material = _material
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	set_anchors_preset(Control.PRESET_FULL_RECT)
	view.transparent_bg = true
	view.positional_shadow_atlas_size = 0
	view.render_target_update_mode = SubViewport.UPDATE_DISABLED
	_environment.background_mode = Environment.BG_COLOR
	_camera.current = true
	_camera.compositor = Compositor.new()  # not the world's
	_camera.add_child(_quad)
	view.add_child(_camera)
	texture = view.get_texture()
	add_child(view)
	visible = false


## Where the depth of the picture comes from.
func set_up(capture: Capture) -> void:
	_depth_material.set_shader_parameter("depth_now", capture.depth_texture())
	_depth_material.set_shader_parameter("depth_is_packed", capture.has_packed_depth())
	_depth_material.set_shader_parameter("texel", Vector2.ONE / Vector2(capture.frame_size))
	_material.set_shader_parameter("blends_linear", Capture.has_device())


## Draws [param layers] into the next frame, as [param source] sees them from [param pose]; they are hidden by the
## picture that was drawn as [param picture] says. Where that is not new and not turned, they stay as they were drawn.
func begin_frame(
	layers: int, source: Camera3D, pose: Transform3D, picture: CapturedFrame, is_new: bool
) -> void:
	var is_drawn := visible and not is_new and pose.is_equal_approx(_camera.global_transform)
	visible = layers != 0
	if not visible or is_drawn:
		return
	var window := get_viewport()
	view.size = Vector2i(window.get_texture().get_size())
	view.msaa_3d = window.msaa_3d
	view.render_target_update_mode = SubViewport.UPDATE_ONCE
	CameraMirror.follow(_camera, source, 0.0)
	_camera.global_transform = pose
	_camera.cull_mask = source.cull_mask & layers | CameraMirror.OVERLAY_LAYER
	_camera.attributes = _attributes
	_take_tones(source)
	_camera.environment = _environment
	_material.set_shader_parameter("is_linear", window.use_hdr_2d)
	_depth_material.set_shader_parameter("far_m", picture.far_m)
	_depth_material.set_shader_parameter("clip_here", _camera.get_camera_projection())
	_depth_material.set_shader_parameter("clip_picture", picture.camera_projection)
	var move := picture.camera_transform.affine_inverse() * pose
	_depth_material.set_shader_parameter("picture_from_here", Projection(move))


func _take_tones(source: Camera3D) -> void:
	var theirs := source.environment if source.environment != null else source.get_world_3d().environment
	if theirs == null:
		return
	for tone in TONES:
		_environment.set(tone, theirs.get(tone))
	var is_sky := theirs.background_mode == Environment.BG_SKY
	if is_sky and theirs.ambient_light_source == Environment.AMBIENT_SOURCE_BG:
		_environment.ambient_light_source = Environment.AMBIENT_SOURCE_SKY
