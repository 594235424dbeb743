@tool
extends RefCounted
## What a server takes; see "Limits" in the protocol's SPEC.md.

## Holds until a welcome names others.
const DEFAULTS: Dictionary[String, int] = {
	"max_message_bytes": 201326592,
	"max_pixels": 8294400,
	"max_side_px": 8192,
	"max_header_bytes": 262144,
	"max_header_depth": 8,
	"max_parts": 16,
	"idle_timeout_ms": 30000,
	"heartbeat_ms": 2000,
}


## The largest size with the shape of [param size] that keeps to [param limits].
static func fitted(size: Vector2i, limits: Dictionary[String, int]) -> Vector2i:
	var side := limits.max_side_px / float(maxi(size.x, size.y))
	var area := sqrt(limits.max_pixels / float(size.x * size.y))
	var scale := minf(minf(side, area), 1.0)
	return Vector2i((Vector2(size) * scale).floor()).max(Vector2i.ONE)
