@tool
extends RefCounted
## The addon's project settings, under [code]addons/framegen[/code].

const PREFIX := "addons/framegen/"
const AUTOLOAD := "FrameGenAutoload"
const DEFAULTS := {
	"address": "tcp://127.0.0.1:5555",
	"token": "",
	"prompt": "golden hour, clear sky",
	"strength": 0.5,
	"tags_by_name": true,
	"python": "",
	"still_size": Vector2i(1280, 720),
	"contact_sheet":
	[
		"golden hour, clear sky",
		"overcast noon",
		"rain, dusk",
		"foggy autumn morning",
		"winter, snow, morning",
		"clear night, moonlight",
	],
}


## One setting, or its default.
static func value(name: String) -> Variant:
	return ProjectSettings.get_setting(PREFIX + name, DEFAULTS[name])


## Whether every scene of the game is restyled.
static func has_autoload() -> bool:
	return ProjectSettings.has_setting("autoload/" + AUTOLOAD)


## Writes one setting into the project.
static func store(name: String, new_value: Variant) -> void:
	ProjectSettings.set_setting(PREFIX + name, new_value)
	ProjectSettings.save()


## Shows all settings in the project settings' dialog.
static func declare() -> void:
	for name: String in DEFAULTS:
		if not ProjectSettings.has_setting(PREFIX + name):
			ProjectSettings.set_setting(PREFIX + name, DEFAULTS[name])
		ProjectSettings.set_initial_value(PREFIX + name, DEFAULTS[name])
		ProjectSettings.set_as_basic(PREFIX + name, true)
