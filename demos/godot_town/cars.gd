extends Node3D
## Cars: those at the kerb are built into the town's meshes, others drive along the street.

const MeshBuilder := preload("mesh_builder.gd")

const PAINTS: Array[Color] = [
	Color("a8322b"),
	Color("2e5d92"),
	Color("d9d9d4"),
	Color("3c4a44"),
	Color("c9a13b"),
	Color("77838c"),
	Color("5d7f9c")
]
const PANE := Color("3a4854")
const RUBBER := Color("26282b")
const HALF_M := 0.88
const BELT_M := 0.93
const TOP_M := 1.46
const SPEED_M_S := 7.0
const ROAD_M := 168.0

var _driving: Array[Node3D] = []
var _time_s := 0.0


func _ready() -> void:
	for i in 4:
		var meshes := MeshBuilder.new()
		build(meshes, PAINTS[(2 * i + 1) % PAINTS.size()], i % 2 == 1, "headlight")
		var car := Node3D.new()
		meshes.commit(car, true)
		add_child(car)
		_driving.append(car)


func _process(delta: float) -> void:
	_time_s += delta
	for i in _driving.size():
		var ahead := 1.0 if i % 2 else -1.0
		var along := fposmod(_time_s * SPEED_M_S + i * 47.0, ROAD_M) - ROAD_M / 2.0
		_driving[i].position = Vector3(ahead * along, 0.0, ahead * 1.7)
		_driving[i].rotation.y = 0.0 if ahead > 0.0 else PI


## A car at the meshes' place that looks along +X.
static func build(meshes: MeshBuilder, paint: Color, is_estate: bool, lamp := "car lamp") -> void:
	var back := -2.1
	var side: PackedVector2Array = [
		Vector2(back, 0.3),
		Vector2(2.05, 0.3),
		Vector2(2.15, 0.6),
		Vector2(1.9, 0.76),
		Vector2(0.85, BELT_M),
		Vector2(back + 0.15, BELT_M + 0.02),
		Vector2(back - 0.05, 0.66)
	]  # fmt: skip
	_body(meshes, side, paint)
	_cabin(meshes, paint, [0.95, 0.2, -1.75 if is_estate else -1.0, -2.0 if is_estate else -1.75])
	for x: float in [-1.3, 1.3]:
		for z: float in [-1.0, 1.0]:
			_wheel(meshes, Vector3(x, 0.33, z * (HALF_M - 0.1)), z)
	for z: float in [-0.6, 0.6]:
		meshes.box(lamp, Vector3(2.12, 0.56, z), Vector3(0.08, 0.14, 0.34), Color("e8e4d0"))
		meshes.box("car lamp", Vector3(back - 0.03, 0.68, z), Vector3(0.08, 0.14, 0.34), Color("9a2a26"))
	for x: float in [back, 2.1]:
		meshes.box("tyre", Vector3(x, 0.3, 0.0), Vector3(0.2, 0.16, 1.7), RUBBER)


# A side view, pulled to both sides and narrower above and below.
static func _body(meshes: MeshBuilder, side: PackedVector2Array, paint: Color) -> void:
	var left: PackedVector3Array = []
	var right: PackedVector3Array = []
	for point in side:
		var half := HALF_M - 0.35 * (point.y - 0.6) * (point.y - 0.6)
		left.append(Vector3(point.x, point.y, -half))
		right.append(Vector3(point.x, point.y, half))
	for i in side.size():
		var next := (i + 1) % side.size()
		meshes.quad("car paint", right[i], left[i], left[next], right[next], paint.darkened(0.04))
	for i in range(2, side.size() - 1, 2):
		meshes.quad("car paint", right[0], right[i - 1], right[i], right[i + 1], paint)
		meshes.quad("car paint", left[i + 1], left[i], left[i - 1], left[0], paint)


# Panes and roof: where the windscreen, the roof, and the rear window begin and end.
static func _cabin(meshes: MeshBuilder, paint: Color, at: PackedFloat32Array) -> void:
	var low := HALF_M - 0.06
	var high := HALF_M - 0.22
	var roof: PackedVector3Array = []
	var foot: PackedVector3Array = []
	for side: float in [-1.0, 1.0]:
		foot.append_array([Vector3(at[0], BELT_M, side * low), Vector3(at[3], BELT_M, side * low)])
		roof.append_array([Vector3(at[1], TOP_M, side * high), Vector3(at[2], TOP_M, side * high)])
	meshes.quad("windscreen", foot[2], foot[0], roof[0], roof[2], PANE)
	meshes.quad("windscreen", foot[1], foot[3], roof[3], roof[1], PANE)
	var crown := Vector3(0.0, 0.05, 0.0)
	meshes.quad("car paint", roof[3], roof[2], roof[2] + crown - Vector3(0.15, 0.0, 0.1), roof[3] + crown, paint)
	meshes.quad("car paint", roof[0], roof[1], roof[1] + crown, roof[0] + crown - Vector3(0.15, 0.0, -0.1), paint)
	meshes.quad("car paint", roof[3] + crown, roof[2] + crown, roof[0] + crown, roof[1] + crown, paint.lightened(0.05))
	for side: float in [-1.0, 1.0]:
		var i := 0 if side < 0.0 else 2
		for pane: Array in [[0.05, 0.47], [0.53, 0.93]]:
			_pane(meshes, [foot[i], foot[i + 1], roof[i], roof[i + 1]], pane, side)
		if side > 0.0:
			meshes.quad("car paint", foot[3], foot[2], roof[2], roof[3], paint)
		else:
			meshes.quad("car paint", foot[0], foot[1], roof[1], roof[0], paint)


static func _pane(meshes: MeshBuilder, of: PackedVector3Array, span: Array, side: float) -> void:
	var corners: PackedVector3Array = []
	for spot: Array in [[0, 0.1], [1, 0.1], [1, 0.86], [0, 0.86]]:
		var share: float = span[spot[0] as int]
		var corner := of[0].lerp(of[1], share).lerp(of[2].lerp(of[3], share), spot[1] as float)
		corners.append(corner + Vector3(0.0, 0.0, side * 0.012))
	if side > 0.0:
		meshes.quad("windscreen", corners[1], corners[0], corners[3], corners[2], PANE)
	else:
		meshes.quad("windscreen", corners[0], corners[1], corners[2], corners[3], PANE)


static func _wheel(meshes: MeshBuilder, at: Vector3, side: float) -> void:
	var from := meshes.place
	meshes.place = from * Transform3D(Basis(Vector3.RIGHT, side * PI / 2.0), at)
	meshes.lathe("tyre", Vector3.ZERO, [Vector2(0.33, -0.1), Vector2(0.33, 0.11), Vector2(0.2, 0.12)], RUBBER, 8)
	meshes.lathe("metal", Vector3.ZERO, [Vector2(0.2, 0.125), Vector2(0.0, 0.13)], Color("8d9296"), 6)
	meshes.place = from
