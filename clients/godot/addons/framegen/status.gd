extends RefCounted
## Counts and running averages of one [FrameGen].

const Result := preload("protocol/result.gd")

## Share of a new value in a running average.
const NEW := 0.1

var server := ""
var model := ""
var problem := ""
var sent := 0
var answered := 0
var superseded := 0
var understood := PackedStringArray()
var ignored := PackedStringArray()

var _is_connected := false
var _latency_ms := 0.0
var _round_trip_ms := 0.0
var _model_ms := 0.0
var _interval_ms := 0.0
var _cost_ms := 0.0
var _last_cost_ms := 0.0
var _last_ms := 0.0
var _until_told_s := 0.0


## A server answered.
func begin(welcome: Dictionary) -> void:
	_is_connected = true
	server = welcome.server
	problem = ""
	pause()


## The server is gone.
func end(reason: String) -> void:
	_is_connected = false
	problem = reason


## A result is shown now.
func take(result: Result) -> void:
	answered += 1
	model = result.model
	_latency_ms = _mean(_latency_ms, result.age_ms())
	_round_trip_ms = _mean(_round_trip_ms, result.round_trip_ms)
	# A result that the network did not run for says nothing of it.
	if result.stages_ms.has("model"):
		_model_ms = _mean(_model_ms, result.stages_ms.model as float)
	var now_ms := Time.get_ticks_usec() / 1000.0
	if _last_ms > 0.0:
		_interval_ms = _mean(_interval_ms, now_ms - _last_ms)
	_last_ms = now_ms


## Nothing is restyled for now: the time until the next result says nothing.
func pause() -> void:
	_last_ms = 0.0
	_interval_ms = 0.0


## Time that one frame took on the main thread.
func add_cost(cost_us: int) -> void:
	_last_cost_ms = cost_us / 1000.0
	_cost_ms = _mean(_cost_ms, _last_cost_ms)


## Tells the editor that plays the game, twice a second; its dock shows it.
func tell_editor(delta: float) -> void:
	_until_told_s -= delta
	if _until_told_s < 0.0 and EngineDebugger.is_active():
		_until_told_s = 0.5
		EngineDebugger.send_message("framegen:status", [as_dictionary()])


## All of it, for people.
func as_dictionary() -> Dictionary:
	var now_ms := Time.get_ticks_usec() / 1000.0
	# Where results stay away, there are fewer than there were.
	var interval_ms := maxf(_interval_ms, now_ms - _last_ms) if _interval_ms > 0.0 else INF
	return {
		connected = _is_connected,
		server = server,
		model = model,
		problem = problem,
		frames_per_s = 1000.0 / interval_ms,
		latency_ms = _latency_ms,
		round_trip_ms = _round_trip_ms,
		model_ms = _model_ms,
		cost_ms = _cost_ms,
		last_cost_ms = _last_cost_ms,
		sent = sent,
		answered = answered,
		superseded = superseded,
		understood = understood,
		ignored = ignored,
	}


static func _mean(before: float, value: float) -> float:
	return value if before == 0.0 else lerpf(before, value, NEW)
