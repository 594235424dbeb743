@tool
extends EditorDebuggerPlugin
## Hears from the running game how its [FrameGen] is doing.

## As [method FrameGen.get_status].
signal status_received(status: Dictionary)


func _has_capture(prefix: String) -> bool:
	return prefix == "framegen"


func _capture(message: String, data: Array, _session_id: int) -> bool:
	if message != "framegen:status":
		return false
	status_received.emit(data[0] as Dictionary)
	return true
