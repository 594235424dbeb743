@icon("icon.svg")
class_name FrameGenArea
extends Area3D
## While the camera is inside, the look is this area's. Give it a CollisionShape3D.
##
## Where areas overlap, the one with the highest [member Area3D.priority] counts. Its collision layer may be any, but
## there has to be one: an area on none is found by nobody.

## The look inside. Without one, [member prompt] alone changes.
@export var look: FrameGenLook
## The prompt inside, where there is no [member look].
@export_multiline var prompt := ""


## The settings that hold inside.
func settings() -> Dictionary:
	return look.settings() if look != null else {prompt = prompt}
