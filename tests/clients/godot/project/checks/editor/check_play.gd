@tool
extends RefCounted
## Starts a server with the dock's button, plays games that the editor debugs, and reads in the dock how they are doing.
##
## The first game has only the autoload, which the dock's box switches on and which stays on for the test to play; the
## second has a FrameGen node of its own.

const CheckEditor := preload("check_editor.gd")
const ROOM := "res://checks/editor/room.tscn"
const BARE := "res://checks/autoload.tscn"
const UNKNOWN := "flurble"

var _check: CheckEditor
var _game := -1


## Does all of it with the editor's plugin [param check].
func run(check: CheckEditor) -> void:
	_check = check
	_check.dock._address.text_submitted.emit(_check.address)
	EditorInterface.get_edited_scene_root().get_node("FrameGen").set("address", _check.address)
	EditorInterface.save_scene()
	await _check_no_server()
	await _check_start()
	await _check_autoload()
	await _check_node()
	await _check_stop()


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


# As the editor does it.
func _play(scene: String) -> void:
	var arguments := OS.get_cmdline_user_args()
	var options := ["--path", ProjectSettings.globalize_path("res://"), "--remote-debug", arguments[5]]
	options += ["--rendering-driver", "opengl3", "--resolution", "320x180", scene]
	_game = OS.create_process(arguments[4], PackedStringArray(options))


func _stop_game() -> void:
	OS.kill(_game)
	await _hears("not running", "the game ended")


func _check_no_server() -> void:
	_check.report.expect(_says("not running"), "no game yet")
	_box().button_pressed = true
	_play(BARE)
	await _hears("no server (nobody listens", "a game without a server")
	await _stop_game()


func _check_start() -> void:
	var start: Button = _check.dock._start
	start.pressed.emit()
	_check.report.same(start.text, "Stop server", "the button, while Python is looked for")
	start.pressed.emit()
	await _check.until(func() -> bool: return start.text == "Start server")
	_check.report.same(start.text, "Start server", "the button, when it was pressed too early")
	start.pressed.emit()
	var is_told := func() -> bool: return "is ready" in (_check.dock._output.text as String)
	await _check.until(is_told)
	_check.report.expect(is_told.call() as bool, "what the server prints: " + _check.dock._output.text)
	_check.report.same(start.text, "Stop server", "the button of a server that runs")


func _check_autoload() -> void:
	_check.dock._prompt.text = "night, " + UNKNOWN
	_check.dock._strength.value = 0.75
	EditorInterface.open_scene_from_path(BARE)
	await _check.until(func() -> bool: return EditorInterface.get_edited_scene_root().scene_file_path == BARE)
	_check.button("To the scene").pressed.emit()
	_check.report.expect("autoload" in (_check.dock._said.text as String), "the prompt is for the autoload")
	_play(BARE)
	await _hears_figures("a game with the autoload")
	await _hears("not understood: " + UNKNOWN, "what the model does not know")
	_check.report.measured.status = _check.dock._status.text
	_check.screenshot("playing")
	await _stop_game()


func _check_node() -> void:
	_play(ROOM)
	await _hears_figures("a game with a node")
	_check.report.expect(not _says("not understood"), "the scene's own node goes before the autoload")


func _check_stop() -> void:
	_check.dock._start.pressed.emit()
	await _hears("no server (", "the game after its server was stopped")
	_check.report.same(_check.dock._start.text, "Start server", "the button of a server that was stopped")
	await _stop_game()


func _box() -> CheckBox:
	return _check.dock.find_children("*", "CheckBox", true, false)[0]
