extends RefCounted
## Draws the world for the server, hands its frames over, and shows what comes back, as the properties of one [FrameGen]
## say. It knows nothing of the connection but when the next frame is wanted.

## A frame is ready to be sent.
signal captured(frame: CapturedFrame)

const CameraCut := preload("camera_cut.gd")
const CameraMirror := preload("capture/camera_mirror.gd")
const Capture := preload("capture/capture.gd")
const CapturedFrame := preload("protocol/captured_frame.gd")
const Display := preload("display/display.gd")
const Freshness := preload("display/freshness.gd")
const LightLink := preload("light_link.gd")
const NameTags := preload("capture/name_tags.gd")
const Limits := preload("protocol/limits.gd")
const Link := preload("protocol/link.gd")
const Pace := preload("pace.gd")
const Picture := preload("quality.gd")
const Result := preload("protocol/result.gd")

## Its nodes live below the [FrameGen].
var display := Display.new()
var capture: Capture
## What the server takes.
var limits := Limits.DEFAULTS

var _node: FrameGen
var _light := LightLink.new()
var _cut := CameraCut.new()
var _pace := Pace.new()
var _wants_reset := true
var _frame_id := 0
var _fitted_to := []


func _init(node: FrameGen) -> void:
	_node = node
	node.add_child(display, false, Node.INTERNAL_MODE_BACK)


## The camera that was seen through last, or null.
func camera() -> Camera3D:
	return _cut.camera if is_instance_valid(_cut.camera) and _cut.camera.is_inside_tree() else null


## The next frame has nothing to do with the last.
func reset() -> void:
	_wants_reset = true


## Takes a result; whether it is one that can be shown.
func take(result: Result, frame: CapturedFrame, depth: Image) -> bool:
	if capture == null or frame.size != capture.frame_size or depth == null:
		return false
	display.take(result, frame, depth)
	if _turns_light():
		_light.want(result.sun_direction)
	return true


## Sets one frame of the window up, seen by [param source] and sent through [param link].
func render(source: Camera3D, link: Link, delta: float) -> void:
	_fit()
	tag_by_name(_node.tags_by_name and not capture.is_light)
	capture.read_back()
	var pose := CameraMirror.pose_of(source)
	_wants_reset = _cut.is_at(source, pose) or _wants_reset
	var wants_frame := link.wants_frame(capture.on_their_way() if capture.is_light else 0)
	var now_ms := Time.get_ticks_usec() / 1000.0
	var is_drawn := _pace.draws(capture.is_light, wants_frame, _wants_reset, now_ms)
	if is_drawn:
		capture.light_layers = _node.light_layers
		capture.overlay_layers = _overlay_layers()
		capture.follow(source)
		_complete(capture.now)
	if wants_frame:
		_wants_reset = false
		capture.capture()
	if _turns_light():
		_light.turn(_sun_light(), _node.get_tree(), delta)
	var freshness := Freshness.of(display.silence_ms(), _node.fade_after_ms)
	_node.get_viewport().disable_3d = freshness > 0.0
	display.layer = _node.display_layer
	display.reprojects = _node.late_reprojection
	display.split = _node.split_position if _node.show == FrameGen.Show.SPLIT else -1.0
	display.overlay_layers = _overlay_layers()
	display.begin_frame(capture.now, is_drawn, source, pose, freshness)


## Forgets the result and lets the game draw its own picture.
func show_plain() -> void:
	display.clear()
	if not _node.enabled or not _node.tags_by_name:
		tag_by_name(false)
	if display.visible:
		display.visible = false
		_node.get_viewport().disable_3d = false


## Takes everything that draws away; [method render] brings it again.
func drop() -> void:
	if capture != null:
		capture.queue_free()
		capture = null
		_wants_reset = true


## Whether things are labelled by their names.
func tag_by_name(is_wanted: bool) -> void:
	NameTags.want(_node, is_wanted)


## Microseconds of the main thread that the renderer took for the last frame.
func take_spent_us() -> int:
	return capture.take_spent_us() if capture != null else 0


func _turns_light() -> bool:
	return _node.sun == FrameGen.Sun.PROMPT and _node.prompt_turns_light


# The light that the game names; one that is freed or outside the tree does not count.
func _sun_light() -> DirectionalLight3D:
	if not is_instance_valid(_node.sun_light) or not _node.sun_light.is_inside_tree():
		return null
	return _node.sun_light


func _overlay_layers() -> int:
	var has_tags := _node.get_tree().get_node_count_in_group(FrameGenTag.AFTER_GROUP) > 0
	return _node.overlay_layers | (CameraMirror.AFTER_LAYER if has_tags else 0)


# What a frame has besides its pixels and its camera.
func _complete(frame: CapturedFrame) -> void:
	_frame_id += 1
	frame.frame_id = _frame_id
	frame.timestamp_ns = Time.get_ticks_usec() * 1000
	frame.light_direction = _light.direction(_sun_light(), _node.get_tree())
	frame.reset = _wants_reset


func _fit() -> void:
	var shape := _node.get_viewport().get_visible_rect().size
	var wanted := [
		shape,
		_node.model_size,
		limits,
		_node.render_size,
		_node.margin,
		_node.sees_transparents,
		_node.quality
	]
	if capture != null and wanted == _fitted_to:
		return
	_fitted_to = wanted
	drop()
	var sent := Capture.fitted(_node.model_size, shape, limits)
	var is_larger := _node.render_size != Vector2i.ZERO
	var rendered := Capture.fitted(_node.render_size, shape) if is_larger else sent
	capture = Capture.new()
	capture.margin = _node.margin
	capture.is_light = Picture.is_light(_node.quality)
	display.take_in(capture)
	capture.set_up(rendered, sent, _node.sees_transparents)
	capture.captured.connect(func(frame: CapturedFrame) -> void: captured.emit(frame))
	display.set_up(capture)
