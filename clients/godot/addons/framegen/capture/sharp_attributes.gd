@tool
extends CameraAttributesPractical
## The exposure of other camera attributes without their depth of field, which would be restyled as if it were in the
## world. Physical attributes are put in practical words: they would also rule the lens of the camera that has them.

const KEPT: Array[StringName] = [
	&"exposure_multiplier",
	&"auto_exposure_enabled",
	&"auto_exposure_scale",
	&"auto_exposure_speed",
]
const KEPT_OF_PRACTICAL: Array[StringName] = [
	&"exposure_sensitivity",
	&"auto_exposure_min_sensitivity",
	&"auto_exposure_max_sensitivity",
]
## Both kinds expose alike by default, the physical with f/16 and a hundredth of a second.
const DEFAULT_LIGHT := 16.0 * 16.0 * 100.0


## Whether a camera with [param attributes] may blur.
static func blurs(attributes: CameraAttributes) -> bool:
	var practical := attributes as CameraAttributesPractical
	if practical == null:
		return attributes is CameraAttributesPhysical
	return practical.dof_blur_far_enabled or practical.dof_blur_near_enabled


## Exposes as [param theirs] do.
func follow(theirs: CameraAttributes) -> void:
	for property in KEPT:
		_take(property, theirs.get(property))
	var physical := theirs as CameraAttributesPhysical
	if physical == null:
		for property in KEPT_OF_PRACTICAL:
			_take(property, theirs.get(property))
		return
	var light := physical.exposure_aperture ** 2.0 * physical.exposure_shutter_speed
	var gain := DEFAULT_LIGHT / light  # of a film of the same sensitivity
	_take(&"exposure_sensitivity", physical.exposure_sensitivity * gain)
	var least := 100.0 * gain * 2.0 ** physical.auto_exposure_min_exposure_value
	_take(&"auto_exposure_min_sensitivity", least)
	var most := 100.0 * gain * 2.0 ** physical.auto_exposure_max_exposure_value
	_take(&"auto_exposure_max_sensitivity", most)


func _take(property: StringName, value: Variant) -> void:
	if get(property) != value:
		set(property, value)
