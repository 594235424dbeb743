"""Panes and coats that mirror as :mod:`framegen.ops.panes_reference` means it: only their pixels are worked on."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import panes_reference as reference
from framegen.ops.clouds import TILE_PX
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.tile import tile_at

_ZERO, _HALF, _ONE, _TWO, _MOST = (np.float32(v) for v in (0, 0.5, 1, 2, 255))
_PANE, _COAT = reference.PANE, reference.COAT
_LEAST_M, _FAR = np.float32(ft.LEAST_M), np.float32(np.inf)
_PER_CELL = np.float32(1 / ft.CELL_PX)
_STRAIGHT = np.array([reference.STRAIGHT[which] for which in (_PANE, _COAT)], np.float32)
_LEFT = np.array([1 - reference.BODY[which] for which in (_PANE, _COAT)], np.float32)
_RISE, _STEEP = np.float32(reference.SKYLINE_RISE), np.float32(0.5 / reference.SKYLINE_SOFT)
_TEXELS, _PATCH_TEXELS = np.float32(reference.TURN_TEXELS), np.float32(reference.PATCH_TEXELS)
_SHADED, _PATCHES, _LOWER = (np.float32(v) for v in (reference.SHADED, reference.PATCHES, reference.LOWER))
_DARKER = np.float32(1 - reference.ZENITH)
_SKYLIGHT, _LEAST_FACING = np.float32(reference.SKYLIGHT), np.float32(reference.LEAST_FACING)
_GLINT, _SHARP, _SUN = np.float32(reference.GLINT), np.float32(reference.GLINT_SHARP), np.array(reference.SUNLIGHT)
_SQUARE = np.float32(1 / 255**2)
_CELL, _SAMPLE, _REACH = ft.CELL_PX, ft.SAMPLE_PX, reference.AROUND_CELLS // 2
_PER_AREA = np.float32(1 / ft.CELL_PX**2)
_APART, _PER_AGREES = np.float32(reference.AGREES[0]), np.float32(1 / (reference.AGREES[1] - reference.AGREES[0]))
_INSIDE, _TOUCHED = np.float32(reference.INSIDE), np.float32(reference.TOUCHED)


@kernel
def shown(picture: U8, depth_m: F32, out: F32) -> None:
    """:func:`framegen.ops.panes_reference.shown` into ``out`` ``[3]``."""
    red, green, blue, count = 0, 0, 0, 0
    for y in range(_SAMPLE, picture.shape[0], _CELL):
        for x in range(_SAMPLE, picture.shape[1], _CELL):
            if depth_m[y, x] >= _LEAST_M and depth_m[y, x] < _FAR:
                red, green, blue = red + picture[y, x, 0], green + picture[y, x, 1], blue + picture[y, x, 2]
                count += 1
    scale = 1 / (255 * max(count, 1))
    out[0], out[1], out[2] = red * scale, green * scale, blue * scale


@kernel
def facing(kind: U8, which: int, normal: F32, level: F32, part: F32, weight: F32, out: F32) -> None:
    """:func:`framegen.ops.panes_reference.facing` into ``out`` ``[h, w, 3]``, which is zeros.

    ``normal`` ``[3, h, w]``: of the features. ``level`` ``[3, 3]``: of :class:`framegen.ops.features.Rays`. ``part``
    and ``weight`` ``[h, w]`` are scratch.
    """
    height, width = part.shape
    sought, column = np.uint8(which), np.empty(kind.shape[1], np.uint8)
    for i in range(height):
        column[:] = np.uint8(0)
        for y in range(_CELL * i, _CELL * i + _CELL):
            row = kind[y]
            for x in range(row.shape[0]):
                column[x] += np.uint8(row[x] == sought)
        for j in range(width):
            count = 0
            for x in range(_CELL * j, _CELL * j + _CELL):
                count += column[x]
            part[i, j] = count * _PER_AREA
    near = np.zeros((height, width), np.bool_)
    for i in range(height):
        for j in range(width):
            weight[i, j] = _ZERO
            if part[i, j] > _ZERO:
                least = _ONE
                for a in range(max(i - 1, 0), min(i + 2, height)):
                    for b in range(max(j - 1, 0), min(j + 2, width)):
                        least = min(least, part[a, b])
                        near[a, b] = True
                x, y, z = normal[0, i, j], normal[1, i, j], normal[2, i, j]
                agrees = min(max((np.sqrt(x * x + y * y + z * z) - _APART) * _PER_AGREES, _ZERO), _ONE)
                own = part[i, j] * part[i, j]
                weight[i, j] = agrees * (least * least * least * least + _INSIDE * own * own + _TOUCHED)
    for i in range(height):
        for j in range(width):
            if not near[i, j]:
                continue
            total, right, up, ahead = _ZERO, _ZERO, _ZERO, _ZERO
            for a in range(max(i - _REACH, 0), min(i + _REACH + 1, height)):
                for b in range(max(j - _REACH, 0), min(j + _REACH + 1, width)):
                    w = weight[a, b]
                    total += w
                    right, up, ahead = (
                        right + w * normal[0, a, b],
                        up + w * normal[1, a, b],
                        ahead + w * normal[2, a, b],
                    )
            scale = _ONE / total if total > _ZERO else _ZERO
            for c in range(3):
                out[i, j, c] = scale * (right * level[0, c] + up * level[1, c] + ahead * level[2, c])


@kernel
def _between(cells: F32, y: int, x: int, out: F32) -> np.float32:
    """``cells`` ``[h, w, 3]`` at a pixel into ``out`` ``[3]``, of length one; returns the length before."""
    down, right = (np.float32(y) + _HALF) * _PER_CELL - _HALF, (np.float32(x) + _HALF) * _PER_CELL - _HALF
    top, left = np.floor(down), np.floor(right)
    down, right = down - top, right - left
    i, j, last_i, last_j = int(top), int(left), cells.shape[0] - 1, cells.shape[1] - 1
    upper, lower = cells[max(i, 0)], cells[min(i + 1, last_i)]
    a, b = max(j, 0), min(j + 1, last_j)
    for c in range(3):
        above, below = (
            upper[a, c] + right * (upper[b, c] - upper[a, c]),
            lower[a, c] + right * (lower[b, c] - lower[a, c]),
        )
        out[c] = above + down * (below - above)
    length = np.sqrt(out[0] * out[0] + out[1] * out[1] + out[2] * out[2])
    for c in range(3):
        out[c] /= max(length, _LEAST_FACING)
    known: np.float32 = np.float32(length)
    return known


@kernel
def lay(
    first: int, end: int, picture: U8, kind: U8, depth_m: F32, through: F32, normal: F32, columns: F32, rows: F32,
    ahead: F32, noise: F32, sky: F32, shown: F32, sun: F32, sunny: np.float32, share: F32,
) -> None:  # fmt: skip
    """Rows ``first`` to ``end`` of :func:`framegen.ops.panes_reference.laid`, in place.

    ``normal`` ``[2, h, w, 3]``: of panes and of coats, see :func:`framegen.ops.panes_reference.facing`; ``share``
    ``[2]``: of each. ``columns``, ``rows``: see :class:`framegen.ops.features.Rays`. ``ahead`` ``[3]``: the view axis
    of orthographic cameras, else zeros. ``shown`` ``[3]``: see :func:`framegen.ops.panes_reference.shown`. ``sun``: a
    unit vector or zeros.
    """
    deep = ahead[0] == 0 and ahead[1] == 0 and ahead[2] == 0
    n = np.empty(3, np.float32)
    for y in range(first, end):
        for x in range(kind.shape[1]):
            if kind[y, x] != _PANE and kind[y, x] != _COAT:
                continue
            z, which = depth_m[y, x], kind[y, x] - _PANE
            if not (z >= _LEAST_M and z < _FAR) or _between(normal[which], y, x, n) <= _LEAST_FACING:
                continue
            rx, ry, rz = columns[0, x] + rows[0, y], columns[1, x] + rows[1, y], columns[2, x] + rows[2, y]
            if deep:
                scale = _ONE / np.sqrt(rx * rx + ry * ry + rz * rz)
                wx, wy, wz = rx * scale, ry * scale, rz * scale
            else:
                scale = _ONE / np.sqrt(ahead[0] * ahead[0] + ahead[1] * ahead[1] + ahead[2] * ahead[2])
                wx, wy, wz = ahead[0] * scale, ahead[1] * scale, ahead[2] * scale
            cosine = max(-(wx * n[0] + wy * n[1] + wz * n[2]), _ZERO)
            tx, ty, tz = wx + _TWO * cosine * n[0], wy + _TWO * cosine * n[1], wz + _TWO * cosine * n[2]
            line = _RISE * tile_at(noise, tx * _TEXELS, tz * _TEXELS)
            clear = min(max((ty - line) * _STEEP + _HALF, _ZERO), _ONE)
            dark = _ZERO
            if clear < _ONE:
                dark = _SHADED + _PATCHES * tile_at(noise, (tx + tz) * _PATCH_TEXELS, ty * _PATCH_TEXELS)
                dark *= (_ONE - clear) * (_LOWER if ty < _ZERO else _ONE)
            above = _ONE - _DARKER * max(ty, _ZERO)
            toward, shine = tx * sun[0] + ty * sun[1] + tz * sun[2], _ZERO
            if toward > _HALF:
                shine = _GLINT * sunny * clear * np.float32(toward**_SHARP)
            slant, straight = _ONE - cosine, _STRAIGHT[which]
            part = straight + (_ONE - straight) * slant * slant * slant * slant * slant
            t, lost = through[y, x], _ONE - _LEFT[which] * (_ONE - part)
            for c in range(3):
                old = np.float32(picture[y, x, c])
                around = clear * above * sky[c] + dark * shown[c]
                light = _SKYLIGHT * around * around + shine * np.float32(_SUN[c])
                seen = old * old * _SQUARE
                value = np.sqrt(min(max(seen + t * (part * light - lost * seen), _ZERO), _ONE))
                picture[y, x, c] = np.uint8(np.int32(old + share[which] * (_MOST * value - old) + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, kind, plane = np.zeros((4, 4, 3), np.uint8), np.full((4, 4), _PANE, np.uint8), np.ones((4, 4), np.float32)
    cells, normal = np.ones((1, 1), np.float32), np.ones((3, 1, 1), np.float32)
    line, three, one = np.ones((3, 4), np.float32), np.ones(3, np.float32), np.float32(1)
    facing(kind, _PANE, normal, np.ones((3, 3), np.float32), cells, cells.copy(), np.ones((1, 1, 3), np.float32))
    shown(picture, plane, np.ones(3, np.float32))
    lay(
        0, 4, picture, kind, plane, plane.copy(), np.ones((2, 1, 1, 3), np.float32), line, line.copy(), three.copy(),
        np.ones((TILE_PX, TILE_PX), np.float32), three, three.copy(), three.copy(), one, np.ones(2, np.float32),
    )  # fmt: skip


__all__ = ["facing", "lay", "shown", "warm_up"]
