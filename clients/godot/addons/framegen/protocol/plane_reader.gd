@tool
extends RefCounted
## Finds the pictures of a frame or result in the parts of its message.

const Fault := preload("fault.gd")
const Fields := preload("fields.gd")
const Message := preload("message.gd")
const WirePlane := preload("plane.gd")
const Uint64 := preload("uint64.gd")

## Planes of a frame, the required one first.
const FRAME_PLANES: Array[String] = [
	"color", "depth", "motion", "label", "intensity_mask", "reactive", "dynamic_mask"
]
## Planes of a result, the required one first.
const RESULT_PLANES: Array[String] = ["image"]


## Fills [param message] with its size and planes; other planes are ignored.
static func read(
	message: Message,
	fields: Fields,
	parts: Array[PackedByteArray],
	limits: Dictionary[String, int],
	names: Array[String]
) -> void:
	var described := Fields.new(fields.map("planes"), "planes")
	message.refuse(fields.fault)
	var size := _size(message, fields, limits)
	message.refuse(fields.fault)
	if message.fault == null and not described.has(names[0]):
		message.refuse(Fault.new("malformed_message", "The plane %s is missing." % names[0]))
	for name in names:
		if message.fault == null and described.has(name):
			message.planes[name] = _plane(message, described, parts, name, size)
			if message.fault == null:
				message.refuse(message.planes[name].checked(name))
	if message.fault == null and names == RESULT_PLANES and described.has("color_grid"):
		var grid := _plane(message, described, parts, "color_grid", size)
		if message.fault == null:
			message.color_grid = grid.bytes
			message.refuse(_grid_fault(grid))


static func _size(message: Message, fields: Fields, limits: Dictionary[String, int]) -> Vector2i:
	var width: Variant = fields.uint64("width")
	var height: Variant = fields.uint64("height")
	if fields.fault != null:
		return Vector2i.ZERO
	if width is Uint64 or height is Uint64 or maxi(width, height) > limits.max_side_px:
		message.refuse(Fault.new("message_too_large", "A side is longer than %d." % limits.max_side_px))
		return Vector2i.ZERO
	var size := Vector2i(width, height)
	message.values.width = size.x
	message.values.height = size.y
	if size.x < 1 or size.y < 1:
		message.refuse(Fault.new("invalid_frame", "A picture of %s has no pixels." % size))
	elif size.x * size.y > limits.max_pixels:
		message.refuse(Fault.new("message_too_large", "A picture of %s is too large." % size))
	return size


static func _plane(
	message: Message,
	described: Fields,
	parts: Array[PackedByteArray],
	name: String,
	size: Vector2i
) -> WirePlane:
	var about := Fields.new(described.map(name), name)
	message.refuse(described.fault)
	var plane := WirePlane.new()
	plane.format = about.text("format")
	plane.codec = about.text("codec", "raw")
	plane.width = size.x
	plane.height = size.y
	if plane.format == "u16_log":
		plane.near_m = about.number("near_m")
		plane.far_m = about.number("far_m")
	var index: Variant = about.integer("part", Fields.REQUIRED, 1, parts.size() - 1)
	var offset: Variant = about.uint64("offset", 0)
	if about.fault == null:
		var part: int = index
		var bytes := parts[part]
		var rest := bytes.size() - offset as int if offset is int else -1
		var length: Variant = about.uint64("length", maxi(rest, 0))
		if about.fault == null and (length is Uint64 or length > rest):
			about.refuse("its range leaves part %d." % part)
		elif about.fault == null:
			var whole: bool = offset == 0 and length == bytes.size()
			plane.bytes = bytes if whole else bytes.slice(offset as int, offset + length as int)
	message.refuse(about.fault)
	return plane


static func _grid_fault(grid: WirePlane) -> Fault:
	if grid.format != "f16" or grid.codec != "raw":
		return Fault.new("unsupported_codec", "The colour grid is raw f16.")
	if grid.bytes.size() != WirePlane.GRID_BYTES:
		return Fault.new("malformed_message", "The colour grid has %d bytes." % grid.bytes.size())
	for at in range(1, WirePlane.GRID_BYTES, 2):
		if grid.bytes[at] & 0x7C == 0x7C:
			return Fault.new("malformed_message", "The colour grid has NaN or infinite values.")
	return null
