@tool
extends Window
## Shows restyled pictures side by side with their prompts, and saves them as one picture.

const COLUMNS := 3
const CELL := Vector2i(512, 288)

var _grid := GridContainer.new()
var _save := FileDialog.new()
var _pictures: Array[Image] = []


func _init() -> void:
	title = "framegen contact sheet"
	size = Vector2i(1180, 640)
	close_requested.connect(hide)
	var rows := VBoxContainer.new()
	rows.set_anchors_preset(Control.PRESET_FULL_RECT)
	var scroll := ScrollContainer.new()
	scroll.size_flags_vertical = Control.SIZE_EXPAND_FILL
	_grid.columns = COLUMNS
	_grid.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	scroll.add_child(_grid)
	rows.add_child(scroll)
	var button := Button.new()
	button.text = "Save as PNG…"
	button.pressed.connect(func() -> void: _save.popup_centered_ratio(0.6))
	rows.add_child(button)
	add_child(rows)
	_save.file_mode = FileDialog.FILE_MODE_SAVE_FILE
	_save.access = FileDialog.ACCESS_FILESYSTEM
	_save.add_filter("*.png", "PNG")
	_save.file_selected.connect(save)
	add_child(_save)


## Empties the sheet.
func clear() -> void:
	_pictures.clear()
	for child in _grid.get_children():
		child.queue_free()


## Adds one picture under its prompt.
func add(caption: String, picture: Image) -> void:
	_pictures.append(picture)
	var cell := VBoxContainer.new()
	var view := TextureRect.new()
	view.texture = ImageTexture.create_from_image(picture)
	view.custom_minimum_size = Vector2(CELL) * 0.73
	view.expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	view.stretch_mode = TextureRect.STRETCH_KEEP_ASPECT_CENTERED
	var label := Label.new()
	label.text = caption
	cell.add_child(view)
	cell.add_child(label)
	_grid.add_child(cell)


## Writes the pictures, without captions, into one file.
func save(path: String) -> void:
	composed(_pictures).save_png(path)


## The pictures in rows of three.
static func composed(pictures: Array[Image]) -> Image:
	var columns := mini(COLUMNS, maxi(pictures.size(), 1))
	var rows := ceili(pictures.size() / float(columns))
	var sheet := Image.create(columns * CELL.x, maxi(rows, 1) * CELL.y, false, Image.FORMAT_RGBA8)
	for i in pictures.size():
		var small: Image = pictures[i].duplicate()
		small.convert(Image.FORMAT_RGBA8)
		small.resize(CELL.x, CELL.y, Image.INTERPOLATE_LANCZOS)
		var place := Vector2i(i % columns, floori(i / float(columns))) * CELL
		sheet.blit_rect(small, Rect2i(Vector2i.ZERO, CELL), place)
	return sheet
