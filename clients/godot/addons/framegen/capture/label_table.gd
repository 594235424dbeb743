@tool
extends RefCounted
## Which number in the label plane means which words. One table for the whole game.

const MAX_LABELS := 255

## Grows with every new label, so that a session knows when to send the table.
static var revision := 0
static var _codes: Dictionary[String, int] = {}
static var _entries: Dictionary[String, Dictionary] = {}


## The number of a label, 1..255; 0 for none, or where there are too many. With fewer than [param most] the rest is left
## for those that a person gave, and nobody is warned.
static func code_of(label: String, words: String, most := MAX_LABELS) -> int:
	if label == "" and words == "":
		return 0
	var key := label + "\n" + words
	if not _codes.has(key):
		if _codes.size() >= most:
			if most == MAX_LABELS:
				push_warning("framegen: there are more than %d labels." % MAX_LABELS)
			return 0
		_codes[key] = _codes.size() + 1
		_entries[str(_codes[key])] = {name = label, words = words}
		revision += 1
	return _codes[key]


## The table as the setting [code]labels[/code].
static func settings() -> Dictionary[String, Dictionary]:
	return _entries.duplicate(true)
