extends RefCounted
## Collects simple shapes into meshes: one for each material and cell of the ground.
##
## One mesh for the whole town would be drawn whole, however little of it is seen; of cells, only those are drawn
## that the camera, or the shadow, reaches.

const Materials := preload("materials.gd")

const CELL_M := 45.0
## A material with fewer corners than this is one mesh: fewer things to draw are worth more than what cells save.
const FEW := 1500

## Where the shapes that follow are put: all places are relative to it.
var place := Transform3D.IDENTITY

## Material -> cell of the ground -> surface.
var _surfaces: Dictionary[String, Dictionary] = {}


## A box with its base's centre at [param base]; the underside is left out.
func box(material: String, base: Vector3, size: Vector3, color: Color) -> void:
	var half := Vector3(size.x / 2.0, 0.0, size.z / 2.0)
	var up := Vector3.UP * size.y
	var ring: PackedVector3Array = []
	for corner: Vector3 in [Vector3(1, 0, 1), Vector3(1, 0, -1), Vector3(-1, 0, -1), Vector3(-1, 0, 1)]:
		ring.append(base + half * corner)
	for i in 4:
		var next := (i + 1) % 4
		quad(material, ring[i], ring[next], ring[next] + up, ring[i] + up, color)
	quad(material, ring[0] + up, ring[1] + up, ring[2] + up, ring[3] + up, color)


## A rectangle of the plane z = [param z], from [param low] to [param high], that faces +Z.
func panel(material: String, low: Vector2, high: Vector2, z: float, color: Color) -> void:
	quad(
		material,
		Vector3(low.x, low.y, z),
		Vector3(high.x, low.y, z),
		Vector3(high.x, high.y, z),
		Vector3(low.x, high.y, z),
		color
	)


## A gable roof over a rectangle whose centre is [param base]; the ridge runs along X, eaves stand out by 0.4 m.
func gable(base: Vector3, size: Vector3, color: Color, wall: String, wall_color: Color) -> void:
	var half := Vector2(size.x / 2.0, size.z / 2.0)
	var fall := size.y / half.y
	var points: PackedVector3Array = []
	var eave := 0.4
	for x: float in [-half.x - eave / 2.0, half.x + eave / 2.0]:
		points.append(base + Vector3(x, -eave * fall, half.y + eave))
		points.append(base + Vector3(x, size.y, 0.0))
		points.append(base + Vector3(x, -eave * fall, -half.y - eave))
	quad("roof", points[0], points[3], points[4], points[1], color)
	quad("roof", points[5], points[2], points[1], points[4], color)
	for z: float in [-half.y, half.y]:  # what is seen of it from below
		var edge := 2 if z < 0.0 else 0
		var wall_top := Vector3(0.0, eave * fall, -eave * signf(z))
		var low := points[edge] if z > 0.0 else points[edge + 3]
		var next := points[edge + 3] if z > 0.0 else points[edge]
		quad("roof", low + wall_top, next + wall_top, next, low, color.darkened(0.4))
	for x: float in [-half.x, half.x]:
		var left := base + Vector3(x, 0.0, -half.y * signf(x))
		var right := base + Vector3(x, 0.0, half.y * signf(x))
		triangle(wall, right, left, base + Vector3(x, size.y - 0.02, 0.0), wall_color)


## Turns [param profile], radii and heights from below, around the vertical at [param base]; round, but for four sides.
func lathe(material: String, base: Vector3, profile: PackedVector2Array, color: Color, sides := 6) -> void:
	var points: PackedVector3Array = []
	var normals: PackedVector3Array = []
	for k in profile.size():
		var along := profile[mini(k + 1, profile.size() - 1)] - profile[maxi(k - 1, 0)]
		for i in sides:
			var out := Vector3(cos(TAU * i / sides), 0.0, -sin(TAU * i / sides))
			points.append(base + out * profile[k].x + Vector3.UP * profile[k].y)
			normals.append(out * along.y + Vector3.UP * -along.x)
	if sides > 4:
		var shades: PackedColorArray = []
		shades.resize(points.size())
		shades.fill(color)
		_around(material, points, normals, shades, sides)
		return
	for k in profile.size() - 1:
		for i in sides:
			var at := k * sides + i
			var next := k * sides + (i + 1) % sides
			quad(material, points[at], points[next], points[next + sides], points[at + sides], color)


## A lumpy ellipsoid; lighter above than below.
func blob(material: String, center: Vector3, radii: Vector3, color: Color, random: RandomNumberGenerator) -> void:
	const SIDES := 6
	const RINGS := 4
	var points: PackedVector3Array = []
	var normals: PackedVector3Array = []
	var shades: PackedColorArray = []
	var turn := random.randf() * TAU
	for ring in RINGS + 1:
		var up := PI * ring / RINGS - PI / 2.0
		for side in SIDES:
			var around := turn + TAU * (side + 0.5 * (ring & 1)) / SIDES
			var out := Vector3(cos(up) * cos(around), sin(up), -cos(up) * sin(around))
			var reach := random.randf_range(0.88, 1.14) if ring % RINGS else 1.0
			normals.append(out)
			points.append(center + out * radii * reach)
			var shade := 0.13 * sin(up) + random.randf_range(-0.05, 0.03)
			shades.append(color.lightened(shade) if shade > 0.0 else color.darkened(-shade))
	_around(material, points, normals, shades, SIDES)


## Two triangles; corners run counter-clockwise as seen from outside.
func quad(material: String, a: Vector3, b: Vector3, c: Vector3, d: Vector3, color: Color) -> void:
	var normal := (c - a).cross(d - b).normalized()
	if c.is_equal_approx(d):
		_add(material, [a, b, c], [normal, normal, normal], color)
		return
	if a.is_equal_approx(b):
		_add(material, [a, c, d], [normal, normal, normal], color)
		return
	_add(material, [a, b, c, d], [normal, normal, normal, normal], color)


## One triangle, counter-clockwise; [param normal] is its own where it is zero.
func triangle(material: String, a: Vector3, b: Vector3, c: Vector3, color: Color, normal := Vector3.ZERO) -> void:
	var facing := normal if normal else (b - a).cross(c - a).normalized()
	_add(material, [a, b, c], [facing, facing, facing], color)


## The meshes as nodes under [param parent], with what they are made of as their tags.
func commit(parent: Node3D, moves := false) -> void:
	for material in _surfaces:
		var all := Node3D.new()
		all.name = material.to_pascal_case()
		all.add_child(Materials.tag(material, moves))
		var cells := _surfaces[material]
		var count := 0
		for surface: Surface in cells.values():
			count += surface.points.size()
		for part: Array in (
			[cells.values()] if count < FEW else cells.values().map(func(one: Surface) -> Array: return [one])
		):
			var mesh := MeshInstance3D.new()
			mesh.mesh = Surface.joined(part)
			Materials.dress(mesh, material)
			all.add_child(mesh)
		parent.add_child(all)


## All that was built of [param material] as one mesh.
func to_mesh(material: String) -> ArrayMesh:
	return Surface.joined(_surfaces[material].values())


func _add(material: String, points: PackedVector3Array, normals: PackedVector3Array, color: Color) -> void:
	var colors: PackedColorArray = []
	colors.resize(points.size())
	colors.fill(color)
	var surface := _surface(material, points[0])
	var first := surface.add(place * points, place.basis, normals, colors)
	surface.face(first, first + 1, first + 2)
	if points.size() == 4:
		surface.face(first, first + 2, first + 3)


# Rings of [param sides] corners each, one above the other. What is round shares its corners: they cost most.
func _around(
	material: String, points: PackedVector3Array, normals: PackedVector3Array, colors: PackedColorArray, sides: int
) -> void:
	var surface := _surface(material, points[0])
	var first := surface.add(place * points, place.basis, normals, colors)
	for at in points.size() - sides:
		var next := at + 1 if (at + 1) % sides else at + 1 - sides
		if not points[at].is_equal_approx(points[next]):  # a pole
			surface.face(first + at, first + next, first + at + sides)
		if not points[at + sides].is_equal_approx(points[next + sides]):
			surface.face(first + next, first + next + sides, first + at + sides)


func _surface(material: String, corner: Vector3) -> Surface:
	var at := place * corner
	var cell := Vector2i(floori(at.x / CELL_M), floori(at.z / CELL_M))
	if not _surfaces.has(material):
		_surfaces[material] = {}
	if not _surfaces[material].has(cell):
		_surfaces[material][cell] = Surface.new()
	return _surfaces[material][cell]


## Corners and triangles of one mesh.
class Surface:
	var points: PackedVector3Array = []
	var normals: PackedVector3Array = []
	var colors: PackedColorArray = []
	var indices: PackedInt32Array = []

	## Adds corners, and gives the number of the first.
	func add(corners: PackedVector3Array, turn: Basis, facing: PackedVector3Array, shades: PackedColorArray) -> int:
		points.append_array(corners)
		colors.append_array(shades)
		for normal in facing:
			normals.append((turn * normal).normalized())
		return points.size() - corners.size()

	## A triangle, counter-clockwise as seen from outside.
	func face(a: int, b: int, c: int) -> void:
		indices.append_array([a, c, b])  # the engine's front faces run clockwise

	## The mesh of several.
	static func joined(surfaces: Array) -> ArrayMesh:
		var all: Surface = surfaces[0]
		for i in range(1, surfaces.size()):
			var other: Surface = surfaces[i]
			var first := all.points.size()
			all.points.append_array(other.points)
			all.normals.append_array(other.normals)
			all.colors.append_array(other.colors)
			for index in other.indices:
				all.indices.append(first + index)
		var arrays := []
		arrays.resize(Mesh.ARRAY_MAX)
		arrays[Mesh.ARRAY_VERTEX] = all.points
		arrays[Mesh.ARRAY_NORMAL] = all.normals
		arrays[Mesh.ARRAY_COLOR] = all.colors
		arrays[Mesh.ARRAY_INDEX] = all.indices
		var mesh := ArrayMesh.new()
		mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, arrays)
		return mesh
