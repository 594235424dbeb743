@tool
extends RefCounted
## What the numbers of a frame must hold, beyond its layout: what a server refuses with [code]invalid_frame[/code].
##
## Walks over all pixels, which takes tens of milliseconds: for the first frame of a connection, off the main thread.

const CameraCheck := preload("camera_check.gd")
const Fault := preload("fault.gd")
const Message := preload("message.gd")
const WirePlane := preload("plane.gd")
const Uint64 := preload("uint64.gd")

const MOST_JITTER_PX := 1e4


## Why the values of the frame [param message] are refused, or null.
static func check(message: Message) -> Fault:
	if message.fault != null:
		return null
	var values := message.values
	if values.motion_from_frame_id != null:
		if not _is_less(values.motion_from_frame_id, values.frame_id):
			return Fault.new("invalid_frame", "Motion must point to an older frame.")
	if values.light_direction != null:
		var light: PackedFloat64Array = values.light_direction
		if absf(Vector3(light[0], light[1], light[2]).length() - 1.0) >= 0.01:
			return Fault.new("invalid_frame", "light_direction must be a unit vector.")
	if values.camera != null:
		var origin_m: PackedFloat64Array = values.world_origin_m
		var fault := CameraCheck.check(values.camera as Dictionary, origin_m)
		if fault != null:
			return fault
	for shift: float in values.jitter_px:
		if not absf(shift) <= MOST_JITTER_PX:
			return Fault.new("invalid_frame", "jitter_px is more than 10000 pixels.")
	if message.planes.has("depth") and not _is_depth(message.planes.depth):
		return Fault.new("invalid_frame", "Depth has NaN or negative values; the sky is +inf.")
	if message.planes.has("motion") and not _is_finite(message.planes.motion):
		return Fault.new("invalid_frame", "Motion has NaN or infinite values.")
	return null


static func _is_less(a: Variant, b: Variant) -> bool:
	if a is Uint64 and b is Uint64:
		return (a as Uint64).bits < (b as Uint64).bits
	return a is int and (b is Uint64 or (a as int) < (b as int))


static func _is_depth(plane: WirePlane) -> bool:
	var bytes := plane.bytes
	match plane.format:
		"f32_m":
			for depth in bytes.to_float32_array():
				if not depth >= 0.0:
					return false
		"f16_m":
			for at in range(0, bytes.size(), 2):
				if not bytes.decode_half(at) >= 0.0:
					return false
	return true


static func _is_finite(plane: WirePlane) -> bool:
	var bytes := plane.bytes
	if plane.format == "f32_px":
		for value in bytes.to_float32_array():
			if not is_finite(value):
				return false
		return true
	for at in range(1, bytes.size(), 2):
		if bytes[at] & 0x7C == 0x7C:
			return false
	return true
