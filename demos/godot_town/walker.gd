extends Camera3D
## Walks with WASD or the arrow keys and looks with the mouse; after some seconds alone it walks by itself.

const SPEED_M_S := 4.5
const EYE_M := 1.7
const ALONE_S := 6.0
## Where it walks by itself.
const PATH: Array[Vector3] = [
	Vector3(-62.0, EYE_M, -6.9),
	Vector3(-47.0, EYE_M, -6.9),
	Vector3(-44.0, EYE_M, 0.0),
	Vector3(-42.5, EYE_M, 9.0),
	Vector3(-36.6, EYE_M, 15.0),
	Vector3(-36.6, EYE_M, 30.0),
	Vector3(-30.0, EYE_M, 40.0),
	Vector3(-25.6, EYE_M, 34.0),
	Vector3(-24.2, EYE_M, 26.0),
	Vector3(-24.0, EYE_M, 17.0),
	Vector3(-18.0, EYE_M, 9.0),
	Vector3(-16.0, EYE_M, 0.0),
	Vector3(-13.0, EYE_M, -6.9),
	Vector3(8.0, EYE_M, -6.9),
	Vector3(20.0, EYE_M, -6.9),
	Vector3(24.0, EYE_M, 0.0),
	Vector3(25.0, EYE_M, 10.0),
	Vector3(25.0, EYE_M, 31.0),
	Vector3(25.6, EYE_M, 14.0),
	Vector3(20.0, EYE_M, 6.9),
	Vector3(-8.0, EYE_M, 6.9),
	Vector3(-28.0, EYE_M, 6.9),
	Vector3(-54.0, EYE_M, 6.9),
	Vector3(-61.0, EYE_M, 0.0),
]
const KEYS: Dictionary[Key, Vector2] = {
	KEY_A: Vector2.LEFT, KEY_D: Vector2.RIGHT, KEY_W: Vector2.UP, KEY_S: Vector2.DOWN
}

## Never waits to walk by itself.
var is_guided := false

var _path_time_s := 0.0
var _alone_s := ALONE_S
var _yaw := -PI / 2.0
var _pitch := 0.0
var _curve := Curve3D.new()


func _ready() -> void:
	fov = 62.0
	far = 400.0
	current = true
	for i in PATH.size():
		var along := (PATH[(i + 1) % PATH.size()] - PATH[posmod(i - 1, PATH.size())]) / 6.0
		_curve.add_point(PATH[i], -along, along)
	_curve.add_point(PATH[0])
	position = PATH[0]
	basis = Basis.from_euler(Vector3(_pitch, _yaw, 0.0))


func _process(delta: float) -> void:
	var wish := Input.get_vector(&"ui_left", &"ui_right", &"ui_up", &"ui_down")
	for key in KEYS:
		if Input.is_physical_key_pressed(key):
			wish += KEYS[key]
	_alone_s = 0.0 if wish != Vector2.ZERO else _alone_s + delta
	if is_guided or _alone_s > ALONE_S:
		_walk_alone(delta)
		return
	basis = Basis.from_euler(Vector3(_pitch, _yaw, 0.0))
	var step := Vector3(wish.x, 0.0, wish.y).rotated(Vector3.UP, _yaw)
	position += step.limit_length(1.0) * SPEED_M_S * delta
	position.y = EYE_M


func _unhandled_input(event: InputEvent) -> void:
	var motion := event as InputEventMouseMotion
	if motion != null and motion.button_mask & MOUSE_BUTTON_MASK_RIGHT:
		_alone_s = 0.0
		_yaw -= motion.relative.x * 0.004
		_pitch = clampf(_pitch - motion.relative.y * 0.004, -1.2, 1.2)


func _walk_alone(delta: float) -> void:
	_path_time_s += delta
	var length := _curve.get_baked_length()
	var at := fposmod(_path_time_s * SPEED_M_S * 0.6, length)
	position = _curve.sample_baked(at, true)
	var ahead := _curve.sample_baked(fposmod(at + 5.0, length), true)
	var aim := ahead - position + Vector3.UP * 0.35
	basis = basis.orthonormalized().slerp(Basis.looking_at(aim), 1.0 - exp(-2.5 * delta))
	_yaw = basis.get_euler().y
	_pitch = basis.get_euler().x
