extends "game.gd"
## A small game with a FrameGen node and a HUD, against a server that inverts colours.
##
## User arguments: address, what to check (screen, warp, loss, soak), and for soak the number of frames.

const HUD := Color(1.0, 0.0, 1.0)
const WARP_STEP := 12.0

var framegen := FrameGen.new()
var steps := 0
var is_walking := false
var plain: Image
var kinds: PackedStringArray = []
var clicks := 0


func _ready() -> void:
	var arguments := OS.get_cmdline_user_args()
	set_stage()
	var hud := CanvasLayer.new()
	var mark := ColorRect.new()
	mark.color = HUD
	mark.size = Vector2(40.0, 30.0)
	hud.add_child(mark)
	add_child(hud)
	stage.tag.intensity = 1.0
	framegen.enabled = false
	framegen.address = arguments[0]
	framegen.model_size = Vector2i(320, 180)
	framegen.server_connected.connect(func(_server: String) -> void: kinds.append("connected"))
	framegen.server_lost.connect(func(_reason: String) -> void: kinds.append("lost"))
	watch(framegen)
	add_child(framegen)
	await wait_frames(4)
	report.expect(not framegen.is_showing_result(), "plain before there is a result")
	plain = await screen()
	framegen.enabled = true
	match arguments[1]:
		"screen":
			await _check_screen()
		"warp":
			await _check_warp()
		"loss":
			await _check_loss()
		"soak":
			await _soak(arguments[2].to_int())
	report.measured.status = framegen.get_status()
	report.measured.kinds = kinds
	report.measured.results = results
	report.finish(get_tree())


func _process(delta: float) -> void:
	steps += 1
	if is_walking:
		stage.pose(60.0 * sin(steps * 0.05))
	super(delta)


func _unhandled_input(event: InputEvent) -> void:
	clicks += 1 if event is InputEventMouseButton and event.is_pressed() else 0


# Below the HUD's mark.
func _game(picture: Image) -> Image:
	return picture.get_region(Rect2i(0, 32, picture.get_width(), picture.get_height() - 32))


func _check_screen() -> void:
	await wait_results(6)
	await wait_frames(2)
	var shown := await screen()
	report.near(shown.get_pixel(10, 10).r, HUD.r, 0.02, "the HUD is above, red")
	report.near(shown.get_pixel(10, 10).g, HUD.g, 0.02, "the HUD is above, green")
	report.measured.psnr = psnr(_game(shown), inverted(_game(plain)))
	framegen.show = FrameGen.Show.SPLIT
	await wait_results(2)
	var split := await screen()
	var left := Rect2i(0, 40, 150, 130)
	var right := Rect2i(170, 40, 150, 130)
	report.expect(psnr(split.get_region(left), plain.get_region(left)) > 30.0, "plain on the left")
	report.expect(psnr(split.get_region(right), shown.get_region(right)) > 30.0, "restyled on the right")
	report.expect(get_viewport().disable_3d, "the game is rendered once, not twice")
	_drag(0.7, 0.2)
	report.near(framegen.split_position, 0.5, 0.001, "a click beside the line leaves it")
	_drag(0.5, 0.25)
	report.near(framegen.split_position, 0.25, 0.01, "the line was dragged")
	Input.mouse_mode = Input.MOUSE_MODE_CAPTURED
	await wait_frames(2)
	clicks = 0
	_drag(0.25, 0.75)
	report.same(clicks, 1, "clicks that the game got while it holds the mouse")
	report.near(framegen.split_position, 0.25, 0.01, "nothing is dragged by a mouse that the game holds")
	Input.mouse_mode = Input.MOUSE_MODE_VISIBLE
	framegen.show = FrameGen.Show.PLAIN
	await wait_frames(2)
	report.expect(psnr(await screen(), plain) > 60.0, "the game's own picture again")
	report.expect(not get_viewport().disable_3d, "rendered by the game")
	framegen.show = FrameGen.Show.RESTYLED
	framegen.intensity = 0.0
	await wait_results(8)
	report.expect(psnr(_game(await screen()), _game(plain)) > 30.0, "intensity 0 is the game's picture")


# Presses the mouse at one place of the window's width, moves it to another, lets go.
func _drag(from: float, to: float) -> void:
	var size := get_viewport().get_visible_rect().size
	var click := InputEventMouseButton.new()
	click.button_index = MOUSE_BUTTON_LEFT
	click.pressed = true
	click.position = size * Vector2(from, 0.5)
	get_viewport().push_input(click)
	var motion := InputEventMouseMotion.new()
	motion.position = size * Vector2(to, 0.5)
	get_viewport().push_input(motion)
	var release: InputEventMouseButton = click.duplicate()
	release.pressed = false
	release.position = motion.position
	get_viewport().push_input(release)


# The server is so slow that no result comes between the two pictures of a round; where one does, the round is
# not counted. So both show the same result, from the same camera, whatever else the machine does.
func _check_warp() -> void:
	for _try in 8:
		stage.pose(0.0)
		await wait_results(2)
		stage.pose(WARP_STEP)
		var before := results
		while not framegen._pictures.capture.now.camera_transform.is_equal_approx(stage.camera.transform):
			await get_tree().process_frame
		var late := await _warped(false)
		var reprojected := await _warped(true)
		var truth := inverted(_game(await _rendered()))
		if results == before:
			report.measured.late_db = psnr(late, truth)
			report.measured.reprojected_db = psnr(reprojected, truth)
			return
	report.expect(false, "a new result in every round")


func _warped(is_reprojected: bool) -> Image:
	framegen.late_reprojection = is_reprojected
	await wait_frames(2)
	return _game(await screen())


func _rendered() -> Image:
	await RenderingServer.frame_post_draw
	return rgb(framegen._pictures.capture.picture().get_image())


# The test kills the server after the first results and starts another one.
func _check_loss() -> void:
	framegen.prompt = "night"
	await wait_results(12)
	report.measured.darker_by = _brightness(plain) - _brightness(await screen())
	report.expect("night" in framegen.get_status().understood, "the prompt is understood")
	is_walking = true
	print("READY TO LOSE")
	while not "lost" in kinds:
		await get_tree().process_frame
	await wait_frames(2)
	report.expect(not framegen.is_showing_result(), "plain at once without a server")
	report.expect(not get_viewport().disable_3d, "rendered by the game without a server")
	var before := results
	await wait_results(5)
	report.expect(results > before and framegen.is_showing_result(), "restyled again")


func _brightness(picture: Image) -> float:
	var small: Image = _game(picture)
	small.resize(1, 1, Image.INTERPOLATE_TRILINEAR)
	return small.get_pixel(0, 0).get_luminance()


func _soak(frames: int) -> void:
	framegen.model_size = Vector2i(160, 90)
	is_walking = true
	await wait_results(5)
	await wait_frames(frames >> 2)
	var before := _memory()
	var first := results
	var begun := Time.get_ticks_msec()
	await wait_frames(frames)
	var after := _memory()
	report.measured.frames_per_s = frames * 1000.0 / (Time.get_ticks_msec() - begun)
	report.measured.results_per_s = (results - first) * 1000.0 / (Time.get_ticks_msec() - begun)
	report.measured.memory_mib = after.map(func(bytes: int) -> float: return bytes / 1048576.0)
	report.measured.growth_mib = [(after[0] - before[0]) / 1048576.0, (after[1] - before[1]) / 1048576.0]
	report.measured.objects = Performance.get_monitor(Performance.OBJECT_COUNT)
	report.expect(results > first, "results went on")


# Of the engine's own heap, and of the process.
func _memory() -> Array[int]:
	var pages := FileAccess.get_file_as_string("/proc/self/statm").split(" ")
	return [OS.get_static_memory_usage(), pages[1].to_int() * 4096 if pages.size() > 1 else 0]
