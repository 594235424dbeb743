extends RefCounted
## Builds one wall with its windows, doors and shops, at the meshes' place: it stands on z = 0, faces +Z, and runs along
## X from 0.

const MeshBuilder := preload("mesh_builder.gd")

const GROUND_M := 3.6
const FLOOR_M := 2.9
const REVEAL_M := 0.18
const PANE := Color("40525f")
const SHOP_PANE := Color("566a74")
const DOOR := Color("5d4030")
const STEP := Color("a09a8e")


## How a house looks.
class Style:
	var material := "plaster"
	var wall: Color
	var base: Color
	var trim: Color
	var cloth: Color
	var board: Color
	var roof: Color
	## Above the ground floor.
	var floors := 2
	var bay_m := 2.4
	var has_shop := false
	var has_shutters := false

	func wall_m() -> float:
		return GROUND_M + FLOOR_M * floors


## The wall of the street: recessed windows with sills, a door or a shop, cornices.
static func front(meshes: MeshBuilder, random: RandomNumberGenerator, style: Style, width: float) -> void:
	var bays := maxi(2, roundi(width / style.bay_m))
	var bay := width / bays
	if style.has_shop:
		_shop(meshes, random, style, width)
	else:
		var door := random.randi() % bays
		for i in bays:
			var middle := (i + 0.5) * bay
			var field := Rect2(i * bay, 0.0, bay, GROUND_M)
			if i == door:
				_hole(meshes, style, field, Rect2(middle - 0.6, 0.3, 1.2, 2.45), ["wood", DOOR])
				meshes.panel("glass", Vector2(middle - 0.42, 2.28), Vector2(middle + 0.42, 2.62), 0.01 - REVEAL_M, PANE)
				meshes.box("stone", Vector3(middle, 0.0, 0.2), Vector3(1.9, 0.15, 0.9), STEP)
				meshes.box("stone", Vector3(middle, 0.15, 0.1), Vector3(1.6, 0.15, 0.5), STEP)
				_bar(meshes, style, Rect2(middle - 0.85, 2.8, 1.7, 0.16), 0.3)
			else:
				_window(meshes, style, field, 1.05, 1.6)
	for level in style.floors:
		for i in bays:
			_window(meshes, style, Rect2(i * bay, GROUND_M + FLOOR_M * level, bay, FLOOR_M), 0.75, 1.55)
	var top := style.wall_m()
	_bar(meshes, style, Rect2(0.0, GROUND_M - 0.1, width, 0.2), 0.1)
	_bar(meshes, style, Rect2(0.0, top - 0.3, width, 0.14), 0.12)
	_bar(meshes, style, Rect2(0.0, top - 0.16, width, 0.18), 0.24)
	if not style.has_shop:
		meshes.panel("stone", Vector2.ZERO, Vector2(width, 0.5), 0.05, style.base)


## A wall that few look at closely: its windows are flat.
static func plain(meshes: MeshBuilder, style: Style, width: float) -> void:
	var bays := maxi(1, floori(width / style.bay_m))
	meshes.panel(style.material, Vector2.ZERO, Vector2(width, style.wall_m()), 0.0, style.wall)
	meshes.panel("stone", Vector2.ZERO, Vector2(width, 0.5), 0.05, style.base)
	for level in style.floors + 1:
		var low := 1.05 if level == 0 else GROUND_M + FLOOR_M * (level - 1) + 0.75
		for i in bays:
			var middle := (i + 0.5) * width / bays
			var pane := Rect2(middle - 0.5, low, 1.0, 1.5)
			var rim := pane.grow(0.11)
			meshes.panel("trim", rim.position, rim.end, 0.02, style.trim)
			meshes.panel("glass", pane.position, pane.end, 0.04, PANE)


static func _window(meshes: MeshBuilder, style: Style, field: Rect2, sill: float, height: float) -> void:
	var middle := field.get_center().x
	var hole := Rect2(middle - 0.52, field.position.y + sill, 1.04, height)
	_hole(meshes, style, field, hole, ["glass", PANE])
	var out := 0.03 - REVEAL_M
	for bar: Rect2 in [
		Rect2(middle - 0.035, hole.position.y, 0.07, height),
		Rect2(hole.position.x, hole.position.y + height * 0.64, hole.size.x, 0.07),
	]:
		meshes.panel("frame", bar.position, bar.end, out, style.trim.lightened(0.2))
	_bar(meshes, style, Rect2(hole.position.x - 0.12, hole.position.y - 0.1, hole.size.x + 0.24, 0.1), 0.14)
	if style.has_shutters and field.position.y > 0.0 and field.size.x > 2.1:
		for x: float in [hole.position.x - 0.29, hole.end.x + 0.29]:
			var leaf := Vector2(x - 0.25, hole.position.y)
			meshes.panel("wood", leaf, leaf + Vector2(0.5, height), 0.05, style.cloth)


# The wall of [param field] around [param hole], with what fills it: a material and its colour.
static func _hole(meshes: MeshBuilder, style: Style, field: Rect2, hole: Rect2, fill: Array) -> void:
	for part: Rect2 in [
		Rect2(field.position, Vector2(hole.position.x - field.position.x, field.size.y)),
		Rect2(Vector2(hole.end.x, field.position.y), Vector2(field.end.x - hole.end.x, field.size.y)),
		Rect2(Vector2(hole.position.x, hole.end.y), Vector2(hole.size.x, field.end.y - hole.end.y)),
		Rect2(Vector2(hole.position.x, field.position.y), Vector2(hole.size.x, hole.position.y - field.position.y)),
	]:
		meshes.panel(style.material, part.position, part.end, 0.0, style.wall)
	# Larger than its hole: from far away, without its reveal, one must not look past it.
	var low_fill := Vector2(hole.position.x - REVEAL_M, maxf(hole.position.y - REVEAL_M, 0.0))
	meshes.panel(fill[0] as String, low_fill, hole.end + Vector2.ONE * REVEAL_M, -REVEAL_M, fill[1] as Color)
	var low := hole.position
	var high := hole.end
	var rim: PackedVector2Array = [low, Vector2(low.x, high.y), high, Vector2(high.x, low.y)]
	for i in 4:
		var a := Vector3(rim[i].x, rim[i].y, 0.0)
		var b := Vector3(rim[(i + 1) % 4].x, rim[(i + 1) % 4].y, 0.0)
		var deep := Vector3.FORWARD * REVEAL_M
		meshes.quad("reveal", a, a + deep, b + deep, b, style.trim)


# A moulding that stands out of the wall by [param out].
static func _bar(meshes: MeshBuilder, style: Style, at: Rect2, out: float) -> void:
	meshes.panel("trim", at.position, at.end, out, style.trim)
	for y: float in [at.position.y, at.end.y]:
		var a := Vector3(at.position.x, y, out)
		var b := Vector3(at.end.x, y, out)
		var deep := Vector3.FORWARD * out
		if y == at.end.y:
			meshes.quad("trim", a, b, b + deep, a + deep, style.trim)
		else:
			meshes.quad("trim", a + deep, b + deep, b, a, style.trim.darkened(0.2))


# Shop windows with a door between them, a sign with letters, and an awning.
static func _shop(meshes: MeshBuilder, random: RandomNumberGenerator, style: Style, width: float) -> void:
	var count := maxi(1, roundi(width / 4.6))
	var unit := width / count
	var head := GROUND_M - 0.95
	for i in count:
		var left := i * unit
		_hole(
			meshes,
			style,
			Rect2(left, 0.0, unit - 1.4, GROUND_M),
			Rect2(left + 0.3, 0.5, unit - 1.9, head - 0.5),
			["glass", SHOP_PANE]
		)
		_hole(
			meshes,
			style,
			Rect2(left + unit - 1.4, 0.0, 1.4, GROUND_M),
			Rect2(left + unit - 1.3, 0.1, 1.0, head - 0.1),
			["wood", style.board]
		)
		var pane := Vector2(left + unit - 1.15, 0.9)
		meshes.panel("glass", pane, pane + Vector2(0.7, 1.6), 0.02 - REVEAL_M, SHOP_PANE)
		var middle := left + 0.3 + (unit - 1.9) / 2.0
		meshes.panel("frame", Vector2(middle - 0.04, 0.5), Vector2(middle + 0.04, head), 0.02 - REVEAL_M, style.trim)
	meshes.box("sign", Vector3(width / 2.0, head + 0.12, 0.08), Vector3(width - 0.5, 0.62, 0.16), style.board)
	var x := width * 0.3
	while x < width * 0.68:
		var letter := random.randf_range(0.14, 0.3)
		meshes.panel(
			"sign",
			Vector2(x, head + 0.26),
			Vector2(x + letter, head + random.randf_range(0.46, 0.6)),
			0.17,
			Color("f0e8d2")
		)
		x += letter + 0.08
	if random.randf() < 0.6:
		_awning(meshes, style, width, head)


static func _awning(meshes: MeshBuilder, style: Style, width: float, head: float) -> void:
	var stripes := maxi(4, roundi(width / 0.7))
	var step := (width - 0.5) / stripes
	for i in stripes:
		var left := Vector3(0.25 + i * step, head - 0.45, 1.3)
		var right := left + Vector3.RIGHT * step
		var rise := Vector3(0.0, 0.52, -1.28)
		var color := style.cloth if i % 2 else Color("e6dcc6")
		meshes.quad("fabric", left, right, right + rise, left + rise, color)
		meshes.quad("fabric", left + Vector3.DOWN * 0.24, right + Vector3.DOWN * 0.24, right, left, color)
