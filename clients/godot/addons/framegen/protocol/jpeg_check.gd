@tool
extends RefCounted
## Reads a JPEG's markers before it is decoded: a few bytes can claim 65535 x 65535 pixels.
##
## What is refused stands under "Codecs" in the protocol's registry.md.

const Fault := preload("fault.gd")

const MAX_SCANS := 16
const MAX_SEGMENTS := 256
const MAX_EXTRA_BYTES := 65536
const START_OF_SCAN := 0xDA
## Frame markers of processes that are taken: baseline, extended sequential, progressive.
const TAKEN: Array[int] = [0xC0, 0xC1, 0xC2]
## Markers between C0 and CF that declare no size.
const NO_FRAMES: Array[int] = [0xC4, 0xC8, 0xCC]


## Why these bytes are no JPEG of [param width] x [param height], or null.
static func check(bytes: PackedByteArray, width: int, height: int) -> Fault:
	var size := bytes.size()
	if size < 4 or _word(bytes, 0) != 0xFFD8 or _word(bytes, size - 2) != 0xFFD9:
		return _damaged("It is not a whole JPEG.")
	if size > 4 * width * height + MAX_EXTRA_BYTES:
		return _damaged("It is too long for its size.")
	var at := 2
	var sized := false
	for segment in MAX_SEGMENTS + 1:
		if segment == MAX_SEGMENTS:
			return _damaged("It has too many segments.")
		if at + 4 > size or bytes[at] != 0xFF or _has_no_length(bytes[at + 1]):
			return _damaged("Its markers are damaged.")
		var marker := bytes[at + 1]
		var length := _word(bytes, at + 2)
		if length < 2 or at + 2 + length > size:
			return _damaged("Its markers are damaged.")
		if marker == START_OF_SCAN:
			break
		if marker >= 0xC0 and marker <= 0xCF and marker not in NO_FRAMES:
			var fault := _frame_fault(bytes, at, length, Vector2i(width, height))
			if fault != null or sized:
				return fault if fault != null else _damaged("It declares its size twice.")
			sized = true
		at += 2 + length
	if not sized:
		return _damaged("It does not declare its size.")
	return null if _scans(bytes, at) <= MAX_SCANS else _damaged("It has too many scans.")


static func _frame_fault(bytes: PackedByteArray, at: int, length: int, size: Vector2i) -> Fault:
	if bytes[at + 1] not in TAKEN:
		return Fault.new("unsupported_codec", "This process of JPEG is not taken.")
	if length < 8:
		return _damaged("Its frame header is cut short.")
	if bytes[at + 4] != 8 or bytes[at + 9] not in [1, 3]:
		return Fault.new("unsupported_codec", "A JPEG has 8 bits and one or three components.")
	if Vector2i(_word(bytes, at + 7), _word(bytes, at + 5)) != size:
		return _damaged("It has another size than the frame.")
	return null


static func _scans(bytes: PackedByteArray, from: int) -> int:
	var count := 0
	var at := bytes.find(0xFF, from)
	while at >= 0 and at + 1 < bytes.size() and count <= MAX_SCANS:
		if bytes[at + 1] == START_OF_SCAN:
			count += 1
		at = bytes.find(0xFF, at + 1)
	return count


static func _has_no_length(marker: int) -> bool:
	return marker in [0x00, 0x01, 0xFF] or (marker >= 0xD0 and marker <= 0xD9)


static func _word(bytes: PackedByteArray, at: int) -> int:
	return bytes[at] << 8 | bytes[at + 1]


static func _damaged(message: String) -> Fault:
	return Fault.new("invalid_frame", "The JPEG is damaged. " + message)
