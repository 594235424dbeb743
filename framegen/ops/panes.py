"""Panes and car paint that mirror the sky and what stands around, fast; see :mod:`framegen.ops.panes_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops.clouds import cloud_tile
from framegen.ops.duet import Ranges
from framegen.ops.kernels import panes as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.panes_reference import COAT, PANE


def layer(
    picture: U8,
    kind: U8,
    depth_m: F32,
    through: F32,
    geometry: ft.CellGeometry,
    sky: F32,
    sun: F32,
    share: dict[int, float],
) -> Ranges | None:
    """What lays over rows of a composed picture, in place, what panes and coats mirror; None: nothing does.

    Args:
        picture: ``[H, W, 3]`` uint8. kind: ``[H, W]`` uint8, PANE, COAT or others. depth_m, through: ``[H, W]``
            float32, metres and the share of light that passes the air. geometry: of the same frame; without a camera
            nothing mirrors. sky: ``[3]`` float32, sRGB-encoded. sun: ``[3]`` float32 towards it, times how clear it
            shines. share: of each kind 0..1, how much of it is laid over.
    """
    rays = geometry.rays
    if rays is None:
        return None
    kinds, depth, clear = ready(kind, np.uint8), ready(depth_m, np.float32), ready(through, np.float32)
    there = [which for which in (PANE, COAT) if share[which] > 0 and (kinds == which).any()]
    if not there:
        return None
    normal = np.zeros((2, *geometry.features.shape[1:], 3), np.float32)
    shares = np.array([share[PANE], share[COAT]], np.float32)
    for which in there:
        facing(kinds, which, geometry, normal[which - PANE])
    ahead = np.zeros(3, np.float32) if rays.perspective else rays.forward.astype(np.float32)
    strength = float(np.linalg.norm(sun))
    toward = ready(sun / strength if strength else sun, np.float32)
    columns, rows, above = ready(rays.columns, np.float32), ready(rays.rows, np.float32), ready(sky, np.float32)
    around = np.empty(3, np.float32)
    kernels.shown(picture, depth, around)

    def band(first: int, end: int) -> None:
        kernels.lay(
            first, end, picture, kinds, depth, clear, normal, columns, rows, ahead, cloud_tile(), above, around,
            toward, np.float32(strength), shares,
        )  # fmt: skip

    return band


def facing(kind: U8, which: int, geometry: ft.CellGeometry, out: F32) -> None:
    """:func:`framegen.ops.panes_reference.facing` into ``out`` ``[h, w, 3]``, which is zeros."""
    assert geometry.rays is not None
    normal = ready(geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1], np.float32)
    part, weight = np.empty(out.shape[:2], np.float32), np.empty(out.shape[:2], np.float32)
    kernels.facing(kind, which, normal, ready(geometry.rays.level, np.float32), part, weight, out)


__all__ = ["COAT", "PANE", "facing", "layer"]
