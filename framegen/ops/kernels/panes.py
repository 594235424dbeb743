"""Panes that mirror as :mod:`framegen.ops.panes_reference` means it: only their pixels are looked at twice."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import panes_reference as reference
from framegen.ops.clouds import TILE_PX
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.tile import tile_at

_ZERO, _HALF, _ONE, _TWO, _MOST = (np.float32(v) for v in (0, 0.5, 1, 2, 255))
_PANE, _CELL = reference.PANE, ft.CELL_PX
_LEAST_M, _FAR = np.float32(ft.LEAST_M), np.float32(np.inf)
_STRAIGHT, _BODY = np.float32(reference.STRAIGHT), np.float32(reference.BODY)
_SKYLINE, _RISE = np.float32(reference.SKYLINE), np.float32(reference.SKYLINE_RISE)
_STEEP, _TEXELS = np.float32(0.5 / reference.SKYLINE_SOFT), np.float32(reference.TURN_TEXELS)
_SHADED, _LOWER = np.float32(reference.SHADED), np.float32(reference.LOWER)
_GLINT, _SHARP, _SUN = np.float32(reference.GLINT), np.float32(reference.GLINT_SHARP), np.array(reference.SUNLIGHT)
_SQUARE = np.float32(1 / 255**2)


@kernel
def lay(
    first: int, end: int, picture: U8, kind: U8, depth_m: F32, through: F32, normal: F32, columns: F32, rows: F32,
    ahead: F32, noise: F32, sky: F32, sun: F32, sunny: np.float32, share: np.float32,
) -> None:  # fmt: skip
    """Rows ``first`` to ``end`` of :func:`framegen.ops.panes_reference.laid`, in place.

    ``normal`` ``[h, w, 3]``: of cells, along the world's axes. ``columns``, ``rows``: see
    :class:`framegen.ops.features.Rays`. ``ahead`` ``[3]``: the view axis of orthographic cameras, else zeros.
    ``sun``: a unit vector or zeros.
    """
    deep = ahead[0] == 0 and ahead[1] == 0 and ahead[2] == 0
    for y in range(first, end):
        for x in range(kind.shape[1]):
            if kind[y, x] != _PANE:
                continue
            z = depth_m[y, x]
            n = normal[y // _CELL, x // _CELL]
            if not (z >= _LEAST_M and z < _FAR) or n[0] * n[0] + n[1] * n[1] + n[2] * n[2] <= _HALF:
                continue
            rx, ry, rz = columns[0, x] + rows[0, y], columns[1, x] + rows[1, y], columns[2, x] + rows[2, y]
            if deep:
                scale = _ONE / np.sqrt(rx * rx + ry * ry + rz * rz)
                wx, wy, wz = rx * scale, ry * scale, rz * scale
            else:
                scale = _ONE / np.sqrt(ahead[0] * ahead[0] + ahead[1] * ahead[1] + ahead[2] * ahead[2])
                wx, wy, wz = ahead[0] * scale, ahead[1] * scale, ahead[2] * scale
            scale = _ONE / np.sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2])
            nx, ny, nz = n[0] * scale, n[1] * scale, n[2] * scale
            cosine = max(-(wx * nx + wy * ny + wz * nz), _ZERO)
            tx, ty, tz = wx + _TWO * cosine * nx, wy + _TWO * cosine * ny, wz + _TWO * cosine * nz
            line = _SKYLINE + _RISE * tile_at(noise, tx * _TEXELS, tz * _TEXELS)
            clear = min(max((ty - line) * _STEEP + _HALF, _ZERO), _ONE)
            dark = _SHADED * (_LOWER if ty < _ZERO else _ONE)
            bright = dark + clear * (_ONE - dark)
            toward, shine = tx * sun[0] + ty * sun[1] + tz * sun[2], _ZERO
            if toward > _HALF:
                shine = _GLINT * sunny * clear * np.float32(toward**_SHARP)
            slant = _ONE - cosine
            part = _STRAIGHT + (_ONE - _STRAIGHT) * slant * slant * slant * slant * slant
            t, kept = through[y, x], _ONE - _BODY * (_ONE - part)
            for c in range(3):
                old = np.float32(picture[y, x, c])
                around = bright * sky[c]
                light = around * around + shine * np.float32(_SUN[c])
                seen = old * old * _SQUARE
                value = np.sqrt(min(seen + t * (part * light - kept * seen), _ONE))
                picture[y, x, c] = np.uint8(np.int32(old + share * (_MOST * value - old) + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, kind, plane = np.zeros((4, 4, 3), np.uint8), np.full((4, 4), _PANE, np.uint8), np.ones((4, 4), np.float32)
    line, three, one = np.ones((3, 4), np.float32), np.ones(3, np.float32), np.float32(1)
    lay(
        0, 4, picture, kind, plane, plane.copy(), np.ones((1, 1, 3), np.float32), line, line.copy(), three.copy(),
        np.ones((TILE_PX, TILE_PX), np.float32), three, three.copy(), one, one,
    )  # fmt: skip


__all__ = ["lay", "warm_up"]
