extends RefCounted
## Finds the game's main light, and turns it where the prompt rules the sun.

## Seconds in which the light turns to where the prompt wants it.
const TURN_S := 0.7
## From one search to the next, which looks at every node of the game.
const SEARCH_FRAMES := 60

var _found: DirectionalLight3D
var _has_found := false
var _wanted := Vector3.ZERO
var _frames := 0


## Towards the main light, in the world; zero without one. [param chosen] comes before what is found.
func direction(chosen: DirectionalLight3D, tree: SceneTree) -> Vector3:
	var light := _light(chosen, tree)
	return light.global_basis.z.normalized() if light != null else Vector3.ZERO


## Where the result's sun stands; zero where it has none.
func want(direction_: Vector3) -> void:
	_wanted = direction_


## Turns the light a little further.
func turn(chosen: DirectionalLight3D, tree: SceneTree, delta: float) -> void:
	var light := _light(chosen, tree)
	if light == null or _wanted == Vector3.ZERO:
		return
	var from := light.global_basis.z.normalized()
	if from.dot(_wanted) > 0.99999:
		return
	var towards := from.slerp(_wanted, clampf(delta / TURN_S * 3.0, 0.0, 1.0)).normalized()
	var up := Vector3.UP if absf(towards.y) < 0.99 else Vector3.RIGHT
	light.global_basis = Basis.looking_at(-towards, up)


func _light(chosen: DirectionalLight3D, tree: SceneTree) -> DirectionalLight3D:
	if chosen != null:
		return chosen
	_frames -= 1
	var is_gone := _has_found and not (is_instance_valid(_found) and _found.is_inside_tree())
	if _frames < 0 or is_gone:
		_frames = SEARCH_FRAMES
		_found = _brightest(tree)
		_has_found = _found != null
	return _found


static func _brightest(tree: SceneTree) -> DirectionalLight3D:
	var brightest: DirectionalLight3D = null
	for light: DirectionalLight3D in tree.root.find_children("*", "DirectionalLight3D", true, false):
		if light.is_visible_in_tree() and (brightest == null or light.light_energy > brightest.light_energy):
			brightest = light
	return brightest
