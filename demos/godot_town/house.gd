extends RefCounted
## Builds whole houses at the meshes' place: the front stands on z = 0, faces +Z, and runs along X from 0.

const Facade := preload("facade.gd")
const MeshBuilder := preload("mesh_builder.gd")

const PLASTERS: Array[Color] = [
	Color("d8b98e"),
	Color("e4d8be"),
	Color("c98d6c"),
	Color("b9c0ae"),
	Color("d9a98a"),
	Color("dcc684"),
	Color("a9b4b8"),
	Color("cfc4b0"),
]
const BRICKS: Array[Color] = [Color("a55a42"), Color("b26a4a"), Color("97503e")]
const ROOFS: Array[Color] = [Color("9a4a34"), Color("84402f"), Color("62666b"), Color("a5593c")]
const TRIMS: Array[Color] = [Color("ece5d6"), Color("d8cbb2"), Color("c2b8a6")]
const CLOTHS: Array[Color] = [Color("9c3a32"), Color("35587c"), Color("3f7350"), Color("6d5a45")]
const SIGNS: Array[Color] = [Color("7d2f2a"), Color("2c4a70"), Color("2f5a44"), Color("8a6a2c"), Color("3a3a40")]


## A style by chance.
static func style(random: RandomNumberGenerator, has_shop: bool) -> Facade.Style:
	var made := Facade.Style.new()
	made.material = "brick" if random.randf() < 0.3 else "plaster"
	var walls := BRICKS if made.material == "brick" else PLASTERS
	made.wall = walls[random.randi() % walls.size()]
	made.base = Color("8f8a80")
	made.trim = TRIMS[random.randi() % TRIMS.size()]
	made.roof = ROOFS[random.randi() % ROOFS.size()]
	made.cloth = CLOTHS[random.randi() % CLOTHS.size()]
	made.board = SIGNS[random.randi() % SIGNS.size()]
	made.floors = random.randi_range(1, 3) if has_shop else random.randi_range(1, 2)
	made.bay_m = random.randf_range(2.2, 2.7)
	made.has_shop = has_shop
	made.has_shutters = random.randf() < 0.5
	return made


## A house of [param size] metres. [param fronts] says what its sides are, front, right, back and left, in letters:
## [code]f[/code] a front, [code]p[/code] plain, [code]-[/code] a neighbour stands there.
static func build(
	meshes: MeshBuilder, random: RandomNumberGenerator, of: Facade.Style, size: Vector2, fronts: String
) -> void:
	var at := meshes.place
	var corners: PackedVector3Array = [
		Vector3.ZERO, Vector3(size.x, 0.0, 0.0), Vector3(size.x, 0.0, -size.y), Vector3(0.0, 0.0, -size.y)
	]
	for side in 4:
		var width := size.y if side % 2 else size.x
		meshes.place = at * Transform3D(Basis(Vector3.UP, side * PI / 2.0), corners[side])
		match fronts[side]:
			"f":
				Facade.front(meshes, random, of, width)
			"p":
				Facade.plain(meshes, of, width)
			_:
				var low := Facade.GROUND_M + Facade.FLOOR_M  # no neighbour is lower
				if of.floors > 1:
					meshes.panel(of.material, Vector2(0.0, low), Vector2(width, of.wall_m()), 0.0, of.wall)
	meshes.place = at
	_roof(meshes, random, of, size)


static func _roof(meshes: MeshBuilder, random: RandomNumberGenerator, of: Facade.Style, size: Vector2) -> void:
	var at := meshes.place
	var middle := Vector3(size.x / 2.0, of.wall_m(), -size.y / 2.0)
	var has_gable := size.x < 8.0 and random.randf() < 0.4
	var height := random.randf_range(0.75, 1.0) * (size.x if has_gable else size.y) / 2.0
	meshes.place = at * Transform3D(Basis(Vector3.UP, PI / 2.0 if has_gable else 0.0), middle)
	var ground := Vector3(size.y, height, size.x) if has_gable else Vector3(size.x, height, size.y)
	meshes.gable(Vector3.ZERO, ground, of.roof, of.material, of.wall)
	meshes.place = at * Transform3D(Basis.IDENTITY, middle)
	if has_gable:
		_attic(meshes, of, Vector3(0.0, height * 0.22, size.y / 2.0))
	else:
		for i in int(size.x / 3.2):
			_dormer(
				meshes,
				of,
				Vector3((i + 0.5) * size.x / int(size.x / 3.2) - size.x / 2.0, 0.0, size.y / 2.0),
				2.0 * height / size.y
			)
	for side: float in [-1.0, 1.0] if size.x > 9.0 else [1.0]:
		var foot := Vector3(side * (size.x / 2.0 - 0.9), height * 0.4, -size.y * 0.14)
		if has_gable:
			foot = Vector3(size.x * 0.2, height * 0.35, -size.y * 0.2)
		var tall := height * 0.6 + 0.9
		meshes.box("brick", foot, Vector3(0.75, tall, 0.6), Color("8f5040"))
		meshes.box("stone", foot + Vector3.UP * tall, Vector3(0.9, 0.14, 0.75), Color("8f8a80"))
		meshes.lathe("brick", foot + Vector3.UP * tall, [Vector2(0.16, 0.0), Vector2(0.13, 0.5)], Color("9c5a42"), 5)
	meshes.place = at


# A window under a gable.
static func _attic(meshes: MeshBuilder, of: Facade.Style, at: Vector3) -> void:
	var low := Vector2(at.x - 0.5, at.y)
	meshes.panel("trim", low - Vector2(0.12, 0.12), low + Vector2(1.12, 1.42), at.z + 0.02, of.trim)
	meshes.panel("glass", low, low + Vector2(1.0, 1.3), at.z + 0.05, Facade.PANE)


# A window in the roof over the place [param at] of the eaves, where the roof rises by [param slope].
static func _dormer(meshes: MeshBuilder, of: Facade.Style, at: Vector3, slope: float) -> void:
	var from := meshes.place
	var foot := Vector3(at.x, 0.55 * slope, at.z - 0.55)
	meshes.place = from * Transform3D(Basis.IDENTITY, foot)
	var deep := 1.5 / slope
	meshes.panel("trim", Vector2(-0.75, 0.0), Vector2(0.75, 1.5), 0.0, of.trim)
	meshes.panel("glass", Vector2(-0.48, 0.2), Vector2(0.48, 1.35), 0.03, Facade.PANE)
	meshes.panel("frame", Vector2(-0.03, 0.2), Vector2(0.03, 1.35), 0.05, of.trim)
	for side: float in [-0.75, 0.75]:
		var low := Vector3(side, 0.0, 0.0)
		var high := Vector3(side, 1.5, 0.0)
		var back := Vector3(side, 1.5, -deep)
		if side > 0.0:
			meshes.triangle("plaster", low, back, high, of.wall)
		else:
			meshes.triangle("plaster", low, high, back, of.wall)
	meshes.triangle("trim", Vector3(-0.75, 1.5, 0.0), Vector3(0.75, 1.5, 0.0), Vector3(0.0, 2.1, 0.0), of.trim)
	for side: float in [-1.0, 1.0]:
		var eave := Vector3(side * 0.9, 1.38, 0.2)
		var ridge := Vector3(0.0, 2.1, 0.2)
		var away := Vector3(0.0, 0.0, -2.1 / slope - 0.2)
		if side > 0.0:
			meshes.quad("roof", eave, eave + away, ridge + away, ridge, of.roof)
		else:
			meshes.quad("roof", eave + away, eave, ridge, ridge + away, of.roof)
	meshes.place = from
