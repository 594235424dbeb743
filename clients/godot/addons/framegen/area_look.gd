extends RefCounted
## Gives a [FrameGen] the look of the [FrameGenArea] that the camera is in, and its own back outside.

const PROPERTIES: Dictionary[String, String] = {
	"prompt": "prompt",
	"negative_prompt": "negative_prompt",
	"intensity": "intensity",
	"strength": "strength",
	"seed": "noise_seed",
}

var _area: FrameGenArea
var _outside := {}


## Looks where [param source] is; in a physics frame.
func follow(source: Camera3D, node: FrameGen) -> void:
	var area := _area_at(source)
	if area == _area:
		return
	if _area == null:
		for setting in PROPERTIES:
			_outside[setting] = node.get(PROPERTIES[setting])
	_area = area
	var settings: Dictionary = _outside if area == null else area.settings()
	for setting: String in settings:
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
