@tool
extends RefCounted
## Writes MessagePack: nil, bool, int, float, text, bytes, arrays and maps with text keys.


## The bytes of [param value]. Packed arrays of numbers are written as arrays, floats as float64.
static func pack(value: Variant) -> PackedByteArray:
	var out := StreamPeerBuffer.new()
	out.big_endian = true
	_put(out, value)
	return out.data_array


static func _put(out: StreamPeerBuffer, value: Variant) -> void:
	match typeof(value):
		TYPE_NIL:
			out.put_u8(0xC0)
		TYPE_BOOL:
			var flag: bool = value
			out.put_u8(0xC3 if flag else 0xC2)
		TYPE_INT:
			var number: int = value
			_put_int(out, number)
		TYPE_FLOAT:
			var number: float = value
			out.put_u8(0xCB)
			out.put_double(number)
		TYPE_STRING, TYPE_STRING_NAME:
			var text: String = value
			_put_text(out, text)
		TYPE_PACKED_BYTE_ARRAY:
			var bytes: PackedByteArray = value
			_put_bytes(out, bytes)
		TYPE_ARRAY, TYPE_PACKED_STRING_ARRAY, TYPE_PACKED_FLOAT32_ARRAY, TYPE_PACKED_FLOAT64_ARRAY:
			var items: Array = Array(value)
			_put_head(out, items.size(), 0x90, 15, 0xDC)
			for item: Variant in items:
				_put(out, item)
		TYPE_DICTIONARY:
			var map: Dictionary = value
			_put_head(out, map.size(), 0x80, 15, 0xDE)
			for key: Variant in map:
				_put_text(out, str(key))
				_put(out, map[key])
		_:
			push_error("framegen: MessagePack has no " + type_string(typeof(value)))
			out.put_u8(0xC0)


static func _put_int(out: StreamPeerBuffer, number: int) -> void:
	if number >= -32 and number < 128:
		out.put_8(number)
	elif number >= -0x8000_0000 and number < 0x8000_0000:
		out.put_u8(0xD2)
		out.put_32(number)
	else:
		out.put_u8(0xD3)
		out.put_64(number)


static func _put_text(out: StreamPeerBuffer, text: String) -> void:
	var bytes := text.to_utf8_buffer()
	if bytes.size() >= 32 and bytes.size() < 256:
		out.put_u8(0xD9)
		out.put_u8(bytes.size())
	else:
		_put_head(out, bytes.size(), 0xA0, 31, 0xDA)
	out.put_data(bytes)


static func _put_bytes(out: StreamPeerBuffer, bytes: PackedByteArray) -> void:
	if bytes.size() < 256:
		out.put_u8(0xC4)
		out.put_u8(bytes.size())
	else:
		_put_head(out, bytes.size(), 0, -1, 0xC5)
	out.put_data(bytes)


# Small sizes lie in the first byte; then come a code with 16 bits and the next one with 32.
static func _put_head(
	out: StreamPeerBuffer, size: int, small: int, small_most: int, code16: int
) -> void:
	if size <= small_most:
		out.put_u8(small | size)
	elif size < 0x1_0000:
		out.put_u8(code16)
		out.put_u16(size)
	else:
		out.put_u8(code16 + 1)
		out.put_u32(size)
