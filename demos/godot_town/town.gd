extends Node3D
## A small town of boxes: two streets that cross, houses with gables, a church, trees, lamps and cars.

const MeshBuilder := preload("mesh_builder.gd")
const House := preload("house.gd")

const STREET_M := 7.0
const PAVEMENT_M := 2.4
const LEAVES: Array[Color] = [
	Color("5f8f3f"), Color("6fa04a"), Color("4f7f3a"), Color("86a650")
]
const PAINTS: Array[Color] = [Color("b03a2e"), Color("2e6da4"), Color("d8c34a")]
## Lies flat on what casts its shadow already.
const FLAT: Array[String] = ["grass", "asphalt", "road marking", "paving", "glass", "window frame"]
## Further away a window's frame is thinner than a pixel.
const FRAMES_M := 70.0
const DARK_GLASS := Color("3c4a56")

var _random := RandomNumberGenerator.new()
## Material -> its mesh, with the words of its tag.
var _meshes: Dictionary[String, MeshBuilder] = {}
var _words: Dictionary[String, String] = {
	"grass": "meadow",
	"asphalt": "old town street",
	"road marking": "",
	"paving": "cobbled pavement",
	"brick": "old red brick",
	"plaster": "weathered plaster",
	"roof": "clay tiles",
	"glass": "window",
	"window frame": "",
	"wood": "",
	"foliage": "broad-leaved trees",
	"metal": "",
	"lamp": "",
}
var _cars: Array[Node3D] = []


func _ready() -> void:
	_random.seed = 7
	for label in _words:
		_meshes[label] = MeshBuilder.new()
	_build_ground()
	_build_streets()
	_build_rows()
	_build_church(Vector3(-30.0, 0.0, 30.0))
	_build_park()
	for x: float in [-60.0, -40.0, -20.0, 20.0, 40.0, 60.0]:
		_lamp(Vector3(x, 0.0, 5.0))
		_lamp(Vector3(x + 8.0, 0.0, -5.0))
	for label in _words:
		for mesh in _meshes[label].commit(self, label, _words[label]):
			if label in FLAT:
				mesh.cast_shadow = GeometryInstance3D.SHADOW_CASTING_SETTING_OFF
			if label == "window frame":
				mesh.visibility_range_end = FRAMES_M
	for paint in PAINTS:
		_cars.append(_car(paint))
	_cars[1].position = Vector3(14.0, 0.0, -2.4)
	_cars[2].position = Vector3(-18.0, 0.0, 2.4)


func _process(_delta: float) -> void:
	var time := Time.get_ticks_msec() / 1000.0
	_cars[0].position = Vector3(fposmod(time * 6.0, 160.0) - 80.0, 0.0, -1.8)


func _build_ground() -> void:
	var ground := _meshes["grass"]
	ground.box(Vector3(0.0, -1.02, 0.0), Vector3(400.0, 1.0, 400.0), Color("7d9a55"))
	for i in 26:
		var angle := TAU * i / 26.0
		var away := _random.randf_range(120.0, 170.0)
		var height := _random.randf_range(14.0, 38.0)
		var at := Vector3(cos(angle) * away, -2.0, sin(angle) * away)
		ground.cone(at, height * 1.9, height, Color("6f8f52").darkened(_random.randf() * 0.15), 9)


func _build_streets() -> void:
	var asphalt := _meshes["asphalt"]
	asphalt.box(Vector3(0.0, -0.98, 0.0), Vector3(180.0, 1.0, STREET_M), Color("55585c"))
	asphalt.box(Vector3(0.0, -0.985, 0.0), Vector3(STREET_M, 1.0, 180.0), Color("55585c"))
	for i in 30:
		var x := -87.0 + 6.0 * i
		if absf(x) > STREET_M:
			var line := Color("e6e2d4")
			_meshes["road marking"].box(Vector3(x, -0.975, 0.0), Vector3(2.4, 1.0, 0.18), line)
			_meshes["road marking"].box(Vector3(0.0, -0.975, x), Vector3(0.18, 1.0, 2.4), line)
	var off := STREET_M / 2.0 + PAVEMENT_M / 2.0
	var length := 90.0 - STREET_M / 2.0
	for side: float in [-off, off]:
		for end: float in [-1.0, 1.0]:
			var middle := end * (90.0 + STREET_M / 2.0) / 2.0
			var stone := Color("a8a39a")
			_meshes["paving"].box(
				Vector3(middle, -0.9, side), Vector3(length, 1.0, PAVEMENT_M), stone
			)
			_meshes["paving"].box(
				Vector3(side, -0.9, middle), Vector3(PAVEMENT_M, 1.0, length), stone
			)


func _build_rows() -> void:
	for side: float in [-1.0, 1.0]:
		for row in 2:
			var at := -84.0
			while at < 84.0:
				var ground := Vector2(_random.randf_range(6.5, 10.5), _random.randf_range(7.0, 9.5))
				_place_house(at + ground.x / 2.0, side, row, ground)
				var gap := _random.randf_range(1.5, 5.0) if _random.randf() < 0.45 else 0.05
				at += ground.x + gap


func _place_house(middle: float, side: float, row: int, ground: Vector2) -> void:
	var off := STREET_M / 2.0 + PAVEMENT_M + 0.4 + ground.y / 2.0
	if absf(middle) < off + ground.x / 2.0:
		return
	if row == 0:
		var is_open := side > 0.0 and (middle > 8.0 and middle < 42.0 or middle > -46.0 and middle < -14.0)
		if not is_open:
			House.build(_meshes, _random, Vector3(middle, 0.0, side * off), ground, 0.0 if side < 0.0 else PI)
	elif absf(middle) > 24.0 and not (side < 0.0 and middle > 0.0 and middle < 50.0):
		House.build(_meshes, _random, Vector3(side * off, 0.0, middle), ground, side * -PI / 2.0)


func _build_church(at: Vector3) -> void:
	var stone := Color("d8cdb8")
	_meshes["plaster"].box(at, Vector3(9.0, 8.0, 18.0), stone)
	_meshes["roof"].gable(at + Vector3.UP * 8.0, Vector3(9.0, 5.0, 18.0), Color("6b3a32"), stone)
	var tower := at + Vector3(0.0, 0.0, -11.0)
	_meshes["plaster"].box(tower, Vector3(5.0, 17.0, 5.0), Color("cfc4ae"))
	_meshes["roof"].cone(tower + Vector3.UP * 17.0, 3.7, 10.0, Color("4f5a5e"), 4)
	_meshes["wood"].box(tower + Vector3(0.0, 0.0, -2.52), Vector3(1.8, 3.0, 0.1), Color("5d3f2b"))
	for level in 3:
		var window := tower + Vector3(0.0, 5.0 + 4.0 * level, -2.52)
		_meshes["glass"].box(window, Vector3(0.9, 2.0, 0.1), DARK_GLASS)
	for i in 4:
		for side: float in [-4.52, 4.52]:
			var window := at + Vector3(side, 2.5, -5.5 + 4.0 * i)
			_meshes["glass"].box(window, Vector3(0.1, 3.4, 1.2), DARK_GLASS)


func _build_park() -> void:
	for i in 24:
		var at := Vector3(_random.randf_range(12.0, 38.0), 0.0, _random.randf_range(9.0, 34.0))
		if absf(at.x - 25.0) > 2.5:
			_tree(at, _random.randf_range(0.8, 1.5))
	for i in 44:
		var angle := _random.randf() * TAU
		var away := _random.randf_range(60.0, 105.0)
		var at := Vector3(cos(angle) * away, 0.0, sin(angle) * away)
		if absf(at.x) > 18.0 and absf(at.z) > 18.0:
			_tree(at, _random.randf_range(0.9, 1.9))
	for x: float in [-52.0, -12.0, 12.0, 46.0]:
		_tree(Vector3(x, 0.0, -STREET_M / 2.0 - 1.2), 0.8)
	_meshes["paving"].box(Vector3(25.0, -0.96, 20.0), Vector3(2.2, 1.0, 28.0), Color("b3a58c"))
	_meshes["wood"].box(Vector3(22.6, 0.0, 15.0), Vector3(0.5, 0.45, 1.8), Color("6d4c34"))


func _tree(at: Vector3, size: float) -> void:
	_meshes["wood"].cone(at, 0.22 * size, 2.0 * size, Color("5b4433"), 6, 0.14 * size)
	var color: Color = LEAVES[_random.randi() % LEAVES.size()]
	var crown := at + Vector3.UP * 1.5 * size
	var leaves := _meshes["foliage"]
	leaves.cone(crown, 0.5 * size, 1.1 * size, color.darkened(0.12), 8, 1.6 * size)
	leaves.cone(crown + Vector3.UP * 1.1 * size, 1.6 * size, 1.3 * size, color, 8, 1.2 * size)
	leaves.cone(crown + Vector3.UP * 2.4 * size, 1.2 * size, 1.2 * size, color.lightened(0.08), 8)


func _lamp(at: Vector3) -> void:
	_meshes["metal"].cone(at, 0.09, 4.0, Color("33383c"), 6, 0.06)
	_meshes["metal"].cone(at + Vector3.UP * 4.42, 0.36, 0.22, Color("33383c"), 6)
	_meshes["lamp"].box(at + Vector3.UP * 4.0, Vector3(0.34, 0.44, 0.34), Color("e9dfb0"))


func _car(color: Color) -> Node3D:
	var car := Node3D.new()
	add_child(car)
	var body := MeshBuilder.new()
	body.box(Vector3(0.0, 0.35, 0.0), Vector3(4.1, 0.7, 1.75), color)
	body.box(Vector3(-0.2, 1.05, 0.0), Vector3(2.2, 0.6, 1.55), color.darkened(0.1))
	body.box(Vector3(-0.2, 1.12, 0.0), Vector3(2.24, 0.4, 1.4), DARK_GLASS)
	body.box(Vector3(-0.2, 1.12, 0.0), Vector3(1.9, 0.4, 1.6), DARK_GLASS)
	for x: float in [-1.3, 1.3]:
		for z: float in [-0.8, 0.8]:
			body.box(Vector3(x, 0.02, z), Vector3(0.66, 0.62, 0.22), Color("22252a"))
	body.commit(car, "vehicle", "car", true)
	return car
