extends CanvasLayer
## What a HUD is for: it is drawn over the restyled picture and never restyled itself.

const KEYS := "1-6 look   Tab split   P plain   R reprojection   WASD walk   right button: look around"

var _top := Label.new()
var _bottom := Label.new()


func _ready() -> void:
	for label: Label in [_top, _bottom]:
		label.add_theme_color_override(&"font_shadow_color", Color(0.0, 0.0, 0.0, 0.8))
		label.add_theme_constant_override(&"shadow_offset_x", 1)
		label.add_theme_constant_override(&"shadow_offset_y", 1)
		label.position = Vector2(14.0, 10.0)
		add_child(label)
	_bottom.text = KEYS
	_bottom.set_anchors_and_offsets_preset(Control.PRESET_BOTTOM_LEFT, Control.PRESET_MODE_MINSIZE, 14)


## Shows what [param framegen] is doing.
func show_status(framegen: FrameGen) -> void:
	var status := framegen.get_status()
	if not status.connected:
		_top.text = "no server: start it with  framegen serve"
		return
	_top.text = (
		"%s\n%d fps, %.0f restyled, %.0f ms from capture to display"
		% [
			framegen.prompt,
			Engine.get_frames_per_second(),
			status.frames_per_s,
			status.latency_ms,
		]
	)
