extends RefCounted
## Builds one house into the town's meshes.

const MeshBuilder := preload("mesh_builder.gd")

const WALLS: Array[Color] = [
	Color("c96f4e"),
	Color("d9b08c"),
	Color("e8d9b9"),
	Color("b5533c"),
	Color("9fae9a"),
	Color("cfc4b0"),
]
const ROOFS: Array[Color] = [
	Color("8a3f2d"), Color("6b3a32"), Color("5a5f66"), Color("9a5a3c")
]
const FLOOR_M := 2.9


## A house on [param ground] metres, whose front looks along +Z, turned by [param turn] radians.
static func build(
	meshes: Dictionary[String, MeshBuilder],
	random: RandomNumberGenerator,
	at: Vector3,
	ground: Vector2,
	turn: float
) -> void:
	var floors := random.randi_range(2, 3)
	var height := 0.5 + FLOOR_M * floors
	var color: Color = WALLS[random.randi() % WALLS.size()]
	var walls := meshes["brick" if color.r > 1.7 * color.b else "plaster"]
	walls.box(at, Vector3(ground.x, height, ground.y), color, turn)
	var roof_color: Color = ROOFS[random.randi() % ROOFS.size()]
	var roof := Vector3(ground.x, random.randf_range(2.2, 3.6), ground.y)
	meshes["roof"].gable(at + Vector3.UP * height, roof, roof_color, color, turn)
	var chimney := Vector3(ground.x * 0.28, height + roof.y * 0.35, ground.y * 0.1)
	chimney = at + chimney.rotated(Vector3.UP, turn)
	meshes["brick"].box(chimney, Vector3(0.7, roof.y * 0.95, 0.7), Color("8a4a3a"), turn)
	var plinth := Vector3(ground.x + 0.12, 0.55, ground.y + 0.12)
	meshes["plaster"].box(at, plinth, Color("8d8780"), turn)
	var columns := maxi(2, int(ground.x / 2.4))
	for face: float in [-1.0, 1.0]:
		for column in columns:
			var x := (column + 0.5) / columns * ground.x - ground.x / 2.0
			for level in floors:
				var place := Vector3(x, FLOOR_M * level, ground.y / 2.0)
				var is_door := level == 0 and column == 0 and face > 0.0
				_opening(meshes, at, place, turn if face > 0.0 else turn + PI, is_door)


# A door or window at [param place] of the front of a house at [param at].
static func _opening(
	meshes: Dictionary[String, MeshBuilder], at: Vector3, place: Vector3, turn: float, is_door: bool
) -> void:
	var base := at + (place + Vector3(0.0, 0.1, 0.07)).rotated(Vector3.UP, turn)
	if is_door:
		meshes["wood"].panel(base, Vector2(1.1, 2.2), Color("5d3f2b"), turn)
		return
	var frame := at + (place + Vector3(0.0, 1.03, 0.03)).rotated(Vector3.UP, turn)
	meshes["window frame"].panel(frame, Vector2(1.29, 1.69), Color("efe9dc"), turn)
	meshes["glass"].panel(base + Vector3.UP * 1.05, Vector2(1.05, 1.45), Color("44586b"), turn)
