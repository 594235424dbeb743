@tool
extends RefCounted
## The bytes of ZMTP 3.1 (ZeroMQ RFC 23): greeting, frames, commands, and PLAIN's commands (RFC 24).

const GREETING_SIZE := 64
const FLAG_MORE := 1
const FLAG_LONG := 2
const FLAG_COMMAND := 4


## What both sides send first. [param mechanism] is NULL or PLAIN; this side is always the client.
static func greeting(mechanism: String) -> PackedByteArray:
	var bytes := PackedByteArray()
	bytes.resize(GREETING_SIZE)
	bytes[0] = 0xFF
	bytes[8] = 1
	bytes[9] = 0x7F
	bytes[10] = 3
	bytes[11] = 1
	for i in mechanism.length():
		bytes[12 + i] = mechanism.unicode_at(i)
	return bytes


## The mechanism that a peer's greeting names, or empty where it speaks no ZMTP 3.
static func mechanism_of(peer_greeting: PackedByteArray) -> String:
	if peer_greeting[0] != 0xFF or peer_greeting[9] & 1 != 1 or peer_greeting[10] < 3:
		return ""
	var bytes := peer_greeting.slice(12, 32)
	var end := bytes.find(0)
	return bytes.slice(0, end if end >= 0 else 20).get_string_from_ascii()


## What stands before a frame's body.
static func head(flags: int, length: int) -> PackedByteArray:
	if length < 256:
		return PackedByteArray([flags, length])
	var bytes := PackedByteArray()
	bytes.resize(9)
	bytes[0] = flags | FLAG_LONG
	for i in 8:
		bytes[8 - i] = length >> (8 * i) & 255
	return bytes


## A whole command frame.
static func command(name: String, data: PackedByteArray) -> PackedByteArray:
	var body := _short_text(name)
	body.append_array(data)
	var bytes := head(FLAG_COMMAND, body.size())
	bytes.append_array(body)
	return bytes


## The metadata of a DEALER.
static func metadata() -> PackedByteArray:
	var value := "DEALER".to_ascii_buffer()
	var bytes := _short_text("Socket-Type")
	bytes.append_array(PackedByteArray([0, 0, 0, value.size()]))
	bytes.append_array(value)
	return bytes


## PLAIN's HELLO: who we are and what we know. Both are cut to 255 bytes.
static func plain_hello(user: String, password: String) -> PackedByteArray:
	var bytes := _short_text(user)
	bytes.append_array(_short_text(password))
	return command("HELLO", bytes)


## The name of a command's body; [code]ERROR[/code] also in the spelling of some versions of libzmq, which
## write 0x5E where the length of the name and its first letter belong.
static func name_of(body: PackedByteArray) -> String:
	if body.size() >= 5 and body[0] == 0x5E and body.slice(1, 5).get_string_from_ascii() == "RROR":
		return "ERROR"
	if body.is_empty() or body[0] == 0 or body[0] >= body.size() + 1:
		return ""
	for i in body[0]:
		if body[1 + i] < 0x20 or body[1 + i] > 0x7E:
			return ""
	return body.slice(1, 1 + body[0]).get_string_from_ascii()


static func _short_text(text: String) -> PackedByteArray:
	var bytes := text.to_utf8_buffer().slice(0, 255)
	bytes.insert(0, bytes.size())
	return bytes
