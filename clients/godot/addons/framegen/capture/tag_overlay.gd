@tool
extends RefCounted
## Lays one tag's material over meshes, beside overlays that are theirs, and takes it away again. For what
## [code]tag_copies.gd[/code] cannot copy: the overlay is drawn with the mesh, whatever its shader does.

const CameraMirror := preload("camera_mirror.gd")
const TagMaterial := preload("tag_material.gd")

var material := TagMaterial.new(false)

# Of meshes with an overlay of their own: what it was.
var _before: Dictionary[GeometryInstance3D, Material] = {}


## Lays the tag over [param mesh]; twice is once.
func apply(mesh: GeometryInstance3D) -> void:
	if _before.has(mesh):
		return
	_before[mesh] = mesh.material_overlay
	mesh.layers |= CameraMirror.TAG_LAYER
	mesh.tree_exited.connect(_forget.bind(mesh), CONNECT_ONE_SHOT)
	if mesh.material_overlay == null:
		mesh.material_overlay = material
		return
	var own: Material = mesh.material_overlay.duplicate()
	mesh.material_overlay = own
	while own.next_pass != null:
		own.next_pass = own.next_pass.duplicate()
		own = own.next_pass
	own.next_pass = material


## Gives every mesh its own overlay back.
func remove_from_all() -> void:
	for mesh: GeometryInstance3D in _before.keys():
		mesh.tree_exited.disconnect(_forget)
		_forget(mesh)


func _forget(mesh: GeometryInstance3D) -> void:
	mesh.material_overlay = _before[mesh]
	mesh.layers &= ~CameraMirror.TAG_LAYER
	_before.erase(mesh)
