"""A ray through the depth buffer as :mod:`framegen.ops.trace_reference` means it."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import trace_reference as reference
from framegen.ops.kernels.jit import kernel

_ZERO, _HALF, _ONE, _TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
_HALVINGS, _NEAR, _LEAST_M = reference.HALVINGS, np.float32(reference.NEAR_M), np.float32(ft.LEAST_M)


@kernel
def trace(
    depth_m: F32, inverse: F32, x: np.float32, y: np.float32, z: np.float32, dx: np.float32, dy: np.float32,
    dz: np.float32, deep: bool, reach: np.float32, most: int, per_px: np.float32, thick_m: np.float32,
    bulk: np.float32, thick: np.float32,
) -> tuple[int, np.float32]:  # fmt: skip
    """The flat number of the pixel that a ray meets, or -1, and its distance, as
    :func:`framegen.ops.trace_reference.traced` has them.

    ``inverse``: of ``pixel_from_world``; ``x, y, z``: where the ray starts, relative to its corner; ``deep``: whether
    the camera sees in perspective; ``most``: steps; ``per_px``: one over the stride.
    """
    height, width = depth_m.shape
    fx = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2] * z
    fy = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2] * z
    fz = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2] * z
    sx = inverse[0, 0] * dx + inverse[0, 1] * dy + inverse[0, 2] * dz
    sy = inverse[1, 0] * dx + inverse[1, 1] * dy + inverse[1, 2] * dz
    sz = inverse[2, 0] * dx + inverse[2, 1] * dy + inverse[2, 2] * dz
    end = reach
    if deep and fz + reach * sz < _NEAR:
        end = (_NEAR - fz) / sz
    if fz < _NEAR or end <= _ZERO:
        return -1, _TWO
    lx, ly, lz = fx + end * sx, fy + end * sy, fz + end * sz
    if deep:
        fz, lz = _ONE / fz, _ONE / lz
        fx, fy, lx, ly = fx * fz, fy * fz, lx * lz, ly * lz
    lx, ly, lz = lx - fx, ly - fy, lz - fz
    span = _ONE
    for size, begin, change in ((width, fx, lx), (height, fy, ly)):
        for edge in (_ZERO, np.float32(size)):
            if (begin - edge) * (begin + change - edge) < _ZERO:
                span = min(span, (edge - begin) / change)
    steps = int(min(max(np.sqrt(lx * lx + ly * ly) * span * per_px + _ONE, _TWO), np.float32(most)))
    before = _ONE / fz if deep else fz
    mine, theirs, low, each = before, before, _ZERO, span / np.float32(steps)
    at = -1
    for k in range(1, steps + 1):
        t = np.float32(k) * each
        column = min(max(int(fx + t * lx), 0), width - 1)
        row = min(max(int(fy + t * ly), 0), height - 1)
        mine = _ONE / (fz + t * lz) if deep else fz + t * lz
        theirs = depth_m[row, column]
        at = int(row * width + column)
        if _LEAST_M <= theirs < mine <= theirs * (_ONE + bulk) + thick_m + thick * abs(mine - before):
            high = t
            for _ in range(_HALVINGS):
                middle = (low + high) * _HALF
                column = min(max(int(fx + middle * lx), 0), width - 1)
                row = min(max(int(fy + middle * ly), 0), height - 1)
                mine = _ONE / (fz + middle * lz) if deep else fz + middle * lz
                theirs = depth_m[row, column]
                if _LEAST_M <= theirs < mine:
                    high = middle
                    at = int(row * width + column)
                else:
                    low = middle
            far = high * (fz + lz) / (fz + high * lz) if deep else high
            return at, far * end / reach
        before, low = mine, t
    hidden = _LEAST_M <= theirs < mine
    return -1 if hidden else at, _TWO


__all__ = ["trace"]
