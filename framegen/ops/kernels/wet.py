"""Lights mirrored in wet ground as :mod:`framegen.ops.wet_reference` means them, between its two blurs."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import wet_reference as reference
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.place import place

_ZERO, _ONE, _INF, _NAN = np.float32(0), np.float32(1), np.float32(np.inf), np.float32(np.nan)
_FACING_UP, _LEVEL_M = np.float32(reference.FACING_UP), np.float32(reference.LEVEL_M)
_FAR, _AHEAD, _PER_CELL = np.float32(ft.FAR_M), np.float32(0.05), np.float32(1 / ft.CELL_PX)
_AT = ft.SAMPLE_PX


@kernel
def floors(
    depth_m: F32, up: F32, columns: F32, rows: F32, ahead: np.float32, deep: bool, heights: F32, found: F32
) -> int:  # fmt: skip
    """Heights of the floor relative to the camera, ``heights`` ``[h, w]``, NaN where there is none; the same one after
    the other in ``found`` ``[h w]``, of which as many are written as are returned.

    ``depth_m`` ``[H, W]``. ``up`` ``[h, w]``: cosines of the normals and up. ``columns``, ``rows``: upwards parts of
    the rays, ``[W]`` and ``[H]``; ``ahead``: that of the view axis of orthographic cameras.
    """
    count = 0
    for i in range(up.shape[0]):
        y = i * ft.CELL_PX + _AT
        for j in range(up.shape[1]):
            x = j * ft.CELL_PX + _AT
            z = depth_m[y, x]
            heights[i, j] = _NAN
            if up[i, j] > _FACING_UP and z > _ZERO and z < _INF:
                z = min(z, _FAR)
                height = columns[x] + rows[y]
                heights[i, j] = height * z if deep else height + ahead * z
                found[count] = heights[i, j]
                count += 1
    return count


@kernel
def scatter(
    light: F32, light_m: F32, columns: F32, rows: F32, ahead: F32, deep: bool, level: np.float32, inverse: F32,
    corner: F32, out: F32,
) -> None:  # fmt: skip
    """Adds each cell's ``light`` ``[h, w, 3]`` to the cell of ``out`` in which a floor at height ``level`` shows it.

    ``light_m`` ``[h, w]``: its depth. ``columns``, ``rows``, ``ahead``: see :class:`framegen.ops.features.Rays`.
    ``inverse``, ``corner``: of ``pixel_from_world``.
    """
    h, w = light_m.shape
    for i in range(h):
        y = i * ft.CELL_PX + _AT
        for j in range(w):
            d = light_m[i, j]
            lit = light[i, j, 0] > _ZERO or light[i, j, 1] > _ZERO or light[i, j, 2] > _ZERO
            if not (lit and d > _ZERO and d < _INF):
                continue
            x, d = j * ft.CELL_PX + _AT, min(d, _FAR)
            px, py, pz = place(columns, rows, ahead, deep, x, y, d)
            px, py, pz = px - corner[0], level + level - py - corner[1], pz - corner[2]
            z = inverse[2, 0] * px + inverse[2, 1] * py + inverse[2, 2] * pz
            if not z > _AHEAD:
                continue
            scale = _PER_CELL / z if deep else _PER_CELL
            column = (inverse[0, 0] * px + inverse[0, 1] * py + inverse[0, 2] * pz) * scale
            row = (inverse[1, 0] * px + inverse[1, 1] * py + inverse[1, 2] * pz) * scale
            if column >= _ZERO and row >= _ZERO and column < np.float32(w) and row < np.float32(h):
                for c in range(3):
                    out[int(row), int(column), c] += light[i, j, c]


@kernel
def keep(spread: F32, heights: F32, level: np.float32, gain: np.float32, most: np.float32) -> None:
    """Brightens ``spread`` ``[h, w, 3]``, and leaves it on the floor alone, in place."""
    for i in range(heights.shape[0]):
        for j in range(heights.shape[1]):
            on = abs(heights[i, j] - level) < _LEVEL_M  # not where it is NaN
            for c in range(3):
                spread[i, j, c] = min(spread[i, j, c] * gain, most) if on else _ZERO


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    plane, line, three = np.ones((4, 4), np.float32), np.ones((3, 4), np.float32), np.ones(3, np.float32)
    cell, light, one = np.ones((1, 1), np.float32), np.ones((1, 1, 3), np.float32), np.float32(1)
    floors(plane, cell, three, three.copy(), one, True, cell.copy(), three.copy())
    scatter(
        light, cell, line, line.copy(), three, True, one, np.eye(3, dtype=np.float32), three.copy(), light.copy()
    )  # fmt: skip
    keep(light, cell, one, one, one)


__all__ = ["floors", "keep", "scatter", "warm_up"]
