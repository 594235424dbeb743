@tool
extends RefCounted
## One message of the protocol: its fields with defaults filled in, and its pictures.

const Fault := preload("fault.gd")
const WirePlane := preload("plane.gd")

var type := ""
## Field -> value; an optional field that is absent is null.
var values := {}
## Plane -> its pixels.
var planes: Dictionary[String, WirePlane] = {}
## The colour grid's bytes as they travel, or empty.
var color_grid := PackedByteArray()
## Why the message was refused, or null.
var fault: Fault


## Keeps the first fault.
func refuse(fault_: Fault) -> void:
	if fault == null:
		fault = fault_
