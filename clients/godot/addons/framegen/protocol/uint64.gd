@tool
extends RefCounted
## An unsigned integer of 2^63 or more, which GDScript's own integers cannot hold.

## The same 64 bits, read as a signed integer (negative).
var bits: int


func _init(bits_: int) -> void:
	bits = bits_


## Decimal digits of the unsigned value.
func _to_string() -> String:
	var half := (bits >> 1) & 0x7FFF_FFFF_FFFF_FFFF
	@warning_ignore("integer_division")
	var tens := half / 5
	return "%d%d" % [tens, (half % 5) * 2 + (bits & 1)]
