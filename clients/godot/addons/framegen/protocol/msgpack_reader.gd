@tool
extends RefCounted
## Reads one header: a MessagePack map with text keys, within limits, from bytes of anybody.
##
## Refused are extension types, NaN, keys that are no text or come twice, and whatever is deeper,
## longer or more than the limits. Nothing of a claimed size is made before it is there.

const Fault := preload("fault.gd")
const Uint64 := preload("uint64.gd")

## Of one array or map.
const MAX_ITEMS := 1024
## Arrays and maps in all, below the header itself.
const MAX_CONTAINERS := 4096

var fault: Fault

var _in := StreamPeerBuffer.new()
var _max_depth: int
var _containers := -1


func _init(max_depth := 8) -> void:
	_max_depth = max_depth


## The map, or an empty one where [member fault] says why not.
func read(bytes: PackedByteArray) -> Dictionary:
	_in.big_endian = true
	_in.data_array = bytes
	var value: Variant = _take(0)
	if fault == null and _in.get_position() != bytes.size():
		_refuse("There are bytes after the header's map.")
	if fault == null and typeof(value) != TYPE_DICTIONARY:
		_refuse("The header is no map.")
	if fault != null:
		return {}
	return value


func _refuse(message: String, code := "malformed_message") -> void:
	if fault == null:
		fault = Fault.new(code, message)


func _has(size: int) -> bool:
	if size <= _in.get_available_bytes():
		return true
	_refuse("The header ends too soon.")
	return false


func _take(depth: int) -> Variant:
	if fault != null or not _has(1):
		return null
	var code := _in.get_u8()
	if code < 0x80:
		return code
	if code < 0x90:
		return _map(code & 15, depth)
	if code < 0xA0:
		return _array(code & 15, depth)
	if code < 0xC0:
		return _text(code & 31)
	if code >= 0xE0:
		return code - 256
	match code:
		0xC0:
			return null
		0xC2:
			return false
		0xC3:
			return true
		0xC4, 0xC5, 0xC6:
			return _bytes(_unsigned(1 << (code - 0xC4)))
		0xCA, 0xCB:
			return _float(4 if code == 0xCA else 8)
		0xCC, 0xCD, 0xCE:
			return _unsigned(1 << (code - 0xCC))
		0xCF:
			return _unsigned64()
		0xD0, 0xD1, 0xD2, 0xD3:
			return _signed(1 << (code - 0xD0))
		0xD9, 0xDA, 0xDB:
			return _text(_unsigned(1 << (code - 0xD9)))
		0xDC, 0xDD:
			return _array(_unsigned(2 << (code - 0xDC)), depth)
		0xDE, 0xDF:
			return _map(_unsigned(2 << (code - 0xDE)), depth)
	_refuse("The header holds an extension type or a code that MessagePack does not have.")
	return null


func _unsigned(size: int) -> int:
	if not _has(size):
		return 0
	match size:
		1:
			return _in.get_u8()
		2:
			return _in.get_u16()
	return _in.get_u32()


func _unsigned64() -> Variant:
	if not _has(8):
		return null
	var bits := _in.get_64()
	if bits >= 0:
		return bits
	return Uint64.new(bits)


func _signed(size: int) -> int:
	if not _has(size):
		return 0
	match size:
		1:
			return _in.get_8()
		2:
			return _in.get_16()
		4:
			return _in.get_32()
	return _in.get_64()


func _float(size: int) -> float:
	if not _has(size):
		return 0.0
	var number := _in.get_float() if size == 4 else _in.get_double()
	if is_nan(number):
		_refuse("A header holds no NaN.")
	return number


func _bytes(size: int) -> PackedByteArray:
	if size == 0 or not _has(size):
		return PackedByteArray()
	return _in.get_data(size)[1]


func _text(size: int) -> String:
	var bytes := _bytes(size)
	if not _is_utf8(bytes):
		_refuse("Text is not UTF-8.")
		return ""
	return bytes.get_string_from_utf8()


func _array(size: int, depth: int) -> Array:
	var items := []
	if not _may_enter(size, depth, size):
		return items
	for _i in size:
		items.append(_take(depth + 1))
		if fault != null:
			break
	return items


func _map(size: int, depth: int) -> Dictionary:
	var map := {}
	if not _may_enter(size, depth, 2 * size):
		return map
	for _i in size:
		var key: Variant = _take(depth + 1)
		if fault == null and typeof(key) != TYPE_STRING:
			_refuse("Keys of a header are text.")
		if fault == null and map.has(key):
			_refuse("The key '%s' comes twice." % str(key).left(40))
		if fault != null:
			break
		map[key] = _take(depth + 1)
	return map


# An item takes at least one byte: a size that the rest cannot hold is refused before its memory.
func _may_enter(size: int, depth: int, least_bytes: int) -> bool:
	_containers += 1
	if depth >= _max_depth:
		_refuse("The header is nested more than %d deep." % _max_depth, "message_too_large")
	elif size > MAX_ITEMS:
		_refuse("An array or map of a header has at most %d items." % MAX_ITEMS)
	elif _containers > MAX_CONTAINERS:
		_refuse("A header holds at most %d arrays and maps." % MAX_CONTAINERS)
	return fault == null and _has(least_bytes)


# Godot's own conversion prints an error and goes on; a message must be refused silently. A zero byte is
# refused too, because a String ends there.
static func _is_utf8(bytes: PackedByteArray) -> bool:
	var at := 0
	while at < bytes.size():
		var first := bytes[at]
		if first > 0 and first < 0x80:
			at += 1
			continue
		var more := 1 if first >= 0xC2 and first < 0xE0 else 2 if first >= 0xE0 and first < 0xF0 else 3
		if first < 0xC2 or first > 0xF4 or at + more >= bytes.size():
			return false
		var point := first & (0x3F >> more)
		for i in more:
			if bytes[at + 1 + i] & 0xC0 != 0x80:
				return false
			point = (point << 6) | (bytes[at + 1 + i] & 0x3F)
		if point < [0x80, 0x800, 0x1_0000][more - 1] or point > 0x10_FFFF:
			return false
		if point >= 0xD800 and point < 0xE000:
			return false
		at += more + 1
	return true
