extends RefCounted
## Ground, streets with kerbs and markings, and the hills around them.

const MeshBuilder := preload("mesh_builder.gd")

const STREET_M := 10.0
const PAVEMENT_M := 2.8
## From the middle of a street to the houses.
const FRONT_M := STREET_M / 2.0 + PAVEMENT_M
const REACH_M := 90.0
const ASPHALT := Color("5a5c5f")
const PAVING := Color("a39c90")
const KERB := Color("bdb6a8")
const MARKING := Color("e6e2d4")


## Everything.
static func build(meshes: MeshBuilder, random: RandomNumberGenerator) -> void:
	_meadows(meshes)
	_hills(meshes, random)
	_level(meshes, "asphalt", Rect2(-REACH_M, -STREET_M / 2.0, 2.0 * REACH_M, STREET_M), 0.0, ASPHALT)
	var rest := REACH_M - STREET_M / 2.0
	for side: float in [-1.0, 1.0]:
		var from := STREET_M / 2.0 if side > 0.0 else -REACH_M
		_level(meshes, "asphalt", Rect2(-STREET_M / 2.0, from, STREET_M, rest), 0.0, ASPHALT)
		for other: float in [-1.0, 1.0]:
			var off := other * (STREET_M + PAVEMENT_M) / 2.0
			var middle := side * (REACH_M + STREET_M / 2.0) / 2.0
			pavement(meshes, Vector3(middle, 0.0, off), Vector2(rest, PAVEMENT_M))
			var behind := side * (REACH_M + FRONT_M) / 2.0
			pavement(meshes, Vector3(off, 0.0, behind), Vector2(PAVEMENT_M, REACH_M - FRONT_M))
	_markings(meshes)


## A raised pavement with a kerb around it.
static func pavement(meshes: MeshBuilder, middle: Vector3, size: Vector2, color := PAVING) -> void:
	const KERB_M := 0.22
	const RISE_M := 0.14
	var low := Vector2(middle.x, middle.z) - size / 2.0
	var high := low + size
	var rim: PackedVector2Array = [low, Vector2(low.x, high.y), high, Vector2(high.x, low.y)]
	var area := Rect2(low, size).grow(-KERB_M)
	var inner: PackedVector2Array = [
		area.position, Vector2(area.position.x, area.end.y), area.end, Vector2(area.end.x, area.position.y)
	]
	for i in 4:
		var a := Vector3(rim[i].x, 0.0, rim[i].y)
		var b := Vector3(rim[(i + 1) % 4].x, 0.0, rim[(i + 1) % 4].y)
		var c := Vector3(inner[(i + 1) % 4].x, RISE_M, inner[(i + 1) % 4].y)
		var d := Vector3(inner[i].x, RISE_M, inner[i].y)
		var up := Vector3.UP * RISE_M
		meshes.quad("stone", a, b, b + up, a + up, KERB)
		meshes.quad("stone", a + up, b + up, c, d, KERB)
	_level(meshes, "paving", area, RISE_M, color)


# Grass, left out where streets are: what is drawn under others costs time, too.
static func _meadows(meshes: MeshBuilder) -> void:
	const FAR_M := 230.0
	const GREEN := Color("7d9a55")
	for x: float in [-FAR_M, FRONT_M]:
		for z: float in [-FAR_M, FRONT_M]:
			_level(meshes, "grass", Rect2(x, z, FAR_M - FRONT_M, FAR_M - FRONT_M), -0.02, GREEN)
	for far: float in [-FAR_M, REACH_M]:
		_level(meshes, "grass", Rect2(far, -FRONT_M, FAR_M - REACH_M, 2.0 * FRONT_M), -0.02, GREEN)
		_level(meshes, "grass", Rect2(-FRONT_M, far, 2.0 * FRONT_M, FAR_M - REACH_M), -0.02, GREEN)


static func _markings(meshes: MeshBuilder) -> void:
	for i in 44:
		var along := -87.0 + 4.0 * i
		if absf(along) > 11.0:
			_level(meshes, "road marking", Rect2(along, -0.08, 2.0, 0.16), 0.012, MARKING)
			_level(meshes, "road marking", Rect2(-0.08, along, 0.16, 2.0), 0.012, MARKING)
	for side: float in [-1.0, 1.0]:
		for i in 9:
			var across := -4.3 + i
			_level(meshes, "road marking", Rect2(side * 8.0 - 1.3, across, 2.6, 0.5), 0.012, MARKING)
			_level(meshes, "road marking", Rect2(across, side * 8.0 - 1.3, 0.5, 2.6), 0.012, MARKING)
			_level(meshes, "road marking", Rect2(-30.0 + side * 14.0 - 1.3, across, 2.6, 0.5), 0.012, MARKING)


# Two rings of hills, rising and falling without a seam.
static func _hills(meshes: MeshBuilder, random: RandomNumberGenerator) -> void:
	const COUNT := 48
	for ring: Array in [[150.0, 15.0, Color("77945a")], [220.0, 34.0, Color("809a76")]]:
		var waves: Array[float] = []
		for wave in 7:
			waves.append(random.randf() * TAU)
		var foot: PackedVector3Array = []
		var crest: PackedVector3Array = []
		for i in COUNT:
			var angle := TAU * i / COUNT
			var rise := 0.55
			for wave in 7:
				rise += 0.6 / (wave + 2) * sin((wave + 2) * angle + waves[wave])
			var out := Vector3(cos(angle), 0.0, sin(angle)) * (ring[0] as float)
			foot.append(out * 0.78 + Vector3.DOWN)
			crest.append(out + Vector3.UP * (ring[1] as float) * maxf(rise, 0.15))
		for i in COUNT:
			var next := (i + 1) % COUNT
			meshes.quad("hill", foot[i], foot[next], crest[next], crest[i], ring[2] as Color)


# A level rectangle, cut at the borders of the meshes' cells.
static func _level(meshes: MeshBuilder, material: String, area: Rect2, rise: float, color: Color) -> void:
	const CUT_M := MeshBuilder.CELL_M
	var x := area.position.x
	while x < area.end.x - 0.01:
		var next_x := minf(area.end.x, (floorf(x / CUT_M + 0.001) + 1.0) * CUT_M)
		var z := area.position.y
		while z < area.end.y - 0.01:
			var next_z := minf(area.end.y, (floorf(z / CUT_M + 0.001) + 1.0) * CUT_M)
			meshes.quad(
				material,
				Vector3(x, rise, next_z),
				Vector3(next_x, rise, next_z),
				Vector3(next_x, rise, z),
				Vector3(x, rise, z),
				color
			)
			z = next_z
		x = next_x
