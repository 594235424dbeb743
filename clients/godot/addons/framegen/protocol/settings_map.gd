@tool
extends RefCounted
## Settings as the protocol carries them: how two updates are one, and what of them a server may refuse.

const MAX_PROMPT_CHARS := 2000
const MAX_SEED := (1 << 32) - 1
const SUN_RULES: Array[String] = ["auto", "light", "prompt"]


## Two updates as one, which says what both say one after the other: [code]temporal[/code] and [code]labels[/code] are
## partial.
static func joined(first: Dictionary, second: Dictionary) -> Dictionary:
	var both := first.merged(second, true)
	for key: String in ["temporal", "labels"]:
		if first.has(key) and second.has(key):
			both[key] = (first[key] as Dictionary).merged(second[key] as Dictionary, true)
	return both


## What holds after [param changes]: a label of nil is forgotten.
static func merged(settings: Dictionary, changes: Dictionary) -> Dictionary:
	var both := joined(settings, changes)
	for key: String in ["temporal", "labels"]:
		if both.has(key):
			var known := (both[key] as Dictionary).duplicate()
			for name: String in both[key]:
				if known[name] == null:
					known.erase(name)
			both[key] = known
	return both


## [param changes] as updates that stand alone: first what no server refuses, then one for each of the rest. An update
## that is refused changes nothing at all.
static func parted(changes: Dictionary) -> Array[Dictionary]:
	var safe := {}
	var updates: Array[Dictionary] = []
	for setting: String in changes:
		if _is_safe(setting, changes[setting]):
			safe[setting] = changes[setting]
		else:
			updates.append({setting: changes[setting]})
	if not safe.is_empty():
		updates.push_front(safe)
	return updates


# What a server offers and allows (models, codecs, sizes) is its own affair.
static func _is_safe(setting: String, value: Variant) -> bool:
	match setting:
		"prompt", "negative_prompt":
			return _is_text(value)
		"model":
			return value is String and value == ""
		"intensity", "strength":
			return _is_within(value, 1.0)
		"seed":
			return value is int and _is_within(value, MAX_SEED)
		"fade_s":
			return _is_within(value, 60.0)
		"sun":
			return value is String and value in SUN_RULES
		"output_codec":
			return value is String and value == "raw"
		"jpeg_quality":
			return value is int and value >= 1 and value <= 100
		"color_grid":
			return value is bool
		"labels":
			return value is Dictionary and (value as Dictionary).values().all(_is_label)
	return false


static func _is_text(value: Variant) -> bool:
	return value is String and (value as String).length() <= MAX_PROMPT_CHARS


static func _is_within(value: Variant, most: float) -> bool:
	return (value is float or value is int) and value >= 0.0 and value <= most


static func _is_label(value: Variant) -> bool:
	if not value is Dictionary:
		return value == null or _is_text(value)
	for key: Variant in value:
		var is_safe := _is_within(value[key], 1.0) if key == "intensity" else _is_text(value[key])
		if not (is_safe and key in ["name", "words", "intensity"]):
			return false
	return true
