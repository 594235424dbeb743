extends Node
## Restyles every scene of the game, as the project settings say. It steps aside for a [FrameGen] in the scene.

const Settings := preload("settings.gd")

var _framegen := FrameGen.new()


func _ready() -> void:
	_framegen.address = Settings.value("address")
	_framegen.token = Settings.value("token")
	_framegen.prompt = Settings.value("prompt")
	add_child(_framegen)
	get_tree().node_added.connect(_on_node_added)


func _on_node_added(node: Node) -> void:
	if node is FrameGen and node != _framegen:
		_framegen.enabled = false
		node.tree_exited.connect(func() -> void: _framegen.enabled = true, CONNECT_ONE_SHOT)
