@tool
extends RefCounted
## Why a message was refused: a stable code of the protocol and words for people.

var code: String
var message: String
var hint: String


func _init(code_: String, message_: String, hint_ := "") -> void:
	code = code_
	message = message_
	hint = hint_


func _to_string() -> String:
	return "%s: %s%s" % [code, message, " " + hint if hint else ""]
