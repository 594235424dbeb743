"""What the sky of a frame shows, and what falls from it, if the frame shows no room."""

from __future__ import annotations

import numpy as np

from framegen.engines.embedded import own_sky
from framegen.engines.embedded.encoded import Encoded
from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import snow, water
from framegen.ops.compose import air_of
from framegen.ops.effects import NO_EFFECTS, Effects

_NO_CELLS = np.empty((0, 0), np.float32)


def no_room(encoded: Encoded) -> float:
    """0..1, whether no lamps of a room light the frame: outdoors, and in a wood, where hardly any sky is seen
    but the ground is labelled."""
    return max(encoded.outdoors, snow.lies(encoded.material, encoded.geometry))


def effects_of(encoded: Encoded, latent: F32) -> Effects:
    """Of a frame that was composed from ``latent`` ``[h, w, KEPT]``."""
    placed = encoded.depth is not None and encoded.geometry.rays is not None
    night = encoded.night if placed else None
    falls = encoded.cover > 0 and max(encoded.drops, encoded.flakes) > 0
    if night is None and not falls:
        return NO_EFFECTS
    open_sky = _NO_CELLS
    if night is not None:
        open_sky = 1 - own_sky.kept(encoded)
        if encoded.veil.size:
            open_sky *= 1 - encoded.veil[0]
    if not falls:
        return Effects(night=night, open_sky=open_sky)
    sky = water.sky_of(air_of(latent, encoded.grade, encoded.curve), encoded.geometry.features[ft.SKY])
    return Effects(encoded.drops, encoded.flakes, encoded.cover * encoded.outdoors, sky, night, open_sky)
