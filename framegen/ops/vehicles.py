"""Which panes are those of vehicles: engines call a windscreen glass as they do a window, and none lives behind it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
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
    near = (depth_m >= ft.LEAST_M) & (depth_m < ft.FAR_M)
    paint, glass = ((material == code) & near for code in (_PAINT, _GLASS))
    found = np.zeros(material.shape, np.uint8)
    if paint.any() and glass.any():
        place = ft.cell_points(np.where(near, depth_m, 0).astype(np.float32), rays)
        number = numbers(place + rays.position[:, None, None], REACH_M)
        taken = (np.unique(number[paint])[:, None] + AROUND).ravel()
        found[glass] = np.isin(number[glass], taken)
        cv2.dilate(found, np.ones((3, 3), np.uint8), found)
    return found > 0


def unlit(kind: U8, material: NDArray[np.int32], depth_m: F32, rays: ft.Rays) -> U8:
    """The kinds of lights ``[H, W]`` (see :data:`framegen.ops.lights_reference.WINDOW`) without vehicles' windows;
    ``depth_m`` ``[H, W]``, the others as for :func:`panes`."""
    empty = panes(material, depth_m[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX], rays)
    if not empty.any():
        return kind
    fine = empty.repeat(ft.CELL_PX, 0).repeat(ft.CELL_PX, 1)
    return np.where(fine & (kind == WINDOW), 0, kind).astype(np.uint8)
