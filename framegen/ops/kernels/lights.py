"""Lights as :mod:`framegen.ops.lights_reference` means them: only the pixels that are lights are looked at twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops import lights_reference as reference
from framegen.ops.fields import PLANE_GROUND, PLANE_WALL_X
from framegen.ops.kernels.jit import kernel
from framegen.ops.lights_reference import LAMP, SIGN, TILE, WINDOW

I32 = NDArray[np.int32]

_ZERO, _ONE, _TWO, _THREE, _MOST = np.float32(0), np.float32(1), np.float32(2), np.float32(3), np.float32(255)
_HALF, _WRAP, _CELL = np.float32(0.5), TILE - 1, ft.CELL_PX
_PER_ROOM = 1 / np.array(reference.ROOM_M)
_STOREY = reference.MIDDLE[1]
_ROOM = np.array(reference.ROOM_M, np.float32)
_ABRUPT = np.float32(1 / reference.PARTITION)
_DIM, _STEEP = np.float32(reference.DIM), np.float32(1 / (reference.BRIGHT - reference.DIM))
_WARM, _PALE = np.array(reference.WARM, np.float32), np.array(reference.PALE, np.float32)
_LEAST, _GAIN = np.float32(reference.LEAST), np.float32(reference.GAIN / 255)
_RED, _GREEN, _BLUE = (np.float32(weight) for weight in reference.LUMA)
_DEEP_M, _LAMP_M, _LEAST_WAY = (np.float32(v) for v in (reference.DEPTH_M, reference.LAMP_M, reference.LEAST_WAY))
_FILL, _REST = np.float32(reference.BRIGHTEST * reference.FILL), np.float32(reference.BRIGHTEST * (1 - reference.FILL))
_FALL = np.float32(1 / reference.FALL_M**2)
_BLURRED, _CLEARER = np.float32(reference.PIXEL_M[1]), np.float32(1 / (reference.PIXEL_M[1] - reference.PIXEL_M[0]))
_AVERAGE = np.float32(reference.AVERAGE)
_CEILING, _FLOOR, _WALL = (np.float32(v) for v in (reference.CEILING, reference.FLOOR, reference.WALL))
_LAMP, _SIGN, _SIGNS = LAMP, SIGN, np.float32(reference.SIGNS / 255)
_LAMP_GLOW, _WINDOW_GLOW, _SIGN_GLOW = (np.float32(reference.GLOW[kind]) for kind in (LAMP, WINDOW, SIGN))
_SHARE = np.float32(1 / ft.CELL_PX**2)
_FAR = np.float32(ft.FAR_M)
_PAINT, _AIR = layout.PAINT.start, layout.AIR.start
assert TILE & (TILE - 1) == 0  # places wrap by a mask


@kernel
def _smooth(part: float) -> np.float32:
    t = min(max((np.float32(part) - _HALF) * _ABRUPT + _HALF, _ZERO), _ONE)
    eased: np.float32 = t * t * (_THREE - _TWO * t)
    return eased


@kernel
def _noise(lattices: F32, x: float, y: float, z: float, out: F32) -> None:
    """Both lattices at a place in rooms."""
    x0, y0, z0 = int(np.floor(x)), int(np.floor(y)), int(np.floor(z))
    px, py, pz = _smooth(x - x0), _smooth(y - y0), _smooth(z - z0)
    for c in range(2):
        lattice, total = lattices[c], _ZERO
        for i in range(2):
            for j in range(2):
                line = lattice[(x0 + i) & _WRAP, (y0 + j) & _WRAP]
                near, far = line[z0 & _WRAP], line[(z0 + 1) & _WRAP]
                along = near + pz * (far - near)
                total += (px if i else _ONE - px) * (py if j else _ONE - py) * along
        out[c] = total


@kernel
def _off(place: float, wide: np.float32) -> np.float32:
    """How far a place in rooms is from the middle of its room, in metres."""
    off: np.float32 = np.float32(place - np.floor(place + 0.5)) * wide
    return off


@kernel
def _inside(x: float, y: float, z: float, wx: np.float32, wy: np.float32, wz: np.float32, faces_x: bool) -> np.float32:
    """How bright what is seen of the room is behind a window that faces along x or z, at a place in rooms, along ``w``
    in metres: see :func:`framegen.ops.lights_reference.inside`."""
    if faces_x:
        side, along, into, wide = _off(z, _ROOM[2]), wz, max(abs(wx), _LEAST_WAY), _ROOM[2]
    else:
        side, along, into, wide = _off(x, _ROOM[0]), wx, max(abs(wz), _LEAST_WAY), _ROOM[0]
    up = _off(y, _ROOM[1])
    back = _DEEP_M / into
    beside = (_HALF * wide - (side if along > _ZERO else -side)) / abs(along)
    level = (_HALF * _ROOM[1] - (up if wy > _ZERO else -up)) / abs(wy)
    far, albedo = min(back, beside), _WALL
    if level < far:
        far, albedo = level, _CEILING if wy > _ZERO else _FLOOR
    deep, side, up = far * into - _HALF * _DEEP_M, side + far * along, up + far * wy - _LAMP_M
    bright: np.float32 = albedo * (_FILL + _REST / (_ONE + (deep * deep + side * side + up * up) * _FALL))
    return bright


@kernel
def find(
    first: int, end: int, kind: U8, color: U8, depth_m: F32, through: F32, columns: F32, rows: F32, ahead: F64,
    position: F64, plane: U8, pixel_m: np.float32, shift_m: F32, lattices: F32, at: I32, cover: F32, light: F32,
    cells: F32, nearest: F32, lamps: F32, lamp_m: F32,
) -> int:  # fmt: skip
    """The lights in rows ``first`` to ``end``, whole cells, of a frame: their flat pixel numbers ``at``, how much they
    cover behind the air, and ``light`` ``[n, 3]``; adds what glows to ``cells`` ``[h, w, 3]`` and what is lamp to
    ``lamps`` ``[h, w]``, and lowers ``nearest`` and ``lamp_m`` ``[h, w]`` to the distance of the nearest of each cell,
    and of the nearest lamp. Returns how many there are.

    ``columns``, ``rows``, ``ahead`` (zeros for perspective), ``position``: see :class:`framegen.ops.features.Rays`;
    ``columns`` empty: places are not known. ``plane`` ``[h, w]``: the lookup plane of each cell. ``pixel_m``: metres
    that a pixel covers, one metre away if the camera sees in perspective. ``depth_m``, ``through``, ``plane`` and
    ``shift_m`` may be empty.
    """
    width = kind.shape[1]
    placed, hazy, moved = columns.size > 0, through.size > 0, shift_m.size > 0
    flat = ahead[0] != 0 or ahead[1] != 0 or ahead[2] != 0
    found, count = np.empty(2, np.float32), 0
    for y in range(first, end):
        for x in range(width):
            what = kind[y, x]
            if what == 0:
                continue
            home, hue, far, shade = _ONE, _ZERO, _FAR, _ONE
            if placed and depth_m[y, x] > _ZERO and depth_m[y, x] < _FAR:
                far = depth_m[y, x]
            if what == _LAMP:
                hue = _ONE
            elif placed and what != _SIGN:
                d = np.float64(far)
                scale = 1.0 if flat else d
                px = (columns[0, x] + rows[0, y]) * scale + position[0] + (ahead[0] * d if flat else 0.0)
                py = (columns[1, x] + rows[1, y]) * scale + position[1] + (ahead[1] * d if flat else 0.0)
                pz = (columns[2, x] + rows[2, y]) * scale + position[2] + (ahead[2] * d if flat else 0.0)
                if moved:
                    shift = shift_m[y // _CELL, x // _CELL]
                    px, py, pz = px + shift[0], py + shift[1], pz + shift[2]
                px, py, pz = px * _PER_ROOM[0], py * _PER_ROOM[1] - _STOREY, pz * _PER_ROOM[2]
                _noise(lattices, px, py, pz, found)
                home, hue = min(max((found[0] - _DIM) * _STEEP, _ZERO), _ONE), found[1]
                if home == _ZERO:
                    continue
                if plane.size > 0:
                    wx, wy, wz = np.float32(ahead[0]), np.float32(ahead[1]), np.float32(ahead[2])
                    if not flat:
                        wx, wy, wz = columns[0, x] + rows[0, y], columns[1, x] + rows[1, y], columns[2, x] + rows[2, y]
                    seen = min(max((_BLURRED - (pixel_m if flat else pixel_m * far)) * _CLEARER, _ZERO), _ONE)
                    if plane[y // _CELL, x // _CELL] == PLANE_GROUND:
                        shade = _ONE
                    elif seen > _ZERO:
                        room = _inside(px, py, pz, wx, wy, wz, plane[y // _CELL, x // _CELL] == PLANE_WALL_X)
                        shade = _AVERAGE + seen * (room - _AVERAGE)
                    else:
                        shade = _AVERAGE
            red, green, blue = np.float32(color[y, x, 0]), np.float32(color[y, x, 1]), np.float32(color[y, x, 2])
            bright = shade * (_LEAST + _GAIN * (_RED * red + _GREEN * green + _BLUE * blue))
            home *= through[y, x] if hazy else _ONE
            spread = home * (_LAMP_GLOW if what == _LAMP else _SIGN_GLOW if what == _SIGN else _WINDOW_GLOW) * _SHARE
            row, column = y // _CELL, x // _CELL
            if what == _LAMP:
                lamps[row, column] += _SHARE
                if far < _FAR:
                    lamp_m[row, column] = min(lamp_m[row, column], far)
            for c in range(3):
                value = (_WARM[c] + hue * (_PALE[c] - _WARM[c])) * bright
                if what == _SIGN:
                    value = _SIGNS * np.float32(color[y, x, c])
                value = min(value, _ONE)
                light[count, c] = value
                cells[row, column, c] += spread * value
            if far < _FAR:
                nearest[row, column] = min(nearest[row, column], far)
            at[count], cover[count] = y * width + x, home
            count += 1
    return count


@kernel
def shine(picture: U8, share: np.float32, at: I32, cover: F32, light: F32) -> None:
    """Lays ``share`` of the lights over ``picture`` ``[H, W, 3]``, in place."""
    flat = picture.reshape(-1)
    for n in range(at.shape[0]):
        part = share * cover[n]
        for c in range(3):
            i = np.uint64(3 * at[n] + c)
            old = np.float32(flat[i])
            flat[i] = np.uint8(np.int32(min(max(old + part * (_MOST * light[n, c] - old), _ZERO), _MOST) + _HALF))


@kernel
def glow(latent: F32, light: F32, share: np.float32, cover: np.float32, sky: F32, out: F32) -> None:
    """:func:`framegen.engines.embedded.taste.glowing` of ``share`` of ``light`` ``[h, w, 3]``, into ``out``."""
    for i in range(latent.shape[0]):
        for j in range(latent.shape[1]):
            for k in range(latent.shape[2]):
                out[i, j, k] = latent[i, j, k]
            beyond = cover * sky[i, j]
            for c in range(3):
                more = share * light[i, j, c]
                out[i, j, _PAINT + c] += more
                out[i, j, _AIR + c] += more * beyond


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, kind = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.uint8)
    depth, line, none = np.ones((4, 4), np.float32), np.zeros((3, 4), np.float32), np.zeros(3)
    at, cover, light = np.empty(16, np.int32), np.empty(16, np.float32), np.empty((16, 3), np.float32)
    lattices, cells = np.ones((2, TILE, TILE, TILE), np.float32), np.zeros((1, 1, 3), np.float32)
    count = find(
        0, 4, kind, picture, depth, depth.copy(), line, line.copy(), none, none.copy(), np.ones((1, 1), np.uint8), _ONE,
        cells.copy(), lattices, at, cover, light, cells, *np.ones((3, 1, 1), np.float32),
    )  # fmt: skip
    shine(picture, np.float32(1), at[:count], cover[:count], light[:count])
    latent = np.ones((1, 1, layout.KEPT), np.float32)
    glow(latent, cells, _ONE, _ONE, depth[:1, :1].copy(), latent.copy())
