@tool
extends EditorPlugin
## Presses the framegen dock's buttons in a real editor: preview, sheet, look, autoload.
##
## Does nothing unless the editor was started with [code]-- check-editor ADDRESS FOLDER[/code].

const Report := preload("res://checks/report.gd")

const ROOM := "res://checks/editor/room.tscn"
const LIMIT_MS := 60_000

var report := Report.new()
var address := ""
var folder := ""
var dock: Control


func _enter_tree() -> void:
	var arguments := OS.get_cmdline_user_args()
	if arguments.size() == 3 and arguments[0] == "check-editor":
		address = arguments[1]
		folder = arguments[2]
		_run.call_deferred()


func _run() -> void:
	await _until(func() -> bool: return not EditorInterface.get_resource_filesystem().is_scanning())
	EditorInterface.open_scene_from_path(ROOM)
	await _until(func() -> bool: return EditorInterface.get_edited_scene_root() != null)
	EditorInterface.set_main_screen_editor("3D")
	await _frames(20)
	for found in EditorInterface.get_base_control().find_children("*", "VBoxContainer", true, false):
		var script := found.get_script() as Script
		if script != null and script.resource_path.ends_with("framegen/editor/dock.gd"):
			dock = found
	report.expect(dock != null, "the dock is there")
	if dock != null:
		dock._address.text = address
		_bring_to_front()
		await _check_preview()
		await _check_sheet()
		_check_scene()
		_check_autoload()
	_screenshot("editor")
	report.finish(get_tree())


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
	_button("Preview").pressed.emit()
	report.expect(_button("Preview").disabled, "one preview at a time")
	await _until(func() -> bool: return not _button("Preview").disabled)
	report.same(dock._said.text, "", "the preview has no problem")
	report.expect(dock._picture.texture != null, "a preview")
	if dock._picture.texture != null:
		var picture: Image = dock._picture.texture.get_image()
		report.measured.preview = [picture.get_width(), picture.get_height()]
		var plain: Image = dock._still.plain
		var sum := plain.get_pixel(8, 8) + picture.get_pixel(8, 8)
		report.near(sum.r, 1.0, 0.06, "the preview is the scene, inverted")
	_screenshot("preview")


func _check_sheet() -> void:
	dock._prompts.text = "one\n\ntwo\nthree"
	_button("Make the sheet").pressed.emit()
	await _until(func() -> bool: return not _button("Preview").disabled)
	report.same(dock._sheet._pictures.size(), 3, "a picture for each line")
	_screenshot("sheet")
	dock._sheet.hide()


func _check_scene() -> void:
	dock._prompt.text = "for the scene"
	_button("To the scene").pressed.emit()
	var node := EditorInterface.get_edited_scene_root().get_node("FrameGen")
	report.same(node.get("prompt"), "for the scene", "the scene's prompt")
	dock._save_look("res://saved_look.tres")
	var look: Resource = load("res://saved_look.tres")
	report.same(look.get("prompt"), "for the scene", "the saved look")
	node.set("address", address)
	EditorInterface.save_scene()


func _check_autoload() -> void:
	var box: CheckBox = dock.find_children("*", "CheckBox", true, false)[0]
	box.button_pressed = true
	report.expect(ProjectSettings.has_setting("autoload/FrameGenAutoload"), "the autoload is there")
	box.button_pressed = false
	report.expect(not ProjectSettings.has_setting("autoload/FrameGenAutoload"), "the autoload is gone")


func _button(text: String) -> Button:
	for button: Button in dock._buttons:
		if button.text == text:
			return button
	return null


func _screenshot(title: String) -> void:
	var picture := EditorInterface.get_base_control().get_viewport().get_texture().get_image()
	picture.save_png("%s/%s.png" % [folder, title])


func _frames(count: int) -> void:
	for _i in count:
		await get_tree().process_frame


func _until(is_so: Callable) -> void:
	var end := Time.get_ticks_msec() + LIMIT_MS
	while not is_so.call() and Time.get_ticks_msec() < end:
		await get_tree().process_frame
