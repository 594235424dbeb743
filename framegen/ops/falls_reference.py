"""The meaning of water that falls, in plain NumPy: white, in strands that go down with the engine's clock.

Where it falls is where a surface of water stands upright, rather than in waves.
"""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F32, F64
from framegen.ops import features as ft
from framegen.ops.clouds import TILE_PX, tile_at

STEEP, STEEPER = 0.75, 0.5
"""Cosine of the normal and up below which water begins to be taken for falling, and from which on it is."""
FALLING, FOAM, SUNLIT = (0.3, 0.95), 0.85, 0.8
"""How much foam hides in gaps of water that falls and in its strands; its brightness over that of the sky's brightest
channel; how far the sun turns it from the sky's colour to white."""
STRANDS_M, STRETCH, FALL_M_S = 3.4, 5.0, 3.0
"""Width of the noise's tile across water that falls, how many times as long it is, and how fast it falls."""


def falling(geometry: ft.CellGeometry) -> F32:
    """``[h, w]`` float32 0..1, whether water in each cell falls: a surface there or beside it stands upright. That of
    waves does not."""
    up = cv2.erode(geometry.features[ft.NORMAL_UP], np.ones((3, 3), np.uint8))
    return np.asarray(np.clip((STEEP - up) / (STEEP - STEEPER), 0, 1), np.float32)


def place_of(position_m: F64, seconds: float) -> tuple[float, float]:
    """Where the camera is in the noise of water that falls, in texels: across and down."""
    across = float(position_m[0] + position_m[2]) / STRANDS_M
    down = (float(position_m[1]) + FALL_M_S * seconds) / (STRANDS_M * STRETCH)
    return across % 1 * TILE_PX, down % 1 * TILE_PX


def strand(place_m: F32, at: tuple[float, float]) -> float:
    """How much foam hides at a place ``[3]`` relative to the camera. ``at``: of :func:`place_of`."""
    scale = TILE_PX / STRANDS_M
    x = np.float64((place_m[0] + place_m[2]) * scale + at[0])
    y = np.float64(place_m[1] * scale / STRETCH + at[1])
    gaps, strands = FALLING
    return gaps + (strands - gaps) * float(tile_at(x, y))


def foam(sky: F32, sunny: float) -> F32:
    """``[3]`` float32, the colour of water that falls: full of air, so it is white in the light of the sky.

    Args:
        sky: ``[3]`` float32 of :func:`framegen.ops.water_reference.sky_of`. sunny: 0..1, how clear the sun shines, 0
            where there is none.
    """
    brightest = sky.max()
    return np.asarray(FOAM * (sky + SUNLIT * sunny * (brightest - sky)), np.float32)
