@tool
extends RefCounted
## One compute shader on the main RenderingDevice. Everything here runs on the render thread.

const COMMON := preload("../shaders/common.gdshaderinc")
const HEAD := """#version 450
layout(local_size_x = 8, local_size_y = 8) in;
"""

var _device: RenderingDevice
var _shader: RID
var _pipeline: RID


## Compiles [param source], which comes after the shared formulas.
func _init(device: RenderingDevice, source: String) -> void:
	_device = device
	var code := RDShaderSource.new()
	code.language = RenderingDevice.SHADER_LANGUAGE_GLSL
	code.source_compute = HEAD + COMMON.code + source
	var spirv := device.shader_compile_spirv_from_source(code)
	if spirv.compile_error_compute:
		push_error("framegen: " + spirv.compile_error_compute)
		return
	_shader = device.shader_create_from_spirv(spirv)
	_pipeline = device.compute_pipeline_create(_shader)


## Runs the shader over [param size] invocations.
func dispatch(uniforms: Array[RDUniform], constants: PackedByteArray, size: Vector2i) -> void:
	if not _pipeline.is_valid():
		return
	for i in uniforms.size():
		uniforms[i].binding = i
	var bound := UniformSetCacheRD.get_cache(_shader, 0, uniforms)
	var list := _device.compute_list_begin()
	_device.compute_list_bind_compute_pipeline(list, _pipeline)
	_device.compute_list_bind_uniform_set(list, bound, 0)
	_device.compute_list_set_push_constant(list, constants, constants.size())
	_device.compute_list_dispatch(list, (size.x + 7) >> 3, (size.y + 7) >> 3, 1)
	_device.compute_list_end()


## Gives the shader back; its pipeline goes with it.
func free_shader() -> void:
	if _shader.is_valid():
		_device.free_rid(_shader)
	_shader = RID()
	_pipeline = RID()


## A texture to sample.
static func sampled(texture: RID, sampler: RID) -> RDUniform:
	var uniform := RDUniform.new()
	uniform.uniform_type = RenderingDevice.UNIFORM_TYPE_SAMPLER_WITH_TEXTURE
	uniform.add_id(sampler)
	uniform.add_id(texture)
	return uniform


## A texture to read and write.
static func image(texture: RID) -> RDUniform:
	var uniform := RDUniform.new()
	uniform.uniform_type = RenderingDevice.UNIFORM_TYPE_IMAGE
	uniform.add_id(texture)
	return uniform


## A buffer to read and write.
static func buffer(storage: RID) -> RDUniform:
	var uniform := RDUniform.new()
	uniform.uniform_type = RenderingDevice.UNIFORM_TYPE_STORAGE_BUFFER
	uniform.add_id(storage)
	return uniform
