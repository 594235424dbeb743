extends SceneTree
## Parts of the addon that need no picture: when the world is drawn, what is a cut, how tags reach meshes.

const CameraCut := preload("res://addons/framegen/camera_cut.gd")
const CameraMirror := preload("res://addons/framegen/capture/camera_mirror.gd")
const Pace := preload("res://addons/framegen/pace.gd")
const Report := preload("res://checks/report.gd")
const TagCopies := preload("res://addons/framegen/capture/tag_copies.gd")

var report := Report.new()


func _initialize() -> void:
	_check_pace()
	_check_cuts()
	await _check_tags()
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


func _copies_of(mesh: MeshInstance3D) -> Array[MeshInstance3D]:
	var found: Array[MeshInstance3D] = []
	for child in mesh.get_children(true):
		if TagCopies.is_copy(child):
			found.append(child as MeshInstance3D)
	return found
