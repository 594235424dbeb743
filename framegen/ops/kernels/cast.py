"""Shadows that the sun casts as :mod:`framegen.ops.cast_reference` means them, in bands of rows."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import cast_reference as reference
from framegen.ops import features as ft
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.place import place
from framegen.ops.kernels.trace import trace

_ZERO, _HALF, _ONE, _MOST = np.float32(0), np.float32(0.5), np.float32(1), np.float32(255)
_BLOCK, _CELLS, _LAST = reference.BLOCK_PX, ft.CELL_PX // reference.BLOCK_PX, reference.BLOCK_PX - 1
_STEPS, _REACH = np.int64(reference.MARCH.steps), np.float32(reference.MARCH.reach_m)
_PER_PX = np.float32(1 / reference.MARCH.stride_px)
_THICK_M, _BULK = np.float32(reference.MARCH.thick_m), np.float32(reference.MARCH.bulk)
_THICK = np.float32(reference.MARCH.thick)
_LEAST_M, _FAR = np.float32(ft.LEAST_M), np.float32(reference.FAR_M)
_LIFT, _FACING, _RIM = np.float32(reference.LIFT), np.float32(reference.FACING), np.float32(1 / reference.RIM)
_DARK = np.array(reference.DARK, np.float32)
_LIGHTEN, _TOLD = np.float32(-reference.LIGHTEN), np.float32(reference.TOLD)
_PER_BLOCK, _PER_CELL = np.float32(1 / reference.BLOCK_PX), np.float32(1 / ft.CELL_PX)
_FIRST, _SECOND, _THIRD, _FOURTH = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
_SOONER, _LATER = np.float32(0.25), np.float32(0.75)
assert (reference.BLOCK_PX, ft.CELL_PX, ft.SAMPLE_PX) == (2, 4, 2)  # :func:`_of_blocks` and :func:`_of_cells`
_BLOCK_AT, _CELL_AT = np.float32(reference.BLOCK_PX - 1), np.float32(ft.SAMPLE_PX)


@kernel
def shade(
    first: int, end: int, depth_m: F32, normal: F32, columns: F32, rows: F32, ahead: F32, inverse: F32, corner: F32,
    sun: F32, out: F32,
) -> None:  # fmt: skip
    """Rows ``first`` to ``end`` of :func:`framegen.ops.cast_reference.shade`.

    ``normal`` ``[h, w, 3]``: of cells, along the world's axes. ``columns``, ``rows``: see
    :class:`framegen.ops.features.Rays`. ``ahead`` ``[3]``: the view axis of orthographic cameras, else zeros.
    ``inverse``, ``corner``: of ``pixel_from_world``.
    """
    height, width = depth_m.shape
    deep = ahead[0] == 0 and ahead[1] == 0 and ahead[2] == 0
    across, down = _RIM / np.float32(width), _RIM / np.float32(height)
    for i in range(first, end):
        y = i * _BLOCK + _LAST
        for j in range(out.shape[1]):
            x = j * _BLOCK + _LAST
            out[i, j] = _ZERO
            if (i + j) & 1:
                continue
            z = depth_m[y, x]
            n = normal[i // _CELLS, j // _CELLS]
            if not (z >= _LEAST_M and z < _FAR) or n[0] * sun[0] + n[1] * sun[1] + n[2] * sun[2] <= _FACING:
                continue
            rx, ry, rz = place(columns, rows, ahead, deep, x, y, z)
            off = _LIFT * z
            at, far = trace(
                depth_m, inverse, rx + off * n[0] - corner[0], ry + off * n[1] - corner[1], rz + off * n[2] - corner[2],
                sun[0], sun[1], sun[2], deep, _REACH, _STEPS, _PER_PX, _THICK_M, _BULK, _THICK,
            )  # fmt: skip
            if far <= _ONE:
                row, column = at // width, at % width
                beside = min(_ONE, np.float32(min(column, width - 1 - column)) * across)
                above = min(_ONE, np.float32(min(row, height - 1 - row)) * down)
                out[i, j] = (_ONE - far * far) * beside * above


@kernel
def _between(upper: F32, lower: F32, share: np.float32, out: F32) -> None:
    """A row between two of a plane ``[n]``, its ends repeated: ``out`` ``[n + 2]``."""
    inner = out[1 : upper.shape[0] + 1]
    for x in range(upper.shape[0]):
        inner[x] = upper[x] + share * (lower[x] - upper[x])
    out[0], out[out.shape[0] - 1] = inner[0], inner[upper.shape[0] - 1]


@kernel
def _of_blocks(blocks: F32, out: F32) -> None:
    """``[W / 2 + 2]`` of :func:`_between` at the width of the picture."""
    for j in range(out.shape[0] // _BLOCK):
        x = np.uint64(j)
        here = blocks[x + _FIRST]
        out[_SECOND * x] = _HALF * (blocks[x] + here)
        out[_SECOND * x + _FIRST] = here


@kernel
def _of_cells(cells: F32, out: F32) -> None:
    """``[W / 4 + 2]`` of :func:`_between` at the width of the picture."""
    for j in range(out.shape[0] // ft.CELL_PX):
        x = np.uint64(j)
        before, here, after = cells[x], cells[x + _FIRST], cells[x + _SECOND]
        to = _FOURTH * x
        out[to] = before + _HALF * (here - before)
        out[to + _FIRST] = before + _LATER * (here - before)
        out[to + _SECOND] = here
        out[to + _THIRD] = here + _SOONER * (after - here)


@kernel
def _more(told: F32, through: F32, share: np.float32, shade: F32) -> bool:
    """What a row of ``shade`` ``[W]`` adds to what the network was told of it, in place; whether that is anything."""
    some = False
    for x in range(shade.shape[0]):
        shade[x] = max(shade[x] - _TOLD * told[x], _LIGHTEN) * through[x] * share
        some |= shade[x] != _ZERO
    return some


@kernel
def _darken(line: U8, more: F32) -> None:
    """A row of pixels ``[3 W]`` in place, by ``more`` ``[W]`` of a shadow."""
    red, green, blue = _DARK[0] - _ONE, _DARK[1] - _ONE, _DARK[2] - _ONE
    for n in range(more.shape[0]):
        i = _THIRD * np.uint64(n)
        part = more[np.uint64(n)]
        line[i] = np.uint8(np.int32(min(np.float32(line[i]) * (_ONE + part * red), _MOST) + _HALF))
        i += _FIRST
        line[i] = np.uint8(np.int32(min(np.float32(line[i]) * (_ONE + part * green), _MOST) + _HALF))
        i += _FIRST
        line[i] = np.uint8(np.int32(min(np.float32(line[i]) * (_ONE + part * blue), _MOST) + _HALF))


@kernel
def lay(first: int, end: int, picture: U8, shades: F32, through: F32, told: F32, share: np.float32) -> None:
    """Rows ``first`` to ``end`` of :func:`framegen.ops.cast_reference.laid`, in place."""
    h2, w2 = shades.shape
    h, w = told.shape
    width = picture.shape[1]
    blocks, cells = np.empty(w2 + 2, np.float32), np.empty(w + 2, np.float32)
    fine, coarse = np.empty(width, np.float32), np.empty(width, np.float32)
    for y in range(first, end):
        v = min(max((np.float32(y) - _BLOCK_AT) * _PER_BLOCK, _ZERO), np.float32(h2 - 1))
        i = int(v)
        _between(shades[i], shades[min(i + 1, h2 - 1)], v - np.float32(i), blocks)
        v = min(max((np.float32(y) - _CELL_AT) * _PER_CELL, _ZERO), np.float32(h - 1))
        i = int(v)
        _between(told[i], told[min(i + 1, h - 1)], v - np.float32(i), cells)
        _of_blocks(blocks, fine)
        _of_cells(cells, coarse)
        if _more(coarse, through[y], share, fine):
            _darken(picture[y].reshape(-1), fine)


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, plane, cell = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.float32), np.ones((1, 1), np.float32)
    line, three, shades = np.ones((3, 4), np.float32), np.ones(3, np.float32), np.zeros((2, 2), np.float32)
    square = np.eye(3, dtype=np.float32)
    shade(
        0, 2, plane, np.ones((1, 1, 3), np.float32), line, line.copy(), three, square, three.copy(), three.copy(),
        shades,
    )  # fmt: skip
    lay(0, 4, picture, shades, plane, cell, np.float32(1))


__all__ = ["lay", "shade", "warm_up"]
