@tool
extends RefCounted
## Which nodes have tags below them, of all that are in the tree: nobody has to look for them.

# Id of a node -> the tags right below it.
static var _below: Dictionary[int, Array] = {}


## Whether there are no tags at all.
static func is_empty() -> bool:
	return _below.is_empty()


## Whether [param node] has a tag of its own.
static func has(node: Node) -> bool:
	return _below.has(node.get_instance_id())


## The tags right below the nearest node that has some: [param node] or one above it.
static func above(node: Node) -> Array:
	while node != null and not has(node):
		node = node.get_parent()
	return _below[node.get_instance_id()] if node != null else []


## A [param tag] that came.
static func add(tag: Node) -> void:
	_below.get_or_add(tag.get_parent().get_instance_id(), []).append(tag)


## A [param tag] that leaves.
static func remove(tag: Node) -> void:
	var id := tag.get_parent().get_instance_id()
	_below[id].erase(tag)
	if _below[id].is_empty():
		_below.erase(id)
