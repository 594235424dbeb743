extends RefCounted
## Films the town: one shot for each of some looks, with the split line moving across. Writes numbered pictures.

## Frames of the game for each picture: results come later than the frames that they are of.
const STEPS := 3
## The camera and what it looks at go straight from one place to another, and the line with them.
const SHOTS: Array[Dictionary] = [
	{
		look = "1_golden_hour",
		from = Vector3(-39.5, 1.7, 5.9),
		to = Vector3(-36.5, 1.8, 10.5),
		aim_from = Vector3(-29.0, 6.0, 40.0),
		aim_to = Vector3(-28.0, 6.5, 40.0),
	},
	{
		look = "3_rain",
		from = Vector3(-62.0, 1.7, -0.4),
		to = Vector3(-55.0, 1.7, -0.2),
		aim_from = Vector3(-10.0, 3.0, -1.0),
		aim_to = Vector3(-10.0, 3.0, -1.0),
	},
	{
		look = "5_snow",
		from = Vector3(-33.0, 1.7, 43.0),
		to = Vector3(-32.0, 1.8, 37.0),
		aim_from = Vector3(-27.0, 3.6, 8.0),
		aim_to = Vector3(-26.0, 3.6, 8.0),
	},
	{
		look = "6_night",
		from = Vector3(-38.0, 1.7, 31.0),
		to = Vector3(-36.0, 1.7, 27.5),
		aim_from = Vector3(-14.0, 4.0, 13.0),
		aim_to = Vector3(-14.0, 4.0, 13.0),
	},
]


## Writes [param count] pictures of all shots into [param folder].
static func play(framegen: FrameGen, camera: Camera3D, folder: String, count: int) -> void:
	var tree := framegen.get_tree()
	var each := ceili(count / float(SHOTS.size()))
	camera.set_process(false)
	camera.fov = 52.0
	for i in count:
		var shot := SHOTS[i / each]
		var share := (i % each) / float(each - 1)
		var from: Vector3 = shot.from
		camera.position = from.lerp(shot.to as Vector3, share)
		var aim: Vector3 = shot.aim_from
		camera.look_at(aim.lerp(shot.aim_to as Vector3, share))
		framegen.split_position = 0.62 - 0.44 * smoothstep(0.0, 1.0, share)
		if i % each == 0:
			framegen.set_look(load("res://looks/%s.tres" % shot.look) as FrameGenLook)
			framegen.reset()
			await results(framegen, 12)
		for step in STEPS:
			await tree.process_frame
		await RenderingServer.frame_post_draw
		framegen.get_viewport().get_texture().get_image().save_jpg("%s/%04d.jpg" % [folder, i], 0.92)


## Waits for [param count] results.
static func results(framegen: FrameGen, count: int) -> void:
	for i in count:
		await framegen.result_received
