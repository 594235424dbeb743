"""Greys that stay grey by day, in plain NumPy: what the fast form must match.

Daylight has little colour, and photographs are exposed so that asphalt is no sand. The network holds to that in scenes
like those that it learned from. In a game that looks otherwise it may take a dark grey road for something pale and
warm. What it makes of greys by day is kept within what it makes of them there. Frames of nights are left to it: day is
many times as bright.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import layout
from framegen.ops.ramp import smooth_ramp

TINT = 0.07
"""How far a grey's log gains may be from their mean: the most of what noons of rendered scenes do to grey ground."""
BRIGHTER = 0.5
"""How much brighter it may get, as a log: of what goes beyond, :data:`HELD` is taken off."""
HELD = 0.7
GREY = 0.05, 0.1
"""Difference of a colour's channels (sRGB-encoded) up to which it is a grey, and from which on it is none."""
DARK = 0.4, 0.55
"""Level up to which a grey may be too bright, and from which on it is white, which may."""
LEAST = 0.02
"""Darkest colour whose gain means anything."""
BRIGHT_PART, LIT = 0.1, (0.25, 0.42)
"""Share of a frame that is brighter than the level it is judged by; up to which level it is that of a night or of no
light, whose greys are to get as bright as day makes them, and from which on it is lit as by day."""


def lit(color: F32) -> float:
    """0..1, how much a frame of cells ``[..., 3]``, sRGB-encoded 0..1, is lit as by day."""
    level = np.sort(color[::2, ::2].mean(-1), None)  # every other cell tells enough
    return float(smooth_ramp(level[int(len(level) * (1 - BRIGHT_PART))], LIT))


def kept(latent: F32, color: F32, cover: float, share: F32) -> F32:
    """A latent ``[h, w, c]`` whose greys are lit as by day.

    Args:
        color: ``[h, w, 3]``, mean sRGB-encoded colour of each cell, 0..1. cover: 0..1, what composing leaves of the
            paint. share: ``[h, w]`` 0..1, how much of a cell this is for.
    """
    below = np.maximum(color, LEAST)
    bare = 1 - cover * latent[..., layout.COVER, None]
    shown = below * np.exp(latent[..., layout.GAIN]) * bare + cover * latent[..., layout.PAINT]
    change = np.log(np.maximum(shown, LEAST) / below)
    level = change.mean(-1, keepdims=True)
    tint = change - level
    most = np.abs(tint).max(-1, keepdims=True)
    neutral = tint * np.minimum(1, TINT / np.maximum(most, TINT))
    dark = np.clip((DARK[1] - color.mean(-1, keepdims=True)) / (DARK[1] - DARK[0]), 0, 1)
    lower = dark * HELD * np.maximum(level - BRIGHTER, 0)
    grey = np.clip((GREY[1] - np.ptp(color, axis=-1)) / (GREY[1] - GREY[0]), 0, 1) * share
    more = grey[..., None] * (neutral - tint - lower)
    out: F32 = latent.copy()
    out[..., layout.GAIN] += more
    out[..., layout.PAINT] *= np.exp(more)
    return out
