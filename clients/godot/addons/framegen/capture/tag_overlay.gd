@tool
extends RefCounted
## Lays one tag's material over meshes, beside overlays that are theirs, and takes it away again.

const SHADER := preload("../shaders/tag.gdshader")

var _material := ShaderMaterial.new()
# Of meshes with an overlay of their own: what it was.
var _before: Dictionary[GeometryInstance3D, Material] = {}


func _init() -> void:
	_material.shader = SHADER
	_material.render_priority = 127


## What the tag says, as [code]tag.gdshader[/code] writes it.
func set_digits(code: int, intensity: float, moves: bool) -> void:
	var share := roundi(clampf(intensity, 0.0, 1.0) * 63.0)
	var digits := Vector3(8 * (code >> 4), 8 * (code & 15), share + (64 if moves else 0))
	_material.set_shader_parameter("digits", digits)


## Lays the tag over [param mesh]; twice is once.
func apply(mesh: GeometryInstance3D) -> void:
	if _before.has(mesh):
		return
	_before[mesh] = mesh.material_overlay
	mesh.tree_exited.connect(_forget.bind(mesh), CONNECT_ONE_SHOT)
	if mesh.material_overlay == null:
		mesh.material_overlay = _material
		return
	var own: Material = mesh.material_overlay.duplicate()
	mesh.material_overlay = own
	while own.next_pass != null:
		own.next_pass = own.next_pass.duplicate()
		own = own.next_pass
	own.next_pass = _material


## Gives every mesh its own overlay back.
func remove_from_all() -> void:
	for mesh: GeometryInstance3D in _before.keys():
		mesh.tree_exited.disconnect(_forget)
		_forget(mesh)


func _forget(mesh: GeometryInstance3D) -> void:
	mesh.material_overlay = _before[mesh]
	_before.erase(mesh)
