"""Snow that lies as :mod:`framegen.ops.snow_reference` means it, in bands of rows, in one pass."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import snow_reference as reference
from framegen.ops.clouds import TILE_PX
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.tile import tile_at

_ZERO, _HALF, _ONE, _TWO, _THREE, _MOST = (np.float32(v) for v in (0, 0.5, 1, 2, 3, 255))
_FAR, _LEAST_M, _REACH, _CELL = np.float32(reference.FAR_M), np.float32(ft.LEAST_M), reference.REACH_PX, ft.CELL_PX
_BARE, _STEEP, _STEEPER = np.float32(reference.BARE), np.float32(1 / reference.SOFT), np.float32(reference.STEEPER)
_ROUGH, _PATCHY, _PATCH = np.float32(reference.ROUGH), np.float32(reference.PATCHY), np.float32(reference.PATCH)
_PATCH_STEEP, _HIDES = np.float32(1 / reference.PATCH_SOFT), np.float32(reference.MOST)
_THIN = np.float32(reference.THIN)
_TEXELS = TILE_PX / reference.NOISE_M
_LEAN_X, _LEAN_Z = np.float32(reference.LEAN[0]), np.float32(reference.LEAN[1])
_SHADE, _DRIFT = np.float32(reference.SHADE), np.float32(reference.DRIFT)
_SMALL, _UNEVEN = np.float32(1e-24), np.float32(np.inf)


@kernel
def _other(line: F32, x: int, step: int) -> int:
    """The place ``step`` before or after ``x`` in a line, on the side that goes on more evenly; ``x``: none."""
    here, found, least = line[x], x, _UNEVEN
    for side in (step, -step):
        i = x + side
        if 0 <= i < line.shape[0]:
            bent = abs(line[i] - here)
            if 0 <= i + side < line.shape[0]:
                going_on = abs(here - _TWO * line[i] + line[i + side])
                bent = going_on if going_on >= _ZERO else bent  # it is not where something is not known
            if bent < least:
                found, least = i, bent
    return found


@kernel
def lay(
    first: int, end: int, picture: U8, label: U8, bears: F32, depth_m: F32, flat: F32, through: F32, columns: F32,
    rows: F32, ahead: F32, noise: F32, texel_x: float, texel_z: float, color: F32, air: F32, sun: F32,
    snow: np.float32, share: np.float32,
) -> None:  # fmt: skip
    """Rows ``first`` to ``end`` of :func:`framegen.ops.snow_reference.laid`, in place.

    ``label`` ``[H, W]``: codes, of which ``bears`` ``[256]`` says how much snow stays. ``flat`` ``[H, W]``: what
    changes evenly on a plane, NaN where nothing is known. ``columns``, ``rows``: see
    :class:`framegen.ops.features.Rays`. ``ahead`` ``[3]``: the view axis of orthographic cameras, else zeros.
    ``texel_x``, ``texel_z``: the camera's place in ``noise``. ``sun`` ``[3]``: times how clear it shines.
    """
    deep = ahead[0] == 0 and ahead[1] == 0 and ahead[2] == 0
    bare, patchy = _BARE - _STEEPER * snow, _PATCHY - _PATCH * snow
    most = _HIDES * (_THIN + (_ONE - _THIN) * snow)
    for y in range(first, end):
        line = depth_m[y]
        for x in range(line.shape[0]):
            stays = bears[label[y, x]]
            z = line[x]
            if stays == _ZERO or not (z >= _LEAST_M and z < _FAR):
                continue
            i, j = _other(flat[y], x, _REACH), _other(flat[:, x], y, _REACH)
            if i == x or j == y:
                continue
            rx, ry, rz = columns[0, x] + rows[0, y], columns[1, x] + rows[1, y], columns[2, x] + rows[2, y]
            zi, zj = line[i], depth_m[j, x]
            if deep:
                px, py, pz = rx * z, ry * z, rz * z
                ax = (columns[0, i] + rows[0, y]) * zi - px
                ay = (columns[1, i] + rows[1, y]) * zi - py
                az = (columns[2, i] + rows[2, y]) * zi - pz
                dx = (columns[0, x] + rows[0, j]) * zj - px
                dy = (columns[1, x] + rows[1, j]) * zj - py
                dz = (columns[2, x] + rows[2, j]) * zj - pz
                sx, sy, sz = px, py, pz
            else:
                px, py, pz = rx + ahead[0] * z, ry + ahead[1] * z, rz + ahead[2] * z
                ax = columns[0, i] - columns[0, x] + ahead[0] * (zi - z)
                ay = columns[1, i] - columns[1, x] + ahead[1] * (zi - z)
                az = columns[2, i] - columns[2, x] + ahead[2] * (zi - z)
                dx = rows[0, j] - rows[0, y] + ahead[0] * (zj - z)
                dy = rows[1, j] - rows[1, y] + ahead[1] * (zj - z)
                dz = rows[2, j] - rows[2, y] + ahead[2] * (zj - z)
                sx, sy, sz = ahead[0], ahead[1], ahead[2]
            nx, ny, nz = ay * dz - az * dy, az * dx - ax * dz, ax * dy - ay * dx
            length = nx * nx + ny * ny + nz * nz
            if length <= _SMALL:
                continue
            scale = _ONE / np.sqrt(length)
            if nx * sx + ny * sy + nz * sz > _ZERO:
                scale = -scale
            up = ny * scale
            if up <= _ZERO:
                continue
            u, v = (px + _LEAN_X * py) * _TEXELS + texel_x, (pz + _LEAN_Z * py) * _TEXELS + texel_z
            found = tile_at(noise, u, v)
            rise = min(max((up + _ROUGH * (found - _HALF) - bare) * _STEEP, _ZERO), _ONE)
            patch = min(max((found - patchy) * _PATCH_STEEP, _ZERO), _ONE)
            part = most * rise * rise * (_THREE - _TWO * rise) * patch * stays * share
            if part > _ZERO:
                t = through[y, x]
                facing = (nx * sun[0] + ny * sun[1] + nz * sun[2]) * scale
                bright = _ONE + _SHADE * (facing - sun[1]) + _DRIFT * (found - _HALF)
                row, column = y // _CELL, x // _CELL
                for c in range(3):
                    white = color[row, column, c] * bright * t + air[row, column, c] * (_ONE - t)
                    old = np.float32(picture[y, x, c])
                    new = old + part * (_MOST * min(max(white, _ZERO), _ONE) - old)
                    picture[y, x, c] = np.uint8(np.int32(new + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, plane, cells = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.float32), np.ones((1, 1, 3), np.float32)
    line, one, three = np.ones((3, 4), np.float32), np.float32(1), np.zeros(3, np.float32)
    lay(
        0, 4, picture, picture[..., 0].copy(), np.ones(256, np.float32), plane, plane.copy(), plane.copy(), line,
        line.copy(), three, np.ones((TILE_PX, TILE_PX), np.float32), 0.0, 0.0, cells, cells.copy(), three.copy(), one,
        one,
    )  # fmt: skip


__all__ = ["lay", "warm_up"]
