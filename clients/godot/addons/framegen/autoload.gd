extends Node
## Restyles every scene of the game, as the project settings say. It steps aside for a [FrameGen] in the scene.

const Settings := preload("settings.gd")

## What restyles; it is out of the tree while the game has a [FrameGen] of its own.
var framegen := FrameGen.new()

var _others := 0


func _ready() -> void:
	framegen.address = Settings.value("address")
	framegen.token = Settings.value("token")
	framegen.prompt = Settings.value("prompt")
	framegen.strength = Settings.value("strength")
	framegen.tags_by_name = Settings.value("tags_by_name")
	add_child(framegen)
	for node in get_tree().root.find_children("*", "FrameGen", true, false):
		_on_node_added(node)
	get_tree().node_added.connect(_on_node_added)


func _notification(what: int) -> void:
	if what == NOTIFICATION_PREDELETE and is_instance_valid(framegen) and framegen.get_parent() == null:
		framegen.free()


func _on_node_added(node: Node) -> void:
	if not node is FrameGen or node == framegen:
		return
	_others += 1
	node.tree_exited.connect(_on_other_left, CONNECT_ONE_SHOT)
	if framegen.get_parent() == self:
		remove_child(framegen)


func _on_other_left() -> void:
	_others -= 1
	_come_back.call_deferred()  # the next scene may bring another one


func _come_back() -> void:
	if _others == 0 and framegen.get_parent() == null:
		add_child(framegen)
