extends RefCounted
## Collects flat-shaded boxes, roofs and cones of one material into one mesh.

var _tool := SurfaceTool.new()
var _is_empty := true


func _init() -> void:
	_tool.begin(Mesh.PRIMITIVE_TRIANGLES)


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
	_is_empty = false
	var normal := (b - a).cross(c - a).normalized()
	for corner: Vector3 in [a, c, b]:
		_tool.set_color(color)
		_tool.set_normal(normal)
		_tool.add_vertex(corner)


## The mesh as a node under [param parent], with what it is made of as its tag.
func commit(parent: Node3D, label: String, words := "", moves := false) -> void:
	if _is_empty:
		return
	var mesh := MeshInstance3D.new()
	mesh.mesh = _tool.commit()
	var material := StandardMaterial3D.new()
	material.vertex_color_use_as_albedo = true
	material.vertex_color_is_srgb = true
	material.roughness = 0.9
	material.cull_mode = BaseMaterial3D.CULL_DISABLED  # eaves are seen from below
	mesh.material_override = material
	var tag := FrameGenTag.new()
	tag.label = label
	tag.words = words
	tag.moves = moves
	mesh.add_child(tag)
	mesh.name = label.to_pascal_case()
	parent.add_child(mesh)
