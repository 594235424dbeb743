"""The lift to full resolution as :mod:`framegen.ops.lift_reference` means it: one pass, in bands of rows.

A band enlarges every row of the small planes that it needs sideways once; between two of them it takes one
multiplication and addition a value, in vectors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops.kernels.jit import kernel, sealed
from framegen.ops.lift_reference import places

I32 = NDArray[np.int32]

_ZERO, _HALF, _MOST = np.float32(0), np.float32(0.5), np.float32(255)
_FIRST, _SECOND, _THIRD = np.uint64(1), np.uint64(2), np.uint64(3)
_FOUR, _FIVE = np.uint64(4), np.uint64(5)


@kernel
def _widen(row: F32, left: I32, part: F32, out: F32) -> None:
    """A row ``[3 w + 3]``, its last pixel repeated, at the width of ``out`` ``[3 W]``."""
    for x in range(left.shape[0]):
        to, by, share = _THIRD * np.uint64(x), _THIRD * np.uint64(left[x]), part[x]
        red, green, blue = row[by], row[by + _FIRST], row[by + _SECOND]
        out[to] = red + share * (row[by + _THIRD] - red)
        out[to + _FIRST] = green + share * (row[by + _FOUR] - green)
        out[to + _SECOND] = blue + share * (row[by + _FIVE] - blue)


@kernel
def _repeat_last(row: F32) -> None:
    for c in range(3):
        row[row.shape[0] - 3 + c] = row[row.shape[0] - 6 + c]


@kernel
def _between(first: F32, second: F32, share: np.float32, out: F32) -> None:
    for i in range(first.shape[0]):
        k = np.uint64(i)
        out[k] = first[k] + share * (second[k] - first[k])


@kernel
def _rest(shown: U8, drawn: U8, gain: F32, out: F32) -> None:
    """What the gain leaves of a small row ``[3 w]``: ``out`` ``[3 w + 3]``."""
    for i in range(shown.shape[0]):
        k = np.uint64(i)
        out[k] = np.float32(shown[k]) - gain[k] * np.float32(drawn[k])
    _repeat_last(out)


@kernel
def _apply(
    guide: U8, gain_above: F32, gain_below: F32, low: np.float32, rest_above: F32, rest_below: F32, part: np.float32,
    out: U8,
) -> None:  # fmt: skip
    for i in range(out.shape[0]):
        k = np.uint64(i)
        gain = gain_above[k] + low * (gain_below[k] - gain_above[k])
        rest = rest_above[k] + part * (rest_below[k] - rest_above[k])
        level = min(max(gain * np.float32(guide[k]) + rest, _ZERO), _MOST)
        out[k] = np.uint8(np.int32(level + _HALF))


@kernel
def lift_rows(
    guide: U8, small_in: U8, small_out: U8, gain: F32,
    row: I32, row_part: F32, column: I32, column_part: F32,
    gain_row: I32, gain_row_part: F32, gain_column: I32, gain_column_part: F32,
    inner_row: I32, inner_row_part: F32, inner_column: I32, inner_column_part: F32,
    first: int, end: int, out: U8,
) -> None:  # fmt: skip
    """The rows ``first`` to ``end`` of ``guide`` ``[H, W, 3]`` lifted into ``out``.

    ``row``, ``column``: :func:`..lift_reference.places` of the picture's pixels among the small one's;
    ``gain_row``, ``gain_column``: among the gain's cells; ``inner_row``, ``inner_column``: of the small picture's among
    those.
    """
    h, w = small_in.shape[:2]
    cells_down, cells = gain.shape[:2]
    width = 3 * guide.shape[1]
    padded = np.empty((cells_down, 3 * cells + 3), np.float32)
    wide, inner = np.empty((cells_down, width), np.float32), np.empty((cells_down, 3 * w), np.float32)
    for y in range(cells_down):
        for x in range(cells):
            for c in range(3):
                padded[y, 3 * x + c] = gain[y, x, c]
        _repeat_last(padded[y])
        if y >= gain_row[first] and y <= gain_row[end - 1] + 1:
            _widen(padded[y], gain_column, gain_column_part, wide[y])
        _widen(padded[y], inner_column, inner_column_part, inner[y])
    shown, drawn, source, lifted = small_out.reshape(h, -1), small_in.reshape(h, -1), guide, out
    rest, here = np.empty((2, width), np.float32), np.empty(3 * w, np.float32)
    raw, known = np.empty(3 * w + 3, np.float32), -1
    for y in range(first, end):
        above, below = row[y], min(row[y] + 1, h - 1)
        for need in range(max(known + 1, above), below + 1):
            cell = inner_row[need]
            _between(inner[cell], inner[min(cell + 1, cells_down - 1)], inner_row_part[need], here)
            _rest(shown[need], drawn[need], here, raw)
            _widen(raw, column, column_part, rest[need % 2])
            known = need
        cell = gain_row[y]
        _apply(
            source[y].reshape(-1), wide[cell], wide[min(cell + 1, cells_down - 1)], gain_row_part[y], rest[above % 2],
            rest[below % 2], row_part[y], lifted[y].reshape(-1),
        )  # fmt: skip


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    small, large = np.zeros((2, 2, 3), np.uint8), np.zeros((4, 4, 3), np.uint8)
    gain = np.ones((1, 1, 3), np.float32)
    near, far, inner = ((*places(n, of), *places(n, of)) for n, of in ((4, 2), (4, 1), (2, 1)))
    seen, drawn = sealed(large, np.uint8), sealed(small, np.uint8)
    lift_rows(seen, drawn, drawn, gain, *near, *far, *inner, 0, 4, np.empty_like(large))
