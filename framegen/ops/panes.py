"""Panes that mirror the sky and what stands before it, fast; see :mod:`framegen.ops.panes_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops.clouds import cloud_tile
from framegen.ops.duet import Ranges
from framegen.ops.kernels import panes as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.panes_reference import PANE


def layer(
    picture: U8, kind: U8, depth_m: F32, through: F32, geometry: ft.CellGeometry, sky: F32, sun: F32, share: float
) -> Ranges | None:
    """What lays over rows of a composed picture, in place, what panes mirror; None: nothing does.

    Args:
        picture: ``[H, W, 3]`` uint8. kind: ``[H, W]`` uint8, PANE or others. depth_m, through: ``[H, W]`` float32,
            metres and the share of light that passes the air. geometry: of the same frame; without a camera nothing
            mirrors. sky: ``[3]`` float32, sRGB-encoded. sun: ``[3]`` float32 towards it, times how clear it shines.
        share: 0..1, how much of it is laid over.
    """
    rays = geometry.rays
    if rays is None:
        return None
    level = np.moveaxis(geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1], 0, -1)
    normal = ready(level @ rays.level, np.float32)
    ahead = np.zeros(3, np.float32) if rays.perspective else rays.forward.astype(np.float32)
    strength = float(np.linalg.norm(sun))
    toward = ready(sun / strength if strength else sun, np.float32)
    kinds, depth, clear = ready(kind, np.uint8), ready(depth_m, np.float32), ready(through, np.float32)
    columns, rows, above = ready(rays.columns, np.float32), ready(rays.rows, np.float32), ready(sky, np.float32)

    def band(first: int, end: int) -> None:
        kernels.lay(
            first, end, picture, kinds, depth, clear, normal, columns, rows, ahead, cloud_tile(), above,
            toward, np.float32(strength), np.float32(share),
        )  # fmt: skip

    return band


__all__ = ["PANE", "layer"]
