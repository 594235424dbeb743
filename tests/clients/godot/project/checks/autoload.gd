extends Node3D
## A game that has nothing of the addon but its autoload; later a scene in it has a FrameGen of its own.
##
## With the user argument [code]check[/code] it looks at itself, against a server that inverts colours, and ends.

const Autoload := preload("res://addons/framegen/autoload.gd")
const Report := preload("res://checks/report.gd")
const Stage := preload("res://checks/stage.gd")

const LIMIT_MS := 200_000
const ROOM := preload("res://checks/editor/room.tscn")

var report := Report.new()
var stage := Stage.new()
var results := 0


func _ready() -> void:
	add_child(stage)
	stage.camera.current = true
	if "check" in OS.get_cmdline_user_args():
		_check()


func _process(_delta: float) -> void:
	if Time.get_ticks_msec() > LIMIT_MS and "check" in OS.get_cmdline_user_args():
		report.expect(false, "no end; so far %d results" % results)
		report.finish(get_tree())


func _check() -> void:
	var autoload: Autoload = get_node("/root/FrameGenAutoload")
	var framegen := autoload.framegen
	framegen.fade_after_ms = 60_000.0  # a busy machine is no failure
	framegen.margin = 0.0
	framegen.result_received.connect(func(_image: Image, _info: Dictionary) -> void: results += 1)
	framegen.show = FrameGen.Show.PLAIN
	await _frames(4)
	var plain := await _screen()
	framegen.show = FrameGen.Show.RESTYLED
	await _results(6)
	await _frames(2)
	report.expect(framegen.is_showing_result(), "a result is shown")
	report.measured.psnr = _inverted(plain).compute_image_metrics(await _screen(), false).peak_snr
	report.measured.look = [framegen.prompt, framegen.strength]
	await _check_room(framegen)
	report.finish(get_tree())


# As a change of scenes does it: the room's own FrameGen takes over, and gives back.
func _check_room(framegen: FrameGen) -> void:
	var room: Node = ROOM.instantiate()
	var own: FrameGen = room.get_node("FrameGen")
	own.address = framegen.address
	own.fade_after_ms = 60_000.0
	add_child(room)
	report.expect(not framegen.is_inside_tree(), "the autoload steps aside")
	while not own.is_showing_result():
		await get_tree().process_frame
	report.expect(get_viewport().disable_3d, "the game is rendered once")
	var before := results
	room.queue_free()
	await _frames(3)
	report.expect(framegen.is_inside_tree(), "the autoload is back")
	report.same(results, before, "results while it was away")
	stage.camera.current = true
	await _results(3)
	report.expect(framegen.is_showing_result(), "a result is shown again")


func _results(count: int) -> void:
	var wanted := results + count
	while results < wanted:
		await get_tree().process_frame


func _frames(count: int) -> void:
	for _i in count:
		await get_tree().process_frame


func _screen() -> Image:
	await RenderingServer.frame_post_draw
	var picture := get_viewport().get_texture().get_image()
	picture.convert(Image.FORMAT_RGB8)
	return picture


func _inverted(picture: Image) -> Image:
	var bytes := picture.get_data()
	for i in bytes.size():
		bytes[i] = 255 - bytes[i]
	return Image.create_from_data(picture.get_width(), picture.get_height(), false, Image.FORMAT_RGB8, bytes)
