"""Normals of pixels as :func:`framegen.ops.snow_reference.normals` means them, a row at once.

Every loop is without branches and over rows that lie in memory one pixel after the other, which makes vector code.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import snow_reference as reference
from framegen.ops.kernels.jit import kernel

REACH = reference.REACH_PX
MARGIN = 2 * REACH
"""Pixels around the picture in which nothing is known."""
_ZERO, _ONE, _TWO = np.float32(0), np.float32(1), np.float32(2)
_FAR, _LEAST_M = np.float32(reference.FAR_M), np.float32(ft.LEAST_M)
_UNKNOWN, _UNEVEN, _SMALL = np.float32(np.nan), np.float32(np.inf), np.float32(1e-24)
_NEAR_AT, _FAR_AT, _HERE = np.uint64(REACH), np.uint64(2 * REACH), np.uint64(MARGIN)


@kernel
def flatten(depth_m: F32, deep: bool, out: F32) -> None:
    """A row of depth as what changes evenly over the picture on a plane: ``[W]`` to ``[W + 2 MARGIN]``, NaN where
    nothing is near enough and in the margins. ``deep``: whether the camera sees in perspective."""
    width = depth_m.shape[0]
    inner = out[MARGIN : MARGIN + width]
    for x in range(width):
        z = depth_m[x]
        inner[x] = ((_ONE / z) if deep else z) if (z >= _LEAST_M) & (z < _FAR) else _UNKNOWN
    for x in range(MARGIN):
        out[x] = out[MARGIN + width + x] = _UNKNOWN


@kernel
def flatten_rows(first: int, end: int, depth_m: F32, deep: bool, out: F32) -> None:
    """Rows ``first`` to ``end`` of ``depth_m`` ``[H, W]`` by :func:`flatten`, into ``out`` ``[H + 2 MARGIN,
    W + 2 MARGIN]``."""
    for y in range(first, end):
        flatten(depth_m[y], deep, out[y + MARGIN])


@kernel
def _bent(here: np.float32, near: np.float32, far: np.float32) -> np.float32:
    """How unevenly a line goes on; infinite where it does not."""
    bent: np.float32 = abs(here - _TWO * near + far)
    bent = bent if bent >= _ZERO else abs(near - here)
    return bent if bent >= _ZERO else _UNEVEN


@kernel
def _across(flat: F32, columns: F32, row: F32, deep: bool, out: F32) -> None:
    """The step from each pixel to its neighbour on the side that goes on more evenly: ``out`` ``[3, W]`` metres.

    ``flat`` ``[W + 2 MARGIN]``: of :func:`flatten`. ``columns`` ``[3, W + 2 MARGIN]`` and the first three of ``row``
    ``[6]``: parts of the rays; the others: the view axis of orthographic cameras, else zeros.
    """
    for axis in range(3):
        line, to, offset, ahead = columns[axis], out[axis], row[axis], row[3 + axis]
        for n in range(to.shape[0]):
            x = np.uint64(n)
            here, right, left = flat[x + _HERE], flat[x + _HERE + _NEAR_AT], flat[x + _HERE - _NEAR_AT]
            on = _bent(here, right, flat[x + _HERE + _FAR_AT]) <= _bent(here, left, flat[x + _HERE - _FAR_AT])
            other = right if on else left
            column = line[x + _HERE + _NEAR_AT] if on else line[x + _HERE - _NEAR_AT]
            if deep:
                to[x] = (column + offset) / other - (line[x + _HERE] + offset) / here
            else:
                to[x] = column - line[x + _HERE] + ahead * (other - here)


@kernel
def _down(
    above: F32, upper: F32, here: F32, lower: F32, below: F32, columns: F32, row: F32, before: F32, after: F32,
    deep: bool, out: F32,
) -> None:  # fmt: skip
    """As :func:`_across`, to the rows ``upper`` and ``lower`` of :func:`flatten`; ``above`` and ``below`` are those
    beyond them, ``before`` and ``after`` what ``row`` is for them."""
    for axis in range(3):
        line, to, offset, ahead = columns[axis], out[axis], row[axis], row[3 + axis]
        over, under = before[axis], after[axis]
        for n in range(to.shape[0]):
            i = np.uint64(n) + _HERE
            mine = here[i]
            on = _bent(mine, lower[i], below[i]) <= _bent(mine, upper[i], above[i])
            other, there = lower[i] if on else upper[i], under if on else over
            if deep:
                to[np.uint64(n)] = (line[i] + there) / other - (line[i] + offset) / mine
            else:
                to[np.uint64(n)] = there - offset + ahead * (other - mine)


@kernel
def _face(
    across: F32, down: F32, flat: F32, columns: F32, row: F32, sun: F32, deep: bool, up: F32, facing: F32
) -> None:  # fmt: skip
    """``up`` ``[W]``, cosine of the normal and up, 0 where it is not known, and ``facing``, that of it and ``sun``."""
    for n in range(up.shape[0]):
        x = np.uint64(n)
        i = x + _HERE
        ax, ay, az, dx, dy, dz = across[0, x], across[1, x], across[2, x], down[0, x], down[1, x], down[2, x]
        nx, ny, nz = ay * dz - az * dy, az * dx - ax * dz, ax * dy - ay * dx
        # the way the camera looks there, as long as it likes
        sx = columns[0, i] + row[0] if deep else row[3]
        sy = columns[1, i] + row[1] if deep else row[4]
        sz = columns[2, i] + row[2] if deep else row[5]
        length = nx * nx + ny * ny + nz * nz
        known = length > _SMALL
        scale = _ONE / np.sqrt(length if known else _ONE)
        scale = -scale if nx * sx + ny * sy + nz * sz > _ZERO else scale
        up[x] = ny * scale if known else _ZERO
        facing[x] = (nx * sun[0] + ny * sun[1] + nz * sun[2]) * scale


@kernel
def face(flat: F32, y: int, columns: F32, rows: F32, sun: F32, deep: bool, steps: F32, up: F32, facing: F32) -> None:
    """How row ``y`` of a picture faces.

    Args:
        flat: ``[H + 2 MARGIN, W + 2 MARGIN]``, of :func:`flatten`, NaN in the margins.
        columns: ``[3, W + 2 MARGIN]``, rows: ``[H + 2 MARGIN, 6]``: parts of the rays of
            :class:`framegen.ops.features.Rays`, of rows with the view axis of orthographic cameras, else zeros.
        sun: ``[3]``. deep: whether the camera sees in perspective. steps: ``[6, W]``, scratch.
        up, facing: ``[W]``, written: cosines of the normal with up, 0 where it is not known, and with ``sun``.
    """
    at = y + MARGIN
    here, row, across, down = flat[at], rows[at], steps[:3], steps[3:]
    upper, lower = at - REACH, at + REACH
    _across(here, columns, row, deep, across)
    _down(
        flat[upper - REACH], flat[upper], here, flat[lower], flat[lower + REACH], columns, row, rows[upper],
        rows[lower], deep, down,
    )  # fmt: skip
    _face(across, down, here, columns, row, sun, deep, up, facing)


__all__ = ["MARGIN", "face", "flatten", "flatten_rows"]
