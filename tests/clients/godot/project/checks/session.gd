extends SceneTree
## The rules of a session, without a socket: hello again, heartbeats, settings that survive, the clock.

const MessageReader := preload("res://addons/framegen/protocol/message_reader.gd")
const Message := preload("res://addons/framegen/protocol/message.gd")
const Session := preload("res://addons/framegen/protocol/session.gd")
const Writer := preload("res://addons/framegen/protocol/msgpack_writer.gd")
const Address := preload("res://addons/framegen/protocol/address.gd")
const Frames := preload("res://addons/framegen/protocol/zmtp_frames.gd")
const Report := preload("res://checks/report.gd")

const SECOND := 1_000_000_000

var report := Report.new()


func _init() -> void:
	_check_a_life()
	_check_settings_survive()
	_check_settings_wait()
	_check_refusals_stand_alone()
	_check_silence()
	_check_standing_still()
	_check_final()
	_check_clock()
	_check_addresses()
	_check_commands()
	report.finish(self)


func _message(header: Dictionary) -> Message:
	var message := MessageReader.read([Writer.pack(header)])
	report.expect(message.fault == null, str(message.fault))
	return message


func _welcome() -> Message:
	var limits := {heartbeat_ms = 1000}
	return _message(
		{
			type = "welcome",
			protocol = "1.0",
			session = "s",
			models = ["m"],
			limits = limits,
			settings = {}
		}
	)


func _open() -> Session:
	var session := Session.new("test")
	session.connect_to_server(0)
	session.receive(_welcome(), 0)
	session.outgoing.clear()
	session.events.clear()
	return session


func _check_a_life() -> void:
	var session := Session.new("test")
	session.connect_to_server(0)
	report.same(session.outgoing[0].type, "hello", "first words")
	report.expect(not session.may_send(1, 0), "no frame before the welcome")
	session.receive(_welcome(), 0)
	report.same(session.state, Session.State.OPEN, "open after the welcome")
	report.same(session.limits.heartbeat_ms, 1000, "the server's limit")
	report.expect(session.may_send(5, 1), "a frame")
	report.expect(not session.may_send(5, 2), "ids grow")
	report.expect(session.may_send(6, 3), "another frame")
	var superseded := {type = "superseded", frame_id = 5, timestamp_ns = 1, by_frame_id = 6}
	session.receive(_message(superseded), 4)
	report.same(session.in_flight.keys(), [6], "one is left")
	session.receive(_message({type = "ping", sent_ns = 9}), 10)
	report.same(session.outgoing[-1].type, "pong", "a ping is answered")
	session.receive(_message({type = "bye", reason = "tea"}), 11)
	report.same(session.state, Session.State.CLOSED, "closed after bye")
	report.same(session.events[-1].kind, &"lost", "and says so")


func _check_settings_survive() -> void:
	var session := _open()
	session.update_settings({prompt = "a", labels = {"1": {name = "brick"}, "2": {name = "grass"}}})
	var request: int = session.outgoing[-1].request
	session.receive(_message({type = "settings_applied", request = request, revision = 2}), 1)
	session.update_settings({labels = {"1": null}})
	request = session.outgoing[-1].request
	session.receive(_message({type = "settings_applied", request = request, revision = 3}), 1)
	session.update_settings({prompt = "refused"})
	request = session.outgoing[-1].request
	var error := {type = "error", code = "invalid_settings", message = "no", request = request}
	session.receive(_message(error), 2)
	session.update_settings({strength = 0.5})
	session.disconnect_from_server("gone")
	session.connect_to_server(3)
	var hello: Dictionary = session.outgoing[-1]
	report.same(hello.settings, {prompt = "a", labels = {"2": {name = "grass"}}}, "confirmed")
	session.receive(_welcome(), 4)
	report.same(session.outgoing[-1].changes, {strength = 0.5}, "unanswered changes are said again")


# As a slider that moves while no server is there, and things that get labels.
func _check_settings_wait() -> void:
	var session := Session.new("test")
	var label := {name = "a", words = ""}
	for i in 100:
		var changes := {strength = i / 100.0, model = "m%d" % i, labels = {str(1 + i % 3): label}}
		session.update_settings(changes)
	session.connect_to_server(0)
	session.update_settings({prompt = "last"})
	session.receive(_welcome(), 0)
	var said := session.outgoing.filter(func(header: Dictionary) -> bool: return header.type == "settings")
	report.same(said.size(), 2, "requests for a hundred changes")
	var all := {strength = 0.99, labels = {"1": label, "2": label, "3": label}, prompt = "last"}
	report.same(said[0].changes, all, "what was changed without a session")
	report.same(said[-1].changes, {model = "m99"}, "and what may be refused")
	for header: Dictionary in said:
		session.receive(_message({type = "settings_applied", request = header.request, revision = 1}), 1)
	report.same(session._pending.size(), 0, "nothing is left")


# An update of which a part is refused changes nothing: what the rest says must not go with it.
func _check_refusals_stand_alone() -> void:
	var session := _open()
	session.update_settings({prompt = "snow", model = "nobody's", seed = -1, strength = 0.25})
	var said := session.outgoing.map(func(header: Dictionary) -> Dictionary: return header.changes)
	report.same(said, [{prompt = "snow", strength = 0.25}, {model = "nobody's"}, {seed = -1}], "three updates")


func _check_silence() -> void:
	var session := _open()
	session.tick(SECOND + 1)
	report.same(session.outgoing[-1].type, "ping", "a heartbeat")
	for second in range(2, 5):
		report.same(session.state, Session.State.OPEN, "%d s of silence are not the end" % (second - 1))
		session.tick(second * SECOND + 1)
	report.same(session.state, Session.State.CLOSED, "a silent server is gone")
	report.expect(session.is_silent, "and so may the connection be")
	var greeting := Session.new("test")
	greeting.connect_to_server(0)
	greeting.tick(3 * SECOND)
	report.same(greeting.outgoing.size(), 2, "hello again")
	for second in range(5, 10, 2):
		greeting.tick(second * SECOND)
	report.expect(greeting.is_silent, "hello is not said for ever")
	report.same(greeting.state, Session.State.CLOSED, "a server that never answered")


# Nothing can be heard by a program that stands still: that is no silence of the server's.
func _check_standing_still() -> void:
	var session := _open()
	session.tick(SECOND)
	session.tick(60 * SECOND)
	report.same(session.state, Session.State.OPEN, "a program that stood still gives the server time")
	session.tick(61 * SECOND)
	report.same(session.state, Session.State.OPEN, "a second after it")
	session.tick(62 * SECOND)
	report.same(session.state, Session.State.CLOSED, "and then counts its silence")


func _check_final() -> void:
	for code: String in ["too_many_sessions", "unknown_model"]:
		var session := _open()
		session.receive(_message({type = "error", code = code, fatal = true}), 1)
		report.same(session.is_final, code == "unknown_model", code + " is final")
	var stranger := _open()
	stranger.receive(_message({type = "error", code = "of_tomorrow", message = "?"}), 1)
	report.same(stranger.state, Session.State.OPEN, "an unknown error is not fatal")


func _check_clock() -> void:
	var session := _open()
	var pong := {type = "pong", sent_ns = 1000, received_ns = 5400, replied_ns = 5600}
	session.receive(_message(pong), 2000)
	report.same(session.clock_offset_ns, 4000, "the vector's clock")
	var later := {type = "pong", sent_ns = 3000, received_ns = 9000, replied_ns = 9100}
	session.receive(_message(later), 9000)
	report.same(session.clock_offset_ns, 4000, "a longer round trip changes nothing")


func _check_addresses() -> void:
	var full := Address.new("tcp://example.org:7000/")
	report.same([full.host, full.port, full.fault], ["example.org", 7000, ""], "whole")
	report.same(Address.new("10.0.0.7").port, 5555, "default port")
	report.same(Address.new("tcp://[::1]:99").host, "::1", "IPv6")
	for wrong: String in ["", "udp://a:1", "tcp://a:0", "tcp://:5555", "tcp://a:b"]:
		report.expect(Address.new(wrong).fault != "", "'%s' is refused" % wrong)


func _check_commands() -> void:
	var spelt := PackedByteArray([0x5E])
	spelt.append_array("RROR".to_ascii_buffer())
	report.same(Frames.name_of(spelt), "ERROR", "libzmq's own spelling")
	report.same(Frames.name_of(PackedByteArray([9, 65])), "", "a name longer than the body")
	report.same(Frames.name_of(PackedByteArray([1, 65])), "A", "a name")
	var mechanism := Frames.mechanism_of(Frames.greeting("PLAIN"))
	report.same(mechanism, "PLAIN", "the greeting names the mechanism")
	report.same(Frames.head(0, 256).size(), 9, "long frames")
