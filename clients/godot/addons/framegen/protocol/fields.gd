@tool
extends RefCounted
## The fields of one map of a header, each read once with its type and range; the first fault stays.

const Fault := preload("fault.gd")
const Uint64 := preload("uint64.gd")

## Stands for a field that must be there.
const REQUIRED := &"required"

var fault: Fault

var _values: Dictionary
var _where: String


func _init(values: Dictionary, where: String) -> void:
	_values = values
	_where = where


## Keeps the first fault, also of maps inside this one.
func refuse(message: String, code := "malformed_message") -> void:
	if fault == null:
		fault = Fault.new(code, "%s: %s" % [_where, message])


## Whether the field is there and not nil.
func has(name: String) -> bool:
	return _values.get(name) != null


## The names of all fields.
func names() -> Array:
	return _values.keys()


## An integer of 64 bits without sign: an int, or a [code]Uint64[/code] from 2^63 on.
func uint64(name: String, default: Variant = REQUIRED) -> Variant:
	var value: Variant = _value(name, default, "an integer")
	if value is Uint64 or value == null:
		return value
	return _integer(name, value, 0, 0x7FFF_FFFF_FFFF_FFFF)


## An integer between [param least] and [param most], by default any of 64 bits with sign.
func integer(
	name: String,
	default: Variant = REQUIRED,
	least := -0x7FFF_FFFF_FFFF_FFFF - 1,
	most := 0x7FFF_FFFF_FFFF_FFFF
) -> Variant:
	var value: Variant = _value(name, default, "an integer")
	if value == null:
		return null
	return _integer(name, value, least, most)


## An integer of 32 bits without sign.
func uint32(name: String, default: Variant = REQUIRED) -> Variant:
	return integer(name, default, 0, 0xFFFF_FFFF)


## A finite number; with [param infinite] also an infinite one.
func number(name: String, default: Variant = REQUIRED, infinite := false) -> float:
	var value: Variant = _value(name, default, "a number")
	if typeof(value) != TYPE_FLOAT and typeof(value) != TYPE_INT:
		refuse("%s must be a number." % name)
		return 0.0
	var result: float = value
	if is_inf(result) and not infinite:
		refuse("%s must be finite." % name)
	return result


## An array of exactly [param size] finite numbers, or null where it is absent and may be.
func vector(name: String, size: int, default: Variant = REQUIRED) -> Variant:
	var value: Variant = _value(name, default, "an array of %d numbers" % size)
	if value == null:
		return null
	var result := PackedFloat64Array()
	if typeof(value) == TYPE_ARRAY:
		var items: Array = value
		for item: Variant in items:
			if (typeof(item) == TYPE_FLOAT or typeof(item) == TYPE_INT) and is_finite(item):
				result.append(item)
	if result.size() != size or (value as Array).size() != size:
		refuse("%s must be an array of %d finite numbers." % [name, size])
	return result


## Text.
func text(name: String, default: Variant = REQUIRED) -> String:
	var value: Variant = _value(name, default, "text")
	if typeof(value) != TYPE_STRING:
		refuse("%s must be text." % name)
		return ""
	return value


## An array of text.
func texts(name: String, default: Variant = REQUIRED) -> PackedStringArray:
	var value: Variant = _value(name, default, "an array of text")
	var result := PackedStringArray()
	if typeof(value) == TYPE_ARRAY:
		var items: Array = value
		for item: Variant in items:
			if typeof(item) == TYPE_STRING:
				result.append(item)
	if typeof(value) != TYPE_ARRAY or result.size() != (value as Array).size():
		refuse("%s must be an array of text." % name)
	return result


## True or false; 0 and 1 are refused.
func flag(name: String, default: Variant = REQUIRED) -> bool:
	var value: Variant = _value(name, default, "true or false")
	if typeof(value) != TYPE_BOOL:
		refuse("%s must be true or false." % name)
		return false
	return value


## A map as it is.
func map(name: String, default: Variant = REQUIRED) -> Dictionary:
	var value: Variant = _value(name, default, "a map")
	if typeof(value) != TYPE_DICTIONARY:
		refuse("%s must be a map." % name)
		return {}
	return value


func _value(name: String, default: Variant, wanted: String) -> Variant:
	var value: Variant = _values.get(name)
	if value != null:
		return value
	if typeof(default) == TYPE_STRING_NAME and default == REQUIRED:
		refuse("%s is missing; it must be %s." % [name, wanted])
		return null
	return default


func _integer(name: String, value: Variant, least: int, most: int) -> int:
	if typeof(value) != TYPE_INT:
		refuse("%s must be an integer that fits." % name)
		return 0
	var result: int = value
	if result < least or result > most:
		refuse("%s is %d, outside %d..%d." % [name, result, least, most])
	return result
