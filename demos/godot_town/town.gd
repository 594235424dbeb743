extends Node3D
## A small town: two streets that cross, a market square before a church, a park, and who lives there.

const Cars := preload("cars.gd")
const Church := preload("church.gd")
const House := preload("house.gd")
const MeshBuilder := preload("mesh_builder.gd")
const People := preload("people.gd")
const Props := preload("props.gd")
const Streets := preload("streets.gd")
const Trees := preload("trees.gd")

const FRONT_M := Streets.FRONT_M
const KERB_M := Streets.STREET_M / 2.0 + 0.5
const FOUNTAIN := Vector3(-30.0, 0.12, 23.0)
## Rows of houses: from, to, and what their backs are (see [code]House.build[/code]); fronts face right of the way.
const ROWS: Array[Array] = [
	[Vector2(-84.0, -FRONT_M), Vector2(-FRONT_M, -FRONT_M), "p"],
	[Vector2(FRONT_M, -FRONT_M), Vector2(84.0, -FRONT_M), "p"],
	[Vector2(84.0, FRONT_M), Vector2(44.0, FRONT_M), "p"],
	[Vector2(-47.0, FRONT_M), Vector2(-84.0, FRONT_M), "p"],
	[Vector2(-FRONT_M, 84.0), Vector2(-FRONT_M, FRONT_M), "f"],
	[Vector2(-FRONT_M, -19.0), Vector2(-FRONT_M, -84.0), "p"],
	[Vector2(FRONT_M, -84.0), Vector2(FRONT_M, -19.0), "p"],
	[Vector2(FRONT_M, 38.0), Vector2(FRONT_M, 84.0), "p"],
	[Vector2(-47.0, 56.0), Vector2(-47.0, 19.0), "p"],
]
## Where nothing is parked: the crossings and the walker's own.
const FREE_M: Array[float] = [-61.0, -44.0, -16.0, 24.0]
## Where people look closely, houses have shops.
const SHOPS_M := 54.0

var _random := RandomNumberGenerator.new()
var _meshes := MeshBuilder.new()


func _ready() -> void:
	_random.seed = 11
	Streets.build(_meshes, _random)
	for row in ROWS:
		_build_row(row[0] as Vector2, row[1] as Vector2, row[2] as String)
	_build_square()
	_build_park()
	_build_kerbs()
	_build_far_trees()
	_meshes.commit(self)
	add_child(Cars.new())
	add_child(People.new())


func _put(at: Vector3, turn := 0.0) -> MeshBuilder:
	_meshes.place = Transform3D(Basis(Vector3.UP, turn), at)
	return _meshes


func _build_row(from: Vector2, to: Vector2, back: String) -> void:
	var ahead := (to - from).normalized()
	var turn := atan2(-ahead.y, ahead.x)
	var left := from.distance_to(to)
	var at := from
	while left > 5.0:
		var size := Vector2(_random.randf_range(6.5, 11.0), _random.randf_range(8.0, 9.5))
		var is_last := left - size.x < 6.5
		if is_last:
			size.x = left
		var is_near := (at + ahead * size.x / 2.0).length() < SHOPS_M
		var style := House.style(_random, is_near and _random.randf() < 0.6)
		var sides := "p" if is_last else "-"
		var other := "p" if at == from else "-"
		_put(Vector3(at.x, 0.0, at.y), turn)
		House.build(
			_meshes, _random, style, size, ("f" if is_near else "p") + sides + (back if is_near else "p") + other
		)
		left -= left if is_last else size.x + 0.02
		at += ahead * (size.x + 0.02)
	_put(Vector3.ZERO)


func _build_square() -> void:
	Streets.pavement(_put(Vector3.ZERO), Vector3(-31.3, 0.0, 29.9), Vector2(31.4, 44.2), Color("9a8f7e"))
	Props.fountain(_put(FOUNTAIN))
	Church.build(_put(Vector3(-30.0, 0.1, 52.0), PI))
	for i in 4:
		Props.stall(_put(Vector3(-41.0, 0.12, 14.0 + 5.2 * i), PI / 2.0), _random)
	for i in 2:
		Props.stall(_put(Vector3(-22.5, 0.12, 32.5 + 5.0 * i), -PI / 2.0), _random)
	for i in 4:
		var turn := PI / 4.0 + i * PI / 2.0
		Props.bench(_put(FOUNTAIN + Vector3(0.0, 0.0, 6.6).rotated(Vector3.UP, turn), turn))
		Props.tub(_put(FOUNTAIN + Vector3(0.0, 0.0, 6.8).rotated(Vector3.UP, turn + 0.32)), _random)
		Props.lamp(_put(FOUNTAIN + Vector3(0.0, 0.0, 8.4).rotated(Vector3.UP, turn + PI / 4.0)))
	_put(Vector3.ZERO)
	var ring: PackedVector3Array = []
	for i in 4:
		ring.append(FOUNTAIN + Vector3(0.0, 4.3, 8.4).rotated(Vector3.UP, i * PI / 2.0))
	var walls: PackedVector3Array = [
		Vector3(-30.0, 7.0, 51.8), Vector3(-16.9, 6.0, 23.0), Vector3(-24.0, 4.4, KERB_M), Vector3(-46.9, 6.0, 23.0)
	]
	for i in 4:
		Props.garland(_meshes, ring[i], ring[(i + 1) % 4])
		Props.garland(_meshes, ring[i], walls[i])
	Props.lamp(_put(Vector3(-24.0, 0.12, KERB_M)))
	for i in 8:
		Props.bollard(_put(Vector3(-44.0 + 3.6 * i, 0.12, FRONT_M)))
	_put(Vector3.ZERO)
	for at: Vector2 in [
		Vector2(-20.5, 12.0),
		Vector2(-20.5, 20.0),
		Vector2(-20.5, 28.0),
		Vector2(-37.5, 38.0),
		Vector2(-38.5, 46.0),
		Vector2(-21.5, 46.0)
	]:
		Trees.street_tree(_meshes, _random, Vector3(at.x, 0.12, at.y))


func _build_park() -> void:
	Streets.pavement(_put(Vector3.ZERO), Vector3(25.0, 0.0, 22.0), Vector2(2.6, 28.6), Color("b3a58c"))
	for x: float in [9.0, 41.5]:
		Trees.hedge(_meshes, Vector3(x, 0.0, 9.0), Vector3(x, 0.0, 35.0))
	for x: float in [9.0, 27.0]:
		Trees.hedge(_meshes, Vector3(x, 0.0, 8.6), Vector3(x + 14.0, 0.0, 8.6))
	for i in 20:
		var at := Vector3(_random.randf_range(11.0, 40.0), 0.0, _random.randf_range(11.0, 36.0))
		if absf(at.x - 25.0) > 3.5:
			Trees.tree(_meshes, _random, at, _random.randf_range(5.5, 8.5))
	for i in 16:
		var at := Vector3(_random.randf_range(11.0, 40.0), 0.0, _random.randf_range(11.0, 34.0))
		if absf(at.x - 25.0) > 3.0:
			Trees.bush(_meshes, _random, at, _random.randf_range(0.5, 0.9))
	for i in 3:
		Props.bench(_put(Vector3(22.9, 0.0, 13.0 + 8.0 * i), PI / 2.0))
		Props.lamp(_put(Vector3(27.2, 0.0, 16.0 + 8.0 * i)))
	_put(Vector3.ZERO)


# What stands along the main street: lamps, trees, and cars.
func _build_kerbs() -> void:
	for i in 9:
		var x := -76.0 + 19.0 * i
		if absf(x) > 8.0:
			Props.lamp(_put(Vector3(x, 0.12, KERB_M)))
		Props.lamp(_put(Vector3(x + 9.5, 0.12, -KERB_M)))
		if absf(x) > 12.0:
			Props.bin(_put(Vector3(x + 1.2, 0.12, -KERB_M)))
			Trees.street_tree(_put(Vector3.ZERO), _random, Vector3(x - 2.0, 0.12, -KERB_M - 0.3))
	for i in 4:
		for side: float in [-KERB_M, KERB_M]:
			Props.lamp(_put(Vector3(side, 0.12, 18.0 + 18.0 * i)))
			Props.lamp(_put(Vector3(side, 0.12, -18.0 - 18.0 * i)))
	for i in 26:
		var x := -74.0 + 6.1 * i
		var side := 1.0 if _random.randf() < 0.5 else -1.0
		var is_free := FREE_M.all(func(free: float) -> bool: return absf(x - free) > 4.5)
		var is_before_square := side > 0.0 and absf(x + 26.0) < 10.0
		if is_free and absf(x) > 13.0 and not is_before_square:
			var paint: Color = Cars.PAINTS[_random.randi() % Cars.PAINTS.size()]
			Cars.build(_put(Vector3(x, 0.0, side * 3.9), 0.0 if side > 0.0 else PI), paint, _random.randf() < 0.5)
	_put(Vector3.ZERO)


func _build_far_trees() -> void:
	for i in 50:
		var angle := _random.randf() * TAU
		var away := _random.randf_range(62.0, 118.0)
		var at := Vector3(cos(angle) * away, 0.0, sin(angle) * away)
		if absf(at.x) > 20.0 and absf(at.z) > 20.0 and (at.x > 0.0 or at.z < 0.0 or at.x < -62.0):
			Trees.tree(_meshes, _random, at, _random.randf_range(6.0, 10.0), true)
