@tool
extends RefCounted
## ZeroMQ parts -> [code]Message[/code], whoever sent them; see "Messages" in the protocol's SPEC.md.

const Fault := preload("fault.gd")
const Fields := preload("fields.gd")
const Limits := preload("limits.gd")
const Message := preload("message.gd")
const MsgpackReader := preload("msgpack_reader.gd")
const PlaneReader := preload("plane_reader.gd")
const FrameCheck := preload("frame_check.gd")

const HOW: Array[String] = ["generated", "reused", "reprojected"]


## The message of [param parts]; its [member Message.fault] says what is wrong with it.
static func read(
	parts: Array[PackedByteArray], limits: Dictionary[String, int] = Limits.DEFAULTS
) -> Message:
	var message := Message.new()
	message.fault = _parts_fault(parts, limits)
	if message.fault != null:
		return message
	var reader := MsgpackReader.new(limits.max_header_depth)
	var header := reader.read(parts[0])
	message.fault = reader.fault
	if message.fault != null:
		return message
	var fields := Fields.new(header, "header")
	message.type = fields.text("type")
	if fields.fault == null:
		_read_fields(message, fields, parts, limits)
	message.refuse(fields.fault)
	return message


static func _parts_fault(parts: Array[PackedByteArray], limits: Dictionary[String, int]) -> Fault:
	if parts.is_empty():
		return Fault.new("malformed_message", "The message has no part.")
	if parts.size() > limits.max_parts:
		return Fault.new("message_too_large", "The message has %d parts." % parts.size())
	var size := 0
	for part in parts:
		size += part.size()
	if size > limits.max_message_bytes or parts[0].size() > limits.max_header_bytes:
		return Fault.new("message_too_large", "The message has %d bytes." % size)
	return null


static func _read_fields(
	message: Message,
	fields: Fields,
	parts: Array[PackedByteArray],
	limits: Dictionary[String, int]
) -> void:
	match message.type:
		"hello":
			message.values = {
				"protocols": fields.texts("protocols"),
				"client": fields.text("client", ""),
				"codecs": fields.texts("codecs", ["raw"]),
				"capabilities": fields.texts("capabilities", []),
				"settings": fields.map("settings", {}),
			}
		"welcome":
			message.values = _welcome(fields)
		"settings":
			message.values = {
				"changes": fields.map("changes"),
				"request": fields.uint32("request", 0),
			}
		"settings_applied":
			message.values = {
				"request": fields.uint32("request"),
				"revision": fields.uint32("revision"),
				"understood": fields.texts("understood", []),
				"ignored": fields.texts("ignored", []),
			}
		"frame":
			message.values = _frame(fields)
			PlaneReader.read(message, fields, parts, limits, PlaneReader.FRAME_PLANES)
			message.refuse(fields.fault)
			message.refuse(FrameCheck.check(message))
		"result":
			message.values = _result(fields)
			PlaneReader.read(message, fields, parts, limits, PlaneReader.RESULT_PLANES)
		"superseded":
			message.values = {
				"frame_id": fields.uint64("frame_id"),
				"timestamp_ns": fields.integer("timestamp_ns"),
				"by_frame_id": fields.uint64("by_frame_id"),
			}
		"reset":
			message.values = {}
		"ping":
			message.values = {"sent_ns": fields.integer("sent_ns")}
		"pong":
			message.values = {
				"sent_ns": fields.integer("sent_ns"),
				"received_ns": fields.integer("received_ns"),
				"replied_ns": fields.integer("replied_ns"),
			}
		"error":
			message.values = {
				"code": fields.text("code"),
				"message": fields.text("message", ""),
				"hint": fields.text("hint", ""),
				"fatal": fields.flag("fatal", false),
				"frame_id": fields.uint64("frame_id", null),
				"request": fields.uint32("request", null),
			}
		"bye":
			message.values = {"reason": fields.text("reason", "")}
		_:
			fields.refuse("there is no such message as '%s'." % message.type, "unknown_message_type")


static func _welcome(fields: Fields) -> Dictionary:
	var given := Fields.new(fields.map("limits"), "limits")
	var limits: Dictionary[String, int] = {}
	for limit in Limits.DEFAULTS:
		limits[limit] = given.integer(limit, Limits.DEFAULTS[limit], 1)
	if given.fault != null:
		fields.refuse(given.fault.message)
	return {
		"protocol": fields.text("protocol"),
		"server": fields.text("server", ""),
		"session": fields.text("session"),
		"models": fields.texts("models"),
		"codecs": fields.texts("codecs", ["raw"]),
		"capabilities": fields.texts("capabilities", []),
		"limits": limits,
		"settings": fields.map("settings"),
		"settings_revision": fields.uint32("settings_revision", 0),
	}


static func _frame(fields: Fields) -> Dictionary:
	return {
		"frame_id": fields.uint64("frame_id"),
		"timestamp_ns": fields.integer("timestamp_ns", 0),
		"camera": _camera(fields),
		"world_origin_m": fields.vector("world_origin_m", 3, [0.0, 0.0, 0.0]),
		"jitter_px": fields.vector("jitter_px", 2, [0.0, 0.0]),
		"color_resolved": fields.flag("color_resolved", false),
		"motion_from_frame_id": fields.uint64("motion_from_frame_id", null),
		"light_direction": fields.vector("light_direction", 3, null),
		"reset": fields.flag("reset", false),
	}


static func _camera(fields: Fields) -> Variant:
	if not fields.has("camera"):
		return null
	var camera := Fields.new(fields.map("camera"), "camera")
	var values := {
		"view_from_world": camera.vector("view_from_world", 16),
		"clip_from_view": camera.vector("clip_from_view", 16),
		"near_m": camera.number("near_m"),
		"far_m": camera.number("far_m", Fields.REQUIRED, true),
	}
	if camera.fault != null:
		fields.refuse(camera.fault.message)
	return values


static func _result(fields: Fields) -> Dictionary:
	var stamps := Fields.new(fields.map("stamps_ns", {}), "stamps_ns")
	var stages := Fields.new(fields.map("stages_ms", {}), "stages_ms")
	var values := {
		"frame_id": fields.uint64("frame_id"),
		"timestamp_ns": fields.integer("timestamp_ns"),
		"how": fields.text("how"),
		"settings_revision": fields.uint32("settings_revision"),
		"model": fields.text("model", ""),
		"seed": fields.uint32("seed", 0),
		"sun_direction": fields.vector("sun_direction", 3, null),
		"stamps_ns": {},
		"stages_ms": {},
	}
	for name: String in stamps.names():
		values.stamps_ns[name] = stamps.integer(name)
	for name: String in stages.names():
		values.stages_ms[name] = stages.number(name)
	for inner: Fields in [stamps, stages]:
		if inner.fault != null:
			fields.refuse(inner.fault.message)
	if values.how not in HOW:
		fields.refuse("how cannot be '%s'." % values.how)
	return values
