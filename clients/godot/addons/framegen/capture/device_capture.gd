@tool
extends RefCounted
## The GPU side of a capture on the RenderingDevice renderers (Forward+ and Mobile).
##
## Two effects write depth, motion and reactivity of every frame into textures; a captured frame is packed
## with its picture into one buffer and read back without waiting, which takes about two frames.
## But for the constructor, [method begin_frame], [method capture] and [method release] everything runs on the
## render thread.

## Hands every captured frame over, on the main thread.
signal captured(frame: CapturedFrame)

const CapturedFrame := preload("../protocol/captured_frame.gd")
const ComputePass := preload("compute_pass.gd")
const DeviceShaders := preload("device_shaders.gd")
const SceneEffect := preload("scene_effect.gd")

## A frame comes back after so many others at the latest.
const MOST_FRAMES_LATE := 6

## Depth in metres of the frame that is being drawn, at the captured size.
var depth_texture := Texture2DRD.new()
## What this took of the thread that draws since somebody set it to 0.
var spent_us := 0
## To be put on the camera.
var effects: Array[CompositorEffect] = []

var _size: Vector2i
var _wants_motion: bool
var _device: RenderingDevice
var _remember: ComputePass
var _geometry: ComputePass
var _pack: ComputePass
var _nearest: RID
var _linear: RID
var _depth: RID
var _opaque: RID
var _reactive: RID
var _motions: Array[RID] = []
var _buffer: RID
# Of the frame that is being drawn.
var _sky_before_from_now := Projection.IDENTITY
var _captured_id := -1
var _captures_now := false
var _newest_motion := 0
var _has_velocity := false
var _has_reactive := false
var _on_their_way := 0


## With [param wants_motion] every frame has to be drawn: the engine's motion reaches back to the frame before.
func _init(size: Vector2i, sees_transparents: bool, wants_motion: bool) -> void:
	_size = size
	_wants_motion = wants_motion
	var stage := CompositorEffect.EFFECT_CALLBACK_TYPE_POST_TRANSPARENT
	effects.append(SceneEffect.new(stage, _after_transparents, wants_motion))
	if sees_transparents:
		stage = CompositorEffect.EFFECT_CALLBACK_TYPE_PRE_TRANSPARENT
		effects.append(SceneEffect.new(stage, _before_transparents))
	RenderingServer.call_on_render_thread(_set_up)


## Tells how the sky turned since the last drawn frame; before every frame is drawn.
func begin_frame(sky_before_from_now: Projection) -> void:
	RenderingServer.call_on_render_thread(
		func() -> void: _sky_before_from_now = sky_before_from_now
	)


## Reads the frame that was just drawn back into [param frame], whose camera is filled in already.
## [param tags] is invalid where nothing is tagged.
func capture(frame: CapturedFrame, picture: RID, tags: RID) -> void:
	RenderingServer.call_on_render_thread(_capture.bind(frame, picture, tags))


## Draws, unseen, until no frame is on its way from the GPU: one that comes after the scripts are gone takes the
## program with it.
func drain() -> void:
	for _i in MOST_FRAMES_LATE:
		if _on_their_way > 0:
			RenderingServer.force_draw(false)


## Gives everything on the GPU back.
func release() -> void:
	depth_texture.texture_rd_rid = RID()
	effects.clear()
	RenderingServer.call_on_render_thread(_tear_down)


func _set_up() -> void:
	_device = RenderingServer.get_rendering_device()
	_remember = ComputePass.new(_device, DeviceShaders.REMEMBER)
	_geometry = ComputePass.new(_device, DeviceShaders.GEOMETRY)
	_pack = ComputePass.new(_device, DeviceShaders.PACK)
	var state := RDSamplerState.new()
	_nearest = _device.sampler_create(state)
	state.min_filter = RenderingDevice.SAMPLER_FILTER_LINEAR
	state.mag_filter = RenderingDevice.SAMPLER_FILTER_LINEAR
	_linear = _device.sampler_create(state)
	_depth = _texture(RenderingDevice.DATA_FORMAT_R32_SFLOAT)
	_reactive = _texture(RenderingDevice.DATA_FORMAT_R32_SFLOAT)
	_opaque = _texture(RenderingDevice.DATA_FORMAT_R16G16B16A16_SFLOAT)
	for _i in 2:
		_motions.append(_texture(RenderingDevice.DATA_FORMAT_R32G32_SFLOAT))
	# Four bytes each of colour, depth and motion; one each of reactivity, label and two masks.
	_buffer = _device.storage_buffer_create(_size.x * _size.y * 16)
	_show_depth.call_deferred(_depth)


func _show_depth(texture: RID) -> void:
	if effects:
		depth_texture.texture_rd_rid = texture


func _texture(data_format: RenderingDevice.DataFormat) -> RID:
	var format := RDTextureFormat.new()
	format.width = _size.x
	format.height = _size.y
	format.format = data_format
	format.usage_bits = (
		RenderingDevice.TEXTURE_USAGE_STORAGE_BIT | RenderingDevice.TEXTURE_USAGE_SAMPLING_BIT
	)
	return _device.texture_create(format, RDTextureView.new())


func _tear_down() -> void:
	for pass_: ComputePass in [_remember, _geometry, _pack]:
		pass_.free_shader()
	var owned: Array[RID] = [_nearest, _linear, _depth, _reactive, _opaque, _buffer]
	for rid in owned + _motions:
		_device.free_rid(rid)
	_motions.clear()


func _before_transparents(buffers: RenderSceneBuffersRD, _data: RenderSceneData) -> void:
	if _motions.is_empty():
		return
	var begun_us := Time.get_ticks_usec()
	var uniforms: Array[RDUniform] = [
		ComputePass.sampled(buffers.get_color_layer(0), _nearest), ComputePass.image(_opaque)
	]
	var constants := PackedByteArray()
	constants.resize(16)
	constants.encode_s32(0, _size.x)
	constants.encode_s32(4, _size.y)
	_remember.dispatch(uniforms, constants, _size)
	_has_reactive = true
	spent_us += Time.get_ticks_usec() - begun_us


func _after_transparents(buffers: RenderSceneBuffersRD, data: RenderSceneData) -> void:
	if _motions.is_empty():
		return
	var begun_us := Time.get_ticks_usec()
	var has_velocity := _wants_motion and buffers.has_texture(&"render_buffers", &"velocity")
	var color := buffers.get_color_layer(0)
	var velocity := buffers.get_velocity_layer(0) if has_velocity else color
	var carries := not _captures_now  # of the frame before this one
	_captures_now = false
	_has_velocity = has_velocity
	_newest_motion = 1 - _newest_motion
	var uniforms: Array[RDUniform] = [
		ComputePass.sampled(color, _nearest),
		ComputePass.sampled(buffers.get_depth_layer(0), _nearest),
		ComputePass.sampled(velocity, _nearest),
		ComputePass.sampled(_opaque, _nearest),
		ComputePass.sampled(_motions[1 - _newest_motion], _nearest),
		ComputePass.image(_depth),
		ComputePass.image(_motions[_newest_motion]),
		ComputePass.image(_reactive),
	]
	_geometry.dispatch(uniforms, _geometry_constants(data, carries), _size)
	spent_us += Time.get_ticks_usec() - begun_us


func _geometry_constants(data: RenderSceneData, carries: bool) -> PackedByteArray:
	var lens := data.get_cam_projection()  # the GPU's: flipped and reversed, right for depth
	var floats := PackedFloat32Array()
	for column in 4:
		for row in 4:
			floats.append(_sky_before_from_now[column][row])
	var constants := floats.to_byte_array()
	constants.resize(112)
	constants.encode_s32(64, _size.x)
	constants.encode_s32(68, _size.y)
	constants.encode_float(72, lens.z.z)
	constants.encode_float(76, lens.w.z)
	constants.encode_float(80, lens.z.w)
	constants.encode_float(84, lens.w.w)
	constants.encode_float(88, 1.0 if _has_velocity else 0.0)
	constants.encode_float(92, 1.0 if carries else 0.0)
	constants.encode_float(96, 1.0 if _has_reactive else 0.0)
	return constants


func _capture(frame: CapturedFrame, picture: RID, tags: RID) -> void:
	var begun_us := Time.get_ticks_usec()
	var texture := RenderingServer.texture_get_rd_texture(picture)
	if _motions.is_empty() or not texture.is_valid():
		return
	var count := _size.x * _size.y
	var words := 2 * count
	var begins := {motion = -1, reactive = -1, label = -1}
	frame.ranges["color"] = Vector2i(0, 4 * count)
	frame.ranges["depth"] = Vector2i(4 * count, 4 * count)
	if _has_velocity and _captured_id >= 0:
		frame.motion_from_frame_id = _captured_id
		frame.ranges["motion"] = Vector2i(4 * words, 4 * count)
		begins.motion = words
		words += count
	if _has_reactive:
		frame.ranges["reactive"] = Vector2i(4 * words, count)
		begins.reactive = words
		words += count >> 2
	var tag_texture := RenderingServer.texture_get_rd_texture(tags) if tags.is_valid() else RID()
	if tag_texture.is_valid():
		begins.label = words
		for name: String in ["label", "intensity_mask", "dynamic_mask"]:
			frame.ranges[name] = Vector2i(4 * words, count)
			words += count >> 2
	_captured_id = frame.frame_id
	_captures_now = true
	var uniforms: Array[RDUniform] = [
		ComputePass.sampled(texture, _linear),
		ComputePass.sampled(tag_texture if tag_texture.is_valid() else texture, _nearest),
		ComputePass.sampled(_depth, _nearest),
		ComputePass.sampled(_motions[_newest_motion], _nearest),
		ComputePass.sampled(_reactive, _nearest),
		ComputePass.buffer(_buffer),
	]
	_pack.dispatch(uniforms, _pack_constants(texture, begins), Vector2i(_size.x >> 2, _size.y))
	if _device.buffer_get_data_async(_buffer, _on_pixels.bind(frame), 0, 4 * words) == OK:
		_on_their_way += 1
	spent_us += Time.get_ticks_usec() - begun_us


func _pack_constants(picture: RID, begins: Dictionary) -> PackedByteArray:
	var format := _device.texture_get_format(picture)
	var constants := PackedByteArray()
	constants.resize(32)
	constants.encode_s32(0, _size.x)
	constants.encode_s32(4, _size.y)
	# Two taps of a linear filter see four pixels each way.
	constants.encode_float(8, ceilf(format.width / float(_size.x)))
	constants.encode_float(12, ceilf(format.height / float(_size.y)))
	constants.encode_s32(16, begins.motion as int)
	constants.encode_s32(20, begins.reactive as int)
	constants.encode_s32(24, begins.label as int)
	return constants


func _on_pixels(pixels: PackedByteArray, frame: CapturedFrame) -> void:
	_on_their_way -= 1
	frame.pixels = pixels
	_hand_over.call_deferred(frame)


func _hand_over(frame: CapturedFrame) -> void:
	captured.emit(frame)
