"""Rain and snow that fall through a picture, fast; see :mod:`framegen.ops.precipitation_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import precipitation_reference as reference
from framegen.ops.duet import DUET
from framegen.ops.kernels import precipitation as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.precipitation_reference import FLAKES, RAIN, Kind

_BANDS = 4


def lay(
    picture: U8, kind: Kind, amount: float, share: float, seconds: float, depth_m: F32, rays: ft.Rays, around: F32
) -> None:
    """Lays what falls over a picture ``[H, W, 3]`` uint8, in place.

    Args:
        amount: 0..1, how much falls. share: 0..1, how much of it is laid over. seconds: of the engine's clock.
        depth_m: ``[H, W]`` float32 metres. rays: of the camera; one without perspective sees none.
        around: ``[3]`` float32 0..1, sRGB-encoded, the light around them.
    """
    if not rays.perspective or amount <= 0 or share <= 0:
        return
    depth = ready(depth_m, np.float32)
    hidden = np.zeros(depth.shape, np.float32)
    place, way = reference.lines(kind, amount, seconds, rays.position)
    inverse = ft.pixel_from_world(rays)[0]
    pixel_m, half_m, wide_m = np.float32(rays.pixel_m), np.float32(kind.box_m / 2), np.float32(kind.wide_m)
    kernels.cover(place, way, inverse, pixel_m, half_m, wide_m, np.float32(kind.cover * share), depth, hidden)
    light = np.asarray(np.minimum(around + np.float32(kind.bright), 1), np.float32)
    DUET.split(
        len(hidden), min(_BANDS, len(hidden)), lambda first, end: kernels.lay(first, end, hidden, light, picture)
    )


__all__ = ["FLAKES", "RAIN", "Kind", "lay"]
