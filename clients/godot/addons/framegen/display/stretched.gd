extends TextureRect
## Shows a picture that is drawn at the size of the frames, and only when it changes, in the whole window: turned to
## where the camera looks now, so far as the margin around it reaches.

const CameraMirror := preload("../capture/camera_mirror.gd")
const Capture := preload("../capture/capture.gd")
const CapturedFrame := preload("../protocol/captured_frame.gd")
const SHADER := preload("../shaders/stretch.gdshader")

## Draws the picture; whoever shows it takes it in. What it is drawn from are its children, so that they are drawn
## before it.
var view := SubViewport.new()

var _material := ShaderMaterial.new()
var _margin := 0.0


func _init() -> void:
	_material.shader = SHADER
	material = _material
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	set_anchors_preset(Control.PRESET_FULL_RECT)
	view.disable_3d = true
	view.render_target_update_mode = SubViewport.UPDATE_DISABLED
	texture = view.get_texture()


## Where the plain picture comes from, and how large the margin around it is.
func set_up(capture: Capture) -> void:
	view.size = capture.frame_size
	_margin = capture.margin
	_material.set_shader_parameter("margin", _margin)
	_material.set_shader_parameter("plain", capture.picture())


## Draws the picture anew into the next frame.
func draw_once() -> void:
	view.render_target_update_mode = SubViewport.UPDATE_ONCE


## Turns the picture, drawn as [param drawn] says, towards a camera at [param pose]; the line is at [param split].
## Returns from where it is seen then.
func begin_frame(drawn: CapturedFrame, pose: Transform3D, split: float) -> Transform3D:
	var now := CapturedFrame.new()
	now.camera_projection = drawn.camera_projection
	now.camera_transform = Transform3D(_reachable(drawn, pose.basis), drawn.camera_transform.origin)
	_material.set_shader_parameter(
		"picture_from_now", CameraMirror.sky_before_from_now(drawn, now)
	)
	_material.set_shader_parameter("split", split)
	_material.set_shader_parameter("split_width", 1.0 / size.x)
	_material.set_shader_parameter("is_linear", get_viewport().use_hdr_2d)
	return now.camera_transform


# The furthest turn towards [param wanted] that still finds pixels.
func _reachable(drawn: CapturedFrame, wanted: Basis) -> Basis:
	var lens := drawn.camera_projection
	if lens.is_orthogonal():
		return drawn.camera_transform.basis
	# Between the edge of what is shown and that of what is rendered, at the picture's nearer side.
	var edge := 1.0 / maxf(lens.x.x, lens.y.y)
	var reach_rad := atan(edge) - atan(edge / (1.0 + _margin))
	var from := drawn.camera_transform.basis.get_rotation_quaternion()
	var to := wanted.get_rotation_quaternion()
	var turned_rad := from.angle_to(to)
	if turned_rad <= reach_rad:
		return wanted
	return Basis(from.slerp(to, reach_rad / turned_rad))
