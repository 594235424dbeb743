extends SceneTree
## Sends coloured frames to a server that inverts them (address, token, frames: the user arguments), and
## reports what came back and what happened on the way. With [code]failing[/code] the server fails them all.

const Link := preload("res://addons/framegen/protocol/link.gd")
const CapturedFrame := preload("res://addons/framegen/protocol/captured_frame.gd")
const Result := preload("res://addons/framegen/protocol/result.gd")
const Report := preload("res://checks/report.gd")

const SIZE := Vector2i(64, 32)
const LIMIT_MS := 90_000

var report := Report.new()
var link := Link.new()
var wanted := 0
var sent := 0
var answered: Dictionary[int, bool] = {}
var happened: PackedStringArray = []
var latencies: PackedFloat32Array = []
var jpeg := false
var is_failing := false


func _init() -> void:
	var arguments := OS.get_cmdline_user_args()
	wanted = arguments[2].to_int()
	jpeg = arguments.has("jpeg")
	is_failing = arguments.has("failing")
	var settings := {prompt = "a test", color_grid = true}
	if jpeg:
		settings.output_codec = "jpeg"
	link.start(arguments[0], arguments[1], settings, 2, 95 if jpeg else 0)


func _process(_delta: float) -> bool:
	for event in link.take_events():
		_take(event)
	if wanted == 0 and not happened.is_empty():
		_finish()
	elif answered.size() >= wanted and wanted > 0:
		_finish()
	elif Time.get_ticks_msec() > LIMIT_MS:
		report.expect(false, "%d of %d answered, after %s" % [answered.size(), wanted, happened])
		_finish()
	elif wanted > 0 and link.wants_frame():
		sent += 1
		link.offer(_frame(sent))
	return false


func _take(event: Dictionary) -> void:
	match event.kind:
		&"result":
			var result: Result = event.result
			answered[result.frame_id] = true
			latencies.append(result.round_trip_ms)
			_check(result)
		&"error":
			report.expect(is_failing, str(event.fault))
			answered[event.frame_id] = true
		&"superseded":
			pass
		_:
			var kind: String = event.kind
			happened.append(kind + (": " + str(event.fault) if event.get("fault") else ""))


func _check(result: Result) -> void:
	var shade := _shade(result.frame_id)
	var found := result.image.get_pixel(SIZE.x >> 1, SIZE.y >> 1)
	report.same(result.image.get_size(), SIZE, "size")
	report.same(result.image.get_format(), Image.FORMAT_RGBA8, "format")
	report.near(found.r8, 255 - shade, 12.0 if jpeg else 3.0, "red of frame %d" % result.frame_id)
	report.near(found.a8, 255, 0.0, "alpha")
	report.same(result.color_grid.size(), 3456, "colour grid")
	report.expect(result.age_ms() > 0.0 and result.age_ms() < LIMIT_MS, "age")


func _frame(id: int) -> CapturedFrame:
	var frame := CapturedFrame.new()
	frame.frame_id = id
	frame.timestamp_ns = Time.get_ticks_usec() * 1000
	frame.size = SIZE
	var picture := Image.create(SIZE.x, SIZE.y, false, Image.FORMAT_RGBA8)
	picture.fill(Color8(_shade(id), 120, 90))
	frame.pixels = picture.get_data()
	frame.ranges = {"color": Vector2i(0, frame.pixels.size())}
	var depth := PackedFloat32Array()
	depth.resize(SIZE.x * SIZE.y)
	depth.fill(5.0)
	frame.ranges["depth"] = Vector2i(frame.pixels.size(), 4 * depth.size())
	frame.pixels.append_array(depth.to_byte_array())
	frame.camera_projection = Projection.create_perspective(60.0, 2.0, 0.1, 100.0)
	frame.near_m = 0.1
	frame.far_m = 100.0
	return frame


func _shade(id: int) -> int:
	return 40 + (id * 37) % 150


func _finish() -> void:
	report.measured = {events = happened, answered = answered.size(), sent = sent}
	if latencies:
		latencies.sort()
		report.measured.median_ms = latencies[latencies.size() >> 1]
	link.stop()
	report.expect(link._unanswered.size() <= 2, "frames that are kept: %d" % link._unanswered.size())
	report.finish(self)
