@tool
extends RefCounted
## Copies plain meshes onto the layer of the tags, with one tag's material: what is drawn for the tags then costs
## nothing in any other view. A mesh whose shape a shader or a skeleton makes has no copy.

const CameraMirror := preload("camera_mirror.gd")
const TagMaterial := preload("tag_material.gd")

var material := TagMaterial.new(true)

var _copies: Dictionary[MeshInstance3D, MeshInstance3D] = {}


## Whether a copy would be drawn exactly where [param mesh] is.
static func can_copy(mesh: MeshInstance3D) -> bool:
	if mesh.mesh == null or mesh.skin != null or mesh.get_blend_shape_count() > 0:
		return false
	for surface in mesh.mesh.get_surface_count():
		var base := mesh.get_active_material(surface)
		if base != null and not _is_plain(base as BaseMaterial3D):
			return false
	return true


## Whether [param node] is one of the copies.
static func is_copy(node: Node) -> bool:
	var mesh := node as MeshInstance3D
	return mesh != null and mesh.layers == CameraMirror.TAG_LAYER


## Copies [param mesh]; twice is once. With [param materials] each of its surfaces has one of its own, or all the only
## one.
func apply(mesh: MeshInstance3D, materials: Array[TagMaterial] = [material]) -> void:
	if _copies.has(mesh):
		return
	var copy := MeshInstance3D.new()
	copy.layers = CameraMirror.TAG_LAYER
	copy.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	copy.gi_mode = GeometryInstance3D.GI_MODE_DISABLED
	_copies[mesh] = copy
	_follow(mesh)
	if materials.size() == 1:
		copy.material_override = materials[0]
	else:
		for surface in materials.size():
			copy.set_surface_override_material(surface, materials[surface])
	mesh.property_list_changed.connect(_follow.bind(mesh))  # of another mesh, for one
	mesh.tree_exited.connect(_forget.bind(mesh), CONNECT_ONE_SHOT)
	mesh.add_child(copy, false, Node.INTERNAL_MODE_BACK)


## Takes the copy of [param mesh] away, if there is one.
func remove(mesh: MeshInstance3D) -> void:
	if _copies.has(mesh):
		mesh.tree_exited.disconnect(_forget)
		_forget(mesh)


## Takes all copies away.
func remove_from_all() -> void:
	for mesh: MeshInstance3D in _copies.keys():
		remove(mesh)


## Whether nothing has a copy.
func is_empty() -> bool:
	return _copies.is_empty()


## What has a copy.
func all() -> Array:
	return _copies.keys()


func _follow(mesh: MeshInstance3D) -> void:
	var copy := _copies[mesh]
	copy.mesh = mesh.mesh
	copy.lod_bias = mesh.lod_bias
	copy.extra_cull_margin = mesh.extra_cull_margin
	copy.visibility_range_begin = mesh.visibility_range_begin
	copy.visibility_range_end = mesh.visibility_range_end


func _forget(mesh: MeshInstance3D) -> void:
	mesh.property_list_changed.disconnect(_follow)
	_copies[mesh].queue_free()
	_copies.erase(mesh)


static func _is_plain(base: BaseMaterial3D) -> bool:
	return (
		base != null
		and base.transparency != BaseMaterial3D.TRANSPARENCY_ALPHA
		and base.transparency != BaseMaterial3D.TRANSPARENCY_ALPHA_DEPTH_PRE_PASS
		and base.billboard_mode == BaseMaterial3D.BILLBOARD_DISABLED
		and not (base.grow or base.fixed_size or base.no_depth_test)
		and base.depth_draw_mode != BaseMaterial3D.DEPTH_DRAW_DISABLED
	)
