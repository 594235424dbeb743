"""The meaning of sharp borders of paint, in plain NumPy: what the fast form must match.

Paint such as snow covers the ground and not the wall that stands on it. Where they meet they are equally far away, and
depth alone does not say which of the four cells around a pixel speak for it: the border would go by cells, in steps of
four pixels. How steep they are does.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import snow_reference
from framegen.ops.reference import taps

SPREAD = 0.2, 0.4
"""Difference of cover between the four cells around a pixel from which on steepness counts in part, and wholly."""
STEEP = 8.0
"""How strongly it does: a wall's cell has an eightieth of a say in a pixel of the ground."""


def shares(before: F32, cover: F32, up: F32, depth_m: F32) -> F32:
    """``before`` ``[4, 4h, 4w]``, of :func:`framegen.ops.reference.shares`, with cells of another steepness held back.

    Args:
        cover: ``[h, w]`` 0..1, how much paint lies on each cell. up: ``[4h, 4w]``, cosine of each pixel's normal and
            up, see :func:`framegen.ops.snow_reference.normals`. depth_m: ``[4h, 4w]`` metres.
    """
    around = taps(cover)
    counts = np.clip((around.max(0) - around.min(0) - SPREAD[0]) / (SPREAD[1] - SPREAD[0]), 0, 1)
    counts = counts * ((depth_m >= ft.LEAST_M) & (depth_m < snow_reference.FAR_M))
    off = taps(up[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]) - up
    weight = before / np.square(1 + STEEP * counts * off * off)
    return np.asarray(weight / weight.sum(0), np.float32)
