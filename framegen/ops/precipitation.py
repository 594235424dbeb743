"""Rain and snow that fall through a picture, fast; see :mod:`framegen.ops.precipitation_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import precipitation_reference as reference
from framegen.ops.duet import DUET
from framegen.ops.kernels import precipitation as kernels
from framegen.ops.kernels.jit import sealed
from framegen.ops.precipitation_reference import FLAKES, RAIN, Kind

_BANDS = 4
_NOTHING_BEFORE = sealed(np.empty((0, 0)), np.float32)


def hidden(kind: Kind, amount: float, share: float, seconds: float, depth_m: F32 | None, rays: ft.Rays) -> F32:
    """``[2, H, W]`` float32, how much of each pixel what falls hides: a plane for either half of it, by a thread each.

    Args:
        amount: 0..1, how much falls. share: 0..1, how much of it is laid over. seconds: of the engine's clock.
        depth_m: ``[H, W]`` float32 metres, or None: nothing stands before it. rays: of the camera; one without
            perspective sees none.
    """
    depth = _NOTHING_BEFORE if depth_m is None else sealed(depth_m, np.float32)
    height, width = rays.rows.shape[1], rays.columns.shape[1]
    out = np.zeros((2, height, width), np.float32)
    if not rays.perspective or amount <= 0 or share <= 0:
        return out
    numbers = np.empty(kernels.NUMBERS)
    numbers[kernels.BOX], numbers[kernels.SHUTTER], numbers[kernels.WIDE] = kind.box_m, kind.shutter_s, kind.wide_m
    numbers[kernels.SPEED], numbers[kernels.VARIES] = kind.speed_m, kind.varies
    numbers[kernels.SWAY], numbers[kernels.SWAY_HZ] = kind.sway_m, kind.sway_hz
    numbers[kernels.SHARE] = kind.cover * share
    numbers[kernels.WIDEST], numbers[kernels.LONGEST] = reference.WIDEST * height, reference.LONGEST * height
    seed, wind_m = reference.seeds(kind)[: int(kind.most * amount)], reference.wind_of(kind, amount)
    inverse, pixel_m = ft.pixel_from_world(rays)[0], np.float32(rays.pixel_m)
    given = wind_m, numbers, float(seconds), rays.position, inverse, pixel_m, depth
    half = len(seed) // 2

    def part(first: int, end: int) -> None:
        for i in range(first, end):
            kernels.cover(seed[half:] if i else seed[:half], *given, out[i])

    DUET.split(2, 2, part)
    return out


def lay(picture: U8, kind: Kind, cover: F32, around: F32) -> None:
    """Lays what falls over a picture ``[H, W, 3]`` uint8, in place.

    Args:
        cover: of :func:`hidden`. around: ``[3]`` float32 0..1, sRGB-encoded, the light around it.
    """
    light = np.asarray(np.minimum(around + np.float32(kind.bright), 1), np.float32)
    bands = min(_BANDS, len(picture))
    DUET.split(len(picture), bands, lambda first, end: kernels.lay(first, end, cover, light, picture))


__all__ = ["FLAKES", "RAIN", "Kind", "hidden", "lay"]
