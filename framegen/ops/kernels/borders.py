"""Sharp borders of paint as :mod:`framegen.ops.borders_reference` means them, in bands of rows of cells."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import borders_reference as reference
from framegen.ops import features as ft
from framegen.ops import snow_reference
from framegen.ops.kernels import normals
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.normals import MARGIN
from framegen.ops.kernels.rows import SHARE
from framegen.ops.kernels.survey import I32, ROW

_ZERO, _ONE = np.float32(0), np.float32(1)
_LEAST, _STEEP = np.float32(reference.SPREAD[0]), np.float32(reference.STEEP)
_RISE = np.float32(1 / (reference.SPREAD[1] - reference.SPREAD[0]))
_LEAST_M, _FAR = np.float32(ft.LEAST_M), np.float32(snow_reference.FAR_M)
_CELL, _SAMPLE = ft.CELL_PX, ft.SAMPLE_PX


@kernel
def _counts(upper: F32, lower: F32, out: F32) -> bool:
    """How far steepness counts between each cell and the next of two rows ``[w]``: ``out`` ``[w + 1]``, from before the
    first to after the last. Whether it does anywhere."""
    width, some = upper.shape[0], False
    for j in range(width + 1):
        a, b = max(j - 1, 0), min(j, width - 1)
        most = max(upper[a], upper[b], lower[a], lower[b])
        least = min(upper[a], upper[b], lower[a], lower[b])
        out[j] = min(max((most - least - _LEAST) * _RISE, _ZERO), _ONE)
        some |= out[j] > _ZERO
    return some


@kernel
def sharpen(
    first: int, end: int, cover: F32, depth_m: F32, flat: F32, turn: F32, across: F32, along: F32, deep: bool,
    old_span: I32, old_at: I32, old_weight: F32, old_which: I32, span: I32, at: I32, weight: F32, which: I32,
) -> None:  # fmt: skip
    """What :func:`..survey.survey` found for the rows of cells ``first`` to ``end``, with the borders of ``cover``
    ``[h, w]`` in it. ``flat``, ``turn``, ``across``, ``along`` (its ``down``), ``deep``: see
    :func:`..normals.face`."""
    height, width = depth_m.shape
    cells, wide = height // _CELL, width // _CELL
    steps, up, facing = np.empty((2, width), np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    steep, counts = np.empty((3, wide), np.float32), np.empty(wide + 1, np.float32)
    off, share, sun = np.empty(4, np.float32), np.empty(4, np.float32), np.zeros(3, np.float32)
    found = first * _CELL * width
    for cell in range(first - 1, end + 1):
        sampled = _CELL * min(max(cell, 0), cells - 1) + _SAMPLE
        normals.face(flat, sampled, turn, across, along, sun, deep, steps, up, facing)
        for x in range(wide):
            steep[(cell + 3) % 3, x] = up[_CELL * x + _SAMPLE]
        here = cell - 1
        if here < first:
            continue
        for r in range(_CELL):
            y = _CELL * here + r
            down = SHARE[r]
            over, under = (here - 1, here) if r < 2 else (here, here + 1)
            upper, lower = steep[(over + 3) % 3], steep[(under + 3) % 3]
            begin, n, last = found, old_span[y, 0], old_span[y, 1]
            if _counts(cover[max(over, 0)], cover[min(under, cells - 1)], counts):
                normals.face(flat, y, turn, across, along, sun, deep, steps, up, facing)
            for j in range(wide + 1):
                start, stop = max(_CELL * j - _CELL // 2, 0), min(_CELL * j + _CELL // 2, width)
                a, b = max(j - 1, 0), min(j, wide - 1)
                around = j if r < 2 else j + ROW  # the upper left one's number
                for x in range(start, stop if counts[j] > _ZERO else start):
                    was, z = n < last and old_at[n] == x, depth_m[y, x]
                    part = counts[j] if (z >= _LEAST_M) & (z < _FAR) else _ZERO
                    right = SHARE[x % _CELL]
                    share[0], share[1] = (_ONE - down) * (_ONE - right), (_ONE - down) * right
                    share[2], share[3] = down * (_ONE - right), down * right
                    for c in range(4):
                        which[c, found] = around + c % 2 + c // 2 * ROW
                    if was:
                        for c in range(4):
                            share[c] = old_weight[c, n]
                            if old_which[c, n] != which[c, found]:
                                part = _ZERO  # cells from elsewhere say of it what they say
                            which[c, found] = old_which[c, n]
                        n += 1
                    elif part == _ZERO:
                        continue
                    mine, total = up[x], _ZERO
                    off[0], off[1], off[2], off[3] = upper[a] - mine, upper[b] - mine, lower[a] - mine, lower[b] - mine
                    for c in range(4):
                        held = _ONE + _STEEP * part * off[c] * off[c]
                        share[c] /= held * held
                        total += share[c]
                    at[found] = x
                    for c in range(4):
                        weight[c, found] = share[c] / total
                    found += 1
                while n < last and old_at[n] < stop:
                    at[found] = old_at[n]
                    for c in range(4):
                        weight[c, found], which[c, found] = old_weight[c, n], old_which[c, n]
                    found, n = found + 1, n + 1
            span[y, 0], span[y, 1] = begin, found


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    wide = 4 + 2 * MARGIN
    plane, flat = np.ones((4, 4), np.float32), np.ones((wide, wide), np.float32)
    turn, line = np.ones((3, 3), np.float32), np.ones(4, np.float32)
    span, at, weight = np.zeros((4, 2), np.int32), np.zeros(16, np.int32), np.ones((4, 16), np.float32)
    which = np.zeros((4, 16), np.int32)
    found = span.copy(), at.copy(), weight.copy(), which.copy()
    cover, old = np.ones((1, 1), np.float32), (span, at, weight, which)
    sharpen(0, 1, cover, plane, flat, turn, line, line.copy(), True, *old, *found)
