"""Rain and snow that fall, as :mod:`framegen.ops.precipitation_reference` means them."""

from __future__ import annotations

from typing import Any

import numpy as np

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft
from framegen.ops import precipitation_reference as reference
from framegen.ops.kernels.jit import kernel, sealed

_ZERO, _HALF, _ONE, _LEVELS = np.float32(0), np.float32(0.5), np.float32(1), np.float32(255)
_NEAR, _CLEAR = (np.float32(v) for v in reference.NEAR_M)
_FADES = np.float32(reference.FADES)
_MOST, _LEAST_M = np.float32(reference.MOST), np.float32(ft.LEAST_M)

BOX, SPEED, VARIES, SWAY, SWAY_HZ, SHUTTER, WIDE, SHARE, WIDEST, LONGEST, NUMBERS = range(11)
"""Places of the numbers of a kind that :func:`cover` is given, and how many they are."""


@kernel
def _within(place: float, width: float) -> Any:
    """A place in a cube that repeats, -1/2..1/2 of its ``width``."""
    return place - width * np.floor(place / width) - width / 2


@kernel
def cover(
    seed: F64, wind_m: F64, numbers: F64, seconds: float, position_m: F64, inverse: F32, pixel_m: np.float32,
    depth_m: F32, out: F32,
) -> None:  # fmt: skip
    """Adds to ``out`` ``[H, W]`` what lines of :func:`framegen.ops.precipitation_reference.lines` hide of each pixel.

    ``seed`` ``[n, 5]``: of ``seeds``. ``wind_m`` ``[2]``: along x and z. ``numbers``: of the kind, see :data:`BOX` and
    the others. ``position_m`` ``[3]``: of the camera. ``inverse``: of ``pixel_from_world``. ``pixel_m``: width of a
    pixel one metre away. ``depth_m`` ``[H, W]``, read-only, or empty: nothing stands before them.
    """
    box, shutter = numbers[BOX], numbers[SHUTTER]
    half_m, wide_m, share = np.float32(box / 2), np.float32(numbers[WIDE]), np.float32(numbers[SHARE])
    wx, wz = np.float32(wind_m[0] * shutter), np.float32(wind_m[1] * shutter)
    widest, longest = np.float32(numbers[WIDEST]), np.float32(numbers[LONGEST])
    (height, width), hides = out.shape, depth_m.size > 0
    for n in range(seed.shape[0]):
        speed = numbers[SPEED] * (1 + numbers[VARIES] * (2 * seed[n, 3] - 1))
        x, y, z = seed[n, 0] * box + wind_m[0] * seconds, seed[n, 1] * box - speed * seconds, seed[n, 2] * box
        z += wind_m[1] * seconds
        if numbers[SWAY] > 0:
            turn = 2 * np.pi * (numbers[SWAY_HZ] * seconds + seed[n, 4])
            x, z = x + numbers[SWAY] * np.sin(turn), z + numbers[SWAY] * np.cos(turn)
        px = np.float32(_within(x - position_m[0], box))
        py = np.float32(_within(y - position_m[1], box))
        pz = np.float32(_within(z - position_m[2], box))
        near = inverse[2, 0] * px + inverse[2, 1] * py + inverse[2, 2] * pz
        far = np.sqrt(px * px + py * py + pz * pz) / half_m
        if not (near > _NEAR and far < _ONE):
            continue
        qx, qy, qz = px - wx, py + np.float32(speed * shutter), pz - wz
        before = inverse[2, 0] * qx + inverse[2, 1] * qy + inverse[2, 2] * qz
        if not before > _NEAR:
            continue
        bx = (inverse[0, 0] * px + inverse[0, 1] * py + inverse[0, 2] * pz) / near
        by = (inverse[1, 0] * px + inverse[1, 1] * py + inverse[1, 2] * pz) / near
        ax = (inverse[0, 0] * qx + inverse[0, 1] * qy + inverse[0, 2] * qz) / before
        ay = (inverse[1, 0] * qx + inverse[1, 1] * qy + inverse[1, 2] * qz) / before
        dx, dy = bx - ax, by - ay
        length = np.sqrt(dx * dx + dy * dy)
        if length > longest:
            dx, dy, length = dx * longest / length, dy * longest / length, longest
            ax, ay = bx - dx, by - dy
        wide = min(wide_m / (pixel_m * near), widest)
        fade = min(_ONE, (near - _NEAR) / (_CLEAR - _NEAR)) * min(_ONE, (_ONE - far) / (_ONE - _FADES))
        part, reach = share * min(wide, _ONE) * fade, max(wide, _ONE) * _HALF + _HALF
        left, right = max(int(np.floor(min(ax, bx) - reach)), 0), min(int(np.ceil(max(ax, bx) + reach)), width)
        top, bottom = max(int(np.floor(min(ay, by) - reach)), 0), min(int(np.ceil(max(ay, by) + reach)), height)
        scale = _ONE / max(length * length, np.float32(1e-6))
        for i in range(top, bottom):
            for j in range(left, right):
                right_px, below_px = np.float32(j) + _HALF - ax, np.float32(i) + _HALF - ay
                t = min(max((right_px * dx + below_px * dy) * scale, _ZERO), _ONE)
                right_px, below_px = right_px - t * dx, below_px - t * dy
                hidden = min(reach - np.sqrt(right_px * right_px + below_px * below_px), _ONE)
                if hidden > _ZERO and not (hides and depth_m[i, j] >= _LEAST_M and depth_m[i, j] <= near):
                    out[i, j] += part * hidden


@kernel
def lay(first: int, end: int, hidden: F32, light: F32, picture: U8) -> None:
    """Rows ``first`` to ``end`` of :func:`framegen.ops.precipitation_reference.laid`, in place; ``hidden``
    ``[2, H, W]``: by two that add up."""
    for i in range(first, end):
        for j in range(hidden.shape[2]):
            share = min(hidden[0, i, j] + hidden[1, i, j], _MOST)
            if not share > _ZERO:
                continue
            for c in range(3):
                old = np.float32(picture[i, j, c])
                value = old + share * (_LEVELS * light[c] - old)
                picture[i, j, c] = np.uint8(np.int32(min(max(value, _ZERO), _LEVELS) + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    plane, three, one = np.ones((4, 4), np.float32), np.ones(3, np.float32), np.float32(1)
    numbers, place = np.ones(NUMBERS), np.ones(3)
    far, square = sealed(plane, np.float32), np.eye(3, dtype=np.float32)
    cover(np.ones((1, 5)), np.ones(2), numbers, 1.0, place, square, one, far, plane.copy())
    lay(0, 4, np.ones((2, 4, 4), np.float32), three, np.zeros((4, 4, 3), np.uint8))


__all__ = ["cover", "lay", "warm_up"]
