"""What kernels that go over a picture row by row share."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops.kernels.jit import kernel

SHARE = np.array((0.625, 0.875, 0.125, 0.375), np.float32)
"""How far each of a cell's four pixels lies from one cell's centre to the next."""

_HALF, _ONE, _PART = np.float32(0.5), np.float32(1), np.float32(1 / 64)
_NEAR, _NEARER, _FARTHER, _FAR_END = (np.float32(weight) for weight in (0.625, 0.875, 0.125, 0.375))
_FIRST, _SECOND, _THIRD, _FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)


@kernel
def exponential(x: F32) -> None:
    """``exp(x)`` in place for -12 < x < 2: ``(1 + t + t²/2)^64`` with ``t = x / 64``.

    Within 2e-4 of it relatively for -1.6 < x < 1.6, within 6e-5 absolutely below.
    """
    for i in range(x.shape[0]):
        t = x[i] * _PART
        t = _ONE + t + t * t * _HALF
        t = t * t
        t = t * t
        t = t * t
        t = t * t
        t = t * t
        x[i] = t * t


@kernel
def widen(cells: F32, wide: F32) -> None:
    """A padded row of cells at the width of the picture, bilinear: ``[w + 2]`` -> ``[4w]``."""
    for x in range(cells.shape[0] - 2):
        i = np.uint64(x)
        a, b, c = cells[i], cells[i + _FIRST], cells[i + _SECOND]
        to = _FOUR * i
        wide[to] = _FAR_END * a + _NEAR * b
        wide[to + _FIRST] = _FARTHER * a + _NEARER * b
        wide[to + _SECOND] = _NEARER * b + _FARTHER * c
        wide[to + _THIRD] = _NEAR * b + _FAR_END * c
