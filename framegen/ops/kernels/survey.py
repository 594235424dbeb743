"""What of a picture's composition depends on its depth alone, so that it can be worked out before the network has run;
see :func:`framegen.ops.reference.shares` and :func:`framegen.ops.reference.through_air`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.rows import SHARE, exponential, widen
from framegen.ops.reference import BENT, EDGE, LEAST_NEARNESS, SHARPNESS

I32 = NDArray[np.int32]

_ZERO, _ONE, _INF = np.float32(0), np.float32(1), np.float32(np.inf)
_LEAST_M, _FAR = np.float32(ft.LEAST_M), np.float32(ft.FAR_M * 0.999)
MIN_FOG_PER_M = 1.2e-4
"""Clearest air: the sky, at :data:`~framegen.ops.features.FAR_M`, is then hidden but for 6 parts in a million."""
_HIDDEN = np.float32(-12)
"""Log of the least that passes the air: six parts in a million."""
_BENT, _EDGE, _SHARPNESS, _LEAST = (np.float32(n) for n in (BENT, EDGE, SHARPNESS, LEAST_NEARNESS))
_CELL, _SAMPLE = ft.CELL_PX, ft.SAMPLE_PX
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
def survey(
    first: int, end: int, depth_m: F32, stretch: F32, fog_per_m: float | np.float32, through: F32, span: I32, at: I32,
    weight: F32,
) -> None:  # fmt: skip
    """Fills ``through`` ``[H, W]``, and finds the pixels beside edges of depth, for the rows of cells ``first`` to
    ``end``.

    ``stretch`` ``[H, W]``: metres along the ray per metre of depth, empty for 1. Row y's such pixels are those numbered
    ``span[y, 0]`` to ``span[y, 1]``: their columns stand in ``at`` ``[H * W]``, the shares of the cells around them
    (upper left, upper right, lower left, lower right) in ``weight`` ``[4, H * W]``.
    """
    height, width = depth_m.shape
    rows, cells = height // _CELL, width // _CELL
    fog, stretched = np.float32(-max(fog_per_m, MIN_FOG_PER_M)), stretch.size > 0
    padded, wide = np.empty((3, cells + 2), np.float32), np.empty((3, width), np.float32)
    solid, near, edge = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    place, around = np.empty(width + 1, np.int32), np.empty((4, width), np.float32)
    nears, edges, total = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
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
