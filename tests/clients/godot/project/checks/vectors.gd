extends SceneTree
## Reads every vector of the protocol (folder: the first user argument), and writes valid ones again for Python to read.

const MessageReader := preload("res://addons/framegen/protocol/message_reader.gd")
const Message := preload("res://addons/framegen/protocol/message.gd")
const WirePlane := preload("res://addons/framegen/protocol/plane.gd")
const Limits := preload("res://addons/framegen/protocol/limits.gd")
const Report := preload("res://checks/report.gd")

var report := Report.new()


func _init() -> void:
	var folder := OS.get_cmdline_user_args()[0]
	var index: Array = JSON.parse_string(FileAccess.get_file_as_string(folder + "/index.json"))
	for entry: Dictionary in index:
		_check(folder, entry.name as String)
	report.finish(self)


func _check(folder: String, name: String) -> void:
	var facts: Dictionary = JSON.parse_string(
		FileAccess.get_file_as_string("%s/%s.json" % [folder, name])
	)
	var limits := Limits.DEFAULTS.duplicate()
	for limit: String in facts.get("limits", {}):
		limits[limit] = int(facts.limits[limit] as float)
	var message := MessageReader.read(_parts("%s/%s.bin" % [folder, name]), limits)
	if facts.has("error"):
		report.same(message.fault.code if message.fault else "taken", facts.error, name)
		if message.fault:
			report.expect(message.fault.message.length() > 8, name + " says why")
		return
	report.expect(message.fault == null, "%s is refused: %s" % [name, message.fault])
	if message.fault == null:
		_compare(name, message, facts)


func _parts(path: String) -> Array[PackedByteArray]:
	var file := FileAccess.open(path, FileAccess.READ)
	var parts: Array[PackedByteArray] = []
	for _i in file.get_32():
		parts.append(file.get_buffer(file.get_32()))
	return parts


func _compare(name: String, message: Message, facts: Dictionary) -> void:
	var wanted: Dictionary = facts.message
	report.same(message.type, wanted.type, name)
	for key: String in wanted:
		if key != "type":
			_equal(message.values.get(key), wanted[key], "%s.%s" % [name, key])
	var planes: Dictionary = facts.get("planes", {})
	var found: Array = message.planes.keys()
	if message.color_grid:
		found.append("color_grid")
	for plane: String in planes:
		report.expect(plane in found, "%s has %s" % [name, plane])
		var about: Dictionary = planes[plane]
		if plane == "color_grid":
			_values(_halves(message.color_grid), about, name)
		elif plane in found:
			_values(_pixels(message.planes[plane]), about, "%s.%s" % [name, plane])
	report.same(found.size(), planes.size(), name + "'s number of planes")


func _equal(found: Variant, wanted: Variant, what: String) -> void:
	match typeof(wanted):
		TYPE_DICTIONARY:
			for key: String in wanted:
				_equal((found as Dictionary).get(key), wanted[key], "%s.%s" % [what, key])
			report.same((found as Dictionary).size(), (wanted as Dictionary).size(), what + "'s size")
		TYPE_ARRAY:
			var items: Array = Array(found)
			report.same(items.size(), (wanted as Array).size(), what + "'s size")
			for i in items.size():
				_equal(items[i], wanted[i], "%s[%d]" % [what, i])
		TYPE_STRING:
			if wanted == "inf":
				report.same(found, INF, what)
			else:
				report.same(str(found), wanted, what)
		TYPE_FLOAT:
			var number: float = wanted
			report.expect(
				typeof(found) in [TYPE_INT, TYPE_FLOAT] and is_equal_approx(found, number),
				"%s: %s instead of %s" % [what, found, wanted]
			)
		_:
			report.same(found, wanted, what)


func _values(found: PackedFloat64Array, about: Dictionary, what: String) -> void:
	var wanted: Array = about["values"]
	report.same(found.size(), wanted.size(), what)
	var tolerance: float = about.get("tolerance", 0.0)
	for i in mini(found.size(), wanted.size()):
		var value := INF if str(wanted[i]) == "inf" else float(str(wanted[i]))
		var equal := is_inf(found[i]) if is_inf(value) else absf(found[i] - value) <= tolerance + 1e-4 * absf(value)
		report.expect(equal, "%s[%d]: %s instead of %s" % [what, i, found[i], value])


func _pixels(plane: WirePlane) -> PackedFloat64Array:
	var bytes := plane.bytes
	match plane.format:
		"f32_m", "f32_px":
			return PackedFloat64Array(Array(bytes.to_float32_array()))
		"f16_m", "f16_px":
			return _halves(bytes)
		"u16_log":
			var depths := PackedFloat64Array()
			for at in range(0, bytes.size(), 2):
				var code := bytes.decode_u16(at)
				var share := (code - 1) / 65534.0
				depths.append(plane.near_m * (plane.far_m / plane.near_m) ** share if code else INF)
			return depths
	if plane.codec == "jpeg":
		var image := plane.to_image()
		image.convert(Image.FORMAT_RGB8)
		bytes = image.get_data()
	return PackedFloat64Array(Array(bytes))


func _halves(bytes: PackedByteArray) -> PackedFloat64Array:
	var values := PackedFloat64Array()
	for at in range(0, bytes.size(), 2):
		values.append(bytes.decode_half(at))
	return values
