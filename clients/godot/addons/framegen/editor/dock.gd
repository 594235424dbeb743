@tool
extends VBoxContainer
## The framegen dock: server, status of the running game, preview of the scene under a prompt, contact sheet.

## The game is to be restyled in every scene, or not.
signal autoload_toggled(is_on: bool)

const Capture := preload("../capture/capture.gd")
const ServerProcess := preload("server_process.gd")
const Settings := preload("../settings.gd")
const Sheet := preload("sheet.gd")
const Still := preload("still.gd")

const OUTPUT_LINES := 200

## The editor's: what is written into the scene can be undone, and a running game hears of it.
var undo: EditorUndoRedoManager

var _server := ServerProcess.new()
var _still := Still.new()
var _sheet := Sheet.new()
var _address := LineEdit.new()
var _start := Button.new()
var _output := TextEdit.new()
var _prompt := TextEdit.new()
var _strength := HSlider.new()
var _picture := TextureRect.new()
var _said := Label.new()
var _prompts := TextEdit.new()
var _autoload := CheckBox.new()
var _status := Label.new()
var _save := FileDialog.new()
var _buttons: Array[Button] = []


func _init() -> void:
	_add_server()
	_add_game()
	_add_preview()
	_add_sheet()
	add_child(_still)
	add_child(_sheet)
	_sheet.hide()
	_save.file_mode = FileDialog.FILE_MODE_SAVE_FILE
	_save.add_filter("*.tres", "Look")
	_save.file_selected.connect(_save_look)
	add_child(_save)
	_server.printed.connect(_on_printed)
	_server.ended.connect(_on_ended)
	_still.restyled.connect(_on_restyled)


## Ends the server that was started here. Not where the dock leaves the tree: so it does when a person closes it.
func end_server() -> void:
	_server.stop()


## What the running game says of its [FrameGen].
func show_status(status: Dictionary) -> void:
	if not status.connected:
		_status.text = "Game: no server (%s)" % (status.problem if status.problem else "connecting")
		return
	var ignored := ", ".join(status.ignored as PackedStringArray)
	_status.text = (
		(
			"Game: %s on %s\n%.1f restyled frames/s, %.0f ms from capture to display"
			+ "\n%.0f ms there and back, %.1f ms model, %.2f ms of each frame%s"
		)
		% [
			status.model,
			status.server,
			status.frames_per_s,
			status.latency_ms,
			status.round_trip_ms,
			status.model_ms,
			status.cost_ms,
			"\nnot understood: " + ignored if ignored else "",
		]
	)


## A game was started from the editor, or has ended.
func show_game(is_running: bool) -> void:
	_status.text = "Game: running, without FrameGen so far" if is_running else "Game: not running"


func _add_server() -> void:
	_heading("Server")
	_address.text = Settings.value("address")
	_address.tooltip_text = "Where the server is, or is to be started."
	_address.text_submitted.connect(func(_text: String) -> void: _store_address())
	_address.focus_exited.connect(_store_address)
	add_child(_address)
	_start.text = "Start server"
	_start.tooltip_text = "Starts framegen serve with this machine's Python."
	_start.pressed.connect(_on_start_pressed)
	add_child(_start)
	_output.editable = false
	_output.custom_minimum_size.y = 70.0
	_output.placeholder_text = "What the server prints."
	add_child(_output)


func _add_preview() -> void:
	_heading("Look")
	_prompt.text = Settings.value("prompt")
	_prompt.custom_minimum_size.y = 50.0
	_prompt.wrap_mode = TextEdit.LINE_WRAPPING_BOUNDARY
	add_child(_prompt)
	_strength.max_value = 1.0
	_strength.step = 0.01
	_strength.value = Settings.value("strength")
	_strength.tooltip_text = "Strength: how far the model may depart from the scene."
	add_child(_strength)
	var row := HBoxContainer.new()
	_button(row, "Preview", "What the 3D editor shows, restyled at the best quality.", _preview)
	_button(row, "Save look…", "Saves prompt and strength as a resource.", _on_save_pressed)
	var tooltip := "Writes prompt and strength into the scene's FrameGen node; without one, for the autoload."
	_button(row, "To the scene", tooltip, _to_scene)
	add_child(row)
	_picture.custom_minimum_size.y = 150.0
	_picture.hide()
	_picture.expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	_picture.stretch_mode = TextureRect.STRETCH_KEEP_ASPECT_CENTERED
	add_child(_picture)
	_said.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	add_child(_said)


func _add_sheet() -> void:
	_heading("Contact sheet: one prompt a line")
	_prompts.text = "\n".join(PackedStringArray(Settings.value("contact_sheet") as Array))
	_prompts.custom_minimum_size.y = 90.0
	add_child(_prompts)
	_button(self, "Make the sheet", "The current view under every prompt, side by side.", _make_sheet)


func _add_game() -> void:
	_heading("Game")
	_autoload.text = "Restyle every scene (autoload)"
	_autoload.tooltip_text = "Without it, add a FrameGen node to the scenes that are to be restyled."
	_autoload.button_pressed = Settings.has_autoload()
	_autoload.toggled.connect(func(is_on: bool) -> void: autoload_toggled.emit(is_on))
	ProjectSettings.settings_changed.connect(
		func() -> void: _autoload.set_pressed_no_signal(Settings.has_autoload())
	)
	add_child(_autoload)
	_status.text = "Game: not running"
	_status.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	add_child(_status)


func _heading(text: String) -> void:
	var label := Label.new()
	label.text = text
	label.theme_type_variation = &"HeaderSmall"
	add_child(label)


func _button(parent: Control, text: String, tooltip: String, on_pressed: Callable) -> void:
	var button := Button.new()
	button.text = text
	button.tooltip_text = tooltip
	button.pressed.connect(on_pressed)
	parent.add_child(button)
	_buttons.append(button)


func _store_address() -> void:
	if _address.text != Settings.value("address"):
		Settings.store("address", _address.text)


func _on_start_pressed() -> void:
	if _server.is_running():
		_server.stop()
		return
	_output.text = ""
	_start.text = "Stop server"
	_server.start(_address.text, Settings.value("token") as String)


func _on_printed(line: String) -> void:
	var lines := (_output.text + line + "\n").split("\n")
	_output.text = "\n".join(lines.slice(maxi(lines.size() - OUTPUT_LINES, 0)))
	_output.scroll_vertical = _output.get_line_count()


func _on_ended() -> void:
	_start.text = "Start server"


func _preview() -> void:
	await _take(PackedStringArray([_prompt.text]))


func _make_sheet() -> void:
	var prompts := PackedStringArray()
	for line in _prompts.text.split("\n", false):
		if line.strip_edges() != "":
			prompts.append(line.strip_edges())
	_sheet.clear()
	_sheet.popup_centered()
	await _take(prompts)


func _take(prompts: PackedStringArray) -> void:
	var view := EditorInterface.get_editor_viewport_3d(0)
	var source := view.get_camera_3d()
	if source == null or EditorInterface.get_edited_scene_root() == null:
		_said.text = "Open a 3D scene first."
		return
	for button in _buttons:
		button.disabled = true
	_said.text = "…"
	var still_size: Vector2i = Settings.value("still_size")
	var fitted := Capture.fitted(still_size, Vector2(view.size))
	var settings := {strength = _strength.value}
	await _still.take(
		source, fitted, prompts, _address.text, Settings.value("token") as String, settings
	)
	_said.text = _still.problem
	for button in _buttons:
		button.disabled = false


func _on_restyled(prompt: String, picture: Image) -> void:
	_picture.texture = ImageTexture.create_from_image(picture)
	_picture.show()
	if _sheet.visible:
		_sheet.add(prompt, picture)


func _on_save_pressed() -> void:
	_save.popup_centered_ratio(0.5)


func _save_look(path: String) -> void:
	var look := FrameGenLook.new()
	look.prompt = _prompt.text
	look.strength = _strength.value
	ResourceSaver.save(look, path)
	_said.text = "Saved as %s." % path


func _to_scene() -> void:
	var root := EditorInterface.get_edited_scene_root()
	var look := {prompt = _prompt.text, strength = _strength.value}
	var found: Array[Node] = []
	if root != null:
		found = root.find_children("*", "FrameGen", true, false)
	if not found.is_empty():
		undo.create_action("Restyle as in the dock")
		for property: String in look:
			undo.add_do_property(found[0], property, look[property])
			undo.add_undo_property(found[0], property, found[0].get(property))
		undo.add_do_property(found[0], "look", null)  # it would count instead
		undo.add_undo_property(found[0], "look", found[0].get("look"))
		undo.commit_action()
		_said.text = "Written into %s." % found[0].name
	elif Settings.has_autoload():
		for property: String in look:
			Settings.store(property, look[property])
		_said.text = "Written into the project settings, for the autoload."
	else:
		_said.text = "The scene has no FrameGen node: add one, or switch the autoload on."
