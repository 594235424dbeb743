extends RefCounted
## What a [FrameGen] asks of the server, in the protocol's words: all of it at the beginning, then what changes.

const LabelTable := preload("capture/label_table.gd")
const SUNS: Array[String] = ["auto", "light", "prompt"]

var _changes := {}
var _label_revision := 0


## Notes one change.
func change(setting: String, value: Variant) -> void:
	_changes[setting] = value


## All settings of [param node], for a new session.
func begin(node: FrameGen) -> Dictionary:
	_changes.clear()
	var settings := {
		prompt = node.prompt,
		negative_prompt = node.negative_prompt,
		intensity = node.intensity,
		strength = node.strength,
		seed = node.noise_seed,
		model = node.model,
		sun = SUNS[node.sun],
		color_grid = true,
		output_codec = "jpeg" if node.codec == FrameGen.Codec.JPEG else "raw",
		jpeg_quality = node.jpeg_quality,
	}
	_label_revision = LabelTable.revision
	if _label_revision > 0:
		settings.labels = LabelTable.settings()
	return settings


## What changed since the last call, labels included.
func take_changes() -> Dictionary:
	if _label_revision != LabelTable.revision:
		_label_revision = LabelTable.revision
		_changes["labels"] = LabelTable.settings()
	var changes := _changes
	_changes = {}
	return changes
