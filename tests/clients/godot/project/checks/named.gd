extends "game.gd"
## Things that nobody tagged are sent with labels from their names; where there is a tag, with the tag's.
##
## User argument: address. What the table says, the test looks at.

const LabelTable := preload("res://addons/framegen/capture/label_table.gd")

var framegen := FrameGen.new()
var wall := MeshInstance3D.new()
var window := MeshInstance3D.new()
var shelter := MeshInstance3D.new()
var cube := MeshInstance3D.new()


func _ready() -> void:
	set_stage()
	stage.tag.free()
	var at := -2.4
	for thing: MeshInstance3D in [wall, window, shelter, cube]:
		thing.mesh = BoxMesh.new()
		thing.position = stage.camera.transform * Vector3(at, 0.8, -6.0)
		at += 1.6
	wall.name = "SM_BrickWall"
	window.name = "Window_Left"
	cube.name = "Cube"
	shelter.name = "Cube.001"
	shelter.mesh = _shelter()
	for thing: MeshInstance3D in [wall, window, shelter, cube]:
		stage.add_child(thing)
	framegen.address = OS.get_cmdline_user_args()[0]
	framegen.model_size = Vector2i(256, 144)
	framegen.quality = FrameGen.Quality.FULL
	watch(framegen)
	add_child(framegen)
	await _expect("brick wall", "window", "glass", "names")
	var tag := FrameGenTag.new()
	tag.label = "plaster"
	wall.add_child(tag)
	await _expect("plaster", "window", "glass", "a tag")
	tag.queue_free()
	await _expect("brick wall", "window", "glass", "a tag that went")
	window.free()
	window = wall.duplicate()
	window.name = "WoodenDoor"
	window.position = stage.camera.transform * Vector3(-0.8, 0.8, -6.0)
	stage.add_child(window)
	await _expect("brick wall", "wooden door", "glass", "one that came later")
	await _check_off()
	report.finish(get_tree())


# A wall with a pane of glass before its right half.
func _shelter() -> Mesh:
	var mesh := ArrayMesh.new()
	for part: Vector3 in [Vector3(-0.25, 0.0, 0.0), Vector3(0.25, 0.0, 0.0)]:
		var box := BoxMesh.new()
		box.size = Vector3(0.5, 1.0, 1.0)
		var tool := SurfaceTool.new()
		tool.append_from(box, 0, Transform3D(Basis.IDENTITY, part))
		tool.commit(mesh)
		var material := StandardMaterial3D.new()
		material.resource_name = "M_Steel" if part.x < 0.0 else "M_Glass_01"
		mesh.surface_set_material(mesh.get_surface_count() - 1, material)
	return mesh


func _check_off() -> void:
	framegen.tags_by_name = false
	await wait_until(func() -> bool: return not _has_labels(), "frames without labels when names are not wanted")
	report.same(wall.get_child_count(true), 0, "copies when names are not wanted")
	framegen.tags_by_name = true
	await wait_until(_has_labels, "frames with labels when names are wanted again")
	framegen.quality = FrameGen.Quality.LIGHT
	await wait_until(func() -> bool: return not _has_labels(), "frames without labels in light quality")
	framegen.quality = FrameGen.Quality.FULL
	await wait_until(_has_labels, "frames with labels in full quality")
	framegen.enabled = false
	await wait_frames(3)
	report.same(wall.get_child_count(true), 0, "copies while switched off")
	framegen.enabled = true
	await wait_until(_has_labels, "frames with labels when switched on again")
	framegen.queue_free()
	await wait_frames(3)
	report.same(wall.get_child_count(true), 0, "copies without a FrameGen")


func _has_labels() -> bool:
	return framegen._pictures.display.has_result() and framegen._pictures.display._shown.ranges.has("label")


func _expect(of_wall: String, of_window: String, of_pane: String, what: String) -> void:
	await wait_results(8)  # some were on their way
	var off := Vector3(0.25, 0.0, 0.5)
	_expect_label(wall.position + Vector3(0.0, 0.0, 0.5), of_wall, what)
	_expect_label(window.position + Vector3(0.0, 0.0, 0.5), of_window, what)
	_expect_label(shelter.position + off, of_pane, what)
	_expect_label(shelter.position + off * Vector3(-1.0, 1.0, 1.0), "steel", what)
	_expect_label(cube.position + Vector3(0.0, 0.0, 0.5), "", what)


# In the frame whose result is shown.
func _expect_label(at: Vector3, label: String, what: String) -> void:
	var frame := framegen._pictures.display._shown
	var plane := frame.plane("label")
	if plane.is_empty():
		report.expect(false, what + ": no labels")
		return
	var view := frame.camera_transform.affine_inverse() * at
	var clip := frame.camera_projection * Vector4(view.x, view.y, view.z, 1.0)
	var uv := Vector2(0.5 + 0.5 * clip.x / clip.w, 0.5 - 0.5 * clip.y / clip.w)
	var pixel := Vector2i(uv * Vector2(frame.size))
	var found := plane[pixel.y * frame.size.x + pixel.x]
	report.same(found, LabelTable.code_of(label, ""), "%s: the label of '%s' at %s" % [what, label, pixel])
	for mask: String in ["intensity_mask", "dynamic_mask"]:
		report.same(frame.ranges.has(mask), what == "a tag", what + ": " + mask)
	if what == "a tag":
		var intensity := frame.plane("intensity_mask")[pixel.y * frame.size.x + pixel.x]
		report.same(intensity, 255, what + ": intensity at %s" % pixel)
