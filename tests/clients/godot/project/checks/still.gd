extends Node
## A still under two prompts, as the editor's preview takes it; an area, a look, and a light that follows the prompt.

const LightLink := preload("res://addons/framegen/light_link.gd")
const Report := preload("res://checks/report.gd")
const Sheet := preload("res://addons/framegen/editor/sheet.gd")
const Stage := preload("res://checks/stage.gd")
const Still := preload("res://addons/framegen/editor/still.gd")

const SIZE := Vector2i(320, 180)

var report := Report.new()
var stage := Stage.new()


func _ready() -> void:
	add_child(stage)
	stage.camera.current = true
	await _check_still(OS.get_cmdline_user_args()[0])
	await _check_area(OS.get_cmdline_user_args()[0])
	_check_light()
	report.finish(get_tree())


func _check_still(address: String) -> void:
	var still := Still.new()
	add_child(still)
	var prompts := PackedStringArray(["one", "two"])
	var pictures := await still.take(stage.camera, SIZE, prompts, address, "")
	report.same(still.problem, "", "no problem")
	report.same(pictures.size(), 2, "a picture for each prompt")
	if pictures.size() == 2:
		var plain := still.plain.get_pixel(20, 150)
		var restyled := pictures[1].get_pixel(20, 150)
		report.near(restyled.r + plain.r, 1.0, 0.05, "restyled")
		report.same(Sheet.composed(pictures).get_size(), Vector2i(1024, 288), "the sheet")
	var nobody := await still.take(stage.camera, SIZE, prompts, "tcp://127.0.0.1:1", "")
	report.expect(nobody.is_empty() and "no server" in still.problem, "says that there is no server")
	await still.take(stage.camera, SIZE, prompts, OS.get_cmdline_user_args()[1], "")
	report.expect("wants a token" in still.problem, "says that it wants a token: " + still.problem)


func _check_area(address: String) -> void:
	var framegen := FrameGen.new()
	framegen.address = address
	var look := FrameGenLook.new()
	look.prompt = "outside"
	look.strength = 0.25
	framegen.set_look(look)
	add_child(framegen)
	var area := FrameGenArea.new()
	area.prompt = "inside"
	var shape := CollisionShape3D.new()
	shape.shape = SphereShape3D.new()
	(shape.shape as SphereShape3D).radius = 5.0
	area.add_child(shape)
	stage.add_child(area)
	await _until(func() -> bool: return framegen.prompt == "inside")
	report.same(framegen.prompt, "inside", "the area's prompt")
	report.same(framegen.strength, 0.25, "what the area does not say stays")
	stage.camera.position = Vector3(0.0, 2.0, 60.0)
	await _until(func() -> bool: return framegen.prompt == "outside")
	report.same(framegen.prompt, "outside", "the look outside again")
	framegen.queue_free()


func _until(is_so: Callable) -> void:
	var end := Time.get_ticks_msec() + 60_000
	while not is_so.call() and Time.get_ticks_msec() < end:
		await get_tree().process_frame


func _check_light() -> void:
	var light := LightLink.new()
	var before := light.direction(null, get_tree())
	report.near(before.length(), 1.0, 1e-4, "the light that was found")
	var wanted := Vector3(0.6, 0.3, -0.2).normalized()
	light.want(wanted)
	for _i in 200:
		light.turn(null, get_tree(), 0.05)
	report.expect(light.direction(null, get_tree()).dot(wanted) > 0.999, "the light turned to the prompt's sun")
