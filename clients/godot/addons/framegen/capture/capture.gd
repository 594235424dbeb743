@tool
extends Node
## Renders the world of the game once more, small, without the HUD, and hands captured frames over.
##
## What a frame has besides its picture comes from the GPU: see [code]device_capture.gd[/code] (Forward+, Mobile)
## and [code]packing_view.gd[/code] (Compatibility). Views are drawn children first, so what reads another view
## is its parent.

## Hands every captured frame over, about two frames after it was rendered.
signal captured(frame: CapturedFrame)

const CameraMirror := preload("camera_mirror.gd")
const CapturedFrame := preload("../protocol/captured_frame.gd")
const DeviceCapture := preload("device_capture.gd")
const Limits := preload("../protocol/limits.gd")
const PackingView := preload("packing_view.gd")
const TagView := preload("tag_view.gd")

## A captured frame that has not come by then never will.
const LOST_MS := 1000

## Of the frames that are sent.
var frame_size := Vector2i(512, 288)
## Share of the picture rendered around what is shown.
var margin := 0.08
## The picture is drawn without smoothing, tags at half the size.
var is_light := false
## Visual layers that only lights are on, which views without light leave out.
var light_layers := 0
## Visual layers that are not captured.
var overlay_layers := 0
## The camera of the frame that is being rendered.
var now := CapturedFrame.new()

var _picture := SubViewport.new()
var _camera := Camera3D.new()
var _tags := TagView.new()
var _device: DeviceCapture
var _packing: PackingView
var _wanted: CapturedFrame
# Frames that are not handed over yet: when they were captured.
var _captured_ms: Dictionary[int, int] = {}
var _is_set_up := false


## [param view_size] is what is rendered, [param sent_size] what is sent; its width is a multiple of 4, its height too.
func set_up(view_size: Vector2i, sent_size: Vector2i, sees_transparents := true) -> void:
	frame_size = sent_size
	_picture.size = view_size
	_picture.add_child(_camera)
	_camera.current = true
	_tags.size = Vector2i(sent_size.x >> 1, sent_size.y >> 1) if is_light else sent_size
	# Of the same detail as what it is compared with.
	_tags.mesh_lod_threshold = _picture.mesh_lod_threshold * _tags.size.y / view_size.y
	if has_device():
		_device = DeviceCapture.new(sent_size, sees_transparents, not is_light)
		_device.captured.connect(_hand_over)
		_tags.add_child(_picture)
		add_child(_tags)
	else:
		_packing = PackingView.new()
		add_child(_packing)
		_packing.set_up(sent_size, _picture, _tags)
	_is_set_up = true
	RenderingServer.frame_post_draw.connect(_after_draw)


## About as many pixels as [param wanted] in the shape of [param screen], and no more than [param limits] allow; both
## sides are multiples of 4.
static func fitted(
	wanted: Vector2i, screen: Vector2, limits: Dictionary[String, int] = Limits.DEFAULTS
) -> Vector2i:
	var shape := screen.x / maxf(screen.y, 1.0)
	var middle := sqrt(wanted.x * wanted.y / shape)
	var whole := Vector2i((Vector2(shape, 1.0) * middle).ceil()).max(Vector2i.ONE)
	middle = minf(middle, Limits.fitted(whole, limits).y)
	var best := Vector2i.ONE * 4
	var least := INF
	# Of the heights around, the one whose shape is nearest: a stretched picture would not lie on the game's.
	for quarter in range(floori(middle * 0.235), ceili(middle * 0.265) + 1):
		var size := Vector2i(roundi(quarter * shape) * 4, maxi(quarter, 1) * 4).maxi(4)
		var error := absf(size.x / float(size.y) / shape - 1.0) + 1e-5 * absf(size.y - middle)
		if error < least and Limits.fitted(size, limits) == size:
			least = error
			best = size
	return best


## Shows another world than that of the viewport around: the editor's scene.
func use_world(world: World3D) -> void:
	_picture.world_3d = world
	_tags.world_3d = world
	if _packing != null:
		_packing.use_world(world)


## What the game looks like, as it is rendered.
func picture() -> ViewportTexture:
	return _picture.get_texture()


## Whether this renderer has compute shaders.
static func has_device() -> bool:
	return RenderingServer.get_rendering_device() != null


## Whether depth comes as three digits of 7 bits in a picture, and not as metres.
func has_packed_depth() -> bool:
	return _packing != null


## Depth of the frame that is being rendered.
func depth_texture() -> Texture2D:
	return _packing.depth_texture() if _packing != null else _device.depth_texture


## Draws what [param source] sees into the next frame; after everything has moved.
func follow(source: Camera3D) -> void:
	read_back()
	_picture.render_target_update_mode = SubViewport.UPDATE_ONCE
	CameraMirror.follow(_camera, source, margin)
	_camera.cull_mask &= ~overlay_layers
	_smooth(source.get_viewport())
	var before := now
	now = CapturedFrame.new()
	now.size = frame_size
	CameraMirror.describe(_camera, now)
	_tags.leave_out(overlay_layers)
	_tags.follow(_camera, depth_texture(), has_packed_depth())
	if _device != null:
		_mirror_compositor(source)
		_device.begin_frame(CameraMirror.sky_before_from_now(before, now))
	else:
		_packing.follow(_camera, _tags.is_used(), light_layers)


## Hands over what was captured in an earlier frame, where that is done here and not by the device.
func read_back() -> void:
	if _packing != null and _packing.is_ready():
		_hand_over(_packing.take())


## How many captured frames have not been handed over yet.
func on_their_way() -> int:
	var now_ms := Time.get_ticks_msec()
	for id: int in _captured_ms.keys():
		if now_ms - _captured_ms[id] > LOST_MS:
			_captured_ms.erase(id)
	return _captured_ms.size()


## Microseconds that drawing for the captures took of the main thread since the last call, beside the methods here.
func take_spent_us() -> int:
	if _device == null or not RenderingServer.is_on_render_thread():
		return 0
	var spent_us := _device.spent_us
	_device.spent_us = 0
	return spent_us


## Captures the frame that is about to be rendered: [member now], which the caller completes.
func capture() -> void:
	if _wanted != null:  # it was never drawn: a minimised window draws nothing
		now.reset = now.reset or _wanted.reset
		_captured_ms.erase(_wanted.frame_id)
	_wanted = now
	_captured_ms[now.frame_id] = Time.get_ticks_msec()
	_tags.draw_once()
	if _packing != null:
		_packing.draw_once()


# Effects see no depth under MSAA (not resolved in Forward+, not supported in Mobile): FXAA stands in for it.
func _smooth(theirs: Viewport) -> void:
	if is_light:
		return
	if _packing != null:  # Compatibility smooths by nothing else
		_picture.msaa_3d = theirs.msaa_3d
	elif theirs.msaa_3d != Viewport.MSAA_DISABLED:
		_picture.screen_space_aa = Viewport.SCREEN_SPACE_AA_FXAA
	else:
		_picture.screen_space_aa = theirs.screen_space_aa


func _after_draw() -> void:
	if _wanted == null:
		return
	if _device != null:
		var tags := _tags.get_texture().get_rid() if _tags.is_used() else RID()
		_device.capture(_wanted, picture().get_rid(), tags)
	else:
		_packing.capture(_wanted)
	_wanted = null


func _hand_over(frame: CapturedFrame) -> void:
	_captured_ms.erase(frame.frame_id)
	if not _tags.has_tags():
		# names do not say what moves: an empty mask would say that nothing does
		frame.ranges.erase("intensity_mask")
		frame.ranges.erase("dynamic_mask")
	captured.emit(frame)


func _mirror_compositor(source: Camera3D) -> void:
	var theirs: Array[CompositorEffect] = []
	var compositor := source.compositor if source.compositor != null else _compositor_of(source.get_world_3d())
	if compositor != null:
		theirs = compositor.compositor_effects
	var all := theirs + _device.effects
	if _camera.compositor == null or _camera.compositor.compositor_effects != all:
		_camera.compositor = Compositor.new()
		_camera.compositor.compositor_effects = all


# A world does not tell its compositor; the engine takes that of the first node in this group.
func _compositor_of(world: World3D) -> Compositor:
	var group := "_world_compositor_%d" % world.scenario.get_id()
	var found := get_tree().get_first_node_in_group(group) as WorldEnvironment
	return found.compositor if found != null else null


func _exit_tree() -> void:
	if not _is_set_up:
		return
	_is_set_up = false
	RenderingServer.frame_post_draw.disconnect(_after_draw)
	_camera.compositor = null
	if _device != null:
		if not is_queued_for_deletion():  # the scene, or the whole program, ends
			_device.drain()
		_device.release()
