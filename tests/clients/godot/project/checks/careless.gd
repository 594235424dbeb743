extends "game.gd"
## A game that asks for what it cannot have: the rest of what it asks for holds, and it is warned once of each.
##
## User arguments: the address of a server that has neither the model nor the patience for such a prompt, and that of
## one that takes no further session.

var framegen := FrameGen.new()
var words: PackedStringArray = []
var refusals: PackedStringArray = []


func _ready() -> void:
	set_stage()
	framegen.address = OS.get_cmdline_user_args()[1]
	framegen.model_size = Vector2i(160, 90)
	framegen.prompt_understood.connect(func(known: PackedStringArray, _no: PackedStringArray) -> void: words = known)
	watch(framegen)
	framegen.error_received.disconnect(_on_error)
	framegen.error_received.connect(
		func(code: String, _message: String, _hint: String) -> void: refusals.append(code)
	)
	_check_values()
	add_child(framegen)
	await _check_full_server()
	await _check_refusals()
	await _check_camera()
	await _check_sun()
	await _check_undrawn()
	report.measured.refusals = refusals
	report.finish(get_tree())


func _check_values() -> void:
	var look := FrameGenLook.new()
	look.prompt = "of the look"
	look.strength = 0.25
	framegen.look = look
	framegen.prompt = "stored beside it"
	framegen.strength = 7.0
	report.same(framegen.strength, 1.0, "the most strength")
	framegen.intensity = -1.0
	report.same(framegen.intensity, 0.0, "the least intensity")
	framegen.model = "nobody's"


func _check_full_server() -> void:
	await wait_until(func() -> bool: return "too_many_sessions" in refusals, "a server that takes nobody")
	var problem: String = framegen.get_status().problem
	report.expect("--max-sessions" in problem, "what to do about it: " + problem)
	framegen.address = OS.get_cmdline_user_args()[0]


func _check_refusals() -> void:
	report.same(framegen.prompt, "of the look", "a look counts before what is stored beside it")
	await wait_until(func() -> bool: return "look" in words, "the prompt beside a model that is not there")
	await wait_results(2)
	framegen.model = "nobody's either"
	framegen.noise_seed = -1
	framegen.prompt = "another one"
	await wait_until(func() -> bool: return "another" in words, "another prompt")
	await wait_until(func() -> bool: return refusals.size() == 4, "refusals")


func _check_camera() -> void:
	var aside := Camera3D.new()
	framegen.camera = aside
	await wait_results(2)
	stage.add_child(aside)
	await wait_results(2)
	report.same(framegen._pictures.camera(), aside, "the camera that is in the tree by now")
	stage.remove_child(aside)
	await wait_results(2)
	var view := SubViewport.new()
	view.add_child(aside)
	add_child(view)
	await wait_frames(5)
	report.expect(not framegen.is_showing_result(), "plain for a camera in another viewport")
	view.free()
	await wait_results(2)
	report.expect(framegen.is_showing_result(), "the current camera for one that was freed")


func _check_sun() -> void:
	var sun := DirectionalLight3D.new()
	sun.rotation_degrees.x = -90.0
	framegen.sun_light = sun
	stage.add_child(sun)
	await _wait_for_light(func(light: Vector3) -> bool: return light.y > 0.99, "the light that was named")
	stage.remove_child(sun)
	await _wait_for_light(func(light: Vector3) -> bool: return light.y < 0.99, "another for one outside the tree")
	stage.add_child(sun)
	sun.free()
	framegen.reset()
	await wait_results(2)
	await _wait_for_light(func(light: Vector3) -> bool: return light.is_normalized(), "another for one that was freed")


# As while the window is minimised.
func _check_undrawn() -> void:
	framegen.quality = FrameGen.Quality.FULL
	await wait_results(2)
	RenderingServer.render_loop_enabled = false
	var capture: FrameGen.Pictures.Capture = framegen._pictures.capture
	framegen.reset()
	await wait_until(func() -> bool: return capture._wanted != null, "a frame that is not drawn")
	await wait_frames(10)
	report.expect(capture._wanted.reset, "a cut that nobody has seen yet")
	report.same(capture.on_their_way(), 1, "frames that were not drawn and come once they are")
	RenderingServer.render_loop_enabled = true
	await wait_results(2)


func _wait_for_light(is_it: Callable, what: String) -> void:
	await wait_until(func() -> bool: return is_it.call(framegen._pictures.capture.now.light_direction), what)
