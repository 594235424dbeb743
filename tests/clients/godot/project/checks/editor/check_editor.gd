@tool
extends EditorPlugin
## Presses the framegen dock's buttons in a real editor: preview, sheet, look, autoload; or plays games from it.
##
## Does nothing unless the editor was started with [code]-- check-editor ADDRESS FOLDER WHAT GODOT[/code]: what is to be
## checked (buttons, play, crash), and the program that the editor is.

const CheckPlay := preload("check_play.gd")
const Report := preload("res://checks/report.gd")

const ROOM := "res://checks/editor/room.tscn"
const LIMIT_MS := 120_000

var report := Report.new()
var address := ""
var folder := ""
var dock: Control


func _enter_tree() -> void:
	var arguments := OS.get_cmdline_user_args()
	if arguments.size() == 5 and arguments[0] == "check-editor":
		address = arguments[1]
		folder = arguments[2]
		_run.call_deferred()


func _run() -> void:
	await until(func() -> bool: return not EditorInterface.get_resource_filesystem().is_scanning())
	EditorInterface.open_scene_from_path(ROOM)
	await until(func() -> bool: return EditorInterface.get_edited_scene_root() != null)
	EditorInterface.set_main_screen_editor("3D")
	await frames(20)
	for found in EditorInterface.get_base_control().find_children("*", "VBoxContainer", true, false):
		var script := found.get_script() as Script
		if script != null and script.resource_path.ends_with("framegen/editor/dock.gd"):
			dock = found
	report.expect(dock != null, "the dock is there")
	if dock != null:
		dock._address.text = address
		_bring_to_front()
		match OS.get_cmdline_user_args()[3]:
			"play":
				await CheckPlay.new().run(self)
			"crash":
				await CheckPlay.new().crash(self)
			_:
				await _check_buttons()
	screenshot("editor")
	report.finish(get_tree())


func _check_buttons() -> void:
	await _check_preview()
	await _check_sheet()
	_check_scene()
	_check_tag()
	await _check_autoload()


func _bring_to_front() -> void:
	var page: Node = dock
	while page.get_parent() != null and not page.get_parent() is TabContainer:
		page = page.get_parent()
	var tabs := page.get_parent() as TabContainer
	report.expect(tabs != null, "the dock is a tab")
	if tabs != null:
		tabs.current_tab = tabs.get_tab_idx_from_control(page as Control)


func _check_preview() -> void:
	dock._prompt.text = "a test"
	button("Preview").pressed.emit()
	report.expect(button("Preview").disabled, "one preview at a time")
	await until(func() -> bool: return not button("Preview").disabled)
	report.same(dock._said.text, "", "the preview has no problem")
	report.expect(dock._picture.texture != null, "a preview")
	if dock._picture.texture != null:
		var picture: Image = dock._picture.texture.get_image()
		report.measured.preview = [picture.get_width(), picture.get_height()]
		var plain: Image = dock._still.plain
		var sum := plain.get_pixel(8, 8) + picture.get_pixel(8, 8)
		report.near(sum.r, 1.0, 0.06, "the preview is the scene, inverted")
	screenshot("preview")


func _check_sheet() -> void:
	dock._prompts.text = "one\n\ntwo\nthree"
	button("Make the sheet").pressed.emit()
	await until(func() -> bool: return not button("Preview").disabled)
	report.same(dock._sheet._pictures.size(), 3, "a picture for each line")
	screenshot("sheet")
	dock._sheet.hide()


func _check_scene() -> void:
	dock._prompt.text = "for the scene"
	button("To the scene").pressed.emit()
	var node := EditorInterface.get_edited_scene_root().get_node("FrameGen")
	report.same(node.get("prompt"), "for the scene", "the scene's prompt")
	var root := EditorInterface.get_edited_scene_root()
	var history := get_undo_redo().get_history_undo_redo(get_undo_redo().get_object_history_id(root))
	history.undo()
	report.same(node.get("prompt"), "golden hour, clear sky", "the scene's prompt, undone")
	history.redo()
	dock._save_look("res://saved_look.tres")
	var look: Resource = load("res://saved_look.tres")
	report.same(look.get("prompt"), "for the scene", "the saved look")
	node.set("address", address)
	EditorInterface.save_scene()


# As the inspector sets it.
func _check_tag() -> void:
	var tag := FrameGenTag.new()
	EditorInterface.get_edited_scene_root().add_child(tag)
	tag.preset = FrameGenTag.Preset.PERSON_KEPT
	report.same([tag.label, tag.intensity, tag.moves], ["person", 0.0, true], "a preset that was chosen")
	report.expect(not tag.is_in_group(FrameGenTag.GROUP), "scenes are edited as they are")
	tag.free()


func _check_autoload() -> void:
	var box: CheckBox = dock.find_children("*", "CheckBox", true, false)[0]
	box.button_pressed = true
	report.expect(ProjectSettings.has_setting("autoload/FrameGenAutoload"), "the autoload is there")
	box.button_pressed = false
	report.expect(not ProjectSettings.has_setting("autoload/FrameGenAutoload"), "the autoload is gone")
	# As the project settings' own page does it.
	ProjectSettings.set_setting("autoload/FrameGenAutoload", "*res://addons/framegen/autoload.gd")
	await frames(3)
	report.expect(box.button_pressed, "the box says what the project settings say")
	ProjectSettings.set_setting("autoload/FrameGenAutoload", null)
	await frames(3)
	report.expect(not box.button_pressed, "the box says so again")


## A button of the dock by what is on it.
func button(text: String) -> Button:
	for found: Button in dock._buttons:
		if found.text == text:
			return found
	return null


## Writes the editor's window into the test's folder.
func screenshot(title: String) -> void:
	var picture := EditorInterface.get_base_control().get_viewport().get_texture().get_image()
	picture.save_png("%s/%s.png" % [folder, title])


## Waits for some frames of the editor.
func frames(count: int) -> void:
	for _i in count:
		await get_tree().process_frame


## Waits until something is so, or too long.
func until(is_so: Callable) -> void:
	var end := Time.get_ticks_msec() + LIMIT_MS
	while not is_so.call() and Time.get_ticks_msec() < end:
		await get_tree().process_frame
