@tool
extends RefCounted
## What is left out where a processor draws the game, and finding out whether one does.

## How much the addon spends on its own picture; the first is what fits the machine.
enum { AUTO, FULL, LIGHT }

const SOFTWARE: Array[String] = ["llvmpipe", "lavapipe", "softpipe", "swiftshader", "basic render"]


## Whether [param wanted], on this machine, stands for the light picture.
static func is_light(wanted: int) -> bool:
	return wanted == LIGHT or wanted == AUTO and is_software()


## Whether no graphics card draws, but the processor.
static func is_software() -> bool:
	if RenderingServer.get_video_adapter_type() == RenderingDevice.DEVICE_TYPE_CPU:
		return true
	# OpenGL does not tell the type.
	var adapter := RenderingServer.get_video_adapter_name().to_lower()
	return SOFTWARE.any(func(name: String) -> bool: return name in adapter)
