extends Node3D
## The town, a walker, a sun, a HUD, and one FrameGen node: everything a game needs to be restyled.
##
## User arguments: [code]--address tcp://…[/code], [code]--look 3[/code], [code]--film FOLDER FRAMES[/code] (writes
## pictures of four looks with the split line moving, and ends), [code]--measure SECONDS[/code] (prints figures, ends:
## see clients/godot/measure.py).

const Film := preload("film.gd")
const Hud := preload("hud.gd")
const Measure := preload("measure.gd")
const Quality := preload("res://addons/framegen/quality.gd")
const Town := preload("town.gd")
const Walker := preload("walker.gd")
const LIGHT_LAYER := 2
const LOOKS: Array[String] = ["1_golden_hour", "2_noon", "3_rain", "4_fog", "5_snow", "6_night"]

var framegen := FrameGen.new()
var town := Town.new()
var walker := Walker.new()
var hud := Hud.new()


func _ready() -> void:
	add_child(town)
	add_child(walker)
	_add_light()
	_add_park_look()
	framegen.set_look(_look(0))
	framegen.light_layers = LIGHT_LAYER
	framegen.sees_transparents = false  # there are none
	framegen.sun = FrameGen.Sun.PROMPT
	framegen.prompt_turns_light = true
	if RenderingServer.get_current_rendering_method() != "gl_compatibility":  # which has none
		get_viewport().screen_space_aa = Viewport.SCREEN_SPACE_AA_FXAA
	if Quality.is_software():
		_spare_the_processor()
	_take_arguments(OS.get_cmdline_user_args())
	add_child(framegen)
	add_child(hud)


func _process(_delta: float) -> void:
	hud.show_status(framegen)


func _unhandled_key_input(event: InputEvent) -> void:
	var key := event as InputEventKey
	if key == null or not key.pressed or key.echo:
		return
	match key.physical_keycode:
		KEY_TAB:
			var is_split := framegen.show == FrameGen.Show.SPLIT
			framegen.show = FrameGen.Show.RESTYLED if is_split else FrameGen.Show.SPLIT
		KEY_P:
			var is_plain := framegen.show == FrameGen.Show.PLAIN
			framegen.show = FrameGen.Show.RESTYLED if is_plain else FrameGen.Show.PLAIN
		KEY_R:
			framegen.late_reprojection = not framegen.late_reprojection
		_:
			var index := key.physical_keycode - KEY_1
			if index >= 0 and index < LOOKS.size():
				framegen.set_look(_look(index))


func _look(index: int) -> FrameGenLook:
	return load("res://looks/%s.tres" % LOOKS[index])


func _add_light() -> void:
	var sun := DirectionalLight3D.new()
	sun.rotation_degrees = Vector3(-38.0, -50.0, 0.0)
	sun.light_color = Color("fff0d6")
	sun.light_energy = 1.1
	sun.shadow_enabled = true
	sun.layers = LIGHT_LAYER
	sun.directional_shadow_mode = DirectionalLight3D.SHADOW_ORTHOGONAL
	sun.directional_shadow_max_distance = 55.0
	# Compatibility adds light that is encoded already: the same sun is brighter there.
	var is_added_encoded := RenderingServer.get_current_rendering_method() == "gl_compatibility"
	if is_added_encoded:
		sun.light_energy = 0.6
	add_child(sun)
	var sky := ProceduralSkyMaterial.new()
	sky.sky_top_color = Color("5f8fc9")
	sky.sky_horizon_color = Color("c6d8e6")
	sky.ground_horizon_color = Color("c6d8e6")
	var world := WorldEnvironment.new()
	world.environment = Environment.new()
	world.environment.background_mode = Environment.BG_SKY
	world.environment.sky = Sky.new()
	world.environment.sky.sky_material = sky
	world.environment.sky.radiance_size = Sky.RADIANCE_SIZE_32
	world.environment.reflected_light_source = Environment.REFLECTION_SOURCE_DISABLED
	world.environment.ambient_light_source = Environment.AMBIENT_SOURCE_COLOR
	world.environment.ambient_light_color = Color("b9c8da")
	world.environment.ambient_light_energy = 0.4 if is_added_encoded else 0.55
	world.environment.tonemap_mode = Environment.TONE_MAPPER_FILMIC
	add_child(world)


# Where the processor draws: a smaller window, no more frames than it takes to look fluent, shadows with hard edges.
# Waiting for the screen has no use then, and on a virtual one it has been seen to take a second a frame.
func _spare_the_processor() -> void:
	DisplayServer.window_set_vsync_mode(DisplayServer.VSYNC_DISABLED)
	get_window().size = Vector2i(640, 360)
	Engine.max_fps = 40
	RenderingServer.directional_shadow_atlas_set_size(512, true)
	RenderingServer.directional_soft_shadow_filter_set_quality(RenderingServer.SHADOW_QUALITY_HARD)


# The park has a look of its own while one is inside.
func _add_park_look() -> void:
	var park := FrameGenArea.new()
	park.prompt = "sunny autumn afternoon, red and yellow trees"
	var shape := CollisionShape3D.new()
	var box := BoxShape3D.new()
	box.size = Vector3(28.0, 10.0, 26.0)
	shape.shape = box
	park.add_child(shape)
	park.position = Vector3(25.0, 3.0, 22.0)
	add_child(park)


func _take_arguments(arguments: PackedStringArray) -> void:
	for i in arguments.size():
		match arguments[i]:
			"--address":
				framegen.address = arguments[i + 1]
			"--look":
				framegen.set_look(_look(arguments[i + 1].to_int() - 1))
			"--film":
				_film.call_deferred(arguments[i + 1], arguments[i + 2].to_int())
			"--measure":
				_measure.call_deferred(arguments[i + 1].to_float())


func _first_results() -> void:
	walker.is_guided = true
	var showing := 0
	while showing < 20:
		await get_tree().process_frame
		showing += 1 if framegen.is_showing_result() else 0


func _film(folder: String, count: int) -> void:
	hud.hide()
	framegen.quality = FrameGen.Quality.FULL  # as a graphics card shows it
	framegen.show = FrameGen.Show.SPLIT
	framegen.fade_after_ms = 5000.0
	framegen.uses_areas = false
	town.process_mode = Node.PROCESS_MODE_DISABLED
	await _first_results()
	await Film.play(framegen, town, walker, folder, count)
	get_tree().quit()


func _measure(seconds: float) -> void:
	await _first_results()
	await get_tree().create_timer(2.0).timeout
	print("MEASURING {}")
	var figures := await Measure.play(framegen, seconds)
	print("MEASURED ", JSON.stringify(figures))
	get_tree().quit()
