extends RefCounted
## Collects flat-shaded boxes, roofs and cones of one material into meshes, one for each cell of the ground.
##
## One mesh for the whole town would be drawn whole, however little of it is seen; of cells, only those are drawn
## that the camera, or the shadow, reaches.

const CELL_M := 45.0

static var _materials: Dictionary[BaseMaterial3D.CullMode, StandardMaterial3D] = {}

var _cells: Dictionary[Vector2i, SurfaceTool] = {}


## A box with its base's centre at [param base].
func box(base: Vector3, size: Vector3, color: Color, turn := 0.0) -> void:
	var half := size / 2.0
	var corners: Array[Vector3] = []
	for i in 8:
		var corner := Vector3(
			half.x if i & 1 else -half.x, size.y if i & 2 else 0.0, half.z if i & 4 else -half.z
		)
		corners.append(base + corner.rotated(Vector3.UP, turn))
	for side: Array in [
		[0, 2, 3, 1], [5, 7, 6, 4], [4, 6, 2, 0], [1, 3, 7, 5], [2, 6, 7, 3], [0, 1, 5, 4]
	]:
		quad(corners[side[0]], corners[side[1]], corners[side[2]], corners[side[3]], color)


## A standing rectangle with its lower edge's middle at [param base], facing +Z turned by [param turn].
func panel(base: Vector3, size: Vector2, color: Color, turn: float) -> void:
	var right := Vector3.RIGHT.rotated(Vector3.UP, turn) * size.x / 2.0
	var up := Vector3.UP * size.y
	quad(base - right, base + right, base + right + up, base - right + up, color)


## A gable roof over a rectangle; the ridge runs along the longer side, eaves stand out.
func gable(base: Vector3, size: Vector3, color: Color, gable_color: Color, turn := 0.0) -> void:
	var eave := 0.35
	var along_x := size.x >= size.z
	var half := Vector3(size.x / 2.0 + eave, 0.0, size.z / 2.0 + eave)
	var points: Array[Vector3] = []
	for corner: Vector3 in [
		Vector3(-half.x, 0.0, -half.z),
		Vector3(half.x, 0.0, -half.z),
		Vector3(half.x, 0.0, half.z),
		Vector3(-half.x, 0.0, half.z),
		Vector3(-half.x if along_x else 0.0, size.y, 0.0 if along_x else -half.z),
		Vector3(half.x if along_x else 0.0, size.y, 0.0 if along_x else half.z),
	]:
		points.append(base + corner.rotated(Vector3.UP, turn))
	if along_x:
		quad(points[1], points[0], points[4], points[5], color)
		quad(points[3], points[2], points[5], points[4], color)
		triangle(points[0], points[3], points[4], gable_color)
		triangle(points[2], points[1], points[5], gable_color)
	else:
		quad(points[0], points[3], points[5], points[4], color)
		quad(points[2], points[1], points[4], points[5], color)
		triangle(points[1], points[0], points[4], gable_color)
		triangle(points[3], points[2], points[5], gable_color)


## A cone or, with a top radius, a trunk, of [param sides] sides.
func cone(
	base: Vector3, radius: float, height: float, color: Color, sides := 7, top := 0.0
) -> void:
	for i in sides:
		var a := TAU * i / sides
		var b := TAU * (i + 1) / sides
		var from := Vector3(cos(a), 0.0, sin(a))
		var to := Vector3(cos(b), 0.0, sin(b))
		var shade := color.lightened(0.06 * sin(a + 1.0)) if i % 2 else color.darkened(0.05)
		var up := base + Vector3.UP * height
		quad(base + to * radius, base + from * radius, up + from * top, up + to * top, shade)


## Two triangles; corners run counter-clockwise as seen from outside.
func quad(a: Vector3, b: Vector3, c: Vector3, d: Vector3, color: Color) -> void:
	triangle(a, b, c, color)
	if not d.is_equal_approx(c):
		triangle(a, c, d, color)


## One triangle.
func triangle(a: Vector3, b: Vector3, c: Vector3, color: Color) -> void:
	var cell := _cell((a + b + c) / 3.0)
	var normal := (b - a).cross(c - a).normalized()
	for corner: Vector3 in [a, c, b]:
		cell.set_color(color)
		cell.set_normal(normal)
		cell.add_vertex(corner)


## The meshes as a node under [param parent], with what they are made of as their tag.
func commit(parent: Node3D, label: String, words := "", moves := false) -> Array[MeshInstance3D]:
	var meshes: Array[MeshInstance3D] = []
	if _cells.is_empty():
		return meshes
	var all := Node3D.new()
	all.name = label.to_pascal_case()
	var tag := FrameGenTag.new()
	tag.label = label
	tag.words = words
	tag.moves = moves
	all.add_child(tag)
	for cell: SurfaceTool in _cells.values():
		cell.index()  # the corners that a quad's two triangles share
		var mesh := MeshInstance3D.new()
		mesh.mesh = cell.commit()
		# Eaves are seen from below.
		mesh.material_override = _material(
			BaseMaterial3D.CULL_DISABLED if label == "roof" else BaseMaterial3D.CULL_BACK
		)
		all.add_child(mesh)
		meshes.append(mesh)
	parent.add_child(all)
	return meshes


func _cell(at: Vector3) -> SurfaceTool:
	var cell := Vector2i((Vector2(at.x, at.z) / CELL_M).floor())
	if not _cells.has(cell):
		_cells[cell] = SurfaceTool.new()
		_cells[cell].begin(Mesh.PRIMITIVE_TRIANGLES)
	return _cells[cell]


# One for all meshes: what shares a material is drawn together.
static func _material(cull_mode: BaseMaterial3D.CullMode) -> StandardMaterial3D:
	if not _materials.has(cull_mode):
		var material := StandardMaterial3D.new()
		material.vertex_color_use_as_albedo = true
		material.vertex_color_is_srgb = true
		# Flat faces without highlights look the same so, and are cheaper.
		material.shading_mode = BaseMaterial3D.SHADING_MODE_PER_VERTEX
		material.specular_mode = BaseMaterial3D.SPECULAR_DISABLED
		material.cull_mode = cull_mode
		_materials[cull_mode] = material
	return _materials[cull_mode]
