extends RefCounted
## Films the town: one shot for each of some looks, with the split line moving across. Writes numbered pictures.

## Frames of the game for each picture: results come later than the frames that they are of.
const STEPS := 3
## The camera and what it looks at go straight from one place to another, and the line with them.
const SHOTS: Array[Dictionary] = [
	{
		look = "1_golden_hour",
		from = Vector3(-42.0, 1.7, 5.5),
		to = Vector3(-38.5, 1.8, 9.5),
		aim_from = Vector3(-23.0, 5.5, 40.0),
		aim_to = Vector3(-22.5, 6.0, 40.0),
	},
	{
		look = "3_rain",
		from = Vector3(-51.0, 1.7, 2.2),
		to = Vector3(-46.5, 1.8, 2.2),
		aim_from = Vector3(-14.0, 3.4, -3.0),
		aim_to = Vector3(-14.0, 3.4, -3.0),
	},
	{
		look = "5_snow",
		from = Vector3(-24.0, 2.2, -2.0),
		to = Vector3(-22.0, 8.5, -4.0),
		aim_from = Vector3(-33.0, 5.0, 34.0),
		aim_to = Vector3(-34.0, 3.0, 34.0),
	},
	{
		look = "6_night",
		from = Vector3(-39.8, 1.9, 27.6),
		to = Vector3(-38.3, 2.4, 25.8),
		aim_from = Vector3(-14.0, 4.6, 15.5),
		aim_to = Vector3(-14.0, 4.6, 14.5),
	},
]


## Writes [param count] pictures of all shots into [param folder]. [param town] stands still while the server is waited
## for: who stands where must not tell how long that took.
static func play(framegen: FrameGen, town: Node, camera: Camera3D, folder: String, count: int) -> void:
	var tree := framegen.get_tree()
	var each := ceili(count / float(SHOTS.size()))
	camera.set_process(false)
	camera.fov = 52.0
	for i in count:
		var shot := SHOTS[floori(i / float(each))]
		var share := (i % each) / float(each - 1)
		var from: Vector3 = shot.from
		camera.position = from.lerp(shot.to as Vector3, share)
		var aim: Vector3 = shot.aim_from
		camera.look_at(aim.lerp(shot.aim_to as Vector3, share))
		framegen.split_position = 0.62 - 0.44 * smoothstep(0.0, 1.0, share)
		if i % each == 0:
			framegen.set_look(load("res://looks/%s.tres" % shot.look) as FrameGenLook)
			framegen.reset()
			town.process_mode = Node.PROCESS_MODE_DISABLED
			await _results(framegen, 12)
			town.process_mode = Node.PROCESS_MODE_INHERIT
		for step in STEPS:
			await tree.process_frame
		await RenderingServer.frame_post_draw
		framegen.get_viewport().get_texture().get_image().save_jpg("%s/%04d.jpg" % [folder, i], 0.92)


static func _results(framegen: FrameGen, count: int) -> void:
	for i in count:
		await framegen.result_received
