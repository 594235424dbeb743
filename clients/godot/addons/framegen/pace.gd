extends RefCounted
## Says in which of the displayed frames the world is drawn.
##
## A graphics card draws it in all of them. A processor shares its cores with the server: there the world is drawn
## when the server takes a frame, and between that only as often as the eye asks for. What is displayed in between
## is the last picture, turned to where the camera looks now.

## The longest time without a new picture of the world.
const LONGEST_MS := 80.0

var _drawn_ms := -INF


## Whether the frame at [param now_ms] draws the world. [param has_cut]: the last picture shows something else.
func draws(is_light: bool, wants_frame: bool, has_cut: bool, now_ms: float) -> bool:
	if is_light and not wants_frame and not has_cut and now_ms - _drawn_ms < LONGEST_MS:
		return false
	_drawn_ms = now_ms
	return true
