@tool
@icon("icon.svg")
class_name FrameGenLook
extends Resource
## A look: a prompt and how strongly it is followed. Save it as a resource and share it between scenes.

## What the picture should look like.
@export_multiline var prompt := ""
## What it should not look like. Models without a negative prompt ignore it.
@export_multiline var negative_prompt := ""
## 0 shows the game's own picture, 1 the model's.
@export_range(0.0, 1.0, 0.01) var intensity := 1.0
## How far the model may depart from the game's picture.
@export_range(0.0, 1.0, 0.01) var strength := 0.5
## Of the noise: another seed, another variant.
@export var noise_seed := 0


## The settings of the protocol that this look stands for.
func settings() -> Dictionary:
	return {
		prompt = prompt,
		negative_prompt = negative_prompt,
		intensity = intensity,
		strength = strength,
		seed = noise_seed,
	}
