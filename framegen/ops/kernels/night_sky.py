"""Stars and the moon as :mod:`framegen.ops.night_sky_reference` means them."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import night_sky_reference as reference
from framegen.ops.clouds import cloud_tile
from framegen.ops.kernels.jit import kernel, sealed
from framegen.ops.kernels.tile import tile_at

_ZERO, _HALF, _ONE, _TWO, _THREE, _LEVELS = (np.float32(v) for v in (0, 0.5, 1, 2, 3, 255))
_RISES, _STEEP = np.float32(reference.RISES[0]), np.float32(1 / (reference.RISES[1] - reference.RISES[0]))
_AHEAD, _LEAST_M, _INF = np.float32(reference.AHEAD), np.float32(ft.LEAST_M), np.float32(np.inf)
_SQUARED = np.float32(1 / 255**2)
_RIM, _RIM_STEEP = np.float32(reference.MOON_RAD - reference.SOFT_RAD), np.float32(0.5 / reference.SOFT_RAD)
_MOON_LIGHT = np.array(reference.MOON_LIGHT, np.float32)
_TEXELS, _MARIA = float(reference.MARIA_TEXELS), np.float32(reference.MARIA)
_GAIN, _OFF = (np.float32(v) for v in reference.PLAINS)


@kernel
def stars(
    picture: U8, depth_m: F32, open_sky: F32, per_px: F32, way: F32, light: F32, inverse: F32, share: np.float32,
    narrow: np.float32, reach: int,
) -> None:  # fmt: skip
    """Lays ``share`` of the stars of :func:`framegen.ops.night_sky_reference.catalogue` over the sky of ``picture``
    ``[H, W, 3]``, in place.

    ``depth_m`` ``[H, W]``: read-only. ``per_px`` ``[2]``: cells of ``open_sky`` ``[h, w]`` per pixel, across and down.
    ``inverse``: of ``pixel_from_world``. ``narrow``: of a star's spot, -1 over twice its variance; it ends ``reach``
    pixels away.
    """
    (height, width), beyond = depth_m.shape, np.float32(reach + 1)
    for n in range(way.shape[0]):
        x, y, z = way[n, 0], way[n, 1], way[n, 2]
        deep = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2] * z
        if not deep > _AHEAD:
            continue
        across = (inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2] * z) / deep
        down = (inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2] * z) / deep
        if not (across > -beyond and across < width + beyond and down > -beyond and down < height + beyond):
            continue
        rise = min(max((y - _RISES) * _STEEP, _ZERO), _ONE)
        bright = share * rise * rise * (_THREE - _TWO * rise)
        column, row = int(np.floor(across)), int(np.floor(down))
        for i in range(max(row - reach, 0), min(row + reach + 1, height)):
            for j in range(max(column - reach, 0), min(column + reach + 1, width)):
                if depth_m[i, j] >= _LEAST_M and depth_m[i, j] < _INF:
                    continue
                right, below = np.float32(j) + _HALF - across, np.float32(i) + _HALF - down
                part = bright * np.exp(narrow * (right * right + below * below))
                part *= open_sky[int((i + _HALF) * per_px[1]), int((j + _HALF) * per_px[0])]
                for c in range(3):
                    old = np.float32(picture[i, j, c])
                    value = min(old * old * _SQUARED + part * light[n, c], _ONE)
                    picture[i, j, c] = np.uint8(np.int32(_LEVELS * np.sqrt(value) + _HALF))


@kernel
def _between(cells: F32, row: np.float32, column: np.float32) -> np.float32:
    """See :func:`framegen.ops.night_sky_reference.between`."""
    y = min(max(row - _HALF, _ZERO), np.float32(cells.shape[0] - 1))
    x = min(max(column - _HALF, _ZERO), np.float32(cells.shape[1] - 1))
    top, left = int(y), int(x)
    below, right = min(top + 1, cells.shape[0] - 1), min(left + 1, cells.shape[1] - 1)
    down, across = y - np.float32(top), x - np.float32(left)
    above = cells[top, left] + across * (cells[top, right] - cells[top, left])
    under = cells[below, left] + across * (cells[below, right] - cells[below, left])
    found: np.float32 = above + down * (under - above)
    return found


@kernel
def moon(
    first: int, end: int, left: int, right: int, depth_m: F32, open_sky: F32, per_px: F32, columns: F32, rows: F32,
    toward: F32, tile: F32, share: np.float32, picture: U8,
) -> None:  # fmt: skip
    """Lays ``share`` of the moon over rows ``first`` to ``end`` and columns ``left`` to ``right`` of ``picture``, in
    place, as :func:`framegen.ops.night_sky_reference.lay_moon` means it.

    ``columns`` ``[3, W]`` and ``rows`` ``[3, H]``: of the camera's rays. ``toward`` ``[3]``: the moon. ``tile``: of
    ``cloud_tile``. The others: see :func:`stars`.
    """
    for i in range(first, end):
        for j in range(left, right):
            if depth_m[i, j] >= _LEAST_M and depth_m[i, j] < _INF:
                continue
            x, y, z = columns[0, j] + rows[0, i], columns[1, j] + rows[1, i], columns[2, j] + rows[2, i]
            scale = _ONE / np.sqrt(x * x + y * y + z * z)
            x, y, z = x * scale, y * scale, z * scale
            dx, dy, dz = x - toward[0], y - toward[1], z - toward[2]
            t = min(max((np.sqrt(dx * dx + dy * dy + dz * dz) - _RIM) * _RIM_STEEP, _ZERO), _ONE)
            disc = _ONE - t * t * (_THREE - _TWO * t)
            if not disc > _ZERO:
                continue
            across, along = np.float64(x) * _TEXELS + np.float64(z) * _TEXELS, np.float64(y) * _TEXELS
            plains = min(max(_GAIN * tile_at(tile, across, along) - _OFF, _ZERO), _ONE)
            seen = _between(open_sky, (np.float32(i) + _HALF) * per_px[1], (np.float32(j) + _HALF) * per_px[0])
            for c in range(3):
                old = np.float32(picture[i, j, c])
                more = max(_LEVELS * _MOON_LIGHT[c] * (_ONE - _MARIA * plains) - old, _ZERO)
                picture[i, j, c] = np.uint8(np.int32(old + share * disc * seen * more + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    plane, three, one = np.ones((4, 4), np.float32), np.ones((1, 3), np.float32), np.float32(1)
    per_px, square = np.ones(2, np.float32), np.eye(3, dtype=np.float32)
    picture, depth, line = np.zeros((4, 4, 3), np.uint8), sealed(plane, np.float32), np.ones((3, 4), np.float32)
    stars(picture, depth, plane, per_px, three, three, square, one, -one, 1)
    moon(0, 4, 0, 4, depth, plane, per_px, line, line, three[0], cloud_tile(), one, picture)


__all__ = ["moon", "stars", "warm_up"]
