"""Rooms under prompts that no room was rendered with: fog and snow stay outside.

The generator renders rooms by day and night, in sun and rain, but never in fog or snow, which change nothing inside.
A network that sees such words with landscapes alone fills rooms with them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from framegen.engines.prompt import Look

Random = np.random.Generator

ROOM_M = 14.0
"""What is farther from the camera than this is seen through a window."""
FOG_COLOR = 0.72
"""Of fog by day, sRGB-encoded, next to what the picture's brightest tenth is."""


@dataclass(frozen=True)
class Outside:
    """What lies outside the window: ``fog_per_m`` where the light is flat enough for fog, else ``snow`` 0..1."""

    fog_per_m: float
    snow: float


def outside(rng: Random) -> Outside | None:
    """Two times in five something that rooms were not rendered with."""
    found = Outside(10 ** float(rng.uniform(-2.3, -1.25)), float(rng.uniform(0.3, 1.0)))
    if rng.random() < 0.4:
        return found if rng.random() < 0.6 else replace(found, fog_per_m=0.0)
    return None


def flat(look: Look) -> bool:
    """Whether the light has no sun in it, as fog has none."""
    dark = look.times.get("night", 0.0) + look.times.get("dusk", 0.0)
    return dark + look.weathers.get("overcast", 0.0) + look.weathers.get("rain", 0.0) > 0.5


def look_with(look: Look, there: Outside) -> Look:
    """The look that the prompt asks for, with that fog in place of its weather, or with snow and no rain."""
    if there.fog_per_m and flat(look):
        return replace(look, weathers={"fog": 1.0}, fog_per_m=there.fog_per_m)
    dry = {"overcast" if name == "rain" else name: share for name, share in look.weathers.items()}
    return replace(look, weathers=dry, seasons={"winter": 1.0}, snow=there.snow)


def seen_through_windows(picture: Tensor, range_m: Tensor, sky: Tensor, look: Look) -> Tensor:
    """The rendered room with the fog of ``look`` in what its windows show.

    Args:
        picture: ``[3, H, W]`` 0..1, sRGB-encoded. range_m: ``[1, H, W]`` metres. sky: ``[1, H, W]`` bool.
    """
    if look.weathers.get("fog", 0.0) <= 0.5:
        return picture
    through = torch.exp(-range_m * look.fog_per_m).masked_fill(sky, 0.0)
    far = sky | (range_m > ROOM_M)
    bright = torch.quantile(picture[:, far[0]].mean(0), 0.9) if bool(far.any()) else picture.new_tensor(0.0)
    return torch.where(far, picture * through + FOG_COLOR * bright.clamp_max(1.0) * (1 - through), picture)
