"""Which panes are those of vehicles: engines call a windscreen glass, too, and nobody lives behind it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F16, F32, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.cubes import AROUND, numbers
from framegen.ops.lights_reference import WINDOW

REACH_M = 1.0
"""Width of the cubes of the world that are compared: glass belongs to the paint that is in its cube or in one beside
it, so up to one or two metres away."""
_PAINT, _GLASS = layout.LABELS.index("car paint"), layout.LABELS.index("glass")


def panes(material: NDArray[np.int32], depth_m: F32, rays: ft.Rays) -> NDArray[np.bool_]:
    """``[h, w]``, the cells that show a vehicle's glass, and those beside them.

    Args:
        material: ``[h, w]`` numbers in :data:`framegen.ops.layout.LABELS`. depth_m: ``[h, w]`` float32 metres, that of
            the cells' samples; what is no distance belongs to nothing. rays: of the camera.
    """
    found = np.zeros(material.shape, np.uint8)
    paint, glass = ((material == code) for code in (_PAINT, _GLASS))
    if paint.any() and glass.any():
        row, column = np.nonzero((paint | glass) & (depth_m >= ft.LEAST_M) & (depth_m < ft.FAR_M))
        place = ft.places(row, column, depth_m[row, column].astype(np.float64), rays)
        number, painted = numbers(place + rays.position[:, None], REACH_M), paint[row, column]
        taken = np.unique(np.unique(number[painted])[:, None] + AROUND)
        nearest = taken[np.minimum(np.searchsorted(taken, number), len(taken) - 1)] if taken.size else number + 1
        found[row, column] = ~painted & (nearest == number)
        cv2.dilate(found, np.ones((3, 3), np.uint8), found)
    return found > 0


def unlit(kind: U8, material: NDArray[np.int32], depth_m: F16 | F32, rays: ft.Rays) -> U8:
    """The kinds of lights ``[H, W]`` (see :data:`framegen.ops.lights_reference.WINDOW`) without vehicles' windows;
    ``depth_m`` ``[H, W]`` float16 or float32, the others as for :func:`panes`."""
    sampled = depth_m[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX].astype(np.float32)
    empty = panes(material, sampled, rays)
    if not empty.any():
        return kind
    fine = cv2.resize(empty.view(np.uint8), kind.shape[::-1], interpolation=cv2.INTER_NEAREST)
    return kind & ~np.asarray(WINDOW * fine, np.uint8)  # kinds are single bits
