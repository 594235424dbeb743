@tool
extends RefCounted
## Labels what no [FrameGenTag] is above by the names that the engine has for it: its material's, its own, its mesh's,
## and that of the scene it is a part of. One for the whole game, while a [FrameGen] wants it.
##
## A level brings thousands of meshes at once. They are looked at one after the other, a little in each frame.

## How something is labelled.
enum Way { NONE, OVERLAY, COPY, SURFACES }

const CameraMirror := preload("camera_mirror.gd")
const LabelNames := preload("label_names.gd")
const LabelTable := preload("label_table.gd")
const TagCopies := preload("tag_copies.gd")
const TagLayer := preload("tag_layer.gd")
const TagMaterial := preload("tag_material.gd")
const TagOverlay := preload("tag_overlay.gd")
const TagTree := preload("tag_tree.gd")

## Numbers that labels from names may take; the others are left for tags.
const MOST_LABELS := 200
## Of the main thread in each frame, while there are things to look at.
const BUDGET_US := 2000

# Ids of those who want it.
static var _wanted_by: Dictionary[int, bool] = {}
# Null while nobody does.
static var _tree: SceneTree
static var _copies: TagCopies
static var _overlay: TagOverlay
# Label -> what draws it on copies, and on overlays.
static var _copied: Dictionary[String, TagMaterial] = {}
static var _laid: Dictionary[String, TagMaterial] = {}
# What was looked at -> how it is labelled, and as what; with several labels also its mesh, and what follows that.
static var _seen: Dictionary[GeometryInstance3D, Array] = {}
# Ids of what is to be looked at.
static var _waiting: Array[int] = []
static var _is_due := false


## Whether [param node] wants labels from names, from now on.
static func want(node: Node, is_wanted: bool) -> void:
	if is_wanted == _wanted_by.has(node.get_instance_id()):
		return
	if is_wanted:
		_wanted_by[node.get_instance_id()] = true
		if _tree == null:
			_begin(node.get_tree())
	else:
		_wanted_by.erase(node.get_instance_id())
		if _wanted_by.is_empty():
			_end()


## Whether anything is labelled.
static func is_used() -> bool:
	return _tree != null and not (_copies.is_empty() and _overlay.is_empty())


## Looks at everything anew.
static func refresh() -> void:
	if _tree != null:
		for thing: GeometryInstance3D in _seen.keys():
			see(thing)


## Looks at [param thing] soon: whoever adds it may still be busy with it.
static func see(thing: GeometryInstance3D) -> void:
	if _tree != null:
		_see_id(thing.get_instance_id())


## Takes the label off [param thing]: a tag says what it is.
static func leave(thing: GeometryInstance3D) -> void:
	if _seen.has(thing):
		thing.tree_exited.disconnect(_forget)
		_forget(thing)
		_overlay.remove(thing)
		if thing is MeshInstance3D:
			_copies.remove(thing as MeshInstance3D)


static func _begin(tree: SceneTree) -> void:
	_tree = tree
	_copies = TagCopies.new()
	_overlay = TagOverlay.new()
	_tree.node_added.connect(_on_node_added)
	for node in _tree.root.find_children("*", "GeometryInstance3D", true, false):
		_on_node_added(node)


static func _end() -> void:
	_tree.node_added.disconnect(_on_node_added)
	for thing: GeometryInstance3D in _seen.keys():
		leave(thing)
	_waiting.clear()
	_copied.clear()
	_laid.clear()
	_copies = null
	_overlay = null
	_tree = null


static func _on_node_added(node: Node) -> void:
	if node is GeometryInstance3D and not TagCopies.is_copy(node):
		_see_id(node.get_instance_id())


static func _see_id(id: int) -> void:
	_waiting.append(id)
	if not _is_due:
		_is_due = true
		_look.call_deferred()


static func _look() -> void:
	_is_due = false
	var end_us := Time.get_ticks_usec() + BUDGET_US
	while not _waiting.is_empty():
		if Time.get_ticks_usec() > end_us:
			_is_due = true
			_tree.process_frame.connect(_look, CONNECT_ONE_SHOT)
			return
		var thing := instance_from_id(_waiting.pop_back() as int) as GeometryInstance3D
		if thing != null and thing.is_inside_tree():
			_label(thing)


static func _label(thing: GeometryInstance3D) -> void:
	var mesh := thing as MeshInstance3D
	# The addon's own are on no layer of a scene.
	var is_none := not thing.layers & CameraMirror.SCENE_LAYERS or thing is GPUParticles3D or thing is CPUParticles3D
	if is_none or TagTree.above(thing):
		leave(thing)
		return
	var labels := _labels_of(thing)
	var says := 0
	while says < labels.size() and not _code_of(labels[says]):
		says += 1
	var way := Way.NONE
	if says < labels.size():
		way = Way.COPY if mesh != null and TagCopies.can_copy(mesh) else Way.OVERLAY
		if way == Way.COPY and labels.count(labels[says]) < labels.size():
			way = Way.SURFACES
	var plan := [way, labels[says] if way != Way.NONE else ""]
	if way != Way.SURFACES and _seen.get(thing) == plan:
		return  # the copy follows another mesh
	leave(thing)
	TagOverlay.strip(thing)
	_seen[thing] = plan
	thing.tree_exited.connect(_forget.bind(thing), CONNECT_ONE_SHOT)
	if mesh != null:
		mesh.property_list_changed.connect(see.bind(mesh))  # of another mesh, for one
	match way:
		Way.OVERLAY:
			_overlay.apply(thing, _material_of(labels[says], _laid, false))
		Way.COPY:
			_copies.apply(mesh, [_material_of(labels[says], _copied, true)])
		Way.SURFACES:
			_copy_surfaces(mesh, labels)


static func _copy_surfaces(mesh: MeshInstance3D, labels: PackedStringArray) -> void:
	var materials: Array[TagMaterial] = []
	for label in labels:
		materials.append(_material_of(label, _copied, true))
	_copies.apply(mesh, materials)
	var again := func() -> void: see(mesh)  # more surfaces may come; not bound: many share the mesh
	mesh.mesh.changed.connect(again)
	_seen[mesh] = [Way.SURFACES, "", mesh.mesh, again]


# Its copy or overlay knows by itself when it leaves the tree.
static func _forget(thing: GeometryInstance3D) -> void:
	if thing is MeshInstance3D:
		thing.property_list_changed.disconnect(see)
	if _seen[thing][0] == Way.SURFACES:
		(_seen[thing][2] as Mesh).changed.disconnect(_seen[thing][3] as Callable)
	_seen.erase(thing)


# One for each label, however many things have it.
static func _material_of(label: String, kept: Dictionary[String, TagMaterial], is_opaque: bool) -> TagMaterial:
	if not kept.has(label):
		kept[label] = TagMaterial.new(is_opaque)
		kept[label].set_digits(_code_of(label), 1.0, false)
	return kept[label]


# Where there are too many labels, that of as much of it as has one.
static func _code_of(label: String) -> int:
	var code := LabelTable.code_of(label, "", MOST_LABELS)
	while code == 0 and "," in label:
		label = label.left(label.rfind(","))
		code = LabelTable.code_of(label, "", MOST_LABELS)
	return code


# Of each surface; of something without a mesh, one.
static func _labels_of(thing: GeometryInstance3D) -> PackedStringArray:
	var mesh := _mesh_of(thing)
	if not thing.layers & ~TagLayer.left_out_layers or mesh == null and thing is MeshInstance3D:
		return []
	var of_all: PackedStringArray = []
	of_all.append("" if thing.name.begins_with("@") else String(thing.name))  # the engine's own numbering
	of_all.append(_name_of(mesh))
	if thing.owner != null and thing.owner != _tree.current_scene:
		of_all.append(thing.owner.name)
	var labels: PackedStringArray = []
	for surface in maxi(mesh.get_surface_count() if mesh != null else 1, 1):
		var names: PackedStringArray = [_name_of(_material_of_surface(thing, mesh, surface))]
		var label := LabelNames.label_of(names + of_all)
		labels.append("" if LabelNames.is_sky(label) else label)
	return labels


static func _mesh_of(thing: GeometryInstance3D) -> Mesh:
	if thing is MultiMeshInstance3D:
		var all := (thing as MultiMeshInstance3D).multimesh
		return all.mesh if all != null else null
	return thing.get("mesh") as Mesh


static func _material_of_surface(thing: GeometryInstance3D, mesh: Mesh, surface: int) -> Material:
	if thing.material_override != null:
		return thing.material_override
	var instance := thing as MeshInstance3D
	if instance != null and surface < instance.get_surface_override_material_count():
		return instance.get_active_material(surface)
	var own := thing.get("material") as Material
	if own == null and mesh != null and surface < mesh.get_surface_count():
		own = mesh.surface_get_material(surface)
	return own


# A resource without a name is called as its file, where it has one of its own.
static func _name_of(resource: Resource) -> String:
	if resource == null:
		return ""
	if resource.resource_name or "::" in resource.resource_path:
		return resource.resource_name
	return resource.resource_path.get_file().get_basename()
