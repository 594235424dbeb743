"""Water that mirrors what stands around it, fast; see :mod:`framegen.ops.water_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import water_reference as reference
from framegen.ops.duet import DUET
from framegen.ops.kernels import water as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.water_reference import Light, sky_of

_BANDS = 8


def lay(
    picture: U8,
    water: U8,
    color: U8,
    depth_m: F32,
    through: F32,
    air: F32,
    geometry: ft.CellGeometry,
    light: Light,
    sky: F32,
    share: float,
) -> None:
    """Lays water over a composed picture, in place.

    Args:
        picture, color: ``[H, W, 3]`` uint8, the composed one and the engine's. water: ``[H, W]`` uint8, 0: none.
        depth_m, through: ``[H, W]`` float32, metres and the share of light that passes the air.
        air: ``[h, w, 3]`` float32, sRGB-encoded. geometry: of the same frame; without a camera nothing is done.
        sky: ``[3]`` float32, see :func:`framegen.ops.water_reference.sky_of`. share: 0..1, how much of it is laid over.
    """
    rays = geometry.rays
    if rays is None:
        return
    height, width = water.shape
    level = reference.levels(water > 0, depth_m, geometry)
    water, depth = ready(water, np.uint8), ready(depth_m, np.float32)
    inverse, corner = ft.pixel_from_world(rays)
    ahead = np.zeros(3, np.float32) if rays.perspective else rays.forward.astype(np.float32)
    sky, sun = ready(sky, np.float32), ready(light.sun, np.float32)
    waves = reference.waves(rays.position, light)
    mirrored = np.empty((height // reference.BLOCK_PX, width // reference.BLOCK_PX, 4), np.float32)

    def trace(first: int, end: int) -> None:
        kernels.mirror(
            first, end, picture, water, depth, level, ready(rays.columns, np.float32), ready(rays.rows, np.float32),
            ahead, ready(inverse, np.float32), corner, np.float32(rays.pixel_m), waves, sky * sky, sun,
            np.float32(light.sunny), mirrored,
        )  # fmt: skip

    def blend(first: int, end: int) -> None:
        kernels.lay(
            first, end, soft, water, ready(color, np.uint8), ready(through, np.float32), ready(air, np.float32),
            sky, np.float32(share), picture,
        )  # fmt: skip

    DUET.split(len(mirrored), min(_BANDS, len(mirrored)), trace)
    soft = reference.soften(mirrored)
    DUET.split(height, min(_BANDS, height), blend)


__all__ = ["Light", "lay", "sky_of"]
