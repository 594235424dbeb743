extends "game.gd"
## A game that plays while every property of its FrameGen is changed, as the inspector does it; each takes effect.
##
## User arguments: address, another that asks for a token, the token. What only the server sees, the test looks at.

const HUD := Color(1.0, 0.0, 1.0)
## Where the HUD is, before the sky.
const CORNER := Vector2i(10, 10)
const SIZE := Vector2i(320, 180)

var framegen := FrameGen.new()
var plain: Image
var sky: Color
var connections := 0
var reason := ""
var words: PackedStringArray = []
var answer: Image
var info := {}


func _ready() -> void:
	set_stage()
	stage.tag.intensity = 1.0
	var hud := CanvasLayer.new()
	var mark := ColorRect.new()
	mark.color = HUD
	mark.size = Vector2(40.0, 30.0)
	hud.add_child(mark)
	add_child(hud)
	framegen.address = OS.get_cmdline_user_args()[0]
	framegen.model_size = SIZE
	framegen.server_connected.connect(func(_server: String) -> void: connections += 1)
	framegen.server_lost.connect(func(why: String) -> void: reason = why)
	framegen.result_received.connect(_on_result)
	framegen.prompt_understood.connect(_on_understood)
	watch(framegen)
	framegen.enabled = false
	add_child(framegen)
	await wait_frames(4)
	plain = await screen()
	sky = plain.get_pixel(100, 10)
	framegen.enabled = true
	await _shows(1.0, "restyled")
	await _check_look()
	await _check_display()
	await _check_size()
	await _check_sun()
	await _check_capture()
	await _check_server()
	report.finish(get_tree())


func _on_result(image: Image, about: Dictionary) -> void:
	answer = image
	info = about


func _on_understood(understood: PackedStringArray, _ignored: PackedStringArray) -> void:
	words = understood


# Waits until so much of the result is in the picture, by default at a place on the floor.
func _shows(share: float, what: String, at := Vector2i(300, 150)) -> void:
	var game := sky if at == CORNER else plain.get_pixelv(at)
	var wanted := game.lerp(game.inverted(), share)
	var end := Time.get_ticks_msec() + 30_000
	var found := Color.BLACK
	while Time.get_ticks_msec() < end:
		found = (await screen()).get_pixelv(at)
		if absf(found.r - wanted.r) + absf(found.g - wanted.g) + absf(found.b - wanted.b) < 0.06:
			report.passed += 1
			return
	report.expect(false, "%s: %s instead of %s" % [what, found, wanted])


func _check_look() -> void:
	framegen.prompt = "purple rain"
	await wait_until(func() -> bool: return "purple" in words, "another prompt")
	framegen.negative_prompt = "no snow"
	framegen.strength = 0.875
	framegen.noise_seed = 41
	framegen.intensity = 0.5
	await _shows(0.5, "half of the intensity")
	framegen.intensity = 1.0
	await _shows(1.0, "full intensity")
	framegen.model = "other"
	await wait_until(func() -> bool: return info.model == "other", "another model")
	var look := FrameGenLook.new()
	look.prompt = "green hills"
	look.intensity = 0.25
	framegen.look = look
	await wait_until(func() -> bool: return "green" in words, "a look's prompt")
	await _shows(0.25, "a look's intensity")
	framegen.intensity = 1.0
	await _shows(1.0, "full intensity again")


func _check_display() -> void:
	framegen.show = FrameGen.Show.SPLIT
	framegen.split_position = 0.25
	await _shows(1.0, "restyled, right of the line", Vector2i(100, 150))
	await _shows(0.0, "plain, left of the line", Vector2i(60, 150))
	framegen.split_position = 0.75
	await _shows(0.0, "plain, left of the line that moved", Vector2i(220, 150))
	framegen.show = FrameGen.Show.PLAIN
	await _shows(0.0, "plain")
	report.expect(not get_viewport().disable_3d, "plain is drawn by the game")
	framegen.show = FrameGen.Show.RESTYLED
	await _shows(1.0, "restyled again")
	report.expect((await screen()).get_pixelv(CORNER).is_equal_approx(HUD), "the HUD above")
	framegen.display_layer = 100
	await _shows(1.0, "restyled, above the HUD", CORNER)
	framegen.display_layer = -100
	framegen.late_reprojection = false
	await wait_frames(2)
	report.expect(not framegen._pictures.display.reprojects, "no late reprojection")
	framegen.late_reprojection = true
	await wait_frames(2)
	report.expect(framegen._pictures.display.reprojects, "late reprojection")
	framegen.fade_after_ms = -1e6
	await _shows(0.0, "a result that is too old at once")
	framegen.fade_after_ms = 60_000.0
	await _shows(1.0, "a result that may be old")
	framegen.quality = FrameGen.Quality.FULL
	await wait_until(func() -> bool: return not framegen._pictures.capture.is_light, "full quality")
	framegen.quality = FrameGen.Quality.LIGHT
	await wait_until(func() -> bool: return framegen._pictures.capture.is_light, "light quality")
	await _shows(1.0, "restyled in light quality")


func _check_size() -> void:
	framegen.model_size = Vector2i(160, 90)
	await wait_until(func() -> bool: return answer.get_width() < 200, "smaller frames")
	framegen.model_size = 8 * SIZE
	await wait_until(func() -> bool: return answer.get_width() > 300, "the largest frames that the server takes")
	framegen.model_size = Vector2i(160, 90)
	await wait_until(func() -> bool: return answer.get_width() < 200, "smaller frames again")
	framegen.render_size = Vector2i(640, 360)
	var drawn := func() -> Vector2: return framegen._pictures.capture.picture().get_size()
	await wait_until(func() -> bool: return drawn.call().x > 600.0, "drawn larger")
	var lens := framegen._pictures.capture.now.camera_projection.y.y
	framegen.margin = 0.25
	var has_margin := func() -> bool: return framegen._pictures.capture.now.camera_projection.y.y < lens / 1.2
	await wait_until(has_margin, "a margin around the picture")
	await _shows(1.0, "restyled with a margin")
	framegen.margin = 0.0
	framegen.render_size = Vector2i.ZERO
	framegen.model_size = SIZE
	await wait_until(func() -> bool: return answer.get_width() == SIZE.x, "larger frames")


func _check_sun() -> void:
	framegen.sun = FrameGen.Sun.PROMPT
	await wait_results(4)
	var light := DirectionalLight3D.new()
	light.rotation_degrees = Vector3(-10.0, 100.0, 0.0)
	stage.add_child(light)
	framegen.sun_light = light
	var follows := func() -> bool: return framegen._pictures.capture.now.light_direction.is_equal_approx(light.basis.z)
	await wait_until(follows, "another main light")
	framegen.sun_light = null
	light.queue_free()


func _check_capture() -> void:
	var camera := Camera3D.new()
	camera.position = Vector3(0.0, 5.0, 0.0)
	stage.add_child(camera)
	framegen.camera = camera
	var follows := func() -> bool: return framegen._pictures.capture.now.camera_transform.origin.y > 4.0
	await wait_until(follows, "another camera")
	framegen.camera = null
	await _shows(1.0, "the current camera again")
	var sees := func() -> bool: return framegen._pictures.display._shown.ranges.has("reactive")
	await wait_until(sees, "what transparents change")
	framegen.sees_transparents = false
	await wait_until(func() -> bool: return framegen._pictures.display.has_result() and not sees.call(), "no transparents")
	var area := FrameGenArea.new()
	area.prompt = "inside"
	var shape := CollisionShape3D.new()
	shape.shape = SphereShape3D.new()
	(shape.shape as SphereShape3D).radius = 5.0
	area.add_child(shape)
	stage.add_child(area)
	await wait_until(func() -> bool: return "inside" in words, "an area")
	await get_tree().create_timer(0.5).timeout  # its words are known before a frame is made of them
	framegen.uses_areas = false
	await wait_until(func() -> bool: return "green" in words, "no areas")


func _check_server() -> void:
	await _connects_anew(func() -> void: framegen.codec = FrameGen.Codec.JPEG, "JPEG")
	await _connects_anew(func() -> void: framegen.jpeg_quality = 60, "another quality of JPEG")
	await _connects_anew(func() -> void: framegen.max_frames_in_flight = 1, "one frame at once")
	framegen.enabled = false
	await wait_until(func() -> bool: return "off" in reason, "switched off")
	await _shows(0.0, "plain while switched off")
	await _connects_anew(func() -> void: framegen.enabled = true, "switched on")
	var before := connections
	framegen.address = OS.get_cmdline_user_args()[1]
	await wait_until(func() -> bool: return "token" in reason, "an address that asks for a token")
	await _shows(0.0, "plain without a token")
	framegen.token = "not the token"
	await wait_until(func() -> bool: return not "wants a token" in reason, "another token")
	report.same(connections, before, "connections without the token")
	await _connects_anew(func() -> void: framegen.token = OS.get_cmdline_user_args()[2], "the token")


func _connects_anew(change: Callable, what: String) -> void:
	var before := connections
	change.call()
	await wait_until(func() -> bool: return connections > before, what)
	var answered := results
	await wait_until(func() -> bool: return results > answered, "results: " + what)
	await _shows(1.0, "restyled: " + what)
