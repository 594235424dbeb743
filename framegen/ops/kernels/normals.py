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
def _across(flat: F32, out: F32) -> None:
    """How much ``flat`` ``[W + 2 MARGIN]`` changes from each pixel to its neighbour in a row, on the side that goes on
    more evenly: ``out`` ``[W]``."""
    for n in range(out.shape[0]):
        x = np.uint64(n)
        here, right, left = flat[x + _HERE], flat[x + _HERE + _NEAR_AT], flat[x + _HERE - _NEAR_AT]
        on = _bent(here, right, flat[x + _HERE + _FAR_AT]) <= _bent(here, left, flat[x + _HERE - _FAR_AT])
        out[x] = right - here if on else here - left


@kernel
def _down(above: F32, upper: F32, here: F32, lower: F32, below: F32, out: F32) -> None:
    """As :func:`_across`, to the rows ``upper`` and ``lower``; ``above`` and ``below`` are those beyond them."""
    for n in range(out.shape[0]):
        i = np.uint64(n) + _HERE
        mine = here[i]
        on = _bent(mine, lower[i], below[i]) <= _bent(mine, upper[i], above[i])
        out[np.uint64(n)] = lower[i] - mine if on else mine - upper[i]


@kernel
def _face(
    right: F32, low: F32, flat: F32, turn: F32, across: F32, down: np.float32, sun: F32, deep: bool, up: F32,
    facing: F32,
) -> None:  # fmt: skip
    """``up`` ``[W]``, cosine of the normal and up, 0 where it is not known, and ``facing``, that of it and ``sun``.
    ``right``, ``low``: of :func:`_across` and :func:`_down`."""
    xx, xy, xz = turn[0, 0], turn[0, 1], turn[0, 2]
    yx, yy, yz = turn[1, 0], turn[1, 1], turn[1, 2]
    zx, zy, zz = turn[2, 0], turn[2, 1], turn[2, 2]
    sx, sy, sz = sun[0], sun[1], sun[2]
    for n in range(up.shape[0]):
        x = np.uint64(n)
        a, b = right[x], low[x]
        c = (flat[x + _HERE] if deep else _ONE) - a * across[x] - b * down
        nx, ny, nz = a * xx + b * yx + c * zx, a * xy + b * yy + c * zy, a * xz + b * yz + c * zz
        length = nx * nx + ny * ny + nz * nz
        known = length > _SMALL
        scale = _ONE / np.sqrt(length if known else _ONE)
        up[x] = ny * scale if known else _ZERO
        facing[x] = (nx * sx + ny * sy + nz * sz) * scale


@kernel
def face(
    flat: F32, y: int, turn: F32, across: F32, down: F32, sun: F32, deep: bool, steps: F32, up: F32, facing: F32
) -> None:  # fmt: skip
    """How row ``y`` of a picture faces.

    Args:
        flat: ``[H + 2 MARGIN, W + 2 MARGIN]``, of :func:`flatten`, NaN in the margins.
        turn: ``[3, 3]``, what a normal towards the camera has of a step of ``flat`` along the row, of one down, and of
            ``flat`` on the view axis, or of 1 if the camera does not see in perspective.
        across, down: ``[W]`` and ``[H]``, steps from the view axis to each column and row, or zeros likewise.
        sun: ``[3]``. deep: whether the camera sees in perspective. steps: ``[2, W]``, scratch.
        up, facing: ``[W]``, written: cosines of the normal with up, 0 where it is not known, and with ``sun``.
    """
    at = y + MARGIN
    upper, lower = at - REACH, at + REACH
    _across(flat[at], steps[0])
    _down(flat[upper - REACH], flat[upper], flat[at], flat[lower], flat[lower + REACH], steps[1])
    _face(steps[0], steps[1], flat[at], turn, across, down[y], sun, deep, up, facing)


__all__ = ["MARGIN", "REACH", "face", "flatten", "flatten_rows"]
