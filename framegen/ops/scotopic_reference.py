"""Colours that go in the dark, in plain NumPy: what the fast form must match.

By the light of a night's sky the eye sees with its rods alone: it tells brightness, hardly colour, and takes what is
dark for bluish (Purkinje's shift; night in films is drawn so, see Jensen et al., "Night Rendering", 2000, and Thompson,
Shirley and Ferwerda, "A Spatial Post-Processing Algorithm for Images of Night Scenes", 2002). A network that learned
from cameras multiplies an orange dune by blue light, which makes it purple, and green grass teal. What lamps shine on
is bright enough to keep its colour.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import layout
from framegen.ops.ramp import smooth_ramp

LUMA = (0.299, 0.587, 0.114)
"""Of red, green, blue, sRGB-encoded (Rec. 601)."""
BLUISH = (0.92, 1.0, 1.212)
"""What a grey of the same luma turns to, over that grey."""
LOST = 0.65
"""How much of its colour the darkest loses."""
BRIGHT = 0.25, 0.5
"""Level of the brightest channel up to which it does, and from which on it keeps all of it."""
BLUER = 1.2
"""What is bluer than the engine draws it is so by a night's light alone, not by a lamp's: how many times as much it
counts as that much darker. White snow would else be as blue as neon."""
BLUE = 0.05, 0.2
"""How much bluer it must be to be surely outdoors, up to which it says nothing and from which on it is: no lamp of a
room makes it so."""
LEAST = 0.004
"""Darkest level that has a colour."""


def gone(latent: F32, color: F32, cover: float, share: float, outdoors: float) -> F32:
    """A latent ``[h, w, c]`` whose dark surfaces have less colour; their luma stays.

    Args:
        color: ``[h, w, 3]``, mean sRGB-encoded colour of each cell, 0..1. cover: 0..1, what composing leaves of the
            paint. share: 0..1, how much of the look is night.
        outdoors: 0..1, how surely no lamps of a room light the frame.
    """
    bare = 1 - cover * latent[..., layout.COVER, None]
    shown = np.maximum(color, LEAST) * np.exp(latent[..., layout.GAIN]) * bare + cover * latent[..., layout.PAINT]
    shown = np.maximum(shown, LEAST)
    luma = shown @ np.asarray(LUMA, np.float32)
    bluer = np.maximum(shown[..., 2] - shown[..., 0] - np.maximum(color[..., 2] - color[..., 0], 0), 0)
    open_air = np.maximum(np.float32(outdoors), smooth_ramp(bluer, BLUE))
    lost = LOST * share * open_air * (1 - smooth_ramp(shown.max(-1) - BLUER * bluer, BRIGHT))
    turned = shown + lost[..., None] * (luma[..., None] * np.asarray(BLUISH, np.float32) - shown)
    times = np.maximum(turned, LEAST) / shown
    out: F32 = latent.copy()
    out[..., layout.GAIN] += np.log(times)
    out[..., layout.PAINT] *= times
    return out
