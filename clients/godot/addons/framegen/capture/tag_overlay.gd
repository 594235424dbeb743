@tool
extends RefCounted
## Lays one tag's material over meshes, beside overlays that are theirs, and takes it away again. For what
## [code]tag_copies.gd[/code] cannot copy: the overlay is drawn with the mesh, whatever its shader does.

const CameraMirror := preload("camera_mirror.gd")
const TagMaterial := preload("tag_material.gd")

var material := TagMaterial.new(false)

# Overlays of their own, and what was laid instead.
var _before: Dictionary[GeometryInstance3D, Material] = {}
var _laid: Dictionary[GeometryInstance3D, Material] = {}


## Lays the tag, or another [param said], over [param mesh]; twice is once.
func apply(mesh: GeometryInstance3D, said := material) -> void:
	if _before.has(mesh):
		return
	strip(mesh)
	_before[mesh] = mesh.material_overlay
	mesh.layers |= CameraMirror.TAG_LAYER
	mesh.tree_exited.connect(_forget.bind(mesh), CONNECT_ONE_SHOT)
	_laid[mesh] = said if mesh.material_overlay == null else _with(mesh.material_overlay, said)
	mesh.material_overlay = _laid[mesh]


## Takes off what [param mesh] has from another that it was duplicated from.
static func strip(mesh: GeometryInstance3D) -> void:
	if mesh.material_overlay is TagMaterial:
		mesh.material_overlay = null
		mesh.layers &= ~CameraMirror.TAG_LAYER


## Takes what is laid over [param mesh] away, if there is something.
func remove(mesh: GeometryInstance3D) -> void:
	if _before.has(mesh):
		mesh.tree_exited.disconnect(_forget)
		_forget(mesh)


## Gives every mesh its own overlay back.
func remove_from_all() -> void:
	for mesh: GeometryInstance3D in _before.keys():
		remove(mesh)


## Whether nothing has an overlay.
func is_empty() -> bool:
	return _before.is_empty()


## What has an overlay.
func all() -> Array:
	return _before.keys()


static func _with(overlay: Material, said: Material) -> Material:
	var first: Material = overlay.duplicate()
	var own := first
	while own.next_pass != null:
		own.next_pass = own.next_pass.duplicate()
		own = own.next_pass
	own.next_pass = said
	return first


func _forget(mesh: GeometryInstance3D) -> void:
	if mesh.material_overlay == _laid[mesh]:  # or the game has laid another since
		mesh.material_overlay = _before[mesh]
	mesh.layers &= ~CameraMirror.TAG_LAYER
	_before.erase(mesh)
	_laid.erase(mesh)
