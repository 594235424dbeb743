"""What of a picture's composition depends on its depth alone, so that it can be worked out before the network has run;
see :func:`framegen.ops.reference.shares` and :func:`framegen.ops.reference.through_air`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.rows import SHARE, exponential, widen
from framegen.ops.reference import ALIKE, APART_PX, ASIDE, BENT, EDGE, LEAST_NEARNESS, SHARPNESS

I32 = NDArray[np.int32]

_ZERO, _ONE, _INF = np.float32(0), np.float32(1), np.float32(np.inf)
_LEAST_M, _FAR = np.float32(ft.LEAST_M), np.float32(ft.FAR_M * 0.999)
MIN_FOG_PER_M = 1.2e-4
"""Clearest air: the sky, at :data:`~framegen.ops.features.FAR_M`, is then hidden but for 6 parts in a million."""
_HIDDEN = np.float32(-12)
"""Log of the least that passes the air: six parts in a million."""
_BENT, _EDGE, _SHARPNESS, _LEAST = (np.float32(n) for n in (BENT, EDGE, SHARPNESS, LEAST_NEARNESS))
_CELL, _SAMPLE = ft.CELL_PX, ft.SAMPLE_PX
_ALIKE, _PER_APART = np.float32(ALIKE), np.float32(1 / APART_PX)
_ASIDE, _MOST = ASIDE, 3 * (2 * ASIDE + 2)
ROW = 1 << 16
"""From a cell's number to that of the one below, among the three rows around a pixel: no picture is as wide."""
ANY_COLOR = np.float32(np.inf)
"""For ``alike`` of :func:`survey`, where brightness stands for depth: no other cells are looked for."""
_NEXT, _TWO, _THREE = np.uint64(1), np.uint64(2), np.uint64(3)


@kernel
def _weigh(bilinear: F32, cell: F32, near: F32, edge: F32, total: F32) -> None:
    """What is left in place of a cell's ``bilinear`` share, by how its nearness differs from the pixel's; and added to
    ``total``."""
    for n in range(total.shape[0]):
        off = (cell[n] - near[n]) / max(cell[n], near[n], _LEAST)
        bilinear[n] = bilinear[n] / (_ONE + edge[n] * off * off)
    for n in range(total.shape[0]):
        total[n] += bilinear[n]


@kernel
def _search(x: int, row: int, here: int, near: np.float32, padded: F32, say: F32, cell: I32) -> int:
    """Cells of a pixel's depth around it, see :func:`framegen.ops.reference.chosen`; how many there are.

    ``row``: of the pixel in its cell, ``here``. ``padded`` ``[3, w + 2]``: nearness of the rows of cells around.
    ``say``, ``cell`` ``[_MOST]``: what each would count, and its place in the three rows.
    """
    line = padded.shape[1]
    left, count = (x + 2) >> 2, 0
    for above in range(3):
        values = padded[(here + above + 2) % 3]
        down = np.float32(row) - (np.float32(_CELL * (above - 1)) + np.float32(1.5))
        for column in range(max(left - _ASIDE, 0), min(left + _ASIDE + 2, line)):
            value = values[column]
            if abs(value - near) > _ALIKE * max(value, near, _LEAST):
                continue
            right = np.float32(x) - (np.float32(_CELL * column) - np.float32(2.5))
            say[count] = _ONE / (_ONE + (down * down + right * right) * _PER_APART)
            cell[count] = above * ROW + column
            count += 1
    return count


@kernel
def _instead(n: int, x: int, row: int, here: int, near: np.float32, padded: F32, say: F32, cell: I32, around: F32,
    which: I32, weight: F32, place: int,
) -> None:  # fmt: skip
    """The four that count most of :func:`_search`, in place of the cells around pixel ``n``, if there are any."""
    count = _search(x, row, here, near, padded, say, cell)
    for k in range(4 if count > 0 else 0):
        best = 0
        for i in range(1, count):
            if say[i] > say[best]:
                best = i
        which[k, place], weight[k, place], around[k, n] = cell[best], max(say[best], _ZERO), near
        say[best] = -_ONE


@kernel
def survey(
    first: int, end: int, depth_m: F32, stretch: F32, fog_per_m: float | np.float32, alike: np.float32, through: F32,
    span: I32, at: I32, weight: F32, which: I32,
) -> None:  # fmt: skip
    """Fills ``through`` ``[H, W]``, and finds the pixels beside edges of depth, for the rows of cells ``first`` to
    ``end``.

    ``stretch`` ``[H, W]``: metres along the ray per metre of depth, empty for 1. Row y's such pixels are those numbered
    ``span[y, 0]`` to ``span[y, 1]``: their columns stand in ``at`` ``[H * W]``, four cells in ``which`` and their
    shares in ``weight``, ``[4, H * W]`` each. They are those around it (upper left, upper right, lower left, lower
    right), or, where none of these is of its depth, others that are, unless ``alike`` is :data:`ANY_COLOR`. Cells are
    numbered in the row above the pixel's own, in that and in the one below, by :data:`ROW`, each with a repetition of
    its ends.
    """
    height, width = depth_m.shape
    rows, cells = height // _CELL, width // _CELL
    fog, stretched = np.float32(-max(fog_per_m, MIN_FOG_PER_M)), stretch.size > 0
    padded, wide = np.empty((3, cells + 2), np.float32), np.empty((3, width), np.float32)
    solid, near, edge = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    place, around = np.empty(width + 1, np.int32), np.empty((4, width), np.float32)
    nears, edges, total = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    say, other = np.empty(_MOST, np.float32), np.empty(_MOST, np.int32)
    found = first * _CELL * width
    for cell in range(first - 1, end + 1):
        sampled, line = depth_m[_CELL * min(max(cell, 0), rows - 1) + _SAMPLE], padded[(cell + 3) % 3]
        for x in range(cells):
            depth = sampled[_CELL * x + _SAMPLE]
            line[x + 1] = _ONE / depth if (depth >= _LEAST_M) & (depth < _FAR) else _ZERO
        line[0], line[cells + 1] = line[1], line[cells]
        widen(line, wide[(cell + 3) % 3])
        here = cell - 1
        if here < first:
            continue
        for r in range(_CELL):
            y = _CELL * here + r
            down = SHARE[r]
            upon, under = (here + 2) % 3 if r < 2 else here % 3, here % 3 if r < 2 else (here + 1) % 3
            upper, lower, above, below, depths = wide[upon], wide[under], padded[upon], padded[under], depth_m[y]
            passed = through[y]
            for x in range(width):
                solid[x] = depths[x] if (depths[x] >= _LEAST_M) & (depths[x] < _FAR) else _INF
            for x in range(width):
                passed[x] = solid[x] * fog
            if stretched:
                lengths = stretch[y]
                for x in range(width):
                    passed[x] *= lengths[x]
            for x in range(width):
                passed[x] = max(passed[x], _HIDDEN)
            exponential(passed)
            for x in range(width):
                near[x] = _ONE / solid[x]
                even = upper[x] + down * (lower[x] - upper[x])
                most = max(even, near[x], _LEAST)
                edge[x] = min(max((abs(even - near[x]) / most - _BENT) * _EDGE, _ZERO), _SHARPNESS)
            count = 0
            for x in range(width):
                place[np.uint64(count)] = x
                count += 1 if edge[x] > _ZERO else 0
            for n in range(count):
                x = np.uint64(place[n])
                left = (x + _TWO) >> _TWO
                right = SHARE[x & _THREE]
                around[0, n], around[1, n] = above[left], above[left + _NEXT]
                around[2, n], around[3, n] = below[left], below[left + _NEXT]
                at[found + n], nears[n], edges[n], total[n] = place[n], near[x], edge[x], _ZERO
                weight[0, found + n], weight[1, found + n] = (_ONE - down) * (_ONE - right), (_ONE - down) * right
                weight[2, found + n], weight[3, found + n] = down * (_ONE - right), down * right
                upmost = (0 if r < 2 else ROW) + np.int64(left)
                which[0, found + n], which[1, found + n] = upmost, upmost + 1
                which[2, found + n], which[3, found + n] = upmost + ROW, upmost + ROW + 1
                least = _INF
                for k in range(4):
                    off = abs(around[k, n] - near[x]) / max(around[k, n], near[x], _LEAST)
                    least = min(least, off)
                if least > alike:
                    _instead(n, place[n], r, here, near[x], padded, say, other, around, which, weight, found + n)
            for k in range(4):
                shares = weight[k, found : found + count]
                _weigh(shares, around[k, :count], nears[:count], edges[:count], total[:count])
            for n in range(count):
                total[n] = _ONE / total[n]
            for k in range(4):
                shares = weight[k, found : found + count]
                for n in range(count):
                    shares[n] *= total[n]
            span[y, 0], span[y, 1] = found, found + count
            found += count
