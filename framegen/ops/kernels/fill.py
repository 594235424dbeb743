"""Filling what history does not know as :mod:`framegen.ops.fill_reference` means it, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from framegen.frame import F32
from framegen.ops.atrous_reference import FALL, GUIDE, SOFT
from framegen.ops.fill_reference import ENOUGH, KNOWN, LEAST, REACH
from framegen.ops.kernels.jit import kernel

_ZERO, _ONE, _SLOPE = np.float32(0), np.float32(1), np.float32(1 / SOFT)
_KNOWN, _ENOUGH, _LEAST = np.float32(KNOWN), np.float32(ENOUGH), np.float32(LEAST)
_REACH = REACH
assert FALL == 8  # three squarings


@kernel
def _alike(guide: F32, y: int, x: int, y2: int, x2: int) -> Any:
    apart = _ZERO
    for k in range(guide.shape[0]):
        off = guide[k, y, x] - guide[k, y2, x2]
        apart += off * off
    t = _ONE / (_ONE + apart * _SLOPE)
    t *= t
    t *= t
    return max(t * t, _LEAST)


@kernel
def fill(latent: F32, trust: F32, guide: F32, sharp: int, first: int, end: int, out: F32) -> None:
    """Rows ``first`` to ``end`` of ``latent`` ``[h, w, c]`` into ``out`` like it; ``sharp``: channels that are no
    numbers of things."""
    height, width, channels = latent.shape
    total = np.empty(sharp, np.float32)
    for y in range(first, end):
        for x in range(width):
            out[y, x] = latent[y, x]
            if trust[y, x] >= _KNOWN:
                continue
            total[:] = _ZERO
            count, most = _ZERO, _ZERO
            for ring in range(1, _REACH + 1):
                for y2 in range(max(y - ring, 0), min(y + ring, height - 1) + 1):
                    # of the rows between the first and the last of a ring, their two ends
                    step = 1 if abs(y2 - y) == ring else 2 * ring
                    for x2 in range(x - ring, x + ring + 1, step):
                        if x2 < 0 or x2 >= width or trust[y2, x2] < _KNOWN:
                            continue
                        alike = _alike(guide, y, x, y2, x2)
                        for k in range(sharp):
                            total[k] += alike * latent[y2, x2, k]
                        count += alike
                        if alike > most:
                            most = alike
                            for k in range(sharp, channels):
                                out[y, x, k] = latent[y2, x2, k]
                if count >= _ENOUGH:
                    break
            if count > _ZERO:
                for k in range(sharp):
                    out[y, x, k] = total[k] / count


def warm_up() -> None:
    """Compile all of this module, or load it from disk."""
    latent, trust = np.zeros((2, 2, 3), np.float32), np.zeros((2, 2), np.float32)
    fill(latent, trust, np.zeros((GUIDE, 2, 2), np.float32), 2, 0, 2, np.empty_like(latent))
