extends RefCounted
## Gives a [FrameGen] the look of the [FrameGenArea] that the camera is in, and its own back outside.

const PROPERTIES: Dictionary[String, String] = {
	"prompt": "prompt",
	"negative_prompt": "negative_prompt",
	"intensity": "intensity",
	"strength": "strength",
	"seed": "noise_seed",
}

# Of the area; 0 outside. The area itself may be freed while the camera is inside.
var _area_id := 0
var _outside := {}


## Looks where [param source] is; in a physics frame.
func follow(source: Camera3D, node: FrameGen) -> void:
	var area := _area_at(source)
	if area == null:
		leave(node)
		return
	var id := area.get_instance_id()
	if id == _area_id:
		return
	if _area_id == 0:
		for setting in PROPERTIES:
			_outside[setting] = node.get(PROPERTIES[setting])
	_area_id = id
	# What this area does not say is as outside, not as in the area before.
	_apply(_outside.merged(area.settings(), true), node)


## Outside again, wherever the camera is.
func leave(node: FrameGen) -> void:
	if _area_id != 0:
		_area_id = 0
		_apply(_outside, node)


func _apply(settings: Dictionary, node: FrameGen) -> void:
	for setting: String in settings:
		if node.get(PROPERTIES[setting]) != settings[setting]:
			node.set(PROPERTIES[setting], settings[setting])


func _area_at(source: Camera3D) -> FrameGenArea:
	var query := PhysicsPointQueryParameters3D.new()
	query.position = source.global_position
	query.collide_with_areas = true
	query.collide_with_bodies = false
	var best: FrameGenArea = null
	for hit: Dictionary in source.get_world_3d().direct_space_state.intersect_point(query):
		var found := hit.collider as FrameGenArea
		if found != null and (best == null or found.priority > best.priority):
			best = found
	return best
