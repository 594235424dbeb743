@tool
extends RefCounted
## What a server refuses of a frame's camera: what leads to rays that are no numbers, or points backwards.

const Fault := preload("fault.gd")

const LEAST_UPRIGHTNESS := 1e-9
## Of the first three elements of a view's last row over the fourth.
const SHEAR := 1e-6
## Shortest and longest column of a view.
const LENGTHS: Array[float] = [1e-8, 1e8]
const LARGEST_CLIP := 1e12
## Metres of a picture's corners from the axis, at a depth of one metre.
const WIDEST := 1e9
const FAR_M := 1e15

const POSE_HINT := "It is the inverse of the camera's pose: a rotation and a place."
const BY_COLUMNS_HINT := "It is row-major for column vectors, with the place in the last column: transpose it."
const AHEAD_HINT := "The camera looks along -Z: the last row of a perspective is 0 0 -1 0."
const WIDE_HINT := "Its first two diagonal elements are 1 over the tangent of half the field of view."
const METRES_HINT := "Positions are in metres."


## Why [param camera], a map as it stands in a header, and the origin sent beside it are refused, or null.
static func check(camera: Dictionary, world_origin_m: PackedFloat64Array) -> Fault:
	var fault := _check_view(camera.view_from_world as PackedFloat64Array)
	if fault == null:
		fault = _check_clip(camera.clip_from_view as PackedFloat64Array)
	if fault == null and not (camera.near_m > 0.0 and camera.near_m < camera.far_m):
		fault = _invalid("A camera needs 0 < near_m < far_m.")
	if fault == null and not _largest(world_origin_m) <= FAR_M:
		fault = _invalid("world_origin_m is farther than 1e15 m.", METRES_HINT)
	return fault


# A rigid pose is right wherever it stands: its place is judged apart.
static func _check_view(matrix: PackedFloat64Array) -> Fault:
	var m := matrix.duplicate()
	var place_m := 0.0
	if m.slice(12) == PackedFloat64Array([0.0, 0.0, 0.0, 1.0]):
		place_m = _largest(PackedFloat64Array([m[3], m[7], m[11]]))
		m[3] = 0.0
		m[7] = 0.0
		m[11] = 0.0
	if not _has_inverse(m):
		return _invalid("view_from_world cannot be inverted.", POSE_HINT)
	if not _largest(m.slice(12, 15)) <= SHEAR * absf(m[15]):
		return _invalid("The last row of view_from_world is not 0 0 0 1.", BY_COLUMNS_HINT)
	for column in 4:
		var length := _length(m, column)
		if not (length >= LENGTHS[0] and length <= LENGTHS[1]):
			return _invalid("view_from_world scales the world beyond reason.", POSE_HINT)
	if not place_m <= FAR_M:
		return _invalid("view_from_world stands farther than 1e15 m from the origin.", METRES_HINT)
	return null


static func _check_clip(m: PackedFloat64Array) -> Fault:
	if not _has_inverse(m):
		return _invalid("clip_from_view cannot be inverted.", "Send the projection matrix alone.")
	if not m[15] > m[14]:
		return _invalid("clip_from_view puts behind the camera what lies before it.", AHEAD_HINT)
	if not (_widest(m) <= WIDEST and _largest(m) <= LARGEST_CLIP):
		var wide := "clip_from_view is no projection of a picture: its rays lead out of all bounds."
		return _invalid(wide, WIDE_HINT)
	return null


# Of the corners' places at a depth of one metre, and of the same where nothing lies beside the diagonal.
static func _widest(m: PackedFloat64Array) -> float:
	var determinant := m[0] * m[5] - m[1] * m[4]
	if determinant == 0.0 or m[0] == 0.0 or m[5] == 0.0:
		return INF
	var across := 1.0 + absf(m[2]) + absf(m[3])
	var down := 1.0 + absf(m[6]) + absf(m[7])
	var w := maxf(1.0, absf(m[14]) + absf(m[15]))
	var x := (absf(m[5]) * across + absf(m[1]) * down) / absf(determinant)
	var y := (absf(m[4]) * across + absf(m[0]) * down) / absf(determinant)
	return w * _largest(PackedFloat64Array([x, y, across / m[0], down / m[5]]))


# Gauss's elimination on columns of unit length, so that units do not matter.
static func _has_inverse(matrix: PackedFloat64Array) -> bool:
	var m := matrix.duplicate()
	for column in 4:
		var length := _length(m, column)
		if length <= 0.0:
			return false
		for row in 4:
			m[4 * row + column] /= length
	var determinant := 1.0
	for column in 4:
		var pivot := column
		for row in range(column, 4):
			if absf(m[4 * row + column]) > absf(m[4 * pivot + column]):
				pivot = row
		determinant *= m[4 * pivot + column]
		if not absf(determinant) > LEAST_UPRIGHTNESS:
			return false
		for k in 4:
			var held := m[4 * column + k]
			m[4 * column + k] = m[4 * pivot + k]
			m[4 * pivot + k] = held
		for row in range(column + 1, 4):
			var factor := m[4 * row + column] / m[4 * column + column]
			for k in 4:
				m[4 * row + k] -= factor * m[4 * column + k]
	return true


static func _length(m: PackedFloat64Array, column: int) -> float:
	var square := 0.0
	for row in 4:
		square += m[4 * row + column] ** 2
	return sqrt(square)


static func _largest(numbers: PackedFloat64Array) -> float:
	var largest := 0.0
	for number in numbers:
		largest = maxf(largest, absf(number))
	return largest


static func _invalid(message: String, hint := "") -> Fault:
	return Fault.new("invalid_frame", message, hint)
