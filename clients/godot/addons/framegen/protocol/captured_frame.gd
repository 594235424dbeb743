@tool
extends RefCounted
## One frame of the engine as it goes to the server: packed pixels, and what the engine knows of them.

## How each plane that may be captured travels, raw.
const FORMATS: Dictionary[String, String] = {
	"color": "rgba8",
	"depth": "f32_m",
	"motion": "f16_px",
	"label": "r8",
	"intensity_mask": "r8",
	"dynamic_mask": "r8",
	"reactive": "r8",
}

var frame_id := 0
## When the frame was rendered, on the clock of [method Time.get_ticks_usec].
var timestamp_ns := 0
var size := Vector2i.ZERO
## All planes, one after the other.
var pixels := PackedByteArray()
## Plane -> offset and length in [member pixels], bytes.
var ranges: Dictionary[String, Vector2i] = {}
## The frame that the motion vectors point to; negative without motion.
var motion_from_frame_id := -1
## First frame after a cut.
var reset := false
## Towards the main light, in the world; zero where there is none.
var light_direction := Vector3.ZERO
## Pose of the camera, without scale.
var camera_transform := Transform3D.IDENTITY
## OpenGL clip space from view space, without jitter.
var camera_projection := Projection.IDENTITY
var near_m := 0.05
var far_m := 4000.0


## The bytes of one plane, empty where there is none.
func plane(name: String) -> PackedByteArray:
	if not ranges.has(name):
		return PackedByteArray()
	var place := ranges[name]
	return pixels.slice(place.x, place.x + place.y)


## The colour as a picture.
func to_image() -> Image:
	return Image.create_from_data(size.x, size.y, false, Image.FORMAT_RGBA8, plane("color"))


## The message's parts. With [param jpeg_quality] above 0 colour travels as JPEG.
func to_parts(jpeg_quality := 0) -> Array[PackedByteArray]:
	const Writer := preload("msgpack_writer.gd")
	var payloads: Array[PackedByteArray] = []
	var planes := {}
	for name in ranges:
		var place := ranges[name]
		planes[name] = {format = FORMATS[name], part = 1, offset = place.x, length = place.y}
	if jpeg_quality > 0:
		var picture := to_image()
		picture.convert(Image.FORMAT_RGB8)
		planes.color = {format = "rgb8", codec = "jpeg", part = 1}
		payloads.append(picture.save_jpg_to_buffer(jpeg_quality / 100.0))
		var rest := ranges.color.y
		if rest < pixels.size():
			payloads.append(pixels.slice(rest))
		for name: String in planes:
			if name != "color":
				planes[name].part = 2
				planes[name].offset -= rest
	else:
		payloads.append(pixels)
	payloads.push_front(Writer.pack(_header(planes)))
	return payloads


func _header(planes: Dictionary) -> Dictionary:
	var header := {
		type = "frame",
		frame_id = frame_id,
		timestamp_ns = timestamp_ns,
		width = size.x,
		height = size.y,
		planes = planes,
		camera =
		{
			view_from_world = _view_from_world(),
			clip_from_view = _rows(camera_projection),
			near_m = near_m,
			far_m = far_m,
		},
	}
	if motion_from_frame_id >= 0 and planes.has("motion"):
		header.motion_from_frame_id = motion_from_frame_id
	if reset:
		header.reset = true
	if light_direction != Vector3.ZERO:
		var light := light_direction.normalized()
		header.light_direction = [light.x, light.y, light.z]
	return header


# The inverse of the pose, in 64 bits although the engine holds 32.
func _view_from_world() -> PackedFloat64Array:
	var rows := PackedFloat64Array()
	var origin := camera_transform.origin
	for axis in 3:
		var a := camera_transform.basis[axis]
		var x: float = a.x
		var y: float = a.y
		var z: float = a.z
		rows.append_array([x, y, z, -(x * origin.x + y * origin.y + z * origin.z)])
	rows.append_array([0.0, 0.0, 0.0, 1.0])
	return rows


static func _rows(matrix: Projection) -> PackedFloat64Array:
	var rows := PackedFloat64Array()
	for row in 4:
		for column in 4:
			rows.append(matrix[column][row])
	return rows
