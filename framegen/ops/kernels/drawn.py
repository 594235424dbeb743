"""Whether an engine has drawn its shadows itself, as :func:`framegen.ops.cast_reference.drawn` means it."""

from __future__ import annotations

import math

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import cast_reference as reference
from framegen.ops import features as ft
from framegen.ops.kernels.jit import kernel

_BLOCK, _LAST, _CELL, _APART = reference.BLOCK_PX, reference.BLOCK_PX - 1, ft.CELL_PX, reference.APART
_BORDER, _LIKE, _FLAT = np.float32(reference.BORDER), np.float32(reference.LIKE), np.float32(reference.FLAT)
_LEAST_M, _INF, _THIRD = np.float32(ft.LEAST_M), np.float32(np.inf), np.float32(1 / 3)


@kernel
def _light(color: U8, y: int, x: int) -> float:
    """Natural log of a pixel's brightness."""
    total = np.float32(color[y, x, 0]) + np.float32(color[y, x, 1]) + np.float32(color[y, x, 2])
    return math.log(total * _THIRD + np.float32(8))


@kernel
def pairs(shades: F32, color: U8, depth_m: F32, normals: F32) -> tuple[int, float]:
    """How many pairs of blocks lie across a shadow's border on one surface, and by how much the lit ones are brighter
    in all: natural log. ``normals`` ``[3, h, w]``: of cells."""
    count, brighter = 0, 0.0
    for i in range(0, shades.shape[0], 2):
        y = i * _BLOCK + _LAST
        for j in range(shades.shape[1] - _APART):
            off = shades[i, j + _APART] - shades[i, j]
            if abs(off) <= _BORDER:
                continue
            left, right = j * _BLOCK + _LAST, (j + _APART) * _BLOCK + _LAST
            near, far = depth_m[y, left], depth_m[y, right]
            if not (near >= _LEAST_M and near < _INF and far >= _LEAST_M and far < _INF):
                continue
            a, b, at = left // _CELL, right // _CELL, y // _CELL
            along = normals[0, at, a] * normals[0, at, b] + normals[1, at, a] * normals[1, at, b]
            along += normals[2, at, a] * normals[2, at, b]
            if abs(near - far) < _LIKE * near and along > _FLAT:
                change = _light(color, y, left) - _light(color, y, right)
                count += 1
                brighter += change if off > 0 else -change
    return count, brighter


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    plane = np.ones((4, 4), np.float32)
    pairs(plane[:2, :2].copy(), np.zeros((4, 4, 3), np.uint8), plane, np.ones((3, 1, 1), np.float32))


__all__ = ["pairs", "warm_up"]
