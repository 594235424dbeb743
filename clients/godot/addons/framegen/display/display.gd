extends CanvasLayer
## Shows the last restyled frame where the game's own picture would be, under the HUD.
##
## Late reprojection looks at every pixel of what is shown. Where a processor draws, it is done at the size of the
## frames, when there is a new result or a new picture of the world, and stretched to the window: the view that does it
## holds the capture's views, so that it is drawn after them. So does the view of the labels, which lie over all of it.

## The player moved the split line.
signal split_moved(place: float)

const Capture := preload("../capture/capture.gd")
const CapturedFrame := preload("../protocol/captured_frame.gd")
const Overlay := preload("overlay.gd")
const Result := preload("../protocol/result.gd")
const SHADER := preload("../shaders/display.gdshader")
const Stretched := preload("stretched.gd")

## How far from the split line a click still takes it, share of the width.
const GRIP := 0.02
## There is no pointer to drag with: clicks are the game's.
const NO_POINTER: Array[Input.MouseMode] = [Input.MOUSE_MODE_CAPTURED, Input.MOUSE_MODE_CONFINED_HIDDEN]

## Turned off, a result is shown as it is, late.
var reprojects := true:
	set(value):
		_is_old = _is_old or value != reprojects
		reprojects = value
## Visual layers of what is drawn over the result.
var overlay_layers := 0
## Place of the split line, 0..1; below 0 there is none.
var split := -1.0

var _rect := ColorRect.new()
var _stretched := Stretched.new()
var _overlay := Overlay.new()
var _material := ShaderMaterial.new()
var _restyled := ImageTexture.new()
var _depth := ImageTexture.new()
var _grid := ImageTexture.new()
var _shown: CapturedFrame
var _taken_ms := 0
var _is_light := false
# The stretched picture is not what it was drawn from any more.
var _is_old := true
var _is_dragging := false


func _init() -> void:
	layer = -100
	_material.shader = SHADER
	_rect.material = _material
	_rect.mouse_filter = Control.MOUSE_FILTER_IGNORE
	add_child(_stretched)
	add_child(_rect)
	add_child(_overlay)
	_overlay.view.add_child(_stretched.view)
	_material.set_shader_parameter("restyled", _restyled)
	_material.set_shader_parameter("depth_then", _depth)
	_material.set_shader_parameter("grid", _grid)
	visible = false


## Takes the capture's views in: what reads them is drawn after them.
func take_in(capture: Capture) -> void:
	_stretched.view.add_child(capture)


## Where the plain frame and its depth come from. A light picture is drawn at the frames' size.
func set_up(capture: Capture) -> void:
	_shown = null
	_is_light = capture.is_light
	_stretched.set_up(capture)
	_stretched.visible = _is_light
	_overlay.set_up(capture)
	var place: Node = self
	if _is_light:
		place = _stretched.view
	_rect.reparent(place, false)
	move_child(_overlay, -1)
	_rect.set_anchors_and_offsets_preset(Control.PRESET_FULL_RECT)
	_material.set_shader_parameter("plain", capture.picture())
	_material.set_shader_parameter("depth_now", capture.depth_texture())
	_material.set_shader_parameter("depth_is_packed", capture.has_packed_depth())
	# What is stretched has its margin still, and is split and turned afterwards.
	_material.set_shader_parameter("margin", 0.0 if _is_light else capture.margin)
	_material.set_shader_parameter("plain_texel", Vector2.ONE / capture.picture().get_size())


## Takes a result and the frame that it answers, with the picture of that frame's depth.
func take(result: Result, frame: CapturedFrame, depth: Image) -> void:
	_update(_restyled, result.image)
	_update(_depth, depth)
	var has_grid := not result.color_grid.is_empty()
	if has_grid:
		_update(
			_grid, Image.create_from_data(48, 9, false, Image.FORMAT_RGBAH, result.color_grid)
		)
	_material.set_shader_parameter("has_grid", has_grid)
	_material.set_shader_parameter("texel", Vector2.ONE / Vector2(frame.size))
	_material.set_shader_parameter("clip_then", frame.camera_projection)
	_shown = frame
	_taken_ms = Time.get_ticks_msec()
	_is_old = true


## Whether there is anything to show.
func has_result() -> bool:
	return _shown != null


## Milliseconds since the frame was rendered whose result is shown.
func age_ms() -> float:
	return INF if _shown == null else Time.get_ticks_usec() / 1000.0 - _shown.timestamp_ns / 1e6


## Milliseconds since the last result came.
func silence_ms() -> float:
	return INF if _shown == null else Time.get_ticks_msec() - float(_taken_ms)


## Sets the next frame up. [param now] is the newest picture of the world, [param is_new] where it is drawn in this
## frame, [param source] the camera and [param pose] where it is; [param freshness] is how much of the result is shown.
func begin_frame(
	now: CapturedFrame, is_new: bool, source: Camera3D, pose: Transform3D, freshness: float
) -> void:
	visible = freshness > 0.0
	var seen_from := now.camera_transform
	if _is_light:
		if visible and (_is_old or is_new or freshness < 1.0):
			_is_old = false
			_stretched.draw_once()
		seen_from = _stretched.begin_frame(now, pose if reprojects else seen_from, split)
	_overlay.begin_frame(overlay_layers if visible else 0, source, seen_from, now, is_new)
	_material.set_shader_parameter("split", -1.0 if _is_light else split)
	_material.set_shader_parameter("is_linear", not _is_light and get_viewport().use_hdr_2d)
	_material.set_shader_parameter("split_width", 1.0 / _rect.size.x)
	_material.set_shader_parameter("freshness", freshness)
	_material.set_shader_parameter("reprojects", reprojects and _shown != null)
	if _shown == null:
		return
	_material.set_shader_parameter("far_m", now.far_m)
	_material.set_shader_parameter("clip_now", now.camera_projection)
	var move := _shown.camera_transform.affine_inverse() * now.camera_transform
	_material.set_shader_parameter("then_from_now", Projection(move))


## Forgets what is shown.
func clear() -> void:
	_shown = null


func _input(event: InputEvent) -> void:
	if split < 0.0 or not visible or Input.mouse_mode in NO_POINTER:
		_is_dragging = false
		return
	var click := event as InputEventMouseButton
	var motion := event as InputEventMouseMotion
	if click != null and click.button_index == MOUSE_BUTTON_LEFT:
		var near := absf(click.position.x / _width() - split) < GRIP
		if click.pressed and near:
			get_viewport().set_input_as_handled()
		_is_dragging = click.pressed and near
	elif motion != null and _is_dragging:
		split_moved.emit(clampf(motion.position.x / _width(), 0.0, 1.0))
		get_viewport().set_input_as_handled()


func _width() -> float:
	return get_viewport().get_visible_rect().size.x


static func _update(texture: ImageTexture, image: Image) -> void:
	if texture.get_size() == Vector2(image.get_size()) and texture.get_format() == image.get_format():
		texture.update(image)
	else:
		texture.set_image(image)
