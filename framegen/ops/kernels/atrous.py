"""Smoothing along surfaces as :mod:`framegen.ops.atrous_reference` means it, in bands of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.atrous_reference import (
    FALL,
    GUIDE,
    PAIRS,
    REACH,
    SAME_COLOR,
    SAME_LABEL,
    SMOOTHED,
    SOFT,
    STEPS,
    SURFACE,
)
from framegen.ops.kernels.jit import kernel

_ZERO, _ONE, _SLOPE = np.float32(0), np.float32(1), np.float32(1 / SOFT)
_COUNT, _LATENT, _GUIDE = np.uint64(SMOOTHED.stop), np.uint64(layout.LATENT), GUIDE
_ROOM = np.uint64(-(-SMOOTHED.stop // 8) * 8)
"""Places of a cell in the buffers: its channels, and what fills the vector units."""
_FAR = max(STEPS)
"""Cells around a band's buffers that hold zeros, so that nothing at the border asks where it is."""
_STEPS = np.array(STEPS)
_CELL = ft.CELL_PX
_NONE = np.int64(0)
"""Of a type, where a literal would be compiled for by itself."""
_THREE, _SIX, _NINE = np.uint64(3), np.uint64(6), np.uint64(9)
_COLOR = np.float32(1 / (255 * ft.CELL_PX**2 * SAME_COLOR))
_CHANNELS = np.array([channel for channel, _ in SURFACE])
_SCALES = np.array([1 / size for _, size in SURFACE], np.float32)
_LABEL, _BY_LABEL = GUIDE - 1, np.float32(1 / SAME_LABEL)
_SIDE, _CORNER = 0.5, 0.25
assert PAIRS == ((0, 1, _SIDE), (1, 0, _SIDE), (1, 1, _CORNER), (1, -1, _CORNER))  # the order of smooth()
assert (FALL, SMOOTHED.start, ft.CELL_PX) == (8, 0, 4)  # three squarings; no offset; four rows
_NEAR, _SLANTED = np.float32(_SIDE), np.float32(_CORNER)


@kernel
def describe(color: U8, features: F32, label: NDArray[np.int32], out: F32) -> None:
    """:func:`framegen.ops.atrous_reference.guide` of ``color`` ``[H, W, 3]``, as the engine drew it."""
    h, w = out.shape[1:]
    rows, bytes_ = color.reshape(h, _CELL, -1), 3 * w * _CELL
    total = np.empty(bytes_, np.uint16)
    for y in range(h):
        first, second, third, fourth = rows[y, 0], rows[y, 1], rows[y, 2], rows[y, 3]
        for i in range(bytes_):
            total[i] = np.uint16(
                np.uint16(first[i]) + np.uint16(second[i]) + np.uint16(third[i]) + np.uint16(fourth[i])
            )
        for c in range(3):
            row = out[c, y]
            for x in range(w):
                i = np.uint64(12 * x + c)
                found = np.int32(total[i]) + np.int32(total[i + _THREE])
                found += np.int32(total[i + _SIX]) + np.int32(total[i + _NINE])
                row[x] = _COLOR * np.float32(found)
        for k in range(len(_CHANNELS)):
            row, of, scale = out[3 + k, y], features[_CHANNELS[k], y], _SCALES[k]
            for x in range(w):
                row[x] = scale * of[x]
        row, codes = out[_LABEL, y], label[y]
        for x in range(w):
            row[x] = _BY_LABEL * np.float32(codes[x])


@kernel
def _alike(guide: F32, y: int, down: int, right: int, weight: np.float32, out: F32) -> None:
    """How alike the cells of row ``y`` and their neighbours are, into ``out`` ``[w + 2 FAR]`` of zeros.

    Where there is no neighbour, 0 stays.
    """
    width = guide.shape[2]
    first, end = max(0, -right), width - max(0, right)
    if end <= first:
        return
    near = out[_FAR + first : _FAR + end]
    for c in range(_GUIDE):
        here, there = guide[c, y, first:end], guide[c, y + down, first + right : end + right]
        for x in range(near.shape[0]):
            off = here[x] - there[x]
            near[x] += off * off
    for x in range(near.shape[0]):
        t = _ONE / (_ONE + near[x] * _SLOPE)
        t *= t
        t *= t
        near[x] = weight * t * t


@kernel
def _average(
    planes: F32, at: int, line: int, step: int,
    e: F32, w: F32, s: F32, n: F32, se: F32, nw: F32, sw: F32, ne: F32, out: F32,
) -> None:  # fmt: skip
    """A row of cells, from the one numbered ``at`` on, and their eight neighbours ``step`` away.

    ``line``: cells a row of ``planes``. ``e`` to ``ne``: how alike each cell and its neighbour to the east, west, south
    and so on are.
    """
    for x in range(e.shape[0]):
        i = np.uint64(x)
        east, west, south, north = e[i], w[i], s[i], n[i]
        southeast, northwest, southwest, northeast = se[i], nw[i], sw[i], ne[i]
        whole = _ONE / (_ONE + east + west + south + north + southeast + northwest + southwest + northeast)
        here, hop, far = np.uint64(at + x) * _ROOM, np.uint64(step) * _ROOM, np.uint64(step * line) * _ROOM
        above, below = here - far, here + far
        for k in range(_ROOM):
            sides = east * planes[here + hop + k] + west * planes[here - hop + k]
            sides += south * planes[below + k] + north * planes[above + k]
            corners = southeast * planes[below + hop + k] + northwest * planes[above - hop + k]
            corners += southwest * planes[below - hop + k] + northeast * planes[above + hop + k]
            out[here + k] = whole * (planes[here + k] + sides + corners)


@kernel
def smooth(latent: F32, guide: F32, first: int, end: int, out: F32) -> None:
    """The rows ``first`` to ``end`` of ``latent`` ``[h, w, LATENT]`` into ``out`` like it."""
    height, width = latent.shape[:2]
    top, bottom = max(0, first - REACH), min(height, end + REACH)
    rows, line = bottom - top, width + 2 * _FAR
    planes = np.zeros((rows + 2 * _FAR) * line * np.int64(_ROOM), np.float32)
    smoothed = np.zeros_like(planes)
    flat, result = latent.reshape(-1), out.reshape(-1)
    for y in range(rows):
        for x in range(width):
            to = np.uint64((y + _FAR) * line + _FAR + x) * _ROOM
            by = np.uint64((y + top) * width + x) * _LATENT
            for k in range(_COUNT):
                planes[to + k] = flat[by + k]
    share = np.empty((4, rows + _FAR, line), np.float32)
    left, right = _FAR, _FAR + width
    for step in _STEPS:
        # what has no neighbour on one side keeps its zeros
        share[:] = _ZERO
        for y in range(rows - step):
            at = y + _FAR
            _alike(guide, y + top, step, _NONE, _NEAR, share[1, at])
            _alike(guide, y + top, step, step, _SLANTED, share[2, at])
            _alike(guide, y + top, step, -step, _SLANTED, share[3, at])
        for y in range(rows):
            at, over = y + _FAR, y + _FAR - step
            _alike(guide, y + top, _NONE, step, _NEAR, share[0, at])
            _average(
                planes, at * line + left, line, step,
                share[0, at, left:right], share[0, at, left - step : right - step],
                share[1, at, left:right], share[1, over, left:right],
                share[2, at, left:right], share[2, over, left - step : right - step],
                share[3, at, left:right], share[3, over, left + step : right + step],
                smoothed,
            )  # fmt: skip
        planes, smoothed = smoothed, planes
    for y in range(first, end):
        for x in range(width):
            by = np.uint64((y - top + _FAR) * line + _FAR + x) * _ROOM
            to = np.uint64(y * width + x) * _LATENT
            for k in range(_COUNT):
                result[to + k] = planes[by + k]
            for k in range(_COUNT, _LATENT):
                result[to + k] = flat[to + k]


def warm_up() -> None:
    """Compile all of this module, or load it from disk."""
    latent, guide = np.zeros((4, 4, layout.LATENT), np.float32), np.zeros((GUIDE, 4, 4), np.float32)
    none = np.zeros((4, 4), np.int32)
    describe(np.zeros((16, 16, 3), np.uint8), np.zeros((ft.CHANNELS, 4, 4), np.float32), none, guide)
    smooth(latent, guide, 0, 4, np.empty_like(latent))
