extends Node
## What checks of a running game have in common: the stage, a report, waiting for results, and pictures of the screen.

const Report := preload("res://checks/report.gd")
const Stage := preload("res://checks/stage.gd")

const LIMIT_MS := 200_000

var report := Report.new()
var stage := Stage.new()
var results := 0


func _process(_delta: float) -> void:
	if Time.get_ticks_msec() > LIMIT_MS:
		report.expect(false, "no end; so far %d results" % results)
		report.finish(get_tree())


## Puts the stage up.
func set_stage() -> void:
	add_child(stage)
	stage.camera.current = true


## Counts the results of [param framegen], which a busy machine may bring late.
func watch(framegen: FrameGen) -> void:
	framegen.fade_after_ms = 60_000.0
	framegen.margin = 0.0
	framegen.result_received.connect(func(_image: Image, _info: Dictionary) -> void: results += 1)
	framegen.error_received.connect(_on_error)


## Waits for so many results more.
func wait_results(count: int) -> void:
	var wanted := results + count
	while results < wanted:
		await get_tree().process_frame


## Waits for so many frames.
func wait_frames(count: int) -> void:
	for _i in count:
		await get_tree().process_frame


## Waits until [param is_so], a failure otherwise.
func wait_until(is_so: Callable, what: String) -> void:
	var end := Time.get_ticks_msec() + 30_000
	while not is_so.call():
		if Time.get_ticks_msec() > end:
			report.expect(false, "never: " + what)
			return
		await get_tree().process_frame
	report.passed += 1


## What is on the screen after the next frame.
func screen() -> Image:
	await RenderingServer.frame_post_draw
	return rgb(get_viewport().get_texture().get_image())


## A picture without alpha.
static func rgb(picture: Image) -> Image:
	picture.convert(Image.FORMAT_RGB8)
	return picture


## As the stand-in server answers.
static func inverted(picture: Image) -> Image:
	var bytes := picture.get_data()
	for i in bytes.size():
		bytes[i] = 255 - bytes[i]
	return Image.create_from_data(picture.get_width(), picture.get_height(), false, Image.FORMAT_RGB8, bytes)


## How like one another two pictures are.
static func psnr(a: Image, b: Image) -> float:
	return a.compute_image_metrics(b, false).peak_snr


func _on_error(code: String, message: String, _hint: String) -> void:
	report.expect(false, "%s: %s" % [code, message])
