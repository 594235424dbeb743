@tool
extends RefCounted
## Starts a server with the dock's button, plays games with the editor's, and reads in the dock how they are doing.
##
## The first game has only the autoload, which the dock's box switches on and which stays on for the test to play; the
## second has a FrameGen node of its own. At the end a server runs, which is to end with the editor.

const CheckEditor := preload("check_editor.gd")
const ROOM := "res://checks/editor/room.tscn"
const BARE := "res://checks/autoload.tscn"
const UNKNOWN := "flurble"

var _check: CheckEditor


## Does all of it with the editor's plugin [param check].
func run(check: CheckEditor) -> void:
	_check = check
	_check.dock._address.text_submitted.emit(_check.address)
	EditorInterface.get_edited_scene_root().get_node("FrameGen").set("address", _check.address)
	EditorInterface.save_scene()
	_teach_play()
	await _check_no_server()
	await _check_start()
	await _check_autoload()
	await _check_node()
	await _check_stop()
	await _start_server()


## Starts a server with the dock's button, and ends as a program that crashed.
func crash(check: CheckEditor) -> void:
	_check = check
	await _start_server()
	_check.report.finish(_check.get_tree())
	OS.kill(OS.get_process_id())


# What a Godot that is run by another loader takes for its own program is that loader: the editor's buttons would run
# it with the game's arguments. What stands before %command% comes first among them: so a shell starts the right one.
func _teach_play() -> void:
	var loader := OS.get_executable_path()
	if not loader.get_file().begins_with("ld-"):
		return
	var path := _check.folder.path_join("run")
	var runner := FileAccess.open(path, FileAccess.WRITE)
	runner.store_string('shift\nexec "%s" "$@"\n' % OS.get_cmdline_user_args()[4])
	runner.close()
	var words := ["-", "--library-path", loader.get_base_dir(), "/bin/sh", path, "%command%"]
	ProjectSettings.set_setting("editor/run/main_run_args", " ".join(words))


func _says(words: String) -> bool:
	return words in (_check.dock._status.text as String)


# Waits until the dock says something of the game.
func _hears(words: String, what: String) -> void:
	await _check.until(func() -> bool: return _says(words))
	_check.report.expect(_says(words), "%s: %s" % [what, _check.dock._status.text])


# Figures of a game that is restyled: frames a second, milliseconds from capture to display.
func _figures() -> RegExMatch:
	return RegEx.create_from_string("([0-9.]+) restyled frames/s, ([0-9]+) ms from").search(_check.dock._status.text)


func _shows_figures() -> bool:
	var found := _figures()
	return found != null and found.get_string(1).to_float() > 0.0 and found.get_string(2).to_int() > 0


func _hears_figures(what: String) -> void:
	await _check.until(_shows_figures)
	_check.report.expect(_shows_figures(), "%s: %s" % [what, _check.dock._status.text])


# With the editor's own button for the scene that is open.
func _play(scene: String) -> void:
	EditorInterface.open_scene_from_path(scene)
	await _check.until(func() -> bool: return EditorInterface.get_edited_scene_root().scene_file_path == scene)
	_press("Run Current Scene")
	await _check.until(EditorInterface.is_playing_scene)
	_check.report.same(EditorInterface.get_playing_scene(), scene, "the scene that is played")


func _stop_game() -> void:
	_press("Stop Running Project")
	await _hears("not running", "the game ended")


# The editor's own buttons are known by their shortcuts.
func _press(shortcut: String) -> void:
	for bar in EditorInterface.get_base_control().find_children("*", "EditorRunBar", true, false):
		for button: Button in bar.find_children("*", "Button", true, false):
			if button.shortcut != null and button.shortcut.resource_name == shortcut:
				button.pressed.emit()
				return
	_check.report.expect(false, "no button: " + shortcut)


func _check_no_server() -> void:
	_check.report.expect(_says("not running"), "no game yet")
	_box().button_pressed = true
	await _play(BARE)
	await _hears("no server (nobody listens", "a game without a server")
	await _stop_game()


func _check_start() -> void:
	var start: Button = _check.dock._start
	start.pressed.emit()
	_check.report.same(start.text, "Stop server", "the button, while Python is looked for")
	start.pressed.emit()
	await _check.until(func() -> bool: return start.text == "Start server")
	_check.report.same(start.text, "Start server", "the button, when it was pressed too early")
	await _start_server()
	_check.report.same(start.text, "Stop server", "the button of a server that runs")
	# As the editor does it where a dock is closed, and opened again.
	var panel: Control = _check.dock.get_parent()
	panel.remove_child(_check.dock)
	await _check.frames(3)
	panel.add_child(_check.dock)
	_check.report.same(start.text, "Stop server", "the button after the dock was closed")


func _start_server() -> void:
	_check.dock._start.pressed.emit()
	var is_told := func() -> bool: return "is ready" in (_check.dock._output.text as String)
	await _check.until(is_told)
	_check.report.expect(is_told.call() as bool, "what the server prints: " + _check.dock._output.text)


func _check_autoload() -> void:
	_check.dock._prompt.text = "night, " + UNKNOWN
	_check.dock._strength.value = 0.75
	_check.button("To the scene").pressed.emit()
	_check.report.expect("autoload" in (_check.dock._said.text as String), "the prompt is for the autoload")
	await _play(BARE)
	await _hears_figures("a game with the autoload")
	await _hears("not understood: " + UNKNOWN, "what the model does not know")
	_check.report.measured.status = _check.dock._status.text
	var panel: Control = _check.dock.get_parent()
	var status: Control = _check.dock._status
	var is_seen := panel.get_global_rect().encloses(status.get_global_rect())
	_check.report.expect(is_seen, "the status is seen without scrolling")
	_check.screenshot("playing")
	await _stop_game()


func _check_node() -> void:
	await _play(ROOM)
	await _hears_figures("a game with a node")
	_check.report.expect(not _says("not understood"), "the scene's own node goes before the autoload")


func _check_stop() -> void:
	_check.dock._start.pressed.emit()
	await _hears("no server (", "the game after its server was stopped")
	_check.report.same(_check.dock._start.text, "Start server", "the button of a server that was stopped")
	await _stop_game()


func _box() -> CheckBox:
	return _check.dock.find_children("*", "CheckBox", true, false)[0]
