@tool
extends RefCounted
## One picture of a message: its pixels as they travel.

const Fault := preload("fault.gd")
const JpegCheck := preload("jpeg_check.gd")

## Bytes of one pixel of each raw format.
const PIXEL_BYTES: Dictionary[String, int] = {
	"rgb8": 3,
	"rgba8": 4,
	"r8": 1,
	"f16_m": 2,
	"f32_m": 4,
	"u16_log": 2,
	"f16_px": 4,
	"f32_px": 8,
}
## Formats that each plane may have.
const FORMATS: Dictionary[String, Array] = {
	"color": ["rgb8", "rgba8"],
	"image": ["rgb8"],
	"depth": ["f16_m", "f32_m", "u16_log"],
	"motion": ["f16_px", "f32_px"],
	"label": ["r8"],
	"intensity_mask": ["r8"],
	"reactive": ["r8"],
	"dynamic_mask": ["r8"],
}
## Bytes of the colour grid, [9][16][3][4] float16.
const GRID_BYTES := 3456

var format: String
var codec: String
var width: int
var height: int
var bytes: PackedByteArray
## Depths of the first and last code of [code]u16_log[/code], metres.
var near_m := 0.0
var far_m := 0.0


## Why these bytes are not this plane, or null.
func checked(name: String) -> Fault:
	if format not in FORMATS[name]:
		return Fault.new("unsupported_codec", "Plane %s cannot have the format '%s'." % [name, format])
	if codec == "jpeg" and format == "rgb8":
		return JpegCheck.check(bytes, width, height)
	if codec != "raw":
		return Fault.new("unsupported_codec", "Plane %s cannot have the codec '%s'." % [name, codec])
	var wanted := width * height * PIXEL_BYTES[format]
	if bytes.size() != wanted:
		return Fault.new(
			"invalid_frame", "Plane %s has %d bytes, not %d." % [name, bytes.size(), wanted]
		)
	if format == "u16_log" and not (near_m > 0.0 and near_m < far_m and is_finite(far_m)):
		return Fault.new("invalid_frame", "u16_log needs 0 < near_m < far_m.")
	return null


## A picture of this plane with four channels, which textures take fastest; null where it cannot be decoded.
func to_image() -> Image:
	var image: Image
	if codec == "jpeg":
		image = Image.new()
		if image.load_jpg_from_buffer(bytes) != OK or image.get_size() != Vector2i(width, height):
			return null
	else:
		var kind := Image.FORMAT_RGBA8 if format == "rgba8" else Image.FORMAT_RGB8
		image = Image.create_from_data(width, height, false, kind, bytes)
	image.convert(Image.FORMAT_RGBA8)
	return image
