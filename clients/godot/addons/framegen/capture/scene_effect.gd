@tool
extends CompositorEffect
## Calls back on the render thread at one stage of drawing the scene.

## Called with the RenderSceneBuffersRD and the RenderSceneData.
var _on_scene: Callable


func _init(stage: EffectCallbackType, on_scene: Callable, wants_motion := false) -> void:
	effect_callback_type = stage
	access_resolved_color = true
	access_resolved_depth = true
	needs_motion_vectors = wants_motion
	_on_scene = on_scene


func _render_callback(_type: int, data: RenderData) -> void:
	var buffers := data.get_render_scene_buffers() as RenderSceneBuffersRD
	if buffers != null and buffers.get_internal_size() != Vector2i.ZERO:
		_on_scene.call(buffers, data.get_render_scene_data())
