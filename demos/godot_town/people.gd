extends Node3D
## People who walk through the town. One tag says so of all of them.

const Materials := preload("materials.gd")
const MeshBuilder := preload("mesh_builder.gd")

const COATS: Array[Color] = [
	Color("8c3b33"), Color("34516f"), Color("b59a66"), Color("4f6b4c"), Color("c7a24a"), Color("5c5a66")
]
const TROUSERS: Array[Color] = [Color("39435a"), Color("4a453f"), Color("6d6454")]
const HAIR: Array[Color] = [Color("2f251e"), Color("6a4a2c"), Color("9a8a78")]
const SKIN := Color("c99a7c")
const STEP_M := 0.72
const HIP_M := 0.88
const EACH := 2

## Ways to and fro: pavements, the square, the park.
var _ways: Array[PackedVector3Array] = [
	[Vector3(-70.0, 0.1, -6.4), Vector3(-9.0, 0.1, -6.4)],
	[Vector3(-13.0, 0.1, 6.2), Vector3(-24.0, 0.1, 14.0), Vector3(-22.0, 0.1, 30.0), Vector3(-28.0, 0.1, 40.0)],
	[Vector3(-44.6, 0.1, 8.6), Vector3(-44.6, 0.1, 37.0), Vector3(-35.0, 0.1, 40.0)],
	[Vector3(-33.0, 0.1, 13.0), Vector3(-23.0, 0.1, 24.0), Vector3(-18.0, 0.1, 24.0)],
	[Vector3(-8.0, 0.1, 6.6), Vector3(-60.0, 0.1, 6.8)],
	[Vector3(9.0, 0.1, -6.2), Vector3(60.0, 0.1, -6.2)],
	[Vector3(25.6, 0.1, 8.0), Vector3(24.4, 0.1, 33.0)],
]
var _time_s := 0.0
var _people: Array[Node3D] = []


func _ready() -> void:
	var random := RandomNumberGenerator.new()
	random.seed = 3
	add_child(Materials.tag("person", true))
	for i in _ways.size() * EACH:
		var person := Node3D.new()
		var coat := COATS[i % COATS.size()]
		person.add_child(_part(func(meshes: MeshBuilder) -> void: _body(meshes, random, coat), Vector3.ZERO))
		for side: float in [-0.1, 0.1]:
			var trousers := TROUSERS[i % TROUSERS.size()]
			person.add_child(
				_part(func(meshes: MeshBuilder) -> void: _leg(meshes, trousers), Vector3(side, HIP_M, 0.0))
			)
		person.scale = Vector3.ONE * random.randf_range(0.94, 1.05)
		add_child(person)
		_people.append(person)


func _process(delta: float) -> void:
	_time_s += delta
	for i in _people.size():
		_walk(_people[i], _ways[floori(i / float(EACH))], _time_s * (1.15 + 0.06 * (i % 5)) + 23.0 * i)


# Puts [param person] where it is after [param gone] metres on its way, looking where it goes.
func _walk(person: Node3D, way: PackedVector3Array, gone: float) -> void:
	var length := 0.0
	for i in way.size() - 1:
		length += way[i].distance_to(way[i + 1])
	var is_back := fposmod(gone, 2.0 * length) > length
	var left := pingpong(gone, length)
	for i in way.size() - 1:
		var part := way[i].distance_to(way[i + 1])
		if left <= part or i == way.size() - 2:
			var ahead := (way[i + 1] - way[i]).normalized()
			person.position = way[i] + ahead * left
			person.rotation.y = atan2(ahead.x, ahead.z) + (PI if is_back else 0.0)
			break
		left -= part
	var swing := sin(PI * gone / STEP_M) * 0.5
	(person.get_child(1) as Node3D).rotation.x = swing
	(person.get_child(2) as Node3D).rotation.x = -swing


func _part(build: Callable, at: Vector3) -> MeshInstance3D:
	var meshes := MeshBuilder.new()
	build.call(meshes)
	var mesh := MeshInstance3D.new()
	mesh.mesh = meshes.to_mesh("person")
	Materials.dress(mesh, "person")
	mesh.position = at
	return mesh


# Coat, arms and head; it looks along +Z.
static func _body(meshes: MeshBuilder, random: RandomNumberGenerator, coat: Color) -> void:
	meshes.place = Transform3D(Basis.from_scale(Vector3(1.25, 1.0, 0.85)), Vector3.ZERO)
	var torso: PackedVector2Array = [
		Vector2(0.18, 0.72), Vector2(0.17, 1.1), Vector2(0.2, 1.38), Vector2(0.08, 1.5), Vector2(0.06, 1.56)
	]
	meshes.lathe("person", Vector3.ZERO, torso, coat, 6)
	for side: float in [-1.0, 1.0]:
		var arm: PackedVector2Array = [Vector2(0.045, 0.76), Vector2(0.07, 1.36), Vector2(0.0, 1.44)]
		meshes.lathe("person", Vector3(side * 0.23, 0.0, 0.02), arm, coat.darkened(0.08), 4)
	meshes.place = Transform3D.IDENTITY
	meshes.blob("person", Vector3(0.0, 1.65, 0.01), Vector3(0.1, 0.13, 0.11), SKIN, random)
	meshes.blob(
		"person", Vector3(0.0, 1.7, -0.03), Vector3(0.11, 0.1, 0.11), HAIR[random.randi() % HAIR.size()], random
	)


# A leg that hangs from the hip.
static func _leg(meshes: MeshBuilder, trousers: Color) -> void:
	meshes.lathe("person", Vector3.ZERO, [Vector2(0.06, -0.82), Vector2(0.08, -0.4), Vector2(0.1, 0.02)], trousers, 5)
	meshes.box("person", Vector3(0.0, -HIP_M, 0.05), Vector3(0.1, 0.09, 0.27), Color("2b2622"))
