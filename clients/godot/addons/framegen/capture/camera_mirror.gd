@tool
extends RefCounted
## Makes one camera see what another sees, with a margin around it, and describes it in the wire's words.

const CapturedFrame := preload("../protocol/captured_frame.gd")
const SharpAttributes := preload("sharp_attributes.gd")

## Layers that only the addon's own cameras see: those of a scene are the first twenty.
const DEPTH_LAYER := 1 << 21
const TAG_LAYER := 1 << 22
const OVERLAY_LAYER := 1 << 23
## What is tagged as drawn after the result is moved to the last layer of a scene.
const AFTER_LAYER := 1 << 19
## Those of a scene; the editor draws its grid and its gizmos on others.
const SCENE_LAYERS := (1 << 20) - 1


## Copies pose, lens and what is seen. [param margin] is the share of the picture added in all, e.g. 0.08.
static func follow(mirror: Camera3D, source: Camera3D, margin: float) -> void:
	# The pose is that of the moment already; interpolated once more it would be another than the frame says.
	mirror.physics_interpolation_mode = Node.PHYSICS_INTERPOLATION_MODE_OFF
	mirror.global_transform = pose_of(source)
	mirror.projection = source.projection
	mirror.keep_aspect = source.keep_aspect
	mirror.near = source.near
	mirror.far = source.far
	mirror.fov = rad_to_deg(2.0 * atan(tan(deg_to_rad(source.fov) / 2.0) * (1.0 + margin)))
	mirror.size = source.size * (1.0 + margin)
	mirror.frustum_offset = source.frustum_offset
	mirror.cull_mask = source.cull_mask & SCENE_LAYERS
	mirror.environment = source.environment
	_expose(mirror, source)


## Where a camera stands, without scale.
static func pose_of(source: Camera3D) -> Transform3D:
	var pose := source.global_transform
	if source.is_physics_interpolated_and_enabled():  # of others the engine tells the last frame's as interpolated
		pose = source.get_global_transform_interpolated()
	return pose.orthonormalized().translated_local(Vector3(source.h_offset, source.v_offset, 0.0))


## Writes the camera of [param mirror] into [param frame].
static func describe(mirror: Camera3D, frame: CapturedFrame) -> void:
	frame.camera_transform = mirror.global_transform
	frame.camera_projection = mirror.get_camera_projection()
	frame.near_m = mirror.near
	frame.far_m = mirror.far


## Takes directions at infinity from clip space of [param now] to that of [param before], however both
## cameras moved.
static func sky_before_from_now(before: CapturedFrame, now: CapturedFrame) -> Projection:
	var turn := before.camera_transform.basis.inverse() * now.camera_transform.basis
	return (
		before.camera_projection
		* Projection(Transform3D(turn, Vector3.ZERO))
		* now.camera_projection.inverse()
	)


# Without depth of field, be it the camera's own or the world's.
static func _expose(mirror: Camera3D, source: Camera3D) -> void:
	var theirs := source.attributes
	if theirs == null:
		theirs = source.get_world_3d().camera_attributes
	if not SharpAttributes.blurs(theirs):
		mirror.attributes = source.attributes
		return
	if not mirror.attributes is SharpAttributes:
		mirror.attributes = SharpAttributes.new()
	(mirror.attributes as SharpAttributes).follow(theirs)
