@icon("icon.svg")
class_name FrameGen
extends Node
## Restyles the game's picture while it runs: add one to a scene, start a framegen server, press play.
##
## What the current camera sees is rendered small, without the HUD, and sent with its depth, motion and camera
## to the server, which sends it back as the prompt says. The newest result is shown under the HUD, moved to
## where the camera is now. Nothing ever waits for the server: without one the game is shown as it is.[br]
## Every property may change while the game runs.

## The server answered: frames are restyled from now on.
signal server_connected(server: String)
## There is no server (any more); the game is shown as it is and connecting goes on.
signal server_lost(reason: String)
## A restyled frame came back: its picture, and what is known of it (see [method get_status] for averages).
signal result_received(image: Image, info: Dictionary)
## The server refused something. [param code] is one of the protocol's.
signal error_received(code: String, message: String, hint: String)
## Which words of the prompt the model knows, and which it does not.
signal prompt_understood(words: PackedStringArray, ignored: PackedStringArray)

## What is shown.
enum Show {
	PLAIN,  ## The game's own picture, at full size.
	RESTYLED,  ## The restyled one.
	SPLIT,  ## Plain on the left, restyled on the right of a line that can be dragged.
}
## Who rules where the sun stands.
enum Sun {
	AUTO,  ## The game's light, or the prompt where the game has none.
	LIGHT,  ## The game's main light, whatever the prompt says.
	PROMPT,  ## The prompt ("low sun", "noon", "night").
}
## How colour travels.
enum Codec {
	RAW,  ## As it is: fastest on the same machine.
	JPEG,  ## Compressed: for a server across a network.
}

## How much is spent on the picture of the game that is sent and shown.
enum Quality {
	AUTO,  ## Light where the processor draws, full on a graphics card.
	FULL,  ## Smoothed edges; late reprojection at the window's size.
	LIGHT,  ## The world drawn as often as the server takes it; no smoothing; reprojection at the size of the frames.
}

const AreaLook := preload("area_look.gd")
const CameraCut := preload("camera_cut.gd")
const CameraMirror := preload("capture/camera_mirror.gd")
const Capture := preload("capture/capture.gd")
const CapturedFrame := preload("protocol/captured_frame.gd")
const Display := preload("display/display.gd")
const Freshness := preload("display/freshness.gd")
const LightLink := preload("light_link.gd")
const Link := preload("protocol/link.gd")
const Pace := preload("pace.gd")
const Picture := preload("quality.gd")
const Result := preload("protocol/result.gd")
const Session := preload("protocol/session.gd")
const Status := preload("status.gd")
const WireSettings := preload("wire_settings.gd")

## Turned off, the game is shown as it is and nothing is sent.
@export var enabled := true
@export_group("Look")
## A saved look; it fills in prompt, intensity, strength and seed.
@export var look: FrameGenLook:
	set = set_look
## What the picture should look like: "rainy street at dusk, autumn".
@export_multiline var prompt := "golden hour, clear sky":
	set(value):
		prompt = value
		_settings.change("prompt", value)
## What it should not look like. Models without a negative prompt ignore it.
@export_multiline var negative_prompt := "":
	set(value):
		negative_prompt = value
		_settings.change("negative_prompt", value)
## 0 shows the game's own picture, 1 the model's.
@export_range(0.0, 1.0, 0.01) var intensity := 1.0:
	set(value):
		intensity = value
		_settings.change("intensity", value)
## How far the model may depart from the game's picture.
@export_range(0.0, 1.0, 0.01) var strength := 0.5:
	set(value):
		strength = value
		_settings.change("strength", value)
## Of the noise: another seed, another variant.
@export var noise_seed := 0:
	set(value):
		noise_seed = value
		_settings.change("seed", value)
## One of the server's models; empty: its default.
@export var model := "":
	set(value):
		model = value
		_settings.change("model", value)
@export_group("Display")
## What is shown.
@export var show := Show.RESTYLED
## Place of the split line: 0 is the left edge, 1 the right one. Drag it while the game runs.
@export_range(0.0, 1.0, 0.01) var split_position := 0.5
## Shows the last result from where the camera is now, at the game's own frame rate. Off: as it was sent.
@export var late_reprojection := true
## Canvas layer of the restyled picture; everything on higher layers (a HUD) is drawn over it.
@export var display_layer := -100
## Visual layers of name tags, markers and the like (their [member VisualInstance3D.layers]; on no other layer): they
## are drawn after the result, sharp as the game draws them, and never sent. A [FrameGenTag] can say so too.
@export_flags_3d_render var overlay_layers := 0
## So long after the last result came it fades to the game's own picture. Raise it for slow models.
@export_range(50.0, 5000.0, 10.0, "suffix:ms") var fade_after_ms := 250.0
@export_group("Size")
## Size of the frames that are sent: about as many pixels, in the window's shape.
@export var model_size := Vector2i(512, 288)
## Size at which the game is rendered under the result; zero: that of the frames.
@export var render_size := Vector2i.ZERO
## Share of the picture rendered around what is shown, so that turning finds pixels.
@export_range(0.0, 0.5, 0.01) var margin := 0.08
## How much is spent on the picture: light helps where a processor draws the game (no graphics card). The world is
## then drawn when the server takes a frame, and the last picture turned with the camera in between.
@export var quality := Quality.AUTO
## Visual layers that only lights are on (their [member VisualInstance3D.layers]). In Compatibility depth is then
## drawn without the lights' shadows, which would be drawn again for it.
@export_flags_3d_render var light_layers := 0
@export_group("Sun")
## Who rules where the sun stands.
@export var sun := Sun.AUTO:
	set(value):
		sun = value
		_settings.change("sun", WireSettings.SUNS[value])
## The game's main light; none: the brightest DirectionalLight3D.
@export var sun_light: DirectionalLight3D
## Where the prompt rules the sun, the game's main light is turned to it.
@export var prompt_turns_light := false
@export_group("Capture")
## The camera; none: the current one.
@export var camera: Camera3D
## Tells the server where smoke, glass and particles changed the picture (Forward+ and Mobile).
@export var sees_transparents := true
## Areas ([FrameGenArea]) change the look while the camera is inside.
@export var uses_areas := true
@export_group("Server")
## Where the server is.
@export var address := "tcp://127.0.0.1:5555":
	set(value):
		address = value
		_wants_reconnect = true
## Of a server that asks for one; it is not encrypted on the way.
@export var token := "":
	set(value):
		token = value
		_wants_reconnect = true
## How colour travels.
@export var codec := Codec.RAW:
	set(value):
		codec = value
		_wants_reconnect = true
## Quality of JPEG, in both directions.
@export_range(1, 100) var jpeg_quality := 90:
	set(value):
		jpeg_quality = value
		_wants_reconnect = _wants_reconnect or codec == Codec.JPEG
## Frames on their way to the server at once. More than two only add delay.
@export_range(1, 4) var max_frames_in_flight := 2:
	set(value):
		max_frames_in_flight = value
		_wants_reconnect = true

var _link: Link
var _capture: Capture
var _display := Display.new()
var _light := LightLink.new()
var _status := Status.new()
var _settings := WireSettings.new()
var _area_look := AreaLook.new()
var _cut := CameraCut.new()
var _pace := Pace.new()
var _wants_reconnect := false
var _wants_reset := true
var _is_open := false
var _frame_id := 0
var _fitted_to := []
var _until_report_s := 0.0


func _ready() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	process_priority = 1000  # after everything that moves the camera
	_display.split_moved.connect(func(place: float) -> void: split_position = place)
	add_child(_display)
	if DisplayServer.get_name() == "headless":
		set_process(false)
		push_warning("framegen: there is nothing to restyle without a display.")


func _process(delta: float) -> void:
	var begun_us := Time.get_ticks_usec()
	if enabled and _wants_reconnect:
		_disconnect()
	if enabled and _link == null:
		_connect()
	elif not enabled and _link != null:
		_disconnect()
	_wants_reconnect = false
	if _link != null:
		for event in _link.take_events():
			_on_event(event)
	_render(delta)
	var drawing_us := _capture.take_spent_us() if _capture != null else 0
	_status.add_cost(Time.get_ticks_usec() - begun_us + drawing_us)
	_report_to_editor(delta)


func _physics_process(_delta: float) -> void:
	if not uses_areas:
		_area_look.leave(self)
	elif is_instance_valid(_cut.camera) and _cut.camera.is_inside_tree():
		_area_look.follow(_cut.camera, self)


func _exit_tree() -> void:
	_disconnect()
	_drop_capture()
	get_viewport().disable_3d = false


## Tells the server that the next frame has nothing to do with the last: a cut, a teleport, a new level.
func reset() -> void:
	_wants_reset = true
	if _link != null:
		_link.reset()


## What happens now: [code]connected[/code], [code]server[/code], [code]model[/code], [code]frames_per_s[/code],
## [code]latency_ms[/code] (from rendering a frame to showing its result), [code]round_trip_ms[/code],
## [code]model_ms[/code], [code]cost_ms[/code] (of the main thread, per frame; [code]last_cost_ms[/code] of the last
## one), counts, and the last [code]problem[/code].
func get_status() -> Dictionary:
	return _status.as_dictionary()


## Whether a restyled picture is on the screen.
func is_showing_result() -> bool:
	return _display.visible and _display.has_result()


## Takes a look over.
func set_look(value: FrameGenLook) -> void:
	look = value
	if value == null:
		return
	prompt = value.prompt
	negative_prompt = value.negative_prompt
	intensity = value.intensity
	strength = value.strength
	noise_seed = value.noise_seed


func _connect() -> void:
	_link = Link.new()
	var jpeg := jpeg_quality if codec == Codec.JPEG else 0
	_link.start(address, token, _settings.begin(self), max_frames_in_flight, jpeg)


func _disconnect() -> void:
	if _link == null:
		return
	_link.stop()
	_link = null
	if _is_open:
		_on_lost("disconnected" if enabled else "switched off")


func _on_event(event: Dictionary) -> void:
	match event.kind:
		&"connected":
			_is_open = true
			_wants_reset = true
			_status.begin(event.welcome as Dictionary)
			server_connected.emit(_status.server)
		&"lost":
			_on_lost(event.reason as String)
		&"result":
			_on_result(event)
		&"superseded":
			_status.superseded += 1
		&"settings":
			var words: PackedStringArray = event.applied.understood
			var ignored: PackedStringArray = event.applied.ignored
			_status.understood = words
			_status.ignored = ignored
			prompt_understood.emit(words, ignored)
		&"error":
			_status.problem = str(event.fault)
			error_received.emit(event.fault.code, event.fault.message, event.fault.hint)


func _on_lost(reason: String) -> void:
	_is_open = false
	_status.end(reason)
	_display.clear()
	server_lost.emit(reason)


func _on_result(event: Dictionary) -> void:
	var result: Result = event.result
	var frame: CapturedFrame = event.frame
	if _capture == null or frame.size != _capture.frame_size or event.depth == null:
		return
	_display.take(result, frame, event.depth as Image)
	_status.take(result)
	if sun == Sun.PROMPT and prompt_turns_light:
		_light.want(result.sun_direction)
	var info := {frame_id = result.frame_id, how = result.how, model = result.model}
	info.merge({round_trip_ms = result.round_trip_ms, stages_ms = result.stages_ms})
	info.merge({sun_direction = result.sun_direction, latency_ms = _display.age_ms()})
	result_received.emit(result.image, info)


func _render(delta: float) -> void:
	var source := camera if camera != null else get_viewport().get_camera_3d()
	if not _is_open or source == null or show == Show.PLAIN:
		_display.clear()
		_show_plain()
		_status.pause()
		_send_changes()
		return
	_fit_capture()
	_capture.read_back()
	var pose := CameraMirror.pose_of(source)
	_wants_reset = _cut.is_at(source, pose) or _wants_reset
	var on_their_way := _capture.on_their_way() if _capture.is_light else 0
	var wants_frame := _link.wants_frame(on_their_way)
	var now_ms := Time.get_ticks_usec() / 1000.0
	var is_drawn := _pace.draws(_capture.is_light, wants_frame, _wants_reset, now_ms)
	if is_drawn:
		_capture.light_layers = light_layers
		_capture.overlay_layers = _all_overlay_layers()
		_capture.follow(source)
		_complete(_capture.now)
	_send_changes()
	if wants_frame:
		_wants_reset = false
		_capture.capture()
	if sun == Sun.PROMPT and prompt_turns_light:
		_light.turn(sun_light, get_tree(), delta)
	var freshness := Freshness.of(_display.silence_ms(), fade_after_ms)
	get_viewport().disable_3d = freshness > 0.0
	_display.layer = display_layer
	_display.reprojects = late_reprojection
	_display.split = split_position if show == Show.SPLIT else -1.0
	_display.overlay_layers = _all_overlay_layers()
	_display.begin_frame(_capture.now, is_drawn, source, pose, freshness)


func _all_overlay_layers() -> int:
	var has_tags := get_tree().get_node_count_in_group(FrameGenTag.AFTER_GROUP) > 0
	return overlay_layers | (CameraMirror.AFTER_LAYER if has_tags else 0)


func _show_plain() -> void:
	if _display.visible:
		_display.visible = false
		get_viewport().disable_3d = false


func _report_to_editor(delta: float) -> void:
	_until_report_s -= delta
	if _until_report_s < 0.0 and EngineDebugger.is_active():
		_until_report_s = 0.5
		EngineDebugger.send_message("framegen:status", [get_status()])


func _send_changes() -> void:
	if _link == null:
		return
	var changes := _settings.take_changes()
	if not changes.is_empty():
		_link.update_settings(changes)


# What a frame has besides its pixels and its camera.
func _complete(frame: CapturedFrame) -> void:
	_frame_id += 1
	frame.frame_id = _frame_id
	frame.timestamp_ns = Time.get_ticks_usec() * 1000
	frame.light_direction = _light.direction(sun_light, get_tree())
	frame.reset = _wants_reset


func _fit_capture() -> void:
	var shape := get_viewport().get_visible_rect().size
	var wanted := [shape, model_size, render_size, margin, sees_transparents, quality]
	if _capture != null and wanted == _fitted_to:
		return
	_fitted_to = wanted
	_drop_capture()
	var sent := Capture.fitted(model_size, shape)
	var rendered := Capture.fitted(render_size, shape) if render_size != Vector2i.ZERO else sent
	_capture = Capture.new()
	_capture.margin = margin
	_capture.is_light = Picture.is_light(quality)
	_display.take_in(_capture)
	_capture.set_up(rendered, sent, sees_transparents)
	_capture.captured.connect(_on_captured)
	_display.set_up(_capture)


func _drop_capture() -> void:
	if _capture != null:
		_capture.queue_free()
		_capture = null
		_wants_reset = true


func _on_captured(frame: CapturedFrame) -> void:
	if _link != null and _is_open:
		_status.sent += 1
		_link.offer(frame)
