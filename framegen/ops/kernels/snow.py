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
from framegen.ops.kernels.tile import tile_row

_ZERO, _HALF, _ONE, _TWO, _THREE, _MOST = (np.float32(v) for v in (0, 0.5, 1, 2, 3, 255))
_CELL = ft.CELL_PX
_BARE, _STEEP, _STEEPER = np.float32(reference.BARE), np.float32(1 / reference.SOFT), np.float32(reference.STEEPER)
_ROUGH, _PATCHY, _PATCH = np.float32(reference.ROUGH), np.float32(reference.PATCHY), np.float32(reference.PATCH)
_PATCH_STEEP, _HIDES = np.float32(1 / reference.PATCH_SOFT), np.float32(reference.MOST)
_THIN = np.float32(reference.THIN)
_TEXELS = TILE_PX / reference.NOISE_M
_PER_M = np.float32(_TEXELS)
_LEAN_X, _LEAN_Z = np.float32(reference.LEAN[0]), np.float32(reference.LEAN[1])
_FIRST, _SECOND, _THIRD, _FOUR = (np.uint64(n) for n in (1, 2, 3, 4))
_SHADE, _DRIFT = np.float32(reference.SHADE), np.float32(reference.DRIFT)


@kernel
def _stays(label: U8, bears: F32, out: F32) -> bool:
    """How much snow stays on each pixel of a row ``[W]``; whether any does."""
    some = False
    for x in range(label.shape[0]):
        out[x] = bears[label[x]]
        some |= out[x] > _ZERO
    return some


@kernel
def _bearing(stays: F32, least: np.float32, up: F32) -> bool:
    """Leaves 0 in ``up`` ``[W]`` where no snow can lie; whether any can."""
    some = False
    for x in range(up.shape[0]):
        up[x] = up[x] if (up[x] > least) & (stays[x] > _ZERO) else _ZERO
        some |= up[x] > _ZERO
    return some


@kernel
def _widen(cells: F32, channel: int, out: F32) -> None:
    """A channel of a row of cells ``[w, c]``, each four pixels wide: ``[W]``."""
    for n in range(cells.shape[0]):
        value, to = cells[n, channel], _FOUR * np.uint64(n)
        out[to] = out[to + _FIRST] = out[to + _SECOND] = out[to + _THIRD] = value


@kernel
def _origins(shift_m: F32, texel_x: float, texel_z: float, out: F32) -> None:
    """Where the camera is in the noise for each cell of a row, ``out`` ``[w, 2]`` in texels, or for that which moved
    by ``shift_m`` ``[w, 3]``, if that is not empty."""
    for j in range(out.shape[0]):
        u, v = texel_x, texel_z
        if shift_m.size > 0:
            # how far a thing has come is more than float32 has texels for
            x, y, z = np.float64(shift_m[j, 0]), np.float64(shift_m[j, 1]), np.float64(shift_m[j, 2])
            u, v = u + (x + _LEAN_X * y) * _TEXELS, v + (z + _LEAN_Z * y) * _TEXELS
        out[j, 0], out[j, 1] = u - np.floor(u / TILE_PX) * TILE_PX, v - np.floor(v / TILE_PX) * TILE_PX


@kernel
def _place(
    columns: F32, row: F32, ahead: F32, deep: bool, depth_m: F32, up: F32, axis: int, lean: np.float32, begin: F32,
    out: F32,
) -> None:  # fmt: skip
    """Where a row of pixels is in the noise along ``axis``, in texels; anywhere where nothing faces up."""
    wide, offset, forward = columns[axis], row[axis], ahead[axis]
    high, offset_y, forward_y = columns[1], row[1], ahead[1]
    for x in range(out.shape[0]):
        z = depth_m[x] if up[x] > _ZERO else _ZERO
        far, on = (z, _ZERO) if deep else (_ONE, z)
        across = (wide[x] + offset) * far + forward * on
        above = (high[x] + offset_y) * far + forward_y * on
        out[x] = (across + lean * above) * _PER_M + begin[x]


@kernel
def _cover(up: F32, found: F32, stays: F32, bare: np.float32, patchy: np.float32, most: np.float32, out: F32) -> None:
    """How much of each pixel of a row snow hides."""
    for x in range(out.shape[0]):
        rise = min(max((up[x] + _ROUGH * (found[x] - _HALF) - bare) * _STEEP, _ZERO), _ONE)
        patch = min(max((found[x] - patchy) * _PATCH_STEEP, _ZERO), _ONE)
        part = most * rise * rise * (_THREE - _TWO * rise) * patch * stays[x]
        out[x] = part if up[x] > _ZERO else _ZERO


@kernel
def _brighten(part: F32, facing: F32, level: np.float32, found: F32, out: F32) -> None:
    """How bright a row of snow is over one that lies level, which faces the sun by ``level``."""
    for x in range(out.shape[0]):
        # where there is none, how it faces may not be a number
        toward = facing[x] if part[x] > _ZERO else level
        out[x] = _ONE + _SHADE * (toward - level) + _DRIFT * (found[x] - _HALF)


@kernel
def _white(color: F32, bright: F32, through: F32, air: F32, out: F32) -> None:
    """One channel of a row of snow behind the air, in levels of 255."""
    for x in range(out.shape[0]):
        white = color[x] * bright[x] * through[x] + air[x] * (_ONE - through[x])
        out[x] = _MOST * min(max(white, _ZERO), _ONE)


@kernel
def _mix(line: U8, part: F32, red: F32, green: F32, blue: F32) -> None:
    """Lays ``part`` of a row's snow over its pixels ``[3 W]``, in place."""
    for n in range(part.shape[0]):
        x, i = np.uint64(n), _THIRD * np.uint64(n)
        old = np.float32(line[i])
        line[i] = np.uint8(np.int32(old + part[x] * (red[x] - old) + _HALF))
        i += _FIRST
        old = np.float32(line[i])
        line[i] = np.uint8(np.int32(old + part[x] * (green[x] - old) + _HALF))
        i += _FIRST
        old = np.float32(line[i])
        line[i] = np.uint8(np.int32(old + part[x] * (blue[x] - old) + _HALF))


@kernel
def lay(
    first: int, end: int, picture: U8, label: U8, bears: F32, depth_m: F32, flat: F32, turn: F32, across: F32,
    down: F32, deep: bool, through: F32, columns: F32, rows: F32, ahead: F32, shift_m: F32, noise: F32, texel_x: float,
    texel_z: float, color: F32, air: F32, sun: F32, snow: np.float32, share: np.float32,
) -> None:  # fmt: skip
    """Rows ``first`` to ``end`` of :func:`framegen.ops.snow_reference.laid`, in place.

    ``label`` ``[H, W]``: codes, of which ``bears`` ``[256]`` says how much snow stays. ``flat``, ``turn``, ``across``,
    ``down``, ``deep``: see :func:`framegen.ops.kernels.normals.face`. ``columns``, ``rows``: see
    :class:`framegen.ops.features.Rays`; ``ahead`` ``[3]``: the view axis of orthographic cameras. ``shift_m``
    ``[h, w, 3]``: of what moves, or empty. ``texel_x``, ``texel_z``: the camera's place in ``noise``, which is flat.
    ``sun`` ``[3]``: times how clear it shines.
    """
    width, moved = picture.shape[1], shift_m.size > 0
    bare, patchy = _BARE - _STEEPER * snow, _PATCHY - _PATCH * snow
    most = share * _HIDES * (_THIN + (_ONE - _THIN) * snow)
    least = max(bare - _HALF * _ROUGH, _ZERO)  # whatever the noise
    steps, up, facing = np.empty((2, width), np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    scratch, planes = np.empty((4, width), np.float32), np.empty((9, width), np.float32)
    stays, part, found, bright = scratch[0], scratch[1], scratch[2], scratch[3]
    places, begin = np.empty((2, width), np.float32), np.empty((2, width), np.float32)
    at, texels = np.empty((4, width), np.uint32), np.empty((4, width), np.float32)
    own, haze, white = planes[:3], planes[3:6], planes[6:]
    origins, row, read = np.empty((width // _CELL, 2), np.float32), np.empty(3, np.float32), -1
    for y in range(first, end):
        if not _stays(label[y], bears, stays):
            continue
        normals.face(flat, y, turn, across, down, sun, deep, steps, up, facing)
        if not _bearing(stays, least, up):
            continue
        if y // _CELL != read:
            read = y // _CELL
            _origins(shift_m[read] if moved else shift_m[:0].reshape(-1, 3), texel_x, texel_z, origins)
            for c in range(2):
                _widen(origins, c, begin[c])
            for c in range(3):
                _widen(color[read], c, own[c])
                _widen(air[read], c, haze[c])
        row[0], row[1], row[2] = rows[0, y], rows[1, y], rows[2, y]
        _place(columns, row, ahead, deep, depth_m[y], up, 0, _LEAN_X, begin[0], places[0])
        _place(columns, row, ahead, deep, depth_m[y], up, 2, _LEAN_Z, begin[1], places[1])
        tile_row(noise, places[0], places[1], at, texels, found)
        _cover(up, found, stays, bare, patchy, most, part)
        _brighten(part, facing, sun[1], found, bright)
        for c in range(3):
            _white(own[c], bright, through[y], haze[c], white[c])
        _mix(picture[y].reshape(-1), part, white[0], white[1], white[2])


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, plane, cells = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.float32), np.ones((1, 1, 3), np.float32)
    wide = 4 + 2 * MARGIN
    line, flat, turn = np.ones((3, 4), np.float32), np.ones((wide, wide), np.float32), np.ones((3, 3), np.float32)
    one, sun, steps = np.float32(1), np.zeros(3, np.float32), np.ones(4, np.float32)
    normals.flatten_rows(0, 4, plane, True, flat)
    lay(
        0, 4, picture, picture[..., 0].copy(), np.ones(256, np.float32), plane, flat, turn, steps, steps.copy(), True,
        plane.copy(), line, line.copy(), sun.copy(), cells.copy(), np.ones(TILE_PX**2, np.float32), 0.0, 0.0, cells,
        cells.copy(), sun, one, one,
    )  # fmt: skip


__all__ = ["lay", "warm_up"]
