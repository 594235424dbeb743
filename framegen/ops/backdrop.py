"""What an engine paints of land on its sky: mountains, woods and towns of a sky box.

To the depth buffer they are sky, and sky is replaced; they would be lost. What tells them from sky is contrast near the
horizon: skies are smooth or cloudy higher up. From where that begins downwards the engine's own picture is kept, for a
slope may be as smooth as a sky. All of it comes softly: what changes little from frame to frame shows little.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops.ramp import smooth_ramp

LAND_M = 1000.0
"""How far away it is, for the air before it."""
LUMA = np.array((0.299, 0.587, 0.114), np.float32)
CONTRAST = 5.0, 14.0
"""Standard deviation of brightness around a cell, levels of 255, from which on it is land in part, and wholly."""
HIGHEST_RAD = 0.28, 0.45
"""Elevation above the horizon up to which contrast is land's, and from which on it is clouds'."""
_HIGHEST = math.sin(HIGHEST_RAD[0]), math.sin(HIGHEST_RAD[1])
AROUND_CELLS = 5
"""Width of what is around a cell."""
FADE_CELLS = 7
"""Width over which columns are evened out."""
REACH_CELLS = 9
"""How far land goes on into cells that are sky in part only, such as those between leaves."""


def land(color: F32, features: F32) -> F32:
    """How much each cell is land that the sky shows, ``[h, w]`` float32 0..1; 0 without depth and camera.

    Args:
        color: ``[3, h, w]`` float32, mean colours of the cells, sRGB-encoded, levels of 255. features:
            ``[CHANNELS, h, w]`` of the same frame, see :mod:`framegen.ops.features`.
    """
    sky = features[ft.SKY]
    whole = ((sky > 0.99) & (features[ft.HAS_CAMERA] > 0)).astype(np.float32)
    low = whole * (1 - smooth_ramp(features[ft.RAY_UP], _HIGHEST))
    if not low.any():
        return np.zeros_like(whole)
    near = _count(whole, AROUND_CELLS, AROUND_CELLS)
    light = (color[0] * LUMA[0] + color[1] * LUMA[1] + color[2] * LUMA[2]) * whole
    mean = _sum(light, AROUND_CELLS, AROUND_CELLS) / near
    variance = np.maximum(_sum(light * light, AROUND_CELLS, AROUND_CELLS) / near - mean * mean, 0)
    seen = smooth_ramp(np.sqrt(variance), CONTRAST) * low
    up = features[ft.RAY_UP]
    # a camera on its head has the land above in its picture, one on its side beside it: no higher than contrast may be
    down = slice(None, None, -1 if up[0].mean() < up[-1].mean() else 1)
    below = np.minimum(np.maximum.accumulate(seen[down], 0)[down], low)
    even = whole * _sum(below, FADE_CELLS, 1) / _count(whole, FADE_CELLS, 1)
    beside = _sum(even, REACH_CELLS, REACH_CELLS) / _count(whole, REACH_CELLS, REACH_CELLS)
    return np.asarray(np.where(whole > 0, even, beside) * (sky > 0), np.float32)


def clear(fog_per_m: float) -> float:
    """Share of its light that passes the air."""
    return math.exp(-fog_per_m * LAND_M)


def _sum(plane: F32, across: int, down: int) -> F32:
    """Over the cells around each."""
    return np.asarray(cv2.boxFilter(plane, -1, (across, down), normalize=False), np.float32)


def _count(whole: F32, across: int, down: int) -> F32:
    return np.maximum(_sum(whole, across, down), 1)
