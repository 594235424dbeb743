@tool
extends RefCounted
## How much of a result is shown, by its age: the same curve as [code]fg_freshness[/code] in the shaders.

const FADE_MS := 150.0


## 1 until [param stale_ms], by default a quarter of a second, then falling smoothly to 0.
static func of(age_ms: float, stale_ms := 250.0) -> float:
	return 1.0 - smoothstep(stale_ms, stale_ms + FADE_MS, age_ms)
