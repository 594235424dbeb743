"""Filling what history does not know as :mod:`framegen.ops.fill_reference` means it, row by row."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops.atrous_reference import FALL, GUIDE, SOFT
from framegen.ops.fill_reference import ENOUGH, KNOWN, LEAST, ring_offsets
from framegen.ops.kernels.jit import kernel

_ZERO, _ONE, _SLOPE = np.float32(0), np.float32(1), np.float32(1 / SOFT)
_KNOWN, _ENOUGH, _LEAST = np.float32(KNOWN), np.float32(ENOUGH), np.float32(LEAST)
_OFFSETS = np.concatenate(ring_offsets())
_ENDS = np.cumsum([len(ring) for ring in ring_offsets()])
_GUIDE = GUIDE
assert FALL == 8  # three squarings


@kernel
def fill(latent: F32, trust: F32, guide: F32, sharp: int, first: int, end: int, out: F32) -> None:
    """Rows ``first`` to ``end`` of ``latent`` ``[h, w, c]`` into ``out`` like it; ``sharp``: channels that are no
    numbers of things. ``guide`` ``[h, w, GUIDE]``."""
    height, width, channels = latent.shape
    total = np.empty(sharp, np.float32)
    for y in range(first, end):
        for x in range(width):
            for k in range(channels):  # not a slice at once: see kernels/latent.py, blend
                out[y, x, k] = latent[y, x, k]
        for x in range(width):
            if trust[y, x] >= _KNOWN:
                continue
            here = guide[y, x]
            total[:] = _ZERO
            count, most, begin = _ZERO, _ZERO, 0
            for ring_end in _ENDS:
                for i in range(begin, ring_end):
                    y2, x2 = y + _OFFSETS[i, 0], x + _OFFSETS[i, 1]
                    if y2 < 0 or y2 >= height or x2 < 0 or x2 >= width or trust[y2, x2] < _KNOWN:
                        continue
                    there, apart = guide[y2, x2], _ZERO
                    for k in range(_GUIDE):
                        off = here[k] - there[k]
                        apart += off * off
                    t = _ONE / (_ONE + apart * _SLOPE)
                    t *= t
                    t *= t
                    alike = max(t * t, _LEAST)
                    for k in range(sharp):
                        total[k] += alike * latent[y2, x2, k]
                    count += alike
                    if alike > most:
                        most = alike
                        for k in range(sharp, channels):
                            out[y, x, k] = latent[y2, x2, k]
                if count >= _ENOUGH:
                    break
                begin = ring_end
            if count > _ZERO:
                for k in range(sharp):
                    out[y, x, k] = total[k] / count


def warm_up() -> None:
    """Compile all of this module, or load it from disk."""
    latent, trust = np.zeros((2, 2, 3), np.float32), np.zeros((2, 2), np.float32)
    fill(latent, trust, np.zeros((2, 2, GUIDE), np.float32), 2, 0, 2, np.empty_like(latent))
