extends "game.gd"
## Name tags and markers in the world: never sent, drawn over the result once and sharp, hidden by what is before them.
##
## User arguments: address, and a folder for pictures of the screen, if they are wanted.

const CameraMirror := preload("res://addons/framegen/capture/camera_mirror.gd")
const LabelTable := preload("res://addons/framegen/capture/label_table.gd")
const Overlay := preload("res://addons/framegen/display/overlay.gd")

const LAYER := 1 << 4
## Of the mark before the floor and the two behind the box, in pixels.
const HALF := Vector2i(16, 4)
const MARK := 2 * HALF
## Beside an edge of the box depth, which is of the frames' size, hides too much or too little.
const EDGE_PX := 5

var framegen := FrameGen.new()
var labels := Node3D.new()
var tag := FrameGenTag.new()
var name_tag := Label3D.new()
# Where marks are on the screen.
var free_mark: Rect2i
var seen: Array[Rect2i] = []
var hidden: Array[Rect2i] = []
var bare: Image
var plain: Image


func _ready() -> void:
	set_stage()
	stage.tag.intensity = 1.0
	stage.add_child(labels)
	_add_marks()
	_add_name_tag()
	framegen.address = OS.get_cmdline_user_args()[0]
	framegen.model_size = Vector2i(160, 90)
	framegen.overlay_layers = LAYER
	framegen.enabled = false
	watch(framegen)
	add_child(framegen)
	await wait_frames(4)
	plain = await _picture("plain")
	labels.hide()
	name_tag.hide()
	await wait_frames(2)
	bare = await _picture("bare")
	labels.show()
	name_tag.show()
	_expect_marks_in_plain()
	framegen.enabled = true
	for quality: FrameGen.Quality in [FrameGen.Quality.FULL, FrameGen.Quality.LIGHT]:
		await _check(quality)
	await _check_turning()
	await _check_costs_nothing()
	report.finish(get_tree())


# A texture of stripes, each of them as wide as a pixel of the window.
func _stripes() -> Texture2D:
	var picture := Image.create(MARK.x, MARK.y, false, Image.FORMAT_RGBA8)
	for x in MARK.x:
		picture.fill_rect(Rect2i(x, 0, 1, MARK.y), Color.YELLOW if x % 2 else Color.BLUE)
	return ImageTexture.create_from_image(picture)


# Pixels of the window from its middle -> metres, at a distance along the view axis.
func _metres(distance_m: float) -> float:
	return 2.0 * distance_m * tan(deg_to_rad(stage.camera.fov) / 2.0) / get_viewport().get_visible_rect().size.y


func _add_marks() -> void:
	var middle := Vector2i(get_viewport().get_visible_rect().size * 0.5)
	free_mark = Rect2i(middle - HALF, MARK)
	_place(_sprite(), Vector2i.ZERO, 4.0)
	# Two behind the left and the right edge of the box.
	var edges := [INF, -INF]
	for x: float in [-0.5, 0.5]:
		for z: float in [-0.5, 0.5]:
			var corner := stage.camera.unproject_position(stage.box.position + Vector3(x, 0.0, z))
			edges = [minf(edges[0], corner.x), maxf(edges[1], corner.x)]
	var row := int(stage.camera.unproject_position(stage.box.position + Vector3.UP * 0.3).y)
	for is_right: bool in [false, true]:
		var edge := Vector2i(roundi(edges[1] if is_right else edges[0]), row)
		_place(_opaque() if is_right else _sprite(), edge - middle, 8.0)
		var size := Vector2i(HALF.x - EDGE_PX, MARK.y)
		var left := Rect2i(edge - HALF, size)
		var right := Rect2i(edge + Vector2i(EDGE_PX, -HALF.y), size)
		seen.append(right if is_right else left)
		hidden.append(left if is_right else right)


func _sprite() -> GeometryInstance3D:
	var sprite := Sprite3D.new()
	sprite.texture = _stripes()
	sprite.texture_filter = BaseMaterial3D.TEXTURE_FILTER_NEAREST
	sprite.pixel_size = 1.0
	return sprite


# Solid things write depth themselves, unlike sprites.
func _opaque() -> GeometryInstance3D:
	var mesh := MeshInstance3D.new()
	var quad := QuadMesh.new()
	quad.size = Vector2(MARK)
	var material := StandardMaterial3D.new()
	material.shading_mode = BaseMaterial3D.SHADING_MODE_UNSHADED
	material.albedo_texture = _stripes()
	material.texture_filter = BaseMaterial3D.TEXTURE_FILTER_NEAREST
	mesh.mesh = quad
	mesh.material_override = material
	return mesh


# So many pixels from the middle of the window.
func _place(mark: GeometryInstance3D, at: Vector2i, distance_m: float) -> void:
	var unit := _metres(distance_m)
	var place := Vector3(at.x * unit, -at.y * unit, -distance_m)
	mark.transform = stage.camera.transform * Transform3D(Basis.from_scale(Vector3.ONE * unit), place)
	mark.layers = LAYER
	labels.add_child(mark)


# Below the box's tag, and drawn after the result by a tag of its own.
func _add_name_tag() -> void:
	name_tag.text = "Anna"
	name_tag.billboard = BaseMaterial3D.BILLBOARD_ENABLED
	name_tag.pixel_size = 0.02
	name_tag.position = Vector3(0.0, 1.1, 0.0)
	tag.preset = FrameGenTag.Preset.DRAWN_AFTER
	name_tag.add_child(tag)
	stage.box.add_child(name_tag)


func _picture(title: String) -> Image:
	var picture := await screen()
	if OS.get_cmdline_user_args().size() > 1:
		picture.save_png("%s/%s.png" % [OS.get_cmdline_user_args()[1], title])
	return picture


# Mean difference of two pictures within a part, 0..1.
func _difference(a: Image, b: Image, part: Rect2i) -> float:
	var sum := 0.0
	for y in range(part.position.y, part.end.y):
		for x in range(part.position.x, part.end.x):
			var change := a.get_pixel(x, y) - b.get_pixel(x, y)
			sum += absf(change.r) + absf(change.g) + absf(change.b)
	return sum / (3.0 * part.get_area())


func _name_part() -> Rect2i:
	var at := Vector2i(stage.camera.unproject_position(name_tag.global_position))
	return Rect2i(at - Vector2i(8, 4), Vector2i(16, 8))


func _expect_marks_in_plain() -> void:
	report.expect(_difference(plain, bare, free_mark) > 0.2, "a mark before the floor")
	report.expect(_difference(plain, bare, _name_part()) > 0.1, "a name tag")
	for i in seen.size():
		report.expect(_difference(plain, bare, seen[i]) > 0.2, "mark %d beside the box" % i)
		report.near(_difference(plain, bare, hidden[i]), 0.0, 0.001, "mark %d behind the box" % i)


func _check(quality: FrameGen.Quality) -> void:
	var title: String = FrameGen.Quality.find_key(quality)
	framegen.quality = quality
	framegen.show = FrameGen.Show.RESTYLED
	await wait_results(8)
	await wait_frames(2)
	_check_sent(title)
	_expect_labels(await _picture("restyled_" + title), title)
	framegen.show = FrameGen.Show.SPLIT
	await wait_results(2)
	_expect_labels(await _picture("split_" + title), title + ", split")
	framegen.show = FrameGen.Show.RESTYLED
	await _check_fading(title)
	framegen.show = FrameGen.Show.PLAIN
	await wait_frames(2)
	report.expect(psnr(await _picture("plain_" + title), plain) > 60.0, title + ": the game's own picture")


# The frame whose result is shown.
func _check_sent(title: String) -> void:
	var frame := framegen._pictures.display._shown
	var sent := rgb(frame.to_image())
	var wanted: Image = bare.duplicate()
	wanted.resize(sent.get_width(), sent.get_height(), Image.INTERPOLATE_BILINEAR)
	var scale := Vector2(sent.get_size()) / Vector2(bare.get_size())
	for part: Rect2i in seen + hidden + [free_mark, _name_part()] as Array[Rect2i]:
		var small := Rect2i(Vector2(part.position) * scale, Vector2(part.size) * scale)
		report.near(_difference(sent, wanted, small), 0.0, 0.03, "%s: what is sent at %s" % [title, small])
	var pixel := Vector2i(sent.get_size() * 0.5)
	var at := pixel.y * sent.get_width() + pixel.x
	var ray := stage.camera.project_ray_normal((Vector2(pixel) + Vector2(0.5, 0.5)) / scale)
	var distance := -stage.camera.position.y / ray.y * -(stage.camera.basis.inverse() * ray).z
	report.near(frame.plane("depth").to_float32_array()[at], distance, 0.01, title + ": depth behind a mark")
	var label := frame.plane("label")
	pixel = Vector2i(Vector2(_name_part().get_center()) * scale)
	report.same(label[pixel.y * sent.get_width() + pixel.x], 0, title + ": the name tag's label")
	pixel = Vector2i(stage.camera.unproject_position(stage.box.position) * scale)
	var code := LabelTable.code_of("brick", "")
	report.same(label[pixel.y * sent.get_width() + pixel.x], code, title + ": the box's label")


func _expect_labels(shown: Image, title: String) -> void:
	report.near(_difference(shown, plain, free_mark), 0.0, 0.004, title + ": the mark as in the game")
	report.near(_difference(shown, plain, _name_part()), 0.0, 0.05, title + ": the name tag as in the game")
	for i in seen.size():
		report.near(_difference(shown, plain, seen[i]), 0.0, 0.004, "%s: mark %d beside the box" % [title, i])
		var under := bare if "split" in title else inverted(bare)
		var what := "%s: mark %d behind the box" % [title, i]
		report.near(_difference(shown, under, hidden[i]), 0.0, 0.03, what)


# Between a result that is shown and the game's picture. How old the result is then, is set, not waited for.
func _check_fading(title: String) -> void:
	var mixed := 0.0
	while mixed < 0.2 or mixed > 0.8:
		await get_tree().process_frame
		framegen.fade_after_ms = framegen._pictures.display.silence_ms() - 75.0
		var shown := await _picture("fading_" + title)
		mixed = framegen._pictures.display._material.get_shader_parameter("freshness")
		if mixed > 0.2 and mixed < 0.8:
			report.near(_difference(shown, plain, free_mark), 0.0, 0.004, title + ": the mark while it fades")
			var wall := hidden[0].get_center()
			var mix := bare.get_pixelv(wall).lerp(inverted(bare).get_pixelv(wall), mixed)
			report.near(shown.get_pixelv(wall).g, mix.g, 0.05, title + ": it fades")
	framegen.fade_after_ms = 60_000.0


# With a margin to turn into, labels stay on the picture, which turns between two frames of the world.
func _check_turning() -> void:
	framegen.show = FrameGen.Show.RESTYLED
	framegen.margin = 0.25
	await wait_results(8)
	await wait_frames(2)
	_expect_labels(await _picture("margin"), "with a margin")
	var turned := 0
	for step in 60:
		stage.pose(5.0 * sin(0.2 * step))
		await RenderingServer.frame_post_draw
		turned += int(_expect_on_picture(labels.get_child(step % 3) as Node3D))
	report.measured.turned = turned
	stage.pose(0.0)


# Whether the picture was turned.
func _expect_on_picture(mark: Node3D) -> bool:
	var drawn := framegen._pictures.capture.now
	var view := drawn.camera_transform.affine_inverse() * mark.global_position
	var wanted := _uv_of(drawn.camera_projection * Vector4(view.x, view.y, view.z, 1.0))
	var camera: Camera3D = framegen._pictures.display._overlay._camera
	var shown := camera.unproject_position(mark.global_position) / get_viewport().get_visible_rect().size
	var uv := (shown - Vector2(0.5, 0.5)) / (1.0 + framegen.margin) + Vector2(0.5, 0.5)
	var turn: Projection = framegen._pictures.display._stretched.material.get_shader_parameter("picture_from_now")
	var found := _uv_of(turn * Vector4(2.0 * uv.x - 1.0, 1.0 - 2.0 * uv.y, 1.0, 1.0))
	report.near(found.distance_to(wanted), 0.0, 0.001, "a mark on the turned picture")
	return not camera.global_basis.is_equal_approx(drawn.camera_transform.basis)


func _uv_of(clip: Vector4) -> Vector2:
	return Vector2(0.5 + 0.5 * clip.x / clip.w, 0.5 - 0.5 * clip.y / clip.w)


func _check_costs_nothing() -> void:
	var overlay: Overlay = framegen._pictures.display._overlay
	framegen.show = FrameGen.Show.RESTYLED
	await wait_results(3)
	report.expect(overlay.visible, "labels are drawn")
	tag.queue_free()
	framegen.overlay_layers = 0
	await wait_results(6)
	report.expect(not overlay.visible, "no labels are drawn")
	var mode := RenderingServer.viewport_get_update_mode(overlay.view.get_viewport_rid())
	report.same(mode, RenderingServer.VIEWPORT_UPDATE_DISABLED, "the view of no labels")
	report.same(name_tag.layers & CameraMirror.SCENE_LAYERS, 1, "the name tag's own layer")
	var shown := await _picture("restyled_too")
	report.expect(_difference(shown, plain, free_mark) > 0.2, "a mark that is restyled with the world")
