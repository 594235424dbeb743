extends SceneTree
## Parts of the addon that need no picture: when the world is drawn, what is a cut, how tags reach meshes.

const CameraCut := preload("res://addons/framegen/camera_cut.gd")
const CameraMirror := preload("res://addons/framegen/capture/camera_mirror.gd")
const Capture := preload("res://addons/framegen/capture/capture.gd")
const LightLink := preload("res://addons/framegen/light_link.gd")
const Limits := preload("res://addons/framegen/protocol/limits.gd")
const Pace := preload("res://addons/framegen/pace.gd")
const Report := preload("res://checks/report.gd")
const SharpAttributes := preload("res://addons/framegen/capture/sharp_attributes.gd")
const TagCopies := preload("res://addons/framegen/capture/tag_copies.gd")
const TagMaterial := preload("res://addons/framegen/capture/tag_material.gd")

var report := Report.new()


func _initialize() -> void:
	_check_pace()
	_check_cuts()
	_check_sizes()
	await _check_tags()
	_check_light()
	await _check_many_tags()
	_check_presets()
	await _check_blur()
	report.finish(self)


func _check_pace() -> void:
	var pace := Pace.new()
	report.expect(pace.draws(true, false, false, 1000.0), "the first frame is drawn")
	report.expect(not pace.draws(true, false, false, 1010.0), "nobody wants another one yet")
	report.expect(pace.draws(true, true, false, 1020.0), "the server wants one")
	report.expect(not pace.draws(true, false, false, 1020.0 + 0.9 * Pace.LONGEST_MS), "not too often")
	report.expect(pace.draws(true, false, false, 1020.0 + Pace.LONGEST_MS), "nor too seldom")
	report.expect(pace.draws(true, false, true, 1021.0 + Pace.LONGEST_MS), "a cut is drawn at once")
	report.expect(pace.draws(false, false, false, 1022.0 + Pace.LONGEST_MS), "a card draws every frame")


func _check_cuts() -> void:
	var cut := CameraCut.new()
	var first := Camera3D.new()
	var second := Camera3D.new()
	var pose := Transform3D.IDENTITY
	report.expect(cut.is_at(first, pose), "a first camera")
	report.expect(not cut.is_at(first, pose.translated(Vector3.RIGHT)), "a step")
	report.expect(cut.is_at(first, pose.translated(Vector3.RIGHT * 9.0)), "a jump")
	pose = pose.translated(Vector3.RIGHT * 9.0)
	report.expect(not cut.is_at(first, pose.rotated_local(Vector3.UP, 0.3)), "a turn")
	report.expect(cut.is_at(first, pose.rotated_local(Vector3.UP, 1.5)), "another direction")
	report.expect(cut.is_at(second, pose.rotated_local(Vector3.UP, 1.5)), "another camera")
	first.free()
	second.free()


# Looking for a light means looking at every node of the game.
func _check_light() -> void:
	var link := LightLink.new()
	report.same(link.direction(null, self), Vector3.ZERO, "a game without a light")
	var light := DirectionalLight3D.new()
	root.add_child(light)
	report.same(link.direction(null, self), Vector3.ZERO, "it is not looked for in every frame")
	for _i in LightLink.SEARCH_FRAMES:
		link.direction(null, self)
	report.same(link.direction(null, self), Vector3.BACK, "but now and then")
	root.remove_child(light)
	report.same(link.direction(null, self), Vector3.ZERO, "one that left the tree")
	light.free()


func _check_sizes() -> void:
	report.same(Capture.fitted(Vector2i(512, 288), Vector2(1920.0, 1080.0)), Vector2i(512, 288), "as wanted")
	var limits := Limits.DEFAULTS.duplicate()
	limits.max_side_px = 1000
	limits.max_pixels = 300_000
	for screen: Vector2 in [Vector2(1920.0, 1080.0), Vector2(1080.0, 1920.0), Vector2(3000.0, 400.0), Vector2.ONE]:
		var size := Capture.fitted(Vector2i(4096, 2304), screen, limits)
		report.expect(maxi(size.x, size.y) <= 1000 and size.x * size.y <= 300_000, "%s is too large" % size)
		report.expect(size.x * size.y > 100_000, "%s is too small" % size)
		report.same(size % 4, Vector2i.ZERO, "multiples of 4")
		report.near(size.aspect() / screen.aspect(), 1.0, 0.03, "the shape of %s" % size)


func _check_tags() -> void:
	var branch := Node3D.new()
	var plain := MeshInstance3D.new()
	plain.mesh = BoxMesh.new()
	var misty := MeshInstance3D.new()
	var mist := StandardMaterial3D.new()
	mist.transparency = BaseMaterial3D.TRANSPARENCY_ALPHA
	misty.mesh = BoxMesh.new()
	misty.material_override = mist
	var tag := FrameGenTag.new()
	tag.label = "brick"
	for child: Node in [tag, plain, misty]:
		branch.add_child(child)
	root.add_child(branch)
	await process_frame
	report.same(_copies_of(plain).size(), 1, "copies of a plain mesh")
	report.same(plain.material_overlay, null, "overlay of a plain mesh")
	report.same(_copies_of(misty).size(), 0, "copies of mist")
	report.expect(misty.material_overlay != null, "mist has an overlay")
	report.expect(misty.layers & CameraMirror.TAG_LAYER, "mist is seen where tags are drawn")
	plain.mesh = SphereMesh.new()
	report.same(_copies_of(plain)[0].mesh, plain.mesh, "the copy follows its mesh")
	var late := MeshInstance3D.new()
	branch.add_child(late)
	late.mesh = BoxMesh.new()
	await process_frame
	report.same(_copies_of(late).size(), 1, "copies of a mesh that came later")
	tag.drawn_after = true
	report.same(plain.layers, CameraMirror.AFTER_LAYER, "layers of what is drawn after the result")
	report.same(misty.layers, CameraMirror.AFTER_LAYER, "layers of mist that is drawn after the result")
	report.same(misty.material_overlay, null, "overlay of what is drawn after the result")
	report.expect(not tag.is_in_group(&"framegen_tags"), "it says nothing else")
	tag.drawn_after = false
	report.same(plain.layers, 1, "layers given back")
	report.expect(misty.material_overlay != null, "mist has its overlay again")
	tag.free()
	await process_frame
	report.same(_copies_of(plain).size() + _copies_of(late).size(), 0, "copies without a tag")
	report.same(misty.material_overlay, null, "overlay without a tag")
	report.same(misty.layers, 1, "layers without a tag")
	branch.free()


# A level brings thousands of meshes, and things come and go: tags cost nothing then that grows with their number.
func _check_many_tags() -> void:
	var before := node_added.get_connections().size()
	var branch := Node3D.new()
	for _i in 50:
		var house := Node3D.new()
		house.add_child(FrameGenTag.new())
		branch.add_child(house)
	root.add_child(branch)
	report.same(node_added.get_connections().size(), before + 1, "handlers of fifty tags")
	var district := FrameGenTag.new()
	branch.add_child(district)
	await process_frame
	var late := MeshInstance3D.new()
	late.mesh = BoxMesh.new()
	late.add_child(FrameGenTag.new())
	branch.add_child(late)
	await process_frame
	report.same(_copies_of(late).size(), 1, "copies of a mesh that came later with a tag of its own")
	branch.free()
	report.same(node_added.get_connections().size(), before, "handlers without a tag")
	for _i in 500:
		FrameGenTag.new().free()
	report.expect(TagMaterial._all.size() < 200, "materials of tags that are gone: %d" % TagMaterial._all.size())


# A scene holds what a person made of a preset, default values too.
func _check_presets() -> void:
	var tag := FrameGenTag.new()
	tag.preset = FrameGenTag.Preset.PERSON_KEPT
	report.same(_saved(tag), ["person", 0.0, true, FrameGenTag.Preset.PERSON_KEPT], "a preset")
	tag.intensity = 1.0
	tag.moves = false
	report.same(_saved(tag), ["person", 1.0, false, FrameGenTag.Preset.CUSTOM], "a preset that was changed")
	tag.preset = FrameGenTag.Preset.DRAWN_AFTER
	report.same(_saved(tag)[-1], FrameGenTag.Preset.DRAWN_AFTER, "drawn after")
	tag.free()


func _saved(tag: FrameGenTag) -> Array:
	var scene := PackedScene.new()
	scene.pack(tag)
	var loaded: FrameGenTag = scene.instantiate()
	var values := [loaded.label, loaded.intensity, loaded.moves, loaded.preset]
	loaded.free()
	return values


# Depth of field is left out wherever it comes from; exposure and the lens are the camera's.
func _check_blur() -> void:
	var source := Camera3D.new()
	var mirror := Camera3D.new()
	root.add_child(source)
	root.add_child(mirror)
	await process_frame
	var blurred := CameraAttributesPractical.new()
	blurred.dof_blur_near_enabled = true
	blurred.exposure_multiplier = 0.5
	source.get_world_3d().camera_attributes = blurred
	for of_world: bool in [true, false]:
		source.attributes = null if of_world else blurred
		CameraMirror.follow(mirror, source, 0.0)
		var sharp := mirror.attributes
		report.expect(sharp is SharpAttributes and not SharpAttributes.blurs(sharp), "no depth of field")
		report.near(sharp.exposure_multiplier, 0.5, 0.0, "exposure")
		blurred.exposure_multiplier = 0.25
		CameraMirror.follow(mirror, source, 0.0)
		report.same(mirror.attributes, sharp, "attributes, made once")
		report.near(sharp.exposure_multiplier, 0.25, 0.0, "exposure that changed")
		blurred.exposure_multiplier = 0.5
	source.get_world_3d().camera_attributes = null
	source.attributes = CameraAttributesPhysical.new()
	CameraMirror.follow(mirror, source, 0.5)
	report.expect(mirror.attributes is SharpAttributes, "no depth of field of a physical camera")
	report.near(mirror.attributes.exposure_sensitivity, 100.0, 1e-3, "its exposure")
	report.near(tan(deg_to_rad(mirror.fov / 2.0)) / tan(deg_to_rad(source.fov / 2.0)), 1.5, 1e-3, "its lens")
	source.attributes = null
	CameraMirror.follow(mirror, source, 0.0)
	report.same(mirror.attributes, null, "no attributes")
	source.free()
	mirror.free()


func _copies_of(mesh: MeshInstance3D) -> Array[MeshInstance3D]:
	var found: Array[MeshInstance3D] = []
	for child in mesh.get_children(true):
		if TagCopies.is_copy(child):
			found.append(child as MeshInstance3D)
	return found
