extends RefCounted
## Plays for some seconds and tells how fast it went.

var _framegen: FrameGen
var _frames := 0
var _results := 0
var _latencies_ms: Array[float] = []
var _costs_ms: Array[float] = []
# When the frame was rendered whose result is drawn next; negative: none.
var _rendered_at_ms := -1.0


## Figures of [param seconds] of [param framegen]: results and frames a second, milliseconds from rendering a frame
## to having drawn its result, milliseconds of the main thread that the addon took of each frame.
static func play(framegen: FrameGen, seconds: float) -> Dictionary:
	var measure := new()
	return await measure._play(framegen, seconds)


func _play(framegen: FrameGen, seconds: float) -> Dictionary:
	_framegen = framegen
	framegen.result_received.connect(_on_result)
	RenderingServer.frame_post_draw.connect(_on_drawn)
	var begun_ms := _now_ms()
	while _now_ms() - begun_ms < 1000.0 * seconds:
		await framegen.get_tree().process_frame
	var took_s := (_now_ms() - begun_ms) / 1000.0
	framegen.result_received.disconnect(_on_result)
	RenderingServer.frame_post_draw.disconnect(_on_drawn)
	return {
		seconds = took_s,
		results = _results,
		restyled_fps = _results / took_s,
		shown_fps = _frames / took_s,
		latency_ms = _summary(_latencies_ms),
		cost_ms = _summary(_costs_ms),
		status = framegen.get_status(),
	}


func _on_result(_image: Image, info: Dictionary) -> void:
	_results += 1
	_rendered_at_ms = _now_ms() - info.latency_ms


func _on_drawn() -> void:
	_frames += 1
	_costs_ms.append(_framegen.get_status().last_cost_ms as float)
	if _rendered_at_ms >= 0.0:
		_latencies_ms.append(_now_ms() - _rendered_at_ms)
		_rendered_at_ms = -1.0


static func _summary(values: Array[float]) -> Dictionary:
	if values.is_empty():
		return {mean = 0.0, p50 = 0.0, p95 = 0.0}
	var sorted := values.duplicate()
	sorted.sort()
	var sum := 0.0
	for value in sorted:
		sum += value
	var last := sorted.size() - 1
	return {
		mean = sum / sorted.size(),
		p50 = sorted[last >> 1],
		p95 = sorted[floori(0.95 * last)],
	}


static func _now_ms() -> float:
	return Time.get_ticks_usec() / 1000.0
