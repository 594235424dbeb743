extends SceneTree
## Labels from names: the rule with the protocol's words and examples, and how they reach things that nobody tagged.
##
## User argument: the protocol's [code]label_names.json[/code].

const CameraMirror := preload("res://addons/framegen/capture/camera_mirror.gd")
const LabelNames := preload("res://addons/framegen/capture/label_names.gd")
const LabelTable := preload("res://addons/framegen/capture/label_table.gd")
const NameTags := preload("res://addons/framegen/capture/name_tags.gd")
const Report := preload("res://checks/report.gd")
const TagCopies := preload("res://addons/framegen/capture/tag_copies.gd")
const TagLayer := preload("res://addons/framegen/capture/tag_layer.gd")
const TagMaterial := preload("res://addons/framegen/capture/tag_material.gd")

var report := Report.new()
var world := Node3D.new()


func _initialize() -> void:
	_check_rule()
	root.add_child(world)
	var wall := _mesh("SM_BrickWall")
	var cube := _mesh("Cube")
	await process_frame
	report.same(_copies_of(wall).size(), 0, "copies while nobody wants them")
	var handlers := node_added.get_connections().size()
	NameTags.want(world, true)
	await _labelled()
	_expect_label(wall, "brick wall")
	_expect_label(cube, "")
	report.same(node_added.get_connections().size(), handlers + 1, "handlers")
	await _check_names()
	await _check_tags(wall)
	await _check_surfaces()
	await _check_others(wall)
	await _check_many()
	NameTags.want(world, false)
	await process_frame
	report.same(_copies_of(wall).size(), 0, "copies when nobody wants them any more")
	report.same(node_added.get_connections().size(), handlers, "handlers when nobody wants them")
	report.same(wall.property_list_changed.get_connections().size(), 0, "followers when nobody wants them")
	report.expect(not NameTags.is_used(), "nothing is labelled")
	_check_most()
	report.finish(self)


func _check_rule() -> void:
	var told: Dictionary = JSON.parse_string(FileAccess.get_file_as_string(OS.get_cmdline_user_args()[0]))
	for list: Array in [[LabelNames.WORDS, "words"], [LabelNames.VAGUE, "vague"]]:
		var words := (list[0] as String).replace("\n", " ").split(" ", false)
		report.same(Array(words), told[list[1]], list[1] as String)
	for example: Dictionary in told.examples:
		var names := PackedStringArray(example.names as Array)
		for _again in 2:
			report.same(LabelNames.label_of(names), example.label, "the label of %s" % names)
	report.expect(told.examples.size() > 20, "examples")
	report.expect(LabelNames.is_sky("skybox") and LabelNames.is_sky("clouds, building"), "skies")
	report.expect(not LabelNames.is_sky("") and not LabelNames.is_sky("skyscraper"), "no skies")


# Where names come from.
func _check_names() -> void:
	var named := _mesh("Cube2")
	named.mesh = BoxMesh.new()
	named.mesh.resource_name = "Window_Left"
	var filed := _mesh("Cube3")
	var brass := StandardMaterial3D.new()
	brass.take_over_path("res://materials/M_Brass.tres")
	filed.set_surface_override_material(0, brass)
	var inner := _mesh("Cube4")
	inner.mesh = BoxMesh.new()
	inner.mesh.take_over_path("res://house.tscn::Mesh_brick")
	var car := Node3D.new()
	car.name = "Car_03"
	var body := _mesh("Body", car)
	body.owner = car
	world.add_child(car)
	var dome := _mesh("SkyDome")
	var text := Label3D.new()
	text.name = "Text"
	world.add_child(text)
	var dust := CPUParticles3D.new()
	dust.name = "Sand"
	world.add_child(dust)
	await _labelled()
	_expect_label(named, "window")
	_expect_label(filed, "brass")
	_expect_label(inner, "")
	_expect_label(body, "car")
	_expect_label(dome, "")
	report.same(_code_of(text.material_overlay), LabelTable.code_of("text", ""), "the label of a text")
	report.same(dust.material_overlay, null, "particles have no label")
	for thing: Node in [named, filed, inner, car, dome, text, dust]:
		thing.free()


# A tag wins, whether it comes first or later; without it the name counts again.
func _check_tags(wall: MeshInstance3D) -> void:
	var tag := FrameGenTag.new()
	tag.label = "plaster"
	world.add_child(tag)
	var late := _mesh("Window")
	await _labelled()
	for mesh: MeshInstance3D in [wall, late]:
		_expect_label(mesh, "plaster")
	var inner := FrameGenTag.new()
	inner.label = "stone"
	wall.add_child(inner)
	await _labelled()
	inner.free()
	await _labelled()
	_expect_label(late, "plaster")
	_expect_label(wall, "plaster")
	tag.drawn_after = true
	await _labelled()
	_expect_label(wall, "")
	tag.free()
	await _labelled()
	await _labelled()
	_expect_label(wall, "brick wall")
	_expect_label(late, "window")
	report.same(wall.layers, 1, "its layer")
	late.free()


func _check_surfaces() -> void:
	var house := _mesh("Cube5")
	var shape := _two_surfaces("Brick", "Glass")
	house.mesh = shape
	var twin := _mesh("Cube6")
	twin.mesh = shape
	var half := _mesh("Cube7")
	half.mesh = _two_surfaces("", "Glass")
	var misty := _mesh("Cube8")
	misty.mesh = _two_surfaces("", "Glass")
	(misty.mesh.surface_get_material(1) as StandardMaterial3D).transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	await _labelled()
	for mesh: MeshInstance3D in [house, twin]:
		_expect_surfaces(mesh, ["brick", "glass"])
	_expect_surfaces(half, ["", "glass"])
	report.same(_copies_of(misty).size(), 0, "copies of what cannot be copied")
	report.same(_code_of(misty.material_overlay), LabelTable.code_of("glass", ""), "its first label that says something")
	_add_surface(shape, "Wood")
	await _labelled()
	await _labelled()
	for mesh: MeshInstance3D in [house, twin]:
		_expect_surfaces(mesh, ["brick", "glass", "wood"])
	house.mesh = _two_surfaces("Wood", "Wood")
	await _labelled()
	await _labelled()
	_expect_label(house, "wood")
	house.mesh = BoxMesh.new()
	await _labelled()
	await _labelled()
	_expect_label(house, "")
	twin.mesh = null
	await _labelled()
	await _labelled()
	report.same(_copies_of(twin).size(), 0, "copies of no mesh")
	report.same(shape.changed.get_connections().size(), 0, "followers of a mesh that nobody has")
	for thing: Node in [house, twin, half, misty]:
		thing.free()


# Things that are left out, that move to another place, that are gone.
func _check_others(wall: MeshInstance3D) -> void:
	var layer := TagLayer.left_out_layers
	TagLayer.left_out_layers = 1
	NameTags.refresh()
	await _labelled()
	_expect_label(wall, "")
	TagLayer.left_out_layers = layer
	NameTags.refresh()
	await _labelled()
	_expect_label(wall, "brick wall")
	world.remove_child(wall)
	await _labelled()
	report.same(wall.get_child_count(true), 0, "copies outside the tree")
	world.add_child(wall)
	await _labelled()
	_expect_label(wall, "brick wall")
	var flashing := _mesh("Window")
	flashing.mesh = null
	flashing.mesh = _two_surfaces("Glass", "Glass")
	(flashing.mesh.surface_get_material(0) as StandardMaterial3D).transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	await _labelled()
	var flash := StandardMaterial3D.new()
	flashing.material_overlay = flash
	world.remove_child(flashing)
	report.same(flashing.material_overlay, flash, "an overlay that the game laid later")
	_mesh("Window").free()
	flashing.material_overlay = null
	world.add_child(flashing)
	await _labelled()
	var twin: MeshInstance3D = flashing.duplicate()
	twin.name = "DoorTwin"
	twin.mesh.surface_get_material(0).resource_name = ""
	twin.mesh.surface_get_material(1).resource_name = ""
	world.add_child(twin)
	await _labelled()
	report.same(_code_of(twin.material_overlay), LabelTable.code_of("door", ""), "the label of a duplicate")
	twin.free()
	report.same(_code_of(flashing.material_overlay), LabelTable.code_of("glass, window", ""), "that of the first")
	flashing.free()
	await _labelled()


# They share materials, and take a little of each frame.
func _check_many() -> void:
	var level := Node3D.new()
	for i in 4000:
		_mesh("Window_%d" % i if i % 2 else "Door%d" % i, level)
	var materials := TagMaterial._all.size()
	root.add_child(level)
	var begun := Time.get_ticks_usec()
	var longest := 0
	var frames := 0
	while NameTags._waiting or frames == 0:
		var before := Time.get_ticks_usec()
		await process_frame
		longest = maxi(longest, Time.get_ticks_usec() - before)
		frames += 1
	report.measured.many_ms = (Time.get_ticks_usec() - begun) / 1000.0
	report.measured.frames = frames
	report.expect(frames > 1, "more than a frame for so many")
	for child: MeshInstance3D in level.get_children():
		if _copies_of(child).size() != 1:
			report.expect(false, "%s has %d copies" % [child.name, _copies_of(child).size()])
	report.expect(TagMaterial._all.size() < materials + 4, "materials of two labels")
	var seen := NameTags._seen.size()
	level.free()
	report.same(NameTags._seen.size(), seen - 4000, "what is gone is forgotten")
	await process_frame


# Tags have numbers when names have taken theirs.
func _check_most() -> void:
	for i in 300:
		LabelTable.code_of("name %d" % i, "", NameTags.MOST_LABELS)
	report.same(LabelTable.code_of("one more", "", NameTags.MOST_LABELS), 0, "a name too much")
	var glass := LabelTable.code_of("glass", "")
	report.same(NameTags._code_of("glass, roof, sign"), glass, "the part of a name too much that has a number")
	report.same(LabelTable.code_of("a tag", ""), NameTags.MOST_LABELS + 1, "a tag's label")


# A frame, and as many more as labels take where the machine is busy.
func _labelled() -> void:
	await process_frame
	for _more in 200:
		if not NameTags._waiting:
			return
		await process_frame


func _mesh(title: String, parent: Node = world) -> MeshInstance3D:
	var mesh := MeshInstance3D.new()
	mesh.name = title
	mesh.mesh = BoxMesh.new()
	parent.add_child(mesh)
	return mesh


func _two_surfaces(first: String, second: String) -> ArrayMesh:
	var mesh := ArrayMesh.new()
	_add_surface(mesh, first)
	_add_surface(mesh, second)
	return mesh


func _add_surface(mesh: ArrayMesh, material_name: String) -> void:
	mesh.add_surface_from_arrays(Mesh.PRIMITIVE_TRIANGLES, BoxMesh.new().get_mesh_arrays())
	var material := StandardMaterial3D.new()
	material.resource_name = material_name
	mesh.surface_set_material(mesh.get_surface_count() - 1, material)


func _expect_label(mesh: MeshInstance3D, label: String) -> void:
	var copies := _copies_of(mesh)
	report.same(copies.size(), 1 if label else 0, "copies of %s" % mesh.name)
	if label and copies:
		report.same(copies[0].mesh, mesh.mesh, "the mesh of %s" % mesh.name)
		var code := _code_of(copies[0].material_override)
		report.same(code, LabelTable.code_of(label, ""), "the label of %s" % mesh.name)


func _expect_surfaces(mesh: MeshInstance3D, labels: Array[String]) -> void:
	var copies := _copies_of(mesh)
	report.same(copies.size(), 1, "copies of %s" % mesh.name)
	for i in labels.size():
		var code := _code_of(copies[0].get_active_material(i))
		report.same(code, LabelTable.code_of(labels[i], ""), "label %d of %s" % [i, mesh.name])


func _code_of(material: Material) -> int:
	if not material is TagMaterial:
		return -1
	var digits: Vector3 = (material as TagMaterial).get_shader_parameter("digits")
	return roundi(digits.x) * 2 + (roundi(digits.y) >> 3)


func _copies_of(mesh: MeshInstance3D) -> Array[MeshInstance3D]:
	var found: Array[MeshInstance3D] = []
	for child in mesh.get_children(true):
		if TagCopies.is_copy(child) and not child.is_queued_for_deletion():
			found.append(child as MeshInstance3D)
	return found
