"""Shadows that the sun casts, fast; see :mod:`framegen.ops.cast_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import cast_reference as reference
from framegen.ops import features as ft
from framegen.ops.duet import DUET
from framegen.ops.kernels import cast as kernels
from framegen.ops.kernels import drawn
from framegen.ops.kernels.jit import ready

_BANDS = 8


def lay(picture: U8, color: U8, depth_m: F32, through: F32, geometry: ft.CellGeometry, sun: F32, share: float) -> None:
    """Lays shadows over a composed picture, in place.

    Args:
        picture, color: ``[H, W, 3]`` uint8, the composed one and the engine's. depth_m, through: ``[H, W]`` float32,
            metres and the share of light that passes the air.
        geometry: of the same frame; without a camera nothing is done.
        sun: ``[3]`` float32 unit vector towards it, as the network was told. share: 0..1, how much is laid over.
    """
    rays = geometry.rays
    if rays is None or share <= 0 or not sun.any():
        return
    height, width = depth_m.shape
    level = np.moveaxis(geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1], 0, -1)
    normal = ready(level @ rays.level, np.float32)
    ahead = np.zeros(3, np.float32) if rays.perspective else rays.forward.astype(np.float32)
    inverse, corner = ft.pixel_from_world(rays)
    columns, rows, depth = (ready(plane, np.float32) for plane in (rays.columns, rays.rows, depth_m))
    toward, clear = ready(sun, np.float32), ready(through, np.float32)
    told = ready(geometry.features[ft.SHADOW], np.float32)
    shades = np.empty((height // reference.BLOCK_PX, width // reference.BLOCK_PX), np.float32)

    def trace(first: int, end: int) -> None:
        kernels.shade(first, end, depth, normal, columns, rows, ahead, inverse, corner, toward, shades)

    def blend(first: int, end: int) -> None:
        kernels.lay(first, end, picture, soft, clear, told, part)

    DUET.split(len(shades), min(_BANDS, len(shades)), trace)
    soft = reference.filled(shades)
    pairs = drawn.pairs(soft, ready(color, np.uint8), depth, geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1])
    part = np.float32(share * (1 - reference.verdict(*pairs)))
    if part > 0:
        DUET.split(height, min(_BANDS, height), blend)


__all__ = ["lay"]
