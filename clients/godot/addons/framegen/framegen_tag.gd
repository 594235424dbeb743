@tool
@icon("icon.svg")
class_name FrameGenTag
extends Node
## Says what its parent is, and everything below it: a material or thing, how strongly it is restyled, and
## whether it moves on its own.
##
## Put it under a mesh, a character or a whole district; the nearest tag above a mesh counts. Tagged things
## are drawn once more, small and without light, into the label plane and the masks of the frames that are sent.[br]
## Under a name tag or a marker it says that it is drawn after the result instead, sharp as the game draws it.

## Usual combinations: choosing one fills in the rest.
enum Preset { CUSTOM, PERSON_KEPT, PICKUP_KEPT, VEHICLE, SCREEN_OR_TEXT, DRAWN_AFTER }

const TagCopies := preload("capture/tag_copies.gd")
const TagLayer := preload("capture/tag_layer.gd")
const TagOverlay := preload("capture/tag_overlay.gd")
const TagTree := preload("capture/tag_tree.gd")
const LabelTable := preload("capture/label_table.gd")
const NameTags := preload("capture/name_tags.gd")

## What a preset fills in.
const COMBINATIONS: Dictionary[Preset, Dictionary] = {
	Preset.PERSON_KEPT: {drawn_after = false, label = "person", intensity = 0.0, moves = true},
	Preset.PICKUP_KEPT: {drawn_after = false, label = "pickup", intensity = 0.0, moves = true},
	Preset.VEHICLE: {drawn_after = false, label = "vehicle", intensity = 1.0, moves = true},
	Preset.SCREEN_OR_TEXT: {drawn_after = false, label = "text", intensity = 0.0, moves = false},
	Preset.DRAWN_AFTER: {drawn_after = true},
}
const GROUP := &"framegen_tags"
## Of the tags whose things are drawn after the result.
const AFTER_GROUP := &"framegen_drawn_after"

## A usual combination: "kept" things are shown as the game draws them. Choosing one fills in the rest, which is what a
## scene holds: it is the one whose values the tag has.
@export var preset := Preset.CUSTOM:
	set = set_preset,
	get = get_preset
## What it is, in a word: brick, asphalt, grass, glass, person, text … Empty says nothing.
@export var label := "":
	set(value):
		label = value
		_refresh()
## More words for models that read them: "old red brick, mossy".
@export var words := "":
	set(value):
		words = value
		_refresh()
## How strongly it is restyled: 0 keeps the game's picture.
@export_range(0.0, 1.0, 0.01) var intensity := 1.0:
	set(value):
		intensity = value
		_refresh()
## It moves on its own, beyond what the camera does: characters, vehicles, doors, foliage in the wind.
@export var moves := false:
	set(value):
		moves = value
		_refresh()
## It is drawn after the result, not restyled and never sent: name tags, markers ([Label3D], [Sprite3D]). It is moved to
## visual layer 20 for that, which the game's camera has to see. The rest of the tag then says nothing.
@export var drawn_after := false:
	set(value):
		drawn_after = value
		refresh()

var _copies := TagCopies.new()
var _overlay := TagOverlay.new()
var _layer := TagLayer.new()


func _enter_tree() -> void:
	if Engine.is_editor_hint():
		return  # scenes are edited as they are
	if TagTree.is_empty():
		get_tree().node_added.connect(_on_node_added)
	TagTree.add(self)
	_refresh.call_deferred()  # a parent that is entering takes no children


func _exit_tree() -> void:
	if Engine.is_editor_hint():
		return
	TagTree.remove(self)
	if TagTree.is_empty():
		get_tree().node_added.disconnect(_on_node_added)
	var things := _copies.all() + _overlay.all() + _layer.all()
	_remove_from_all()
	if things:
		_cover_later.call_deferred(things.map(func(thing: Node) -> int: return thing.get_instance_id()))


func _validate_property(property: Dictionary) -> void:
	if property.name == "preset":
		property.usage &= ~PROPERTY_USAGE_STORAGE


## Fills in what [param value] stands for.
func set_preset(value: Preset) -> void:
	var combination: Dictionary = COMBINATIONS.get(value, {})
	for property: String in combination:
		set(property, combination[property])
	notify_property_list_changed()


## The preset whose values the tag has, [constant Preset.CUSTOM] where it is none.
func get_preset() -> Preset:
	for value in COMBINATIONS:
		var combination := COMBINATIONS[value]
		if combination.keys().all(func(property: String) -> bool: return get(property) == combination[property]):
			return value
	return Preset.CUSTOM


## Takes the tag off everything and puts it on anew.
func refresh() -> void:
	_remove_from_all()
	_refresh()


func _remove_from_all() -> void:
	for kind: StringName in [GROUP, AFTER_GROUP]:
		if is_in_group(kind):
			remove_from_group(kind)
	_copies.remove_from_all()
	_overlay.remove_from_all()
	_layer.remove_from_all()


func _refresh() -> void:
	if Engine.is_editor_hint() or not is_node_ready() or not is_inside_tree():
		return
	add_to_group(AFTER_GROUP if drawn_after else GROUP)
	var code := LabelTable.code_of(label, words)
	_copies.material.set_digits(code, intensity, moves)
	_overlay.material.set_digits(code, intensity, moves)
	_tag(get_parent())


func _tag(node: Node) -> void:
	if node is GeometryInstance3D:
		_cover(node as GeometryInstance3D)
	for child in node.get_children():
		if not _is_tagged(child):
			_tag(child)


# Meshes that come later belong to the nearest tag too. One handler for all tags: a level brings thousands of meshes.
static func _on_node_added(node: Node) -> void:
	if node is GeometryInstance3D and not TagCopies.is_copy(node) and TagTree.above(node):
		_cover_later.call_deferred([node.get_instance_id()])


# Whoever adds a mesh may still be busy with it, may bring a tag of its own with it, or may have freed it again. What a
# tag leaves behind may be below another one, or is labelled by its names.
static func _cover_later(ids: Array) -> void:
	for id: int in ids:
		var thing := instance_from_id(id) as GeometryInstance3D
		if thing == null or not thing.is_inside_tree():
			continue
		var tags := TagTree.above(thing)
		for tag: FrameGenTag in tags:
			if tag.is_node_ready():
				tag._cover(thing)
		if tags.is_empty():
			NameTags.see(thing)


func _cover(thing: GeometryInstance3D) -> void:
	NameTags.leave(thing)
	var mesh := thing as MeshInstance3D
	if drawn_after:
		_layer.apply(thing)
	elif not thing.layers & ~TagLayer.left_out_layers:
		return
	elif mesh != null and TagCopies.can_copy(mesh):
		_copies.apply(mesh)
	else:
		_overlay.apply(thing)


func _is_tagged(node: Node) -> bool:
	return node != get_parent() and TagTree.has(node)
