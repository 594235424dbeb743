@tool
extends EditorDebuggerPlugin
## Hears from the running game how its [FrameGen] is doing.

## As [method FrameGen.get_status].
signal status_received(status: Dictionary)
## A game was started from the editor.
signal game_started
## It ended.
signal game_ended


func _setup_session(session_id: int) -> void:
	var session := get_session(session_id)
	session.started.connect(func() -> void: game_started.emit())
	session.stopped.connect(func() -> void: game_ended.emit())


func _has_capture(prefix: String) -> bool:
	return prefix == "framegen"


func _capture(message: String, data: Array, _session_id: int) -> bool:
	if message != "framegen:status":
		return false
	status_received.emit(data[0] as Dictionary)
	return true
