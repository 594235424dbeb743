@tool
extends EditorPlugin
## Adds the framegen dock to the editor, and listens to the running game's status.

const Dock := preload("editor/dock.gd")
const Settings := preload("settings.gd")
const StatusDebugger := preload("editor/status_debugger.gd")

var _dock: Dock
var _panel := ScrollContainer.new()
var _debugger: StatusDebugger


func _enter_tree() -> void:
	Settings.declare()
	_debugger = StatusDebugger.new()
	add_debugger_plugin(_debugger)
	_dock = Dock.new()
	_dock.autoload_toggled.connect(_on_autoload_toggled)
	_dock.undo = get_undo_redo()
	_debugger.status_received.connect(_dock.show_status)
	_debugger.game_started.connect(_dock.show_game.bind(true))
	_debugger.game_ended.connect(_dock.show_game.bind(false))
	_dock.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_panel.name = "framegen"
	_panel.horizontal_scroll_mode = ScrollContainer.SCROLL_MODE_DISABLED
	_panel.add_child(_dock)
	add_control_to_dock(DOCK_SLOT_RIGHT_UL, _panel)


func _exit_tree() -> void:
	_dock.end_server()
	remove_control_from_docks(_panel)
	_panel.queue_free()
	remove_debugger_plugin(_debugger)


func _disable_plugin() -> void:
	_on_autoload_toggled(false)


func _on_autoload_toggled(is_on: bool) -> void:
	var is_there := Settings.has_autoload()
	if is_on and not is_there:
		add_autoload_singleton(Settings.AUTOLOAD, "res://addons/framegen/autoload.gd")
	elif is_there and not is_on:
		remove_autoload_singleton(Settings.AUTOLOAD)
	else:
		return
	ProjectSettings.save()  # at once: the editor takes its time, and a game that is played meanwhile knows nothing of it
