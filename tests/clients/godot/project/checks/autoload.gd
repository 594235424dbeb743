extends "game.gd"
## A game that has nothing of the addon but its autoload; later a scene in it has a FrameGen of its own.
##
## With the user argument [code]check[/code] it looks at itself, against a server that inverts colours, and ends.

const Autoload := preload("res://addons/framegen/autoload.gd")

const ROOM := preload("res://checks/editor/room.tscn")


func _ready() -> void:
	set_stage()
	set_process("check" in OS.get_cmdline_user_args())
	if "check" in OS.get_cmdline_user_args():
		_check()


func _check() -> void:
	var autoload: Autoload = get_node("/root/FrameGenAutoload")
	var framegen := autoload.framegen
	watch(framegen)
	framegen.show = FrameGen.Show.PLAIN
	await wait_frames(4)
	var plain := await screen()
	framegen.show = FrameGen.Show.RESTYLED
	await wait_results(6)
	await wait_frames(2)
	report.expect(framegen.is_showing_result(), "a result is shown")
	report.measured.psnr = inverted(plain).compute_image_metrics(await screen(), false).peak_snr
	report.measured.look = [framegen.prompt, framegen.strength, framegen.tags_by_name]
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
	await wait_frames(3)
	report.expect(framegen.is_inside_tree(), "the autoload is back")
	report.same(results, before, "results while it was away")
	stage.camera.current = true
	await wait_results(3)
	report.expect(framegen.is_showing_result(), "a result is shown again")
