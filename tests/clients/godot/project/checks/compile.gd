extends SceneTree
## Loads every script and shader of the project; warnings are errors here (see project.godot).

const Report := preload("res://checks/report.gd")

var report := Report.new()


func _init() -> void:
	_load_folder("res://addons")
	_load_folder("res://checks")
	report.finish(self)


func _load_folder(folder: String) -> void:
	for file in DirAccess.get_files_at(folder):
		if file.get_extension() in ["gd", "gdshader", "gdshaderinc", "tscn"]:
			var resource := load("%s/%s" % [folder, file])
			var script := resource as GDScript
			var is_good := resource != null and (script == null or script.can_instantiate())
			report.expect(is_good, "%s/%s does not compile" % [folder, file])
	for inner in DirAccess.get_directories_at(folder):
		_load_folder("%s/%s" % [folder, inner])
