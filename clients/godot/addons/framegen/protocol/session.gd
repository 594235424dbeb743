@tool
extends RefCounted
## One session as the client sees it: who may say what when. No sockets, and the clock is passed in.
##
## What the session has to say gathers in [member outgoing], what it has to tell in [member events].

enum State { CLOSED, GREETING, OPEN }

const Fault := preload("fault.gd")
const Limits := preload("limits.gd")
const Message := preload("message.gd")
const SettingsMap := preload("settings_map.gd")

const PROTOCOL := "1.0"
## A server that owes pongs for so many heartbeats is taken to be gone.
const SILENT_HEARTBEATS := 4
## Refusals that another try would only meet again.
const FINAL: Array[String] = [
	"unauthorized", "unsupported_protocol", "invalid_settings", "unknown_model", "unsupported_codec"
]

var state := State.CLOSED
## Of the server, or the protocol's defaults.
var limits := Limits.DEFAULTS
## Ids of frames without an answer -> when they were sent, ns.
var in_flight: Dictionary[int, int] = {}
## Headers that wait to be sent.
var outgoing: Array[Dictionary] = []
## What happened: maps with a [code]kind[/code].
var events: Array[Dictionary] = []
## The session ended for a reason that only a change of settings can mend.
var is_final := false
## The session ended because nothing was heard: the connection may be dead without anybody having closed it.
var is_silent := false
## The server's clock minus ours, ns, from the shortest of the last round trips.
var clock_offset_ns := 0

var _client: String
var _confirmed := {}
var _pending: Dictionary[int, Dictionary] = {}
# What was changed while there was no session.
var _unsaid := {}
var _requests := 0
var _last_frame_id := -1
var _last_ping_ns := 0
var _last_heard_ns := 0
var _last_tick_ns := 0
var _round_trips_ns: PackedInt64Array = []


func _init(client: String) -> void:
	_client = client


## Says hello, with the settings that the server confirmed before.
func connect_to_server(now_ns: int) -> void:
	state = State.GREETING
	is_final = false
	is_silent = false
	outgoing.clear()
	_round_trips_ns.clear()
	_last_ping_ns = now_ns
	_last_heard_ns = now_ns
	_last_tick_ns = now_ns
	_say_hello()


## Changes some settings; needs no open session. What is changed while there is none is said together, so that a game
## that changes settings every frame does not pile them up.
func update_settings(changes: Dictionary) -> void:
	is_final = false
	if state == State.OPEN:
		_say(changes)
	else:
		_unsaid = SettingsMap.joined(_unsaid, changes)


## Notes a frame as sent; false where it may not be sent.
func may_send(frame_id: int, now_ns: int) -> bool:
	if state != State.OPEN or frame_id <= _last_frame_id:
		return false
	_last_frame_id = frame_id
	in_flight[frame_id] = now_ns
	return true


## Asks the server to forget what it remembers of earlier frames.
func reset() -> void:
	if state == State.OPEN:
		outgoing.append({type = "reset"})


## Ends the session. [param fault] is why, or null where it was wanted.
func disconnect_from_server(reason: String, fault: Fault = null) -> void:
	if state == State.CLOSED:
		return
	if fault == null:
		outgoing.append({type = "bye", reason = reason})
	state = State.CLOSED
	is_final = fault != null and fault.code in FINAL
	in_flight.clear()
	events.append({kind = &"lost", reason = reason, fault = fault})


## Heartbeats, a second hello where none was answered, and the end where nothing is heard. To be called more often
## than once a heartbeat: of a longer pause, in which this program stood still and could not hear anything, only one
## heartbeat counts as silence.
func tick(now_ns: int) -> void:
	var heartbeat_ns := limits.heartbeat_ms * 1_000_000
	var stood_still_ns := maxi(0, now_ns - _last_tick_ns - heartbeat_ns)
	_last_heard_ns = mini(now_ns, _last_heard_ns + stood_still_ns)
	_last_tick_ns = now_ns
	if state == State.CLOSED:
		return
	if now_ns - _last_heard_ns >= SILENT_HEARTBEATS * heartbeat_ns:
		is_silent = true
		var silence := "the server fell silent" if state == State.OPEN else "it does not answer"
		disconnect_from_server(silence, Fault.new("connection_lost", silence))
	elif now_ns - _last_ping_ns >= heartbeat_ns:
		_last_ping_ns = now_ns
		if state == State.OPEN:
			outgoing.append({type = "ping", sent_ns = now_ns})
		else:
			_say_hello()


## Takes one message of the server.
func receive(message: Message, now_ns: int) -> void:
	_last_heard_ns = now_ns
	if state == State.CLOSED or message.fault != null:
		return
	var values := message.values
	match message.type:
		"welcome":
			_on_welcome(values, now_ns)
		"result":
			_on_result(message, now_ns)
		"superseded":
			if in_flight.erase(values.frame_id):
				events.append({kind = &"superseded", frame_id = values.frame_id})
		"settings_applied":
			_confirmed = SettingsMap.merged(_confirmed, _pending.get(values.request, {}) as Dictionary)
			_pending.erase(values.request)
			events.append({kind = &"settings", applied = values})
		"ping":
			var pong := {type = "pong", sent_ns = values.sent_ns}
			outgoing.append(pong.merged({received_ns = now_ns, replied_ns = now_ns}))
		"pong":
			_on_pong(values, now_ns)
		"error":
			_on_error(values)
		"bye":
			var reason := "the server said bye (%s)" % values.reason
			disconnect_from_server(reason, Fault.new("connection_lost", reason))


func _say(changes: Dictionary) -> void:
	for update in SettingsMap.parted(changes):
		_requests += 1
		_pending[_requests] = update
		outgoing.append({type = "settings", changes = update, request = _requests})


func _say_hello() -> void:
	var hello := {type = "hello", protocols = [PROTOCOL], client = _client}
	hello.merge({codecs = ["raw", "jpeg"], capabilities = ["reprojected"], settings = _confirmed})
	outgoing.append(hello)


func _on_welcome(values: Dictionary, now_ns: int) -> void:
	if not (values.protocol as String).begins_with("1."):
		var protocol := "the server answers in protocol %s" % values.protocol
		disconnect_from_server(protocol, Fault.new("unsupported_protocol", protocol))
		return
	if state == State.GREETING:
		_last_frame_id = -1
	state = State.OPEN
	limits = values.limits
	_last_ping_ns = now_ns
	outgoing.append({type = "ping", sent_ns = now_ns})
	for request in _pending:
		outgoing.append({type = "settings", changes = _pending[request], request = request})
	_say(_unsaid)
	_unsaid = {}
	events.append({kind = &"connected", welcome = values})


func _on_result(message: Message, now_ns: int) -> void:
	var frame_id: int = message.values.frame_id
	if not in_flight.has(frame_id):
		return
	var sent_ns := in_flight[frame_id]
	# Results come in order: what is older and still open will not be answered any more.
	for older: int in in_flight.keys():
		if older <= frame_id:
			in_flight.erase(older)
	events.append({kind = &"result", message = message, round_trip_ns = now_ns - sent_ns})


# The offset of the shortest of the last eight round trips counts (NTP, RFC 5905 section 8).
func _on_pong(values: Dictionary, now_ns: int) -> void:
	var there: int = values.received_ns - values.sent_ns
	var back: int = values.replied_ns - now_ns
	var round_trip_ns := there - back
	_round_trips_ns.append(round_trip_ns)
	if _round_trips_ns.size() > 8:
		_round_trips_ns.remove_at(0)
	for kept in _round_trips_ns:
		if kept < round_trip_ns:
			return
	clock_offset_ns = (there + back) >> 1


func _on_error(values: Dictionary) -> void:
	var fault := Fault.new(values.code as String, values.message as String, values.hint as String)
	if values.fatal:
		disconnect_from_server(fault.message, fault)
		return
	if values.frame_id != null:
		in_flight.erase(values.frame_id)
	if values.request != null:
		_pending.erase(values.request)
	events.append({kind = &"error", fault = fault, frame_id = values.frame_id})
