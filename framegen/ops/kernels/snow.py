"""Snow that lies as :mod:`framegen.ops.snow_reference` means it, in bands of rows."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import snow_reference as reference
from framegen.ops.clouds import TILE_PX
from framegen.ops.kernels import normals
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.normals import MARGIN
from framegen.ops.kernels.tile import tile_at

_ZERO, _HALF, _ONE, _TWO, _THREE, _MOST = (np.float32(v) for v in (0, 0.5, 1, 2, 3, 255))
_CELL = ft.CELL_PX
_BARE, _STEEP, _STEEPER = np.float32(reference.BARE), np.float32(1 / reference.SOFT), np.float32(reference.STEEPER)
_ROUGH, _PATCHY, _PATCH = np.float32(reference.ROUGH), np.float32(reference.PATCHY), np.float32(reference.PATCH)
_PATCH_STEEP, _HIDES = np.float32(1 / reference.PATCH_SOFT), np.float32(reference.MOST)
_THIN = np.float32(reference.THIN)
_TEXELS = TILE_PX / reference.NOISE_M
_LEAN_X, _LEAN_Z = np.float32(reference.LEAN[0]), np.float32(reference.LEAN[1])
_SHADE, _DRIFT = np.float32(reference.SHADE), np.float32(reference.DRIFT)


@kernel
def lay(
    first: int, end: int, picture: U8, label: U8, bears: F32, depth_m: F32, flat: F32, through: F32, columns: F32,
    rows: F32, shift_m: F32, noise: F32, texel_x: float, texel_z: float, color: F32, air: F32, sun: F32, deep: bool,
    snow: np.float32, share: np.float32,
) -> None:  # fmt: skip
    """Rows ``first`` to ``end`` of :func:`framegen.ops.snow_reference.laid`, in place.

    ``label`` ``[H, W]``: codes, of which ``bears`` ``[256]`` says how much snow stays. ``flat``, ``columns``, ``rows``,
    ``deep``: see :func:`framegen.ops.kernels.normals.face`. ``shift_m`` ``[h, w, 3]``: of what moves, or empty.
    ``texel_x``, ``texel_z``: the camera's place in ``noise``.
    ``sun`` ``[3]``: times how clear it shines.
    """
    width, moved = picture.shape[1], shift_m.size > 0
    bare, patchy = _BARE - _STEEPER * snow, _PATCHY - _PATCH * snow
    most = _HIDES * (_THIN + (_ONE - _THIN) * snow)
    least = max(bare - _HALF * _ROUGH, _ZERO)  # whatever the noise
    steps, up, facing = np.empty((6, width), np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    for y in range(first, end):
        normals.face(flat, y, columns, rows, sun, deep, steps, up, facing)
        row = rows[y + MARGIN]
        for x in range(width):
            stays = bears[label[y, x]]
            if stays == _ZERO or not up[x] > least:
                continue
            z, i = depth_m[y, x], x + MARGIN
            far, on = (z, _ZERO) if deep else (_ONE, z)
            px = (columns[0, i] + row[0]) * far + row[3] * on
            py = (columns[1, i] + row[1]) * far + row[4] * on
            pz = (columns[2, i] + row[2]) * far + row[5] * on
            down, right = y // _CELL, x // _CELL
            if moved:
                px, py, pz = px + shift_m[down, right, 0], py + shift_m[down, right, 1], pz + shift_m[down, right, 2]
            u, v = (px + _LEAN_X * py) * _TEXELS + texel_x, (pz + _LEAN_Z * py) * _TEXELS + texel_z
            found = tile_at(noise, u, v)
            rise = min(max((up[x] + _ROUGH * (found - _HALF) - bare) * _STEEP, _ZERO), _ONE)
            patch = min(max((found - patchy) * _PATCH_STEEP, _ZERO), _ONE)
            part = most * rise * rise * (_THREE - _TWO * rise) * patch * stays * share
            if part > _ZERO:
                t = through[y, x]
                bright = _ONE + _SHADE * (facing[x] - sun[1]) + _DRIFT * (found - _HALF)
                for c in range(3):
                    white = color[down, right, c] * bright * t + air[down, right, c] * (_ONE - t)
                    old = np.float32(picture[y, x, c])
                    new = old + part * (_MOST * min(max(white, _ZERO), _ONE) - old)
                    picture[y, x, c] = np.uint8(np.int32(new + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, plane, cells = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.float32), np.ones((1, 1, 3), np.float32)
    wide = 4 + 2 * MARGIN
    line, rows, flat = np.ones((3, wide), np.float32), np.ones((wide, 6), np.float32), np.ones((wide, wide), np.float32)
    one, sun = np.float32(1), np.zeros(3, np.float32)
    normals.flatten_rows(0, 4, plane, True, flat)
    lay(
        0, 4, picture, picture[..., 0].copy(), np.ones(256, np.float32), plane, flat, plane.copy(), line, rows,
        cells.copy(), np.ones((TILE_PX, TILE_PX), np.float32), 0.0, 0.0, cells, cells.copy(), sun, True, one, one,
    )  # fmt: skip


__all__ = ["lay", "warm_up"]
