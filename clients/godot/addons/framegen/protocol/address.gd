@tool
extends RefCounted
## Where a server is: [code]tcp://host:port[/code], also without the scheme or the port.

const DEFAULT_PORT := 5555

var host := ""
var port := DEFAULT_PORT
## Why the text is no address, or empty.
var fault := ""


func _init(text: String) -> void:
	var rest := text.strip_edges().trim_suffix("/")
	if rest.contains("://"):
		if not rest.begins_with("tcp://"):
			fault = "'%s' is not supported: an address is tcp://host:port." % rest
			return
		rest = rest.trim_prefix("tcp://")
	var colon := rest.rfind(":")
	if colon > rest.rfind("]"):
		var digits := rest.substr(colon + 1)
		port = digits.to_int() if digits.is_valid_int() else 0
		rest = rest.left(colon)
	host = rest.trim_prefix("[").trim_suffix("]")
	if host == "" or port < 1 or port > 65535:
		fault = "'%s' is no address: it looks like tcp://127.0.0.1:5555." % text
