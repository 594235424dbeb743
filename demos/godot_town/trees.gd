extends RefCounted
## Trees, hedges and bushes.

const MeshBuilder := preload("mesh_builder.gd")

const LEAVES: Array[Color] = [Color("5f8f3f"), Color("6a9a45"), Color("557f3a"), Color("7a9d4a")]
const BARK := Color("6b5542")


## A broad-leaved tree: a trunk that forks into a cloud of lumps with loose leaves around them. From far away, three
## lumps will do.
static func tree(
	meshes: MeshBuilder, random: RandomNumberGenerator, at: Vector3, height: float, is_far := false
) -> void:
	var color: Color = LEAVES[random.randi() % LEAVES.size()].darkened(random.randf() * 0.12)
	var spread := height * random.randf_range(0.27, 0.33)
	var trunk: PackedVector2Array = [Vector2(0.05, 0.0), Vector2(0.024, 0.08), Vector2(0.018, 0.5)]
	for i in trunk.size():
		trunk[i] *= height
	meshes.lathe("bark", at, trunk, BARK, 4 if is_far else 6)
	var lumps := 2 if is_far else 6
	var turn := random.randf() * TAU
	for i in lumps + 1:
		var around := turn + TAU * i / lumps + random.randf_range(-0.3, 0.3)
		var out := Vector3(cos(around), 0.0, sin(around)) * spread * 0.66 if i < lumps else Vector3.ZERO
		var rise := random.randf_range(0.48, 0.68) if i < lumps else 0.78
		var center := at + out + Vector3.UP * height * rise
		var size := spread * random.randf_range(0.5, 0.68) * (1.25 if is_far else 1.0)
		var shade := color.lightened(0.06) if i == lumps else color.darkened(0.1 * random.randf())
		meshes.blob("foliage", center, Vector3(size, size * 0.8, size), shade, random)
		if not is_far:
			_limb(meshes, at + Vector3.UP * height * 0.3, at + out * 0.75 + Vector3.UP * height * rise, height * 0.012)
			_leaves(meshes, random, center, size, shade, 12)


## A lime or maple of the street in its grating.
static func street_tree(meshes: MeshBuilder, random: RandomNumberGenerator, at: Vector3) -> void:
	tree(meshes, random, at, random.randf_range(5.6, 6.6))
	meshes.box("stone", at, Vector3(1.5, 0.16, 1.5), Color("a29a8c"))


## A low round bush.
static func bush(meshes: MeshBuilder, random: RandomNumberGenerator, at: Vector3, radius: float) -> void:
	var color: Color = LEAVES[random.randi() % LEAVES.size()].darkened(0.1)
	meshes.blob("foliage", at + Vector3.UP * radius * 0.5, Vector3(radius, radius * 0.8, radius), color, random)
	_leaves(meshes, random, at + Vector3.UP * radius * 0.5, radius, color, 8)


## A clipped hedge between two places.
static func hedge(meshes: MeshBuilder, from: Vector3, to: Vector3) -> void:
	var along := to - from
	var size := Vector3(absf(along.x) + 0.7, 0.95, absf(along.z) + 0.7)
	meshes.box("foliage", (from + to) / 2.0, size, Color("4f7a38"))


# A branch of three sides.
static func _limb(meshes: MeshBuilder, from: Vector3, to: Vector3, radius: float) -> void:
	var side := (to - from).cross(Vector3.FORWARD).normalized() * radius
	var other := side.cross(to - from).normalized() * radius
	var ring: Array[Vector3] = [side, other - side * 0.6, -other - side * 0.6]
	for i in 3:
		var a := ring[i]
		var b := ring[(i + 1) % 3]
		meshes.quad("limb", from + b, from + a, to + a * 0.4, to + b * 0.4, BARK)


# Loose leaves that break a lump's outline, lit as the lump is.
static func _leaves(
	meshes: MeshBuilder, random: RandomNumberGenerator, center: Vector3, size: float, color: Color, count: int
) -> void:
	for i in count:
		var out := Vector3(random.randfn(), random.randfn(), random.randfn()).normalized()
		var at := center + out * size * Vector3(1.0, 0.85, 1.0) * random.randf_range(0.92, 1.16)
		var across := out.cross(Vector3(random.randfn(), random.randfn(), random.randfn())).normalized()
		var leaf := 0.12 + 0.12 * size
		var along := (out.cross(across) + out * random.randf_range(-0.6, 0.6)).normalized() * leaf
		var shade := color.lightened(0.1 * random.randf()) if out.y > 0.0 else color.darkened(0.1)
		across *= leaf * 0.6
		meshes.triangle("leaves", at - across, at + across, at + along, shade, out)
