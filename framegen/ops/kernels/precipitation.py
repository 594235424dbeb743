"""Rain and snow that fall, as :mod:`framegen.ops.precipitation_reference` means them."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft
from framegen.ops import precipitation_reference as reference
from framegen.ops.kernels.jit import kernel

_ZERO, _HALF, _ONE, _LEVELS = np.float32(0), np.float32(0.5), np.float32(1), np.float32(255)
_NEAR, _CLEAR = (np.float32(v) for v in reference.NEAR_M)
_FADES, _WIDEST, _LONGEST = (
    np.float32(reference.FADES),
    np.float32(reference.WIDEST_PX),
    np.float32(reference.LONGEST_PX),
)
_MOST, _LEAST_M = np.float32(reference.MOST), np.float32(ft.LEAST_M)


@kernel
def cover(
    place: F64, way: F64, inverse: F32, pixel_m: np.float32, half_m: np.float32, wide_m: np.float32,
    share: np.float32, depth_m: F32, out: F32,
) -> None:  # fmt: skip
    """Adds to ``out`` ``[H, W]`` what lines of :func:`framegen.ops.precipitation_reference.lines` hide of each pixel.

    ``inverse``: of ``pixel_from_world``. ``pixel_m``: width of a pixel one metre away. ``half_m``: half the cube's
    width. ``wide_m``: of one. ``share``: how much it hides.
    """
    height, width = depth_m.shape
    for n in range(place.shape[0]):
        px, py, pz = np.float32(place[n, 0]), np.float32(place[n, 1]), np.float32(place[n, 2])
        near = inverse[2, 0] * px + inverse[2, 1] * py + inverse[2, 2] * pz
        far = np.sqrt(px * px + py * py + pz * pz) / half_m
        if not (near > _NEAR and far < _ONE):
            continue
        qx, qy, qz = px - np.float32(way[n, 0]), py - np.float32(way[n, 1]), pz - np.float32(way[n, 2])
        before = inverse[2, 0] * qx + inverse[2, 1] * qy + inverse[2, 2] * qz
        if not before > _NEAR:
            continue
        bx = (inverse[0, 0] * px + inverse[0, 1] * py + inverse[0, 2] * pz) / near
        by = (inverse[1, 0] * px + inverse[1, 1] * py + inverse[1, 2] * pz) / near
        ax = (inverse[0, 0] * qx + inverse[0, 1] * qy + inverse[0, 2] * qz) / before
        ay = (inverse[1, 0] * qx + inverse[1, 1] * qy + inverse[1, 2] * qz) / before
        dx, dy = bx - ax, by - ay
        length = np.sqrt(dx * dx + dy * dy)
        if length > _LONGEST:
            dx, dy, length = dx * _LONGEST / length, dy * _LONGEST / length, _LONGEST
            ax, ay = bx - dx, by - dy
        wide = min(wide_m / (pixel_m * near), _WIDEST)
        fade = min(_ONE, (near - _NEAR) / (_CLEAR - _NEAR)) * min(_ONE, (_ONE - far) / (_ONE - _FADES))
        part, reach = share * min(wide, _ONE) * fade, max(wide, _ONE) * _HALF + _HALF
        left, right = max(int(np.floor(min(ax, bx) - reach)), 0), min(int(np.ceil(max(ax, bx) + reach)), width)
        top, bottom = max(int(np.floor(min(ay, by) - reach)), 0), min(int(np.ceil(max(ay, by) + reach)), height)
        scale = _ONE / max(length * length, np.float32(1e-6))
        for i in range(top, bottom):
            for j in range(left, right):
                x, y = np.float32(j) + _HALF - ax, np.float32(i) + _HALF - ay
                t = min(max((x * dx + y * dy) * scale, _ZERO), _ONE)
                x, y = x - t * dx, y - t * dy
                hidden = min(reach - np.sqrt(x * x + y * y), _ONE)
                z = depth_m[i, j]
                if hidden > _ZERO and not (z >= _LEAST_M and z <= near):
                    out[i, j] += part * hidden


@kernel
def lay(first: int, end: int, hidden: F32, light: F32, picture: U8) -> None:
    """Rows ``first`` to ``end`` of :func:`framegen.ops.precipitation_reference.laid`, in place."""
    for i in range(first, end):
        for j in range(hidden.shape[1]):
            share = min(hidden[i, j], _MOST)
            if not share > _ZERO:
                continue
            for c in range(3):
                old = np.float32(picture[i, j, c])
                value = old + share * (_LEVELS * light[c] - old)
                picture[i, j, c] = np.uint8(np.int32(min(max(value, _ZERO), _LEVELS) + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    plane, three, one = np.ones((4, 4), np.float32), np.ones(3, np.float32), np.float32(1)
    cover(np.ones((1, 3)), np.ones((1, 3)), np.eye(3, dtype=np.float32), one, one, one, one, plane, plane.copy())
    lay(0, 4, plane, three, np.zeros((4, 4, 3), np.uint8))


__all__ = ["cover", "lay", "warm_up"]
