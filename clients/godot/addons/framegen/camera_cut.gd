extends RefCounted
## Notices when the picture jumps: another camera, or one that turned or moved too far within one frame.

const MOST_TURN_RAD := 0.7
const MOST_MOVE_M := 4.0

var camera: Camera3D

var _pose := Transform3D.IDENTITY


## Whether what [param source] sees from [param pose] has nothing to do with the frame before; once each frame.
func is_at(source: Camera3D, pose: Transform3D) -> bool:
	var turned := _pose.basis.get_rotation_quaternion().angle_to(pose.basis.get_rotation_quaternion())
	var moved := _pose.origin.distance_to(pose.origin)
	var is_other := source != camera
	camera = source
	_pose = pose
	return is_other or turned > MOST_TURN_RAD or moved > MOST_MOVE_M
