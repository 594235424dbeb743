@tool
extends MeshInstance3D
## A quad that covers the whole picture of the camera it is a child of, on a layer of its own.

func _init(shader: Shader, priority: int, layer: int) -> void:
	var quad := QuadMesh.new()
	quad.size = Vector2(2.0, 2.0)
	mesh = quad
	var covering := ShaderMaterial.new()
	covering.shader = shader
	covering.render_priority = priority
	material_override = covering
	extra_cull_margin = 16384.0
	layers = layer
	cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
	position.z = -1.0
