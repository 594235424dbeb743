@tool
extends RefCounted
## A connection that heals itself, on a thread of its own; the newest frame wins in both directions.
##
## Methods are called from the main thread and never wait. What happens is fetched with [method take_events].

const Address := preload("address.gd")
const CapturedFrame := preload("captured_frame.gd")
const Fault := preload("fault.gd")
const Message := preload("message.gd")
const MessageReader := preload("message_reader.gd")
const MsgpackWriter := preload("msgpack_writer.gd")
const Result := preload("result.gd")
const Session := preload("session.gd")
const SettingsMap := preload("settings_map.gd")
const ZmtpSocket := preload("zmtp_socket.gd")

## Pause between looks at the socket: an answer is due, connected, not connected.
const PAUSES_US: Array[int] = [1_000, 2_000, 10_000]
## First and longest pause between two attempts to connect.
const RETRY_MS: Array[int] = [100, 2_000]
const FAREWELL_MS := 100

var _address: Address
var _token: String
var _max_in_flight: int
var _jpeg_quality: int
var _thread := Thread.new()
var _mutex := Mutex.new()
# Guarded by the mutex: what both threads touch.
var _stopping := false
var _mailbox: CapturedFrame
var _changes := {}
var _wants_reset := false
var _events: Array[Dictionary] = []
var _taken := 0
# Of the link's thread alone.
var _socket := ZmtpSocket.new()
var _session: Session
var _retry_ms := RETRY_MS[0]
var _retry_at_ms := 0
var _complaint := ""
var _first_frame_is_checked := false
var _unanswered: Dictionary[int, CapturedFrame] = {}


## Begins to connect. [param settings] are those to begin with; [param jpeg_quality] 0 sends raw pixels.
func start(
	address: String, token: String, settings: Dictionary, max_in_flight := 2, jpeg_quality := 0
) -> void:
	_address = Address.new(address)
	_token = token
	_max_in_flight = max_in_flight
	_jpeg_quality = jpeg_quality
	_session = Session.new("framegen for Godot " + Engine.get_version_info().string)
	_session.update_settings(settings)
	_thread.start(_run)


## Says goodbye and ends the thread.
func stop() -> void:
	_mutex.lock()
	_stopping = true
	_mutex.unlock()
	if _thread.is_started():
		_thread.wait_to_finish()


## Whether another frame would be sent at once, with so many still to be offered.
func wants_frame(on_their_way := 0) -> bool:
	_mutex.lock()
	var waiting := on_their_way + (0 if _mailbox == null else 1)
	var wants := _taken + waiting < _max_in_flight
	_mutex.unlock()
	return wants


## Sends a frame as soon as the network takes it; one that still waits is dropped.
func offer(frame: CapturedFrame) -> void:
	_mutex.lock()
	if _mailbox != null and _mailbox.reset:
		frame.reset = true
	_mailbox = frame
	_mutex.unlock()


## Changes settings of the session; they survive a reconnect.
func update_settings(changes: Dictionary) -> void:
	_mutex.lock()
	_changes = SettingsMap.joined(_changes, changes)
	_mutex.unlock()


## Asks the server to forget earlier frames.
func reset() -> void:
	_mutex.lock()
	_wants_reset = true
	_mutex.unlock()


## What happened since the last call: maps with a [code]kind[/code], in order.
func take_events() -> Array[Dictionary]:
	_mutex.lock()
	var events := _events
	if not events.is_empty():
		_events = []
	_mutex.unlock()
	return events


func _run() -> void:
	if _address.fault:
		_tell({kind = &"lost", reason = _address.fault, fault = Fault.new("address", _address.fault)})
	while not _is_stopping():
		if _address.fault == "":
			_turn()
		OS.delay_usec(_pause_us())
	_session.disconnect_from_server("closed")
	_flush()
	var end := Time.get_ticks_msec() + FAREWELL_MS
	while _socket.state == ZmtpSocket.State.READY and not _socket.is_drained():
		_socket.poll()
		if Time.get_ticks_msec() > end:
			break
	_socket.close()


func _is_stopping() -> bool:
	_mutex.lock()
	var stopping := _stopping
	_mutex.unlock()
	return stopping


func _pause_us() -> int:
	if _session.state != Session.State.OPEN:
		return PAUSES_US[2]
	return PAUSES_US[1] if _session.in_flight.is_empty() else PAUSES_US[0]


func _turn() -> void:
	_take_orders()
	_keep_connected()
	var message := _socket.receive()
	while not message.is_empty():
		_session.receive(MessageReader.read(message), _now_ns())
		message = _socket.receive()
	_session.tick(_now_ns())
	_flush()
	if _session.is_silent and _socket.state == ZmtpSocket.State.READY:
		_socket.close()  # it may be dead without saying so: the next try is on another one
	for event in _session.events:
		_handle(event)
	_session.events.clear()
	for id: int in _unanswered.keys():
		if not _session.in_flight.has(id):
			_unanswered.erase(id)
	_send_frame()


func _take_orders() -> void:
	_mutex.lock()
	var changes := _changes
	_changes = {}
	var wants_reset := _wants_reset
	_wants_reset = false
	_mutex.unlock()
	if not changes.is_empty():
		_session.update_settings(changes)
	if wants_reset:
		_session.reset()


func _keep_connected() -> void:
	var before := _socket.state
	_socket.poll()
	match _socket.state:
		ZmtpSocket.State.READY:
			if before != ZmtpSocket.State.READY:
				_session.connect_to_server(_now_ns())
			elif _session.state == Session.State.CLOSED and not _session.is_final:
				if Time.get_ticks_msec() >= _retry_at_ms:
					_back_off()
					_session.connect_to_server(_now_ns())
		ZmtpSocket.State.CLOSED:
			if before != ZmtpSocket.State.CLOSED:
				_complain(_socket.failure)
			if Time.get_ticks_msec() >= _retry_at_ms:
				_back_off()
				_socket.open(_address.host, _address.port, _token)


func _back_off() -> void:
	_retry_at_ms = Time.get_ticks_msec() + _retry_ms
	_retry_ms = mini(2 * _retry_ms, RETRY_MS[1])


# A broken connection is told once, and again only when its reason changes.
func _complain(why: String) -> void:
	var code := "unauthorized" if _socket.refused else "connection_lost"
	if _session.state != Session.State.CLOSED:
		_session.disconnect_from_server(why, Fault.new(code, why))
		_session.is_final = false
	else:
		_tell_lost({kind = &"lost", reason = why, fault = Fault.new(code, why)})


func _tell_lost(event: Dictionary) -> void:
	if event.reason != _complaint:
		_complaint = event.reason
		_tell(event)


func _flush() -> void:
	if _socket.state == ZmtpSocket.State.READY:
		for header in _session.outgoing:
			_socket.send([MsgpackWriter.pack(header)])
	_session.outgoing.clear()


func _send_frame() -> void:
	_mutex.lock()
	_taken = _session.in_flight.size()
	var is_open := _session.state == Session.State.OPEN
	var frame := _mailbox
	if not is_open:
		_taken = _max_in_flight
		_mailbox = null
	elif frame == null or _taken >= _max_in_flight or not _socket.is_drained():
		frame = null
	else:
		_mailbox = null
		_taken += 1
	_mutex.unlock()
	if frame == null or not is_open:
		return
	var parts := frame.to_parts(_jpeg_quality)
	if _may_send(parts, frame):
		_unanswered[frame.frame_id] = frame
		_socket.send(parts)


func _may_send(parts: Array[PackedByteArray], frame: CapturedFrame) -> bool:
	if OS.is_debug_build() and not _first_frame_is_checked:
		_first_frame_is_checked = true
		var fault := MessageReader.read(parts, _session.limits).fault
		if fault != null:
			_tell({kind = &"error", fault = fault, frame_id = frame.frame_id})
			return false
	return _session.may_send(frame.frame_id, _now_ns())


func _handle(event: Dictionary) -> void:
	match event.kind:
		&"connected":
			_retry_ms = RETRY_MS[0]
			_complaint = ""
			_first_frame_is_checked = false
		&"lost":
			_retry_at_ms = Time.get_ticks_msec() + _retry_ms
			_tell_lost(event)
			return
		&"result":
			var result := _decoded(event.message as Message)
			if result == null:
				var fault := Fault.new("unsupported_codec", "The result cannot be decoded.")
				_tell({kind = &"error", fault = fault, frame_id = event.message.values.frame_id})
				return
			result.round_trip_ms = event.round_trip_ns / 1e6
			_drop_older_result()
			_tell_result(result)
			return
	_tell(event)


# The frame that it answers comes with it, its depth ready for a texture.
func _tell_result(result: Result) -> void:
	var frame := _unanswered[result.frame_id]
	var depth := frame.plane("depth")
	var picture: Image
	if depth:
		picture = Image.create_from_data(
			frame.size.x, frame.size.y, false, Image.FORMAT_RF, depth
		)
	_tell({kind = &"result", result = result, frame = frame, depth = picture})


# Only the newest picture is worth showing.
func _drop_older_result() -> void:
	_mutex.lock()
	for i in range(_events.size() - 1, -1, -1):
		if _events[i].kind == &"result":
			_events.remove_at(i)
	_mutex.unlock()


func _tell(event: Dictionary) -> void:
	_mutex.lock()
	_events.append(event)
	_mutex.unlock()


static func _decoded(message: Message) -> Result:
	var result := Result.new()
	result.image = message.planes.image.to_image()
	if result.image == null:
		return null
	var values := message.values
	result.frame_id = values.frame_id
	result.timestamp_ns = values.timestamp_ns
	result.how = values.how
	result.model = values.model
	result.settings_revision = values.settings_revision
	result.stages_ms = values.stages_ms
	result.color_grid = message.color_grid
	if values.sun_direction != null:
		var sun: PackedFloat64Array = values.sun_direction
		result.sun_direction = Vector3(sun[0], sun[1], sun[2])
	return result


static func _now_ns() -> int:
	return Time.get_ticks_usec() * 1000
