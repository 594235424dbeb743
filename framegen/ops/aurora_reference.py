"""The meaning of an aurora in a night's sky, in plain NumPy: what the fast form must match.

Curtains of light hang around the viewer, each at its own distance, which changes with the bearing. So a curtain's lower
border is seen the higher above the horizon the nearer it is, rays stand upright above it, and they fade upwards from
the green of oxygen to purple. All of it is noise by bearing, fixed in the world, that drifts with the engine's clock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64
from framegen.ops import features as ft
from framegen.ops.clouds import TILE_PX, tile_at
from framegen.ops.ramp import smooth_ramp


@dataclass(frozen=True)
class Curtain:
    """``away``: how far it hangs, in heights of its lower border; ``sways``: by how much of that this varies;
    ``light``: over the nearest one's; ``at``: where in the noise it is, in texels."""

    away: float
    sways: float
    light: float
    at: float


CURTAINS = Curtain(2.1, 0.38, 1.0, 11.0), Curtain(3.4, 0.35, 0.8, 47.0), Curtain(5.2, 0.25, 0.55, 101.0)
TALL = 1.4
"""Height of a curtain over that of its lower border."""
WAVES, FOLDS, PARTS, RAYS, FINE = (38.0, 0.5), (130.0, -0.9), (30.0, -0.6), (420.0, 3.2), (900.0, -4.5)
"""Of the noise that says where a curtain hangs (at large and in detail), where it shines, and of its rays (at large and
in detail): radius in texels of the circle that is read, and texels per second that it drifts."""
WAYS = WAVES, FOLDS, PARTS, RAYS, FINE
FOLDED = 0.35
"""Of detail, over waves."""
DIM = 2.4, 0.75
"""Of noise 0..1 that says where a curtain shines: gain and what is taken off, so that it has gaps."""
BARE, RISE, FALL = 0.35, 0.07, (2.6, 2.5)
"""Light between rays; how sharp the lower border is, over the curtain's height; how fast light falls off above it, and
how much faster between rays."""
GLOW, GLOW_FALL = 0.12, 14.0
"""Light below the border, and how fast it falls off."""
LOW, HIGH, TURNS = (0.15, 1.06, 0.52), (0.62, 0.22, 0.94), (0.2, 0.8)
"""Colour below and above, and between which heights it turns."""
CLEARS = 0.0, 0.1
"""Sine of the height within which haze dims it."""


def light(rays: ft.Rays, seconds: float, share: float) -> F32:
    """``[h, w, 3]`` float32, light that ``share`` 0..1 of it adds to what a cell's sky lacks to white, 0..1.

    Args:
        rays: of the camera, with perspective. seconds: of the engine's clock.
    """
    at = slice(ft.SAMPLE_PX, None, ft.CELL_PX)
    ray = rays.columns[:, None, at].astype(np.float64) + rays.rows[:, at, None]
    level = np.hypot(ray[0], ray[2]) + 1e-6
    east, north, slope = ray[0] / level, ray[2] / level, np.maximum(ray[1], 0) / level

    def noise(curtain: Curtain, way: tuple[float, float]) -> F64:
        radius, drift = way
        x = curtain.at + (drift * seconds) % TILE_PX + radius * east
        return tile_at(x, 2 * curtain.at + radius * north)

    out = np.zeros((*slope.shape, 3))
    for curtain in CURTAINS:
        waves, folds, parts, large, fine = (noise(curtain, way) for way in WAYS)
        away = curtain.away * (1 + curtain.sways * (2 * waves - 1 + FOLDED * (2 * folds - 1)))
        above = (slope * away - 1) / TALL
        bright = curtain.light * np.clip(DIM[0] * parts - DIM[1], 0, 1)
        border = _smooth(above, (0.0, RISE))
        body = BARE + (1 - BARE) * large * (0.6 + 0.8 * fine)
        up = np.exp(-np.maximum(above, 0) * (FALL[0] + FALL[1] * (1 - large)))
        below = GLOW * (1 - border) * np.exp(np.minimum(above, 0) * GLOW_FALL)
        turned = _smooth(above, TURNS)[..., None]
        hue = np.asarray(LOW) + turned * (np.asarray(HIGH) - np.asarray(LOW))
        out += (bright * (border * up * body + below))[..., None] * hue
    height = ray[1] / np.hypot(level, ray[1])
    return np.asarray(1 - np.exp(-share * _smooth(height, CLEARS)[..., None] * out), np.float32)


def _smooth(values: NDArray[np.float64], ends: tuple[float, float]) -> F64:
    return np.asarray(smooth_ramp(np.asarray(values, np.float32), ends), np.float64)
