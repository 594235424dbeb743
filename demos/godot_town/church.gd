extends RefCounted
## A church at the meshes' place: the tower's front stands on z = 0 and faces +Z, its middle is at x = 0.

const MeshBuilder := preload("mesh_builder.gd")

const WALL := Color("d3c6ab")
const STONE := Color("b3a78f")
const SLATE := Color("5a6268")
const PANE := Color("44545e")
const TOWER_M := Vector3(5.6, 17.0, 5.6)
const NAVE_M := Vector3(10.0, 8.0, 20.0)


## The whole church.
static func build(meshes: MeshBuilder) -> void:
	_nave(meshes)
	var at := meshes.place
	meshes.box("stone", Vector3(0.0, 0.0, -TOWER_M.z / 2.0), TOWER_M, WALL)
	for rise: float in [0.0, 5.4, 10.6, 16.6]:
		var band := Vector3(TOWER_M.x + 0.4, 0.9 if rise == 0.0 else 0.4, TOWER_M.z + 0.4)
		meshes.box("stone", Vector3(0.0, rise, -TOWER_M.z / 2.0), band, STONE)
	for side in 4:
		var middle := Vector3(0.0, 0.0, -TOWER_M.z / 2.0)
		var turn := Basis(Vector3.UP, side * PI / 2.0)
		meshes.place = at * Transform3D(turn, middle + turn * Vector3(0.0, 0.0, TOWER_M.z / 2.0))
		for x: float in [-1.0, 1.0]:
			_arch(meshes, "wood", Vector3(x, 12.2, 0.0), Vector2(1.1, 2.6), Color("4a3f35"))
		_clock(meshes, Vector3(0.0, 9.2, 0.05))
		if side == 0:
			_door(meshes)
		elif side != 2:
			_arch(meshes, "glass", Vector3(0.0, 6.2, 0.0), Vector2(0.9, 1.4), PANE)
		for x: float in [-0.5, 0.5]:
			meshes.box("stone", Vector3(x * TOWER_M.x, 0.0, 0.1), Vector3(0.9, 7.5, 0.6), STONE)
	meshes.place = at
	var top := Vector3(0.0, TOWER_M.y, -TOWER_M.z / 2.0)
	var spire: PackedVector2Array = [Vector2(4.3, -0.1), Vector2(2.6, 2.2), Vector2(0.0, 12.5)]
	meshes.place = at * Transform3D(Basis(Vector3.UP, PI / 4.0), top)
	meshes.lathe("roof", Vector3.ZERO, spire, SLATE, 4)
	meshes.place = at
	meshes.box("metal", top + Vector3.UP * 12.3, Vector3(0.1, 1.8, 0.1), Color("8a7440"))
	meshes.box("metal", top + Vector3.UP * 13.4, Vector3(0.8, 0.1, 0.1), Color("8a7440"))


static func _nave(meshes: MeshBuilder) -> void:
	var at := meshes.place
	var middle := Vector3(0.0, 0.0, -TOWER_M.z - NAVE_M.z / 2.0 + 0.5)
	meshes.box("plaster", middle, NAVE_M, Color("ddd3bd"))
	meshes.box("stone", middle, NAVE_M * Vector3(1.02, 0.1, 1.01), STONE)
	meshes.place = at * Transform3D(Basis(Vector3.UP, PI / 2.0), middle + Vector3.UP * NAVE_M.y)
	meshes.gable(Vector3.ZERO, Vector3(NAVE_M.z, 6.0, NAVE_M.x), Color("84402f"), "plaster", Color("ddd3bd"))
	for side: float in [-1.0, 1.0]:
		var wall := middle + Vector3(side * NAVE_M.x / 2.0, 0.0, 0.0)
		meshes.place = at * Transform3D(Basis(Vector3.UP, side * PI / 2.0), wall)
		for i in 5:
			_arch(meshes, "glass", Vector3(-7.6 + 3.8 * i, 2.2, 0.0), Vector2(1.3, 3.4), PANE)
			meshes.box("stone", Vector3(-9.4 + 3.8 * i, 0.0, 0.4), Vector3(0.7, 6.2, 0.8), STONE)
	meshes.place = at


static func _door(meshes: MeshBuilder) -> void:
	_arch(meshes, "wood", Vector3(0.0, 0.9, 0.22), Vector2(2.0, 2.6), Color("5a3f2c"))
	_arch(meshes, "glass", Vector3(0.0, 6.0, 0.0), Vector2(1.4, 2.0), PANE)
	for step in 3:
		meshes.box(
			"stone", Vector3(0.0, 0.3 * step, 0.6 - 0.1 * step), Vector3(4.2 - 0.5 * step, 0.3, 2.0 - 0.6 * step), STONE
		)


# An opening with a round top, in a rim of stone.
static func _arch(meshes: MeshBuilder, material: String, foot: Vector3, size: Vector2, color: Color) -> void:
	for rim: float in [0.2, 0.0]:
		var half := size.x / 2.0 + rim
		var out := Vector3(0.0, 0.0, 0.04 if rim else 0.07)
		var made_of := "stone" if rim else material
		var tone := Color("c4b79d") if rim else color
		var high := foot + out + Vector3.UP * size.y
		meshes.quad(
			made_of,
			foot + out + Vector3(-half, -rim, 0.0),
			foot + out + Vector3(half, -rim, 0.0),
			high + Vector3.RIGHT * half,
			high + Vector3.LEFT * half,
			tone
		)
		for i in 6:
			var a := Vector3(cos(PI * i / 6.0), sin(PI * i / 6.0), 0.0) * half
			var b := Vector3(cos(PI * (i + 1) / 6.0), sin(PI * (i + 1) / 6.0), 0.0) * half
			meshes.triangle(made_of, high, high + a, high + b, tone)


static func _clock(meshes: MeshBuilder, at: Vector3) -> void:
	for i in 12:
		var a := Vector3(cos(TAU * i / 12.0), sin(TAU * i / 12.0), 0.0) * 0.85
		var b := Vector3(cos(TAU * (i + 1) / 12.0), sin(TAU * (i + 1) / 12.0), 0.0) * 0.85
		meshes.triangle("trim", at, at + a, at + b, Color("f0ead8"))
	meshes.panel("metal", Vector2(at.x - 0.05, at.y), Vector2(at.x + 0.05, at.y + 0.7), at.z + 0.03, Color("2c2e30"))
	meshes.panel("metal", Vector2(at.x, at.y - 0.05), Vector2(at.x + 0.5, at.y + 0.05), at.z + 0.03, Color("2c2e30"))
