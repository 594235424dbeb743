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
## The server refused something. [param code] is one of the protocol's; the first of each is a warning too.
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
const CapturedFrame := preload("protocol/captured_frame.gd")
const Fault := preload("protocol/fault.gd")
const Link := preload("protocol/link.gd")
const Pictures := preload("pictures.gd")
const Result := preload("protocol/result.gd")
const Session := preload("protocol/session.gd")
const Status := preload("status.gd")
const WireSettings := preload("wire_settings.gd")

## Ends of a session that [signal server_lost] says all of.
const PLAIN_ENDS: Array[String] = [
	"connection_lost", "unknown_session", "server_stopping", "unauthorized", "address"
]

## Turned off, the game is shown as it is and nothing is sent.
@export var enabled := true
@export_group("Look")
## A saved look; its prompts, intensity, strength and seed count instead of those below, until those are changed.
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
		intensity = clampf(value, 0.0, 1.0)
		_settings.change("intensity", intensity)
## How far the model may depart from the game's picture.
@export_range(0.0, 1.0, 0.01) var strength := 0.5:
	set(value):
		strength = clampf(value, 0.0, 1.0)
		_settings.change("strength", strength)
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
## The game's main light; none, or one outside the tree: the brightest DirectionalLight3D.
@export var sun_light: DirectionalLight3D
## Where the prompt rules the sun, the game's main light is turned to it.
@export var prompt_turns_light := false
@export_group("Capture")
## The camera, in this node's viewport; none, or one outside the tree: the current one.
@export var camera: Camera3D
## Tells the server where smoke, glass and particles changed the picture (Forward+ and Mobile).
@export var sees_transparents := true
## What no [FrameGenTag] is above gets a label from its names: its material's, its own, its mesh's, that of the scene it
## is a part of. Not in light [member quality].
@export var tags_by_name := true
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
var _pictures := Pictures.new(self)
var _status := Status.new()
var _settings := WireSettings.new()
var _area_look := AreaLook.new()
var _wants_reconnect := false
var _is_open := false
# Codes of what was warned of.
var _warned := PackedStringArray()


func _ready() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	process_priority = 1000  # after everything that moves the camera
	set_look(look)  # a scene may hold a prompt beside it
	_pictures.display.split_moved.connect(func(place: float) -> void: split_position = place)
	_pictures.captured.connect(_on_captured)
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
	_send_changes()
	_render(delta)
	_status.add_cost(Time.get_ticks_usec() - begun_us + _pictures.take_spent_us())
	_status.tell_editor(delta)


func _physics_process(_delta: float) -> void:
	if not uses_areas:
		_area_look.leave(self)
	elif _pictures.camera() != null:
		_area_look.follow(_pictures.camera(), self)


func _exit_tree() -> void:
	_disconnect()
	_pictures.drop()
	_pictures.tag_by_name(false)
	get_viewport().disable_3d = false


## Tells the server that the next frame has nothing to do with the last: a cut, a teleport, a new level.
func reset() -> void:
	_pictures.reset()
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
	return _pictures.display.visible and _pictures.display.has_result()


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
			_pictures.limits = event.welcome.limits
			_pictures.reset()
			_status.begin(event.welcome as Dictionary)
			server_connected.emit(_status.server)
		&"lost":
			_on_lost(event.reason as String)
			var fault: Fault = event.fault
			if fault != null and not fault.code in PLAIN_ENDS:
				_on_error(fault)
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
			_on_error(event.fault as Fault)


func _on_error(fault: Fault) -> void:
	_status.problem = str(fault)
	_warn(fault.code, str(fault))
	error_received.emit(fault.code, fault.message, fault.hint)


# The same again and again is told once.
func _warn(code: String, what: String) -> void:
	if not code in _warned:
		_warned.append(code)
		push_warning("framegen: " + what)


func _on_lost(reason: String) -> void:
	_is_open = false
	_status.end(reason)
	_pictures.display.clear()
	server_lost.emit(reason)


func _on_result(event: Dictionary) -> void:
	var result: Result = event.result
	var frame: CapturedFrame = event.frame
	if not _pictures.take(result, frame, event.depth as Image):
		return
	_status.take(result)
	var info := {frame_id = result.frame_id, how = result.how, model = result.model}
	info.merge({round_trip_ms = result.round_trip_ms, stages_ms = result.stages_ms})
	info.merge({sun_direction = result.sun_direction, latency_ms = _pictures.display.age_ms()})
	result_received.emit(result.image, info)


# The camera to see through, or null.
func _source() -> Camera3D:
	if not is_instance_valid(camera) or not camera.is_inside_tree():
		return get_viewport().get_camera_3d()
	if camera.get_viewport() == get_viewport():
		return camera
	_warn("camera", "the camera is in another viewport than this node, which shows the plain picture.")
	return null


func _render(delta: float) -> void:
	var source := _source()
	if _is_open and source != null and show != Show.PLAIN:
		_pictures.render(source, _link, delta)
	else:
		_pictures.show_plain()
		_status.pause()


func _send_changes() -> void:
	if _link == null:
		return
	var changes := _settings.take_changes()
	if not changes.is_empty():
		_link.update_settings(changes)


func _on_captured(frame: CapturedFrame) -> void:
	if _link != null and _is_open:
		_status.sent += 1
		_link.offer(frame)
