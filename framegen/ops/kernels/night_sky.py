"""Stars as :mod:`framegen.ops.night_sky_reference` means them."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import night_sky_reference as reference
from framegen.ops.kernels.jit import kernel

_ZERO, _HALF, _ONE, _TWO, _THREE, _LEVELS = (np.float32(v) for v in (0, 0.5, 1, 2, 3, 255))
_REACH, _NARROW = reference.REACH_PX, np.float32(-1 / (2 * reference.WIDE_PX**2))
_RISES, _STEEP = np.float32(reference.RISES[0]), np.float32(1 / (reference.RISES[1] - reference.RISES[0]))
_AHEAD, _LEAST_M, _INF = np.float32(reference.AHEAD), np.float32(ft.LEAST_M), np.float32(np.inf)
_SQUARED = np.float32(1 / 255**2)


@kernel
def stars(
    picture: U8, depth_m: F32, through: F32, veil: F32, way: F32, light: F32, inverse: F32, share: np.float32
) -> None:  # fmt: skip
    """Lays ``share`` of the stars of :func:`framegen.ops.night_sky_reference.catalogue` over the sky of ``picture``
    ``[H, W, 3]``, in place. ``inverse``: of ``pixel_from_world``."""
    height, width = depth_m.shape
    for n in range(way.shape[0]):
        x, y, z = way[n, 0], way[n, 1], way[n, 2]
        deep = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2] * z
        if not deep > _AHEAD:
            continue
        across = (inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2] * z) / deep
        down = (inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2] * z) / deep
        if not (across > -_TWO and across < width + _TWO and down > -_TWO and down < height + _TWO):
            continue
        rise = min(max((y - _RISES) * _STEEP, _ZERO), _ONE)
        bright = share * rise * rise * (_THREE - _TWO * rise)
        column, row = int(np.floor(across)), int(np.floor(down))
        for i in range(max(row - _REACH, 0), min(row + _REACH + 1, height)):
            for j in range(max(column - _REACH, 0), min(column + _REACH + 1, width)):
                if depth_m[i, j] >= _LEAST_M and depth_m[i, j] < _INF:
                    continue
                right, below = np.float32(j) + _HALF - across, np.float32(i) + _HALF - down
                part = bright * np.exp(_NARROW * (right * right + below * below)) * (_ONE - through[i, j])
                if veil.size > 0:
                    part *= _ONE - veil[0, i // ft.CELL_PX, j // ft.CELL_PX]
                for c in range(3):
                    old = np.float32(picture[i, j, c])
                    value = min(old * old * _SQUARED + part * light[n, c], _ONE)
                    picture[i, j, c] = np.uint8(np.int32(_LEVELS * np.sqrt(value) + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    plane, three, veil = np.ones((4, 4), np.float32), np.ones((1, 3), np.float32), np.empty((0, 0, 0), np.float32)
    square = np.eye(3, dtype=np.float32)
    stars(np.zeros((4, 4, 3), np.uint8), plane, plane, veil, three, three, square, np.float32(1))


__all__ = ["stars", "warm_up"]
