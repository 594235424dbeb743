extends Node
## Captures frames of a known world and compares every plane with what it must hold. With [code]effects[/code] an effect
## of the world paints the picture in one colour. With [code]interpolated[/code] the engine shows things between physics
## ticks, but for the world, which is moved in every frame.

const Capture := preload("res://addons/framegen/capture/capture.gd")
const CapturedFrame := preload("res://addons/framegen/protocol/captured_frame.gd")
const LabelTable := preload("res://addons/framegen/capture/label_table.gd")
const Report := preload("res://checks/report.gd")
const Stage := preload("res://checks/stage.gd")

const SIZE := Vector2i(256, 144)
const FRAMES := 24

var report := Report.new()
var paints := "effects" in OS.get_cmdline_user_args()
var stage := Stage.new()
var capture := Capture.new()
var steps := 0
var frames: Dictionary[int, CapturedFrame] = {}
var pictures: Dictionary[int, Image] = {}
var boxes: Dictionary[int, Vector3] = {}
var poses: Dictionary[int, Transform3D] = {}


class Paint:
	extends CompositorEffect

	func _init() -> void:
		effect_callback_type = EFFECT_CALLBACK_TYPE_POST_TRANSPARENT

	func _render_callback(_type: int, data: RenderData) -> void:
		var buffers: RenderSceneBuffersRD = data.get_render_scene_buffers()
		var device := RenderingServer.get_rendering_device()
		var picture := device.framebuffer_create([buffers.get_color_layer(0)])
		device.draw_list_begin(picture, RenderingDevice.DRAW_CLEAR_COLOR_0, [Color(9.0, 0.0, 0.0)])
		device.draw_list_end()
		device.free_rid(picture)


func _ready() -> void:
	process_priority = 1000
	if "msaa" in OS.get_cmdline_user_args():
		get_viewport().msaa_3d = Viewport.MSAA_2X
	if "interpolated" in OS.get_cmdline_user_args():
		get_tree().physics_interpolation = true
		stage.physics_interpolation_mode = Node.PHYSICS_INTERPOLATION_MODE_OFF
	add_child(stage)
	if paints:
		var world: WorldEnvironment = stage.find_children("*", "WorldEnvironment", true, false)[0]
		world.compositor = Compositor.new()
		world.compositor.compositor_effects = [Paint.new()]
	stage.camera.current = true
	add_child(capture)
	capture.set_up(SIZE, SIZE)
	capture.captured.connect(func(frame: CapturedFrame) -> void: frames[frame.frame_id] = frame)
	RenderingServer.frame_post_draw.connect(_after_draw)


func _process(_delta: float) -> void:
	steps += 1
	stage.pose(steps)
	capture.follow(stage.camera)
	capture.now.frame_id = steps
	capture.now.timestamp_ns = steps
	boxes[steps] = stage.box.global_position
	poses[steps] = stage.camera.global_transform
	if _is_captured(steps):
		capture.capture()
	if steps >= FRAMES + 6:
		set_process(false)
		_finish()


# Every frame for a while, then every third one.
func _is_captured(step: int) -> bool:
	return step > 6 and step <= FRAMES and (step < 14 or step % 3 == 0)


func _after_draw() -> void:
	if steps in [8, 12, 18, 24]:
		pictures[steps] = capture.picture().get_image()


func _finish() -> void:
	RenderingServer.frame_post_draw.disconnect(_after_draw)
	var ids := frames.keys()
	report.expect(ids.size() >= 10, "%d frames came" % ids.size())
	report.measured.planes = []
	var before: CapturedFrame = null
	for id: int in ids:
		var frame := frames[id]
		report.expect(frame.camera_transform.is_equal_approx(poses[id]), "where the game's camera was")
		report.measured.planes = frame.ranges.keys()
		_check_depth(frame)
		_check_tags(frame)
		if pictures.has(id):
			_check_color(frame, pictures[id])
		if frame.ranges.has("motion") and before != null:
			_check_motion(frame, before)
		if paints:
			report.same(frame.to_image().get_pixel(40, 120), Color.RED, "what the world's effect painted")
		elif frame.ranges.has("reactive"):
			_check_reactive(frame)
		before = frame
	report.expect(pictures.keys().any(func(id: int) -> bool: return frames.has(id)), "pictures")
	report.finish(get_tree())


func _uv_of(world: Vector3, frame: CapturedFrame) -> Vector2:
	var view := frame.camera_transform.affine_inverse() * world
	var clip := frame.camera_projection * Vector4(view.x, view.y, view.z, 1.0)
	return Vector2(0.5 + 0.5 * clip.x / clip.w, 0.5 - 0.5 * clip.y / clip.w)


func _ray(at: Vector2i, frame: CapturedFrame) -> Vector3:
	var uv := (Vector2(at) + Vector2(0.5, 0.5)) / Vector2(frame.size)
	var p := frame.camera_projection
	var view := Vector3((2.0 * uv.x - 1.0) / p.x.x, (1.0 - 2.0 * uv.y) / p.y.y, -1.0)
	return frame.camera_transform.basis * view


func _index(at: Vector2i) -> int:
	return at.y * SIZE.x + at.x


func _check_depth(frame: CapturedFrame) -> void:
	var depth := frame.plane("depth").to_float32_array()
	report.same(depth.size(), SIZE.x * SIZE.y, "pixels of depth")
	for at: Vector2i in [Vector2i(128, 130), Vector2i(40, 120), Vector2i(220, 100), Vector2i(250, 140)]:
		var wanted := -frame.camera_transform.origin.y / _ray(at, frame).y
		report.near(depth[_index(at)], wanted, 2e-4 * wanted, "floor's depth at %s" % at)
	report.expect(is_inf(depth[_index(Vector2i(128, 3))]), "the sky is infinite")
	var face := boxes[frame.frame_id] + Vector3(0.0, 0.0, 0.5)
	var pixel := Vector2i((_uv_of(face, frame) * Vector2(SIZE)).floor())
	var distance := -(frame.camera_transform.affine_inverse() * face).z
	report.near(depth[_index(pixel)], distance, 0.02, "the box's depth")


func _check_color(frame: CapturedFrame, picture: Image) -> void:
	picture.convert(Image.FORMAT_RGBA8)
	var found := frame.plane("color")
	var wanted := picture.get_data()
	var worst := 0
	for i in range(0, found.size(), 4):
		for channel in 3:
			worst = maxi(worst, absi(found[i + channel] - wanted[i + channel]))
	report.expect(worst <= 2, "colour differs by %d from the picture" % worst)
	report.same(found[3], 255, "alpha")


func _check_motion(frame: CapturedFrame, before: CapturedFrame) -> void:
	var halves := frame.plane("motion")
	report.same(frame.motion_from_frame_id, before.frame_id, "motion points to the last captured frame")
	for at: Vector2i in [Vector2i(128, 130), Vector2i(40, 120), Vector2i(220, 110), Vector2i(128, 3)]:
		var ray := _ray(at, frame)
		var point := frame.camera_transform.origin + ray * 1e6
		if at.y > 20:
			point = frame.camera_transform.origin - ray * frame.camera_transform.origin.y / ray.y
		_compare_motion(halves, at, point, point, frame, before)
	var face := boxes[frame.frame_id] + Vector3(0.0, 0.0, 0.5)
	var pixel := Vector2i((_uv_of(face, frame) * Vector2(SIZE)).floor())
	var moved := boxes[before.frame_id] - boxes[frame.frame_id]
	_compare_motion(halves, pixel, face, face + moved, frame, before)


func _compare_motion(
	halves: PackedByteArray,
	at: Vector2i,
	now: Vector3,
	then: Vector3,
	frame: CapturedFrame,
	before: CapturedFrame
) -> void:
	var wanted := (_uv_of(then, before) - _uv_of(now, frame)) * Vector2(SIZE)
	var place := 4 * _index(at)
	var found := Vector2(halves.decode_half(place), halves.decode_half(place + 2))
	var skipped := frame.frame_id - before.frame_id > 1
	var tolerance := 0.02 * wanted.length() + (0.15 if skipped else 0.03)
	report.expect(
		found.distance_to(wanted) <= tolerance,
		"motion of frame %d at %s: %s instead of %s" % [frame.frame_id, at, found, wanted]
	)


func _check_tags(frame: CapturedFrame) -> void:
	var face := boxes[frame.frame_id] + Vector3(0.0, 0.0, 0.5)
	var on_box := _index(Vector2i((_uv_of(face, frame) * Vector2(SIZE)).floor()))
	var on_floor := _index(Vector2i(220, 130))
	var label := frame.plane("label")
	report.same(label.size(), SIZE.x * SIZE.y, "pixels of the label")
	if label.is_empty():
		return
	report.same(label[on_box], LabelTable.code_of("brick", ""), "the box's label")
	report.same(label[on_floor], 0, "the floor has no label")
	report.near(frame.plane("intensity_mask")[on_box], 127.5, 3.0, "the box's intensity")
	report.same(frame.plane("intensity_mask")[on_floor], 255, "the floor's intensity")
	report.same(frame.plane("dynamic_mask")[on_box], 255, "the box moves")
	report.same(frame.plane("dynamic_mask")[on_floor], 0, "the floor stands")


func _check_reactive(frame: CapturedFrame) -> void:
	var reactive := frame.plane("reactive")
	var on_glass := Vector2i((_uv_of(stage.glass.position, frame) * Vector2(SIZE)).floor())
	report.expect(reactive[_index(on_glass)] > 80, "glass is reactive: %d" % reactive[_index(on_glass)])
	report.same(reactive[_index(Vector2i(40, 120))], 0, "the floor is not")

