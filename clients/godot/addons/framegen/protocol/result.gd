@tool
extends RefCounted
## One restyled frame, decoded, as a client shows it.

## Of the frame that it answers.
var frame_id := 0
## When that frame was rendered.
var timestamp_ns := 0
## RGBA, ready for a texture.
var image: Image
## The local affine colour map, as it travels: 48 x 9 texels of four halves; empty where there is none.
var color_grid := PackedByteArray()
## [code]generated[/code], [code]reused[/code] or [code]reprojected[/code].
var how := ""
var model := ""
var settings_revision := 0
## Towards the sun that the picture was made with, in the world; zero where there is none.
var sun_direction := Vector3.ZERO
## From sending the frame to the arrival of this.
var round_trip_ms := 0.0
## Of the server: stage -> milliseconds; [code]model[/code] is the network alone.
var stages_ms := {}


## The frame's age now: since it was rendered.
func age_ms() -> float:
	return Time.get_ticks_usec() / 1000.0 - timestamp_ns / 1e6
