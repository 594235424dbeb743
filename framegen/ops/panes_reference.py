"""The meaning of panes that mirror, in plain NumPy: what the fast form must match.

Windows by day are dark rooms behind glass that mirrors what stands opposite, which a frame hardly ever shows. So what
they mirror is made up of what is known: the sky's colour above a skyline, its shade below, and the sun. The skyline is
noise over directions, fixed in the world: what a pane mirrors moves as the view does, as it does on real ones.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops.clouds import tile_at

PANE = 3
"""The kind of a pane, beside those of :mod:`framegen.ops.water_reference`."""
STRAIGHT = 0.12
"""Reflectance of a double pane seen straight on."""
SKYLINE, SKYLINE_RISE, SKYLINE_SOFT = 0.0, 0.6, 0.25
"""Height of a direction at which the skyline begins, how much noise adds to it, and how soft it is."""
TURN_TEXELS = 60.0
"""Texels of noise for a direction of length one over the ground."""
SHADED, LOWER = 0.45, 0.75
"""Brightness over the sky's, sRGB-encoded, of what stands below the skyline, and of the ground below the horizon over
that."""
BODY = 0.5
"""Of the pane as it was composed, squared: the room behind the glass is darker than the glass that engines draw."""
GLINT, GLINT_SHARP, SUNLIGHT = 3.0, 120.0, (1.0, 0.85, 0.62)
"""The sun in a pane: its brightness, how sharp it is, and its colour, squared from sRGB-encoded."""


def skyline(way: F32) -> F32:
    """``[...]`` float32, height of a direction below which something stands. ``way``: ``[..., 3]`` unit vectors."""
    x, z = (way[..., i].astype(np.float64) * TURN_TEXELS for i in (0, 2))
    return np.asarray(SKYLINE + SKYLINE_RISE * tile_at(x, z), np.float32)


def laid(
    picture: U8, kind: U8, depth_m: F32, through: F32, geometry: ft.CellGeometry, sky: F32, sun: F32, share: float
) -> U8:
    """``picture`` ``[H, W, 3]`` uint8 with what panes mirror, a new array.

    Args:
        kind: ``[H, W]`` uint8, PANE or others. depth_m, through: ``[H, W]`` float32, metres and the share of light that
            passes the air. geometry: of the same frame, with a camera. sky: ``[3]`` float32, sRGB-encoded.
        sun: ``[3]`` float32 towards the sun, times how clear it shines. share: 0..1, how much of it is laid over.
    """
    rays = geometry.rays
    assert rays is not None
    normal = np.moveaxis(geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1], 0, -1) @ rays.level
    out: U8 = picture.copy()
    rows, columns = np.nonzero((kind == PANE) & ft.solid(depth_m))
    ray = (rays.columns[:, columns] + rays.rows[:, rows]).T
    ahead = rays.forward.astype(np.float32)
    way = ray if rays.perspective else np.broadcast_to(ahead, ray.shape)
    way = way / np.linalg.norm(way, axis=-1, keepdims=True)
    facing_out = normal[rows // ft.CELL_PX, columns // ft.CELL_PX]
    known = (facing_out**2).sum(-1) > 0.5
    n = facing_out / np.maximum(np.linalg.norm(facing_out, axis=-1, keepdims=True), 1e-6)
    cosine = np.maximum(-(way * n).sum(-1), 0)
    mirrored = way + 2 * cosine[:, None] * n
    clear = np.clip((mirrored[:, 1] - skyline(mirrored)) / SKYLINE_SOFT * 0.5 + 0.5, 0, 1)
    dark = SHADED * np.where(mirrored[:, 1] < 0, LOWER, 1)
    around = (dark + clear * (1 - dark))[:, None] * sky
    strength = float(np.linalg.norm(sun))
    toward = mirrored @ (sun / strength if strength else sun)
    shine = np.where(toward > 0.5, GLINT * strength * np.maximum(toward, 0.5) ** GLINT_SHARP * clear, 0)
    light = around**2 + shine[:, None] * np.asarray(SUNLIGHT)
    reflectance = (STRAIGHT + (1 - STRAIGHT) * (1 - cosine) ** 5)[:, None]
    old, t = picture[rows, columns].astype(np.float64), through[rows, columns][:, None]
    seen = (old / 255) ** 2
    # what the air lets pass of it: the rest of what is seen is the air
    value = 255 * np.sqrt(np.minimum(seen + t * (reflectance * light - (1 - BODY * (1 - reflectance)) * seen), 1))
    mixed = np.where(known[:, None], old + share * (value - old), old)
    out[rows, columns] = (mixed + 0.5).astype(np.uint8)
    return out
