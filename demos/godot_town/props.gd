extends RefCounted
## What stands in streets and squares. Each is put at the meshes' place: its foot at the origin.

const MeshBuilder := preload("mesh_builder.gd")

const IRON := Color("34393d")
const WOOD := Color("8a623e")
const STONE := Color("bdb4a2")
const WATER := Color("4f7f93")
const GLASS := Color("f0e6bc")
const CLOTHS: Array[Color] = [Color("a83a32"), Color("2f5a86"), Color("3d7a4e"), Color("c98a32")]
const CREAM := Color("e8dfc8")
const FRUIT: Array[Color] = [Color("b8432f"), Color("d08a2c"), Color("6f9a3c"), Color("cdb545")]


## An old lantern on a post.
static func lamp(meshes: MeshBuilder) -> void:
	var post: PackedVector2Array = [Vector2(0.17, 0.0), Vector2(0.11, 0.6), Vector2(0.05, 3.6), Vector2(0.14, 3.72)]
	meshes.lathe("metal", Vector3.ZERO, post, IRON, 5)
	meshes.lathe("lamp", Vector3.UP * 3.72, [Vector2(0.14, 0.0), Vector2(0.25, 0.55)], GLASS)
	meshes.lathe("metal", Vector3.UP * 4.27, [Vector2(0.33, 0.0), Vector2(0.08, 0.26), Vector2(0.0, 0.42)], IRON)


## A bench; one sits on it looking along +Z.
static func bench(meshes: MeshBuilder) -> void:
	for z: float in [-0.14, 0.04, 0.22]:
		meshes.box("wood", Vector3(0.0, 0.43, z), Vector3(1.8, 0.05, 0.15), WOOD)
	for y: float in [0.58, 0.76]:
		meshes.box("wood", Vector3(0.0, y, -0.26), Vector3(1.8, 0.12, 0.04), WOOD)
	for x: float in [-0.75, 0.75]:
		meshes.box("metal", Vector3(x, 0.0, 0.0), Vector3(0.06, 0.43, 0.5), IRON)
		meshes.box("metal", Vector3(x, 0.43, -0.3), Vector3(0.06, 0.47, 0.05), IRON)


## A post that keeps cars off.
static func bollard(meshes: MeshBuilder) -> void:
	meshes.lathe("metal", Vector3.ZERO, [Vector2(0.1, 0.0), Vector2(0.08, 0.8), Vector2(0.0, 0.92)], IRON, 5)


## A bin, green as they are in parks.
static func bin(meshes: MeshBuilder) -> void:
	meshes.lathe("metal", Vector3.ZERO, [Vector2(0.22, 0.05), Vector2(0.26, 0.9), Vector2(0.0, 0.95)], Color("3d5a48"))


## A tub with flowers.
static func tub(meshes: MeshBuilder, random: RandomNumberGenerator) -> void:
	meshes.lathe("stone", Vector3.ZERO, [Vector2(0.4, 0.0), Vector2(0.55, 0.5), Vector2(0.0, 0.5)], STONE, 8)
	var color: Color = [Color("8aa04a"), Color("b0553f"), Color("6f9a45")][random.randi() % 3]
	meshes.blob("foliage", Vector3.UP * 0.62, Vector3(0.52, 0.36, 0.52), color, random)


## A table of fruit under a striped roof, which one buys at from +Z.
static func stall(meshes: MeshBuilder, random: RandomNumberGenerator) -> void:
	for x: float in [-1.45, 1.45]:
		for z: float in [-0.9, 0.9]:
			meshes.box("wood", Vector3(x, 0.0, z), Vector3(0.09, 2.3, 0.09), WOOD)
	meshes.box("wood", Vector3(0.0, 0.0, 0.15), Vector3(2.8, 0.85, 1.1), WOOD.lightened(0.1))
	var cloth: Color = CLOTHS[random.randi() % CLOTHS.size()]
	for i in 6:
		var color := cloth if i % 2 else CREAM
		var left := -1.68 + 0.56 * i
		for side: float in [-1.0, 1.0]:
			var a := Vector3(left if side > 0.0 else left + 0.56, 2.2, side * 1.3)
			var b := Vector3(left + 0.56 if side > 0.0 else left, 2.2, side * 1.3)
			var rise := Vector3(0.0, 0.62, -side * 1.3)
			meshes.quad("fabric", a, b, b + rise, a + rise, color)
			meshes.quad("fabric", a + Vector3.DOWN * 0.26, b + Vector3.DOWN * 0.26, b, a, color)
	meshes.box("lamp", Vector3(0.0, 2.3, 0.3), Vector3(0.3, 0.2, 0.3), GLASS)
	for i in 4:
		var heap := Vector3(-1.02 + 0.68 * i, 0.85, 0.2)
		meshes.box("wood", heap, Vector3(0.6, 0.14, 0.85), WOOD)
		meshes.blob(
			"goods", heap + Vector3.UP * 0.12, Vector3(0.27, 0.14, 0.38), FRUIT[(i + random.randi()) % 4], random
		)


## A string of small lamps that hangs between two places of the town.
static func garland(meshes: MeshBuilder, from: Vector3, to: Vector3) -> void:
	var count := roundi(from.distance_to(to) / 1.1)
	var last := from
	for i in range(1, count + 1):
		var share := i / float(count)
		var at := from.lerp(to, share) + Vector3.DOWN * 3.6 * share * (1.0 - share)
		var side := (to - from).cross(Vector3.UP).normalized() * 0.02
		meshes.quad("wire", last - side, last + side, at + side, at - side, IRON)
		if i < count:
			meshes.lathe(
				"lamp", at + Vector3.DOWN * 0.2, [Vector2(0.0, 0.0), Vector2(0.1, 0.1), Vector2(0.03, 0.2)], GLASS, 5
			)
		last = at


## A round fountain, eight metres wide, with two bowls.
static func fountain(meshes: MeshBuilder) -> void:
	var basin: PackedVector2Array = [
		Vector2(4.4, 0.0),
		Vector2(4.4, 0.22),
		Vector2(4.0, 0.22),
		Vector2(3.9, 0.72),
		Vector2(3.5, 0.72),
		Vector2(3.5, 0.5)
	]
	meshes.lathe("stone", Vector3.ZERO, basin, STONE, 16)
	meshes.lathe("water", Vector3.ZERO, [Vector2(3.5, 0.55), Vector2(0.3, 0.55)], WATER, 16)
	var pillar: PackedVector2Array = [
		Vector2(0.75, 0.4),
		Vector2(0.38, 0.9),
		Vector2(0.32, 1.8),
		Vector2(0.6, 2.0),
		Vector2(1.6, 2.35),
		Vector2(1.65, 2.5)
	]
	meshes.lathe("stone", Vector3.ZERO, pillar, STONE, 12)
	meshes.lathe("water", Vector3.ZERO, [Vector2(1.62, 2.48), Vector2(0.1, 2.48)], WATER, 12)
	var top: PackedVector2Array = [
		Vector2(0.24, 2.4),
		Vector2(0.16, 3.2),
		Vector2(0.62, 3.45),
		Vector2(0.66, 3.55),
		Vector2(0.2, 3.6),
		Vector2(0.0, 4.3)
	]
	meshes.lathe("stone", Vector3.ZERO, top, STONE, 8)
	var from := meshes.place
	for i in 8:
		meshes.place = from.rotated_local(Vector3.UP, TAU * (i + 0.5) / 8.0)
		for step in 3:
			var a := step / 3.0
			var b := (step + 1) / 3.0
			var high := Vector3(1.62 + 0.5 * a, 2.5 - 1.95 * a * a, 0.0)
			var low := Vector3(1.62 + 0.5 * b, 2.5 - 1.95 * b * b, 0.0)
			var half := Vector3(0.0, 0.0, 0.07)
			meshes.quad("water", low + half, low - half, high - half, high + half, WATER.lightened(0.45))
	meshes.place = from
