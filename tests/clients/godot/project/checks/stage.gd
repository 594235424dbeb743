extends Node3D
## A world whose every depth and motion is known: floor at y = 0, a wall, a box that moves, a pane of glass.

const BOX_SIZE := 1.0

var camera := Camera3D.new()
var box := MeshInstance3D.new()
var glass := MeshInstance3D.new()
var floor_mesh := MeshInstance3D.new()
var tag := FrameGenTag.new()


func _init() -> void:
	var plane := PlaneMesh.new()
	plane.size = Vector2(200.0, 200.0)
	floor_mesh.mesh = plane
	floor_mesh.material_override = _paint(Color(0.35, 0.45, 0.3))
	add_child(floor_mesh)
	var cube := BoxMesh.new()
	cube.size = Vector3.ONE * BOX_SIZE
	box.mesh = cube
	box.material_override = _paint(Color(0.8, 0.3, 0.2))
	box.position = Vector3(-1.5, 0.5, -6.0)
	add_child(box)
	tag.label = "brick"
	tag.intensity = 0.5
	tag.moves = true
	box.add_child(tag)
	var pane := QuadMesh.new()
	glass.mesh = pane
	var material := _paint(Color(0.9, 0.95, 1.0, 0.7))
	material.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	material.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	glass.material_override = material
	glass.position = Vector3(1.5, 1.2, -5.0)
	add_child(glass)
	var light := DirectionalLight3D.new()
	light.rotation_degrees = Vector3(-50.0, 30.0, 0.0)
	add_child(light)
	var world := WorldEnvironment.new()
	world.environment = Environment.new()
	world.environment.background_mode = Environment.BG_COLOR
	world.environment.background_color = Color(0.5, 0.7, 0.9)
	world.environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	world.environment.ambient_light_color = Color.WHITE
	world.environment.ambient_light_energy = 0.4
	world.environment.tonemap_mode = Environment.TONE_MAPPER_FILMIC
	add_child(world)
	camera.fov = 60.0
	camera.near = 0.1
	camera.far = 100.0
	add_child(camera)
	pose(0.0)


## Where everything is at step [param t].
func pose(t: float) -> void:
	var turn := Basis.from_euler(Vector3(deg_to_rad(-12.0), deg_to_rad(0.8 * t), 0.0))
	camera.transform = Transform3D(turn, Vector3(0.03 * t, 2.0, 0.02 * t))
	box.position.x = -1.5 + 0.05 * t


static func _paint(color: Color) -> StandardMaterial3D:
	var material := StandardMaterial3D.new()
	material.albedo_color = color
	return material
