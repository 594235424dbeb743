@tool
extends Node
## Takes one picture of a world and has it restyled under several prompts, at the best quality.
##
## Works in the editor as in a game; it has a session of its own.

## One more prompt is done.
signal restyled(prompt: String, picture: Image)

const Capture := preload("../capture/capture.gd")
const CapturedFrame := preload("../protocol/captured_frame.gd")
const Link := preload("../protocol/link.gd")
const Result := preload("../protocol/result.gd")

const CONNECT_MS := 8000
const ANSWER_MS := 60_000
## The same frame again lets the model settle: history takes the noise out.
const REPEATS := 4

## Why it did not work, or empty.
var problem := ""
## The picture as the game draws it.
var plain: Image

var _link: Link
var _capture: Capture
var _captured: CapturedFrame
var _frame_id := 0
var _applied := 0
var _result: Result
# Why there is no session.
var _loss := ""


## Restyles what [param source] sees, once for each prompt; [param settings] are further settings of the
## protocol. Returns the pictures, or fewer where [member problem] says why.
func take(
	source: Camera3D,
	size: Vector2i,
	prompts: PackedStringArray,
	address: String,
	token: String,
	settings := {}
) -> Array[Image]:
	var pictures: Array[Image] = []
	problem = ""
	_loss = ""
	_capture = Capture.new()
	_capture.margin = 0.0
	add_child(_capture)
	_capture.set_up(size, size)
	_capture.use_world(source.get_world_3d())
	_capture.captured.connect(func(frame: CapturedFrame) -> void: _captured = frame)
	_link = Link.new()
	# A look is wanted at once, and every frame anew, by the model's network too.
	var own := {fade_s = 0.0, color_grid = false, temporal = {skip = false, stride = 1}}
	_link.start(address, token, own.merged(settings, true))
	_applied = 0
	if await _until(func() -> bool: return _applied > 0, CONNECT_MS, "There is no server at %s." % address):
		await _frame_of(source)
		for prompt in prompts:
			var picture := await _restyle(prompt)
			if picture == null:
				break
			pictures.append(picture)
			restyled.emit(prompt, picture)
	_link.stop()
	_link = null
	_capture.queue_free()
	return pictures


func _frame_of(source: Camera3D) -> void:
	_captured = null
	# Shadows and reflections need some frames.
	for i in 6:
		_capture.follow(source)
		if i == 4:
			_capture.capture()
		await get_tree().process_frame
	var is_there := func() -> bool:
		_capture.follow(source)
		return _captured != null
	if await _until(is_there, CONNECT_MS, "The picture could not be taken."):
		plain = _captured.to_image()


func _restyle(prompt: String) -> Image:
	if _captured == null:
		return null
	var applied := _applied
	_link.update_settings({prompt = prompt})
	if not await _until(func() -> bool: return _applied > applied, CONNECT_MS, "The prompt was refused."):
		return null
	for i in REPEATS:
		_result = null
		_frame_id += 1
		_captured.frame_id = _frame_id
		_captured.reset = i == 0
		_captured.timestamp_ns = Time.get_ticks_usec() * 1000
		_link.offer(_captured)
		if not await _until(func() -> bool: return _result != null, ANSWER_MS, "The server did not answer."):
			return null
	return _result.image


func _until(is_so: Callable, limit_ms: int, otherwise: String) -> bool:
	var end := Time.get_ticks_msec() + limit_ms
	while true:
		var is_late := Time.get_ticks_msec() > end  # before looking: a frame may take long
		for event in _link.take_events():
			match event.kind:
				&"connected":
					_loss = ""
				&"lost":
					_loss = event.reason
				&"settings":
					_applied += 1
				&"result":
					_result = event.result
				&"error":
					problem = str(event.fault)
					return false
		if is_so.call():
			return true
		if is_late:
			break
		await get_tree().process_frame
	problem = "%s (%s)" % [otherwise, _loss] if _loss else otherwise
	return false
