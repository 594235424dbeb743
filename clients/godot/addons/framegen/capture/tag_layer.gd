@tool
extends RefCounted
## Moves things to the layer of what is drawn after the result, and gives them their own layers back.

const CameraMirror := preload("camera_mirror.gd")

## Of all that is drawn after the result, by its tag or by itself: tags say nothing of it.
static var left_out_layers := 0

var _before: Dictionary[GeometryInstance3D, int] = {}


## Moves [param thing]; twice is once.
func apply(thing: GeometryInstance3D) -> void:
	if _before.has(thing):
		return
	_before[thing] = thing.layers
	thing.layers = CameraMirror.AFTER_LAYER
	thing.tree_exited.connect(_forget.bind(thing), CONNECT_ONE_SHOT)


## Gives everything its own layers back.
func remove_from_all() -> void:
	for thing: GeometryInstance3D in _before.keys():
		thing.tree_exited.disconnect(_forget)
		_forget(thing)


## What was moved.
func all() -> Array:
	return _before.keys()


func _forget(thing: GeometryInstance3D) -> void:
	thing.layers = _before[thing]
	_before.erase(thing)
