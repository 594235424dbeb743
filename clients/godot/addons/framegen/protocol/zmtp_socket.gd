@tool
extends RefCounted
## A ZeroMQ DEALER over TCP: multipart messages in and out, mechanisms NULL and PLAIN.
##
## Nothing blocks: call [method poll] often, from one thread. See ZeroMQ's RFCs 23, 24 and 37.

enum State { CLOSED, CONNECTING, GREETING, HANDSHAKE, READY }

const Frames := preload("zmtp_frames.gd")

## Longer messages are refused before their memory is taken.
const MAX_MESSAGE_BYTES := 256 << 20
## Connection and handshake together.
const HANDSHAKE_MS := 5000
const USER := "framegen"

var state := State.CLOSED
## Why the socket is closed, for people.
var failure := ""
## The handshake was refused: another try would meet the same.
var refused := false

var _token := ""
var _tcp := StreamPeerTCP.new()
var _in := PackedByteArray()
var _at := 0
var _parts: Array[PackedByteArray] = []
var _parts_bytes := 0
var _messages: Array[Array] = []
var _out: Array[PackedByteArray] = []
var _out_at := 0
var _begun_ms := 0


## Begins to connect. With a [param token] the server must speak PLAIN.
func open(host: String, port: int, token: String) -> void:
	close()
	failure = ""
	refused = false
	_token = token
	_begun_ms = Time.get_ticks_msec()
	if _tcp.connect_to_host(host, port) == OK:
		state = State.CONNECTING
	else:
		failure = "'%s' cannot be resolved." % host


## Drops the connection and everything that waits.
func close() -> void:
	_tcp.disconnect_from_host()
	_tcp = StreamPeerTCP.new()
	state = State.CLOSED
	_in = PackedByteArray()
	_at = 0
	_parts = []
	_parts_bytes = 0
	_messages.clear()
	_out.clear()
	_out_at = 0


## Queues one message and writes what the network takes now.
func send(parts: Array[PackedByteArray]) -> void:
	for i in parts.size():
		_queue(Frames.head(Frames.FLAG_MORE if i < parts.size() - 1 else 0, parts[i].size()))
		_queue(parts[i])
	_write()


## Whether everything that was sent has left.
func is_drained() -> bool:
	return _out.is_empty()


## The oldest whole message, or an empty array.
func receive() -> Array[PackedByteArray]:
	var parts: Array[PackedByteArray] = []
	if not _messages.is_empty():
		parts.assign(_messages.pop_front())
	return parts


## Moves bytes in both directions; afterwards look at [member state].
func poll() -> void:
	if state == State.CLOSED:
		return
	_tcp.poll()
	var status := _tcp.get_status()
	if state != State.READY and Time.get_ticks_msec() - _begun_ms > HANDSHAKE_MS:
		_fail("nobody answered within %d s" % (HANDSHAKE_MS / 1000.0))
	elif status == StreamPeerTCP.STATUS_CONNECTED:
		if state == State.CONNECTING:
			_tcp.set_no_delay(true)
			state = State.GREETING
			_queue(Frames.greeting(_mechanism()))
		_write()
		_read()
	elif status != StreamPeerTCP.STATUS_CONNECTING:
		_fail(_why_broken())


func _why_broken() -> String:
	match state:
		State.CONNECTING:
			return "nobody listens there"
		State.READY:
			return "the connection broke"
	return "it closed the connection in the handshake: it wants %s" % ("no token" if _token else "a token")


func _mechanism() -> String:
	return "PLAIN" if _token else "NULL"


func _read() -> void:
	while state != State.CLOSED:
		var available := _tcp.get_available_bytes()
		if available <= 0:
			return
		var got: Array = _tcp.get_partial_data(available)
		if got[0] != OK:
			_fail(_why_broken())
			return
		var bytes: PackedByteArray = got[1]
		if _at == _in.size():
			_in = bytes
			_at = 0
		else:
			_in.append_array(bytes)
		_parse()


func _parse() -> void:
	if state == State.GREETING:
		if _in.size() < Frames.GREETING_SIZE:
			return
		_on_greeting(Frames.mechanism_of(_in))
		_at = Frames.GREETING_SIZE
	while state == State.HANDSHAKE or state == State.READY:
		if not _take_frame():
			break
	if _at == _in.size():
		_in = PackedByteArray()
		_at = 0
	elif _at > 1 << 20:
		_in = _in.slice(_at)
		_at = 0


# Takes one frame from what has arrived; false where it is not whole yet.
func _take_frame() -> bool:
	var have := _in.size() - _at
	if have < 2:
		return false
	var flags := _in[_at]
	var head := 2
	var length := _in[_at + 1]
	if flags & Frames.FLAG_LONG:
		head = 9
		if have < head:
			return false
		length = 0
		for i in 8:
			length = (length << 8) | _in[_at + 1 + i]
	if length < 0 or _parts_bytes + length > MAX_MESSAGE_BYTES:
		_fail("a message of %d bytes was refused" % length)
		return false
	if have < head + length:
		return false
	var body := _in.slice(_at + head, _at + head + length)
	_at += head + length
	if flags & Frames.FLAG_COMMAND:
		_on_command(body)
		return true
	if state != State.READY:
		_fail("it sent a message before the handshake")
		return false
	_parts.append(body)
	_parts_bytes += length
	if not flags & Frames.FLAG_MORE:
		_messages.append(_parts)
		_parts = []
		_parts_bytes = 0
	return true


func _on_greeting(mechanism: String) -> void:
	if mechanism == "":
		_fail("what answers there is no ZeroMQ")
	elif mechanism != _mechanism():
		refused = true
		var token_hint := "it wants no token" if mechanism == "NULL" else "it wants a token"
		_fail("it speaks %s, not %s: %s" % [mechanism, _mechanism(), token_hint])
	else:
		state = State.HANDSHAKE
		if _token:
			_queue(Frames.plain_hello(USER, _token))
		else:
			_queue(Frames.command("READY", Frames.metadata()))
		_write()


func _on_command(body: PackedByteArray) -> void:
	match Frames.name_of(body):
		"WELCOME":
			_queue(Frames.command("INITIATE", Frames.metadata()))
			_write()
		"READY":
			state = State.READY
		"ERROR":
			refused = true
			_fail("it refused the handshake; the token may be wrong")
		"PING":  # two bytes of time to live, then a context that comes back
			_queue(Frames.command("PONG", body.slice(7)))
			_write()
		"":
			_fail("it sent a command that cannot be read")


func _queue(bytes: PackedByteArray) -> void:
	if bytes.is_empty():
		return
	# Heads are tiny: glued to what waits, one write carries both.
	if _out.size() > (0 if _out_at == 0 else 1) and _out[-1].size() < 4096 and bytes.size() < 4096:
		_out[-1].append_array(bytes)
	else:
		_out.append(bytes)


func _write() -> void:
	while not _out.is_empty() and state != State.CLOSED:
		var rest := _out[0] if _out_at == 0 else _out[0].slice(_out_at)
		var sent: Array = _tcp.put_partial_data(rest)
		if sent[0] != OK:
			_fail(_why_broken())
			return
		var count: int = sent[1]
		_out_at += count
		if _out_at < _out[0].size():
			return
		_out.pop_front()
		_out_at = 0


func _fail(why: String) -> void:
	close()
	failure = why
