"""The embedded model's composition: one pass over the picture, in bands of rows, with everything fused.

Its meaning is :func:`framegen.ops.reference.compose` with :func:`framegen.ops.reference.picked_detail`.

What makes the loops vector code: one float32 result a loop, cells padded so that no index is clamped, unsigned
indices (of signed ones numba asks whether they count from the end), and four texels read as two words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.fields import LEVELS, PLANE_GROUND, PLANE_WALL_X, U32, UNITS_PER_LOG
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.rows import SHARE, exponential, widen
from framegen.ops.kernels.survey import ROW, survey
from framegen.ops.reference import DETAIL_CLIP, FLOOR

I32 = NDArray[np.int32]

_PLANES = 10
"""Planes per cell: gain (3), paint (3), air (3), each in levels of 255, contrast of detail per level."""
_ROOM = 16
"""Numbers per cell where its planes lie side by side: with room for whole vector registers."""
_MAPS = 8
"""Rows per cell: tiles per metre, column and row of the camera in tiles, side and origin of the tile in texels, and
whether the surface is a wall along x, or ground."""

_GAIN, _COVER, _PAINT, _DETAIL = layout.GAIN.start, layout.COVER, layout.PAINT.start, layout.DETAIL
_PICK, _FIELDS, _AIR = layout.PICK, layout.FIELDS, layout.AIR.start
_LEAST, _FAR = np.float32(ft.LEAST_M), np.float32(ft.FAR_M * 0.999)
_LAST = np.float32(LEVELS)
_FLOOR = np.float32(round(FLOOR * 255))
_CLIP = np.float32(DETAIL_CLIP)
_NEUTRAL = np.float32(128)
_ZERO, _HALF, _ONE, _LEVELS = np.float32(0), np.float32(0.5), np.float32(1), np.float32(255)
_PER_LEVEL = np.float32(1 / 255)
_FIRST, _SECOND, _THIRD = np.uint64(1), np.uint64(2), np.uint64(3)
_ROW_BITS, _COLUMN = np.uint64(ROW.bit_length() - 1), np.uint64(ROW - 1)
_BYTE, _EIGHT = np.uint32(255), np.uint32(8)


@kernel
def _coefficients(
    latent: F32, air: F32, weight: F32, grade: F32, cover: np.float32, contrast: np.float32, out: F32, turned: F32
) -> None:
    """What a row of cells does to its pixels: ``out`` ``[_PLANES, w + 2]``, its ends repeated; ``turned`` likewise.

    ``latent`` ``[w, KEPT]``, ``air`` ``[w, 3]``, ``weight`` ``[w]`` of the detail 0..1, or empty for 1 everywhere;
    ``grade`` ``[3]`` multiplies surfaces and their paint.
    """
    width = latent.shape[0]
    detailed = np.float32(contrast / np.float32(UNITS_PER_LOG))
    for x in range(width):
        left = _ONE - cover * latent[x, _COVER]
        for c in range(3):
            out[c, x + 1] = np.exp(latent[x, _GAIN + c]) * left * grade[c]
            out[3 + c, x + 1] = _LEVELS * cover * latent[x, _PAINT + c] * grade[c]
            out[6 + c, x + 1] = _LEVELS * air[x, c]
        detail = detailed * latent[x, _DETAIL]
        out[9, x + 1] = detail * weight[x] if weight.size > 0 else detail
    for k in range(_PLANES):
        out[k, 0] = out[k, 1]
        out[k, width + 1] = out[k, width]
    for x in range(width + 2):
        for k in range(_PLANES):
            turned[x * _ROOM + k] = out[k, x]


@kernel
def _lookup(
    latent: F32,
    footprint_m: F32,
    plane: U8,
    shift_m: F32,
    tile_m: F64,
    camera_tiles: F64,
    size_px: F32,
    origin_px: F32,
    out: F32,
) -> None:
    """Where the field that each cell of a row picked lies in the atlas, each cell four pixels wide: ``[_MAPS, 4w]``.

    ``camera_tiles`` ``[3, K]`` is the camera's position in tiles of each field, reduced to 0..1. ``shift_m`` ``[w, 3]``
    is added to where the surfaces are, or is empty.
    """
    values = np.empty(_MAPS, np.float32)
    for x in range(plane.shape[0]):
        k = int(latent[x, _PICK])
        texels = max(footprint_m[x] * np.float32(size_px[0] / tile_m[k]), _ONE)
        octaves = np.rint(np.float32(2) * np.log2(texels))
        # as a whole number, infinity and NaN would be less than any
        level = int(octaves) if octaves < _LAST else LEVELS
        facing = plane[x]
        right, up, back = camera_tiles[0, k], camera_tiles[1, k], camera_tiles[2, k]
        if shift_m.size > 0:
            right += shift_m[x, 0] / tile_m[k]
            up += shift_m[x, 1] / tile_m[k]
            back += shift_m[x, 2] / tile_m[k]
        across, along = right, -up
        if facing == PLANE_WALL_X:
            across = -back
        elif facing == PLANE_GROUND:
            along = back
        values[0] = 1.0 / tile_m[k]
        values[1] = across - np.floor(across)
        values[2] = along - np.floor(along)
        values[3] = size_px[level]
        values[4] = origin_px[k, level, 0] - 0.5
        values[5] = origin_px[k, level, 1] - 0.5
        values[6] = _ONE if facing == PLANE_WALL_X else _ZERO
        values[7] = _ONE if facing == PLANE_GROUND else _ZERO
        for m in range(_MAPS):
            value, to = values[m], np.uint64(4 * x)
            out[m, to] = value
            out[m, to + _FIRST] = value
            out[m, to + _SECOND] = value
            out[m, to + _THIRD] = value


@kernel
def _read(
    wide: F32, depth_m: F32, columns: F32, ray: F32, ahead: F32, texels: U32, stride: np.int32,
    at: U32, upper: U32, lower: U32, part: F32, out: F32,
) -> None:  # fmt: skip
    """Detail of one pixel row, in levels around zero: ``out`` ``[W]``.

    ``ray`` ``[3]`` is added to ``columns`` ``[3, W]``; ``ahead`` ``[3]`` is the view axis of orthographic cameras (rays
    are then offsets), or zeros. ``texels`` is a word from every byte of the atlas on, ``stride`` bytes a row; ``at``,
    ``upper``, ``lower`` ``[W]`` and ``part`` ``[2, W]`` are scratch.
    """
    width = out.shape[0]
    flat = ahead[0] != 0 or ahead[1] != 0 or ahead[2] != 0
    step = np.uint32(stride)
    for x in range(width):
        d = depth_m[x] if (depth_m[x] >= _LEAST) & (depth_m[x] < _FAR) else _ZERO
        scale, shift = (_ONE, d) if flat else (d, _ZERO)
        px = (columns[0, x] + ray[0]) * scale + shift * ahead[0]
        py = (columns[1, x] + ray[1]) * scale + shift * ahead[1]
        pz = (columns[2, x] + ray[2]) * scale + shift * ahead[2]
        wall, ground = wide[6, x], wide[7, x]
        u = (px - wall * (px + pz)) * wide[0, x] + wide[1, x]
        v = (ground * (pz + py) - py) * wide[0, x] + wide[2, x]
        u, v = u - np.floor(u), v - np.floor(v)
        # NaN, of cameras that look nowhere, would be an index outside of everything
        u = (u if u > _ZERO else _ZERO) * wide[3, x] + wide[4, x]
        v = (v if v > _ZERO else _ZERO) * wide[3, x] + wide[5, x]
        iu, iv = np.int32(u), np.int32(v)
        part[0, x], part[1, x] = u - np.float32(iu), v - np.float32(iv)
        at[x] = np.uint32(np.int32(iv * stride) + iu)
    for x in range(width):
        upper[x] = texels[at[x]]
    for x in range(width):
        lower[x] = texels[np.uint32(at[x] + step)]
    for x in range(width):
        top, bottom = upper[x], lower[x]
        t0, t1 = np.float32(np.int32(top & _BYTE)), np.float32(np.int32((top >> _EIGHT) & _BYTE))
        b0, b1 = np.float32(np.int32(bottom & _BYTE)), np.float32(np.int32((bottom >> _EIGHT) & _BYTE))
        above, below = t0 + part[0, x] * (t1 - t0), b0 + part[0, x] * (b1 - b0)
        out[x] = above + part[1, x] * (below - above) - _NEUTRAL


@kernel
def _level(value: np.float32) -> Any:
    return np.uint8(np.int32(min(max(value + _HALF, _ZERO), _LEVELS)))


@kernel
def _part_at_edges(
    start: int, end: int, at: I32, weight: F32, which: I32, here: int, turned: F32, mixed: F32, fine: F32
) -> None:
    """Where a pixel lies on one side of an edge of depth, the cells of the other side lose their say in it.

    ``fine`` ``[_PLANES, 4w]`` is one pixel row, interpolated bilinearly, changed in place at :func:`..survey.survey`'s
    pixels ``start`` to ``end``; ``turned`` ``[3, (w + 2) * _ROOM]`` are the rows of cells around the row ``here``;
    ``mixed`` ``[_ROOM]`` is scratch.
    """
    room, line, flat = np.uint64(_ROOM), turned.shape[1], turned.reshape(-1)
    row = np.empty(3, np.uint64)
    for n in range(3):
        row[n] = np.uint64((here + n + 2) % 3 * line)
    for n in range(start, end):
        x = np.uint64(at[n])
        a, b, c, d = weight[0, n], weight[1, n], weight[2, n], weight[3, n]
        first, second = np.uint64(which[0, n]), np.uint64(which[1, n])
        third, fourth = np.uint64(which[2, n]), np.uint64(which[3, n])
        i = row[first >> _ROW_BITS] + (first & _COLUMN) * room
        j = row[second >> _ROW_BITS] + (second & _COLUMN) * room
        k = row[third >> _ROW_BITS] + (third & _COLUMN) * room
        m = row[fourth >> _ROW_BITS] + (fourth & _COLUMN) * room
        # a whole number of vector registers, and a number of turns that the compiler knows
        for p in range(room):
            mixed[p] = a * flat[i + p] + b * flat[j + p] + c * flat[k + p] + d * flat[m + p]
        for k in range(np.uint64(_PLANES)):
            fine[k, x] = mixed[k]


@kernel
def _shade(picture: F32, fine: F32, factor: F32, through: F32, plane: int, hazy: bool) -> None:
    """One channel of a pixel row in place: lit and painted, textured, and behind the air. ``plane`` is the channel."""
    gain, paint, sky = fine[plane], fine[3 + plane], fine[6 + plane]
    for x in range(picture.shape[0]):
        picture[x] = (max(picture[x], _FLOOR) * gain[x] + paint[x]) * factor[x]
    if hazy:
        for x in range(picture.shape[0]):
            picture[x] = (picture[x] - sky[x]) * through[x] + sky[x]


@kernel
def _tone(picture: F32, steep: np.float32, low: np.float32) -> None:
    """One channel of a pixel row in place: :func:`framegen.ops.reference.toned`."""
    for x in range(picture.shape[0]):
        value = min(max(picture[x] * _PER_LEVEL, _ZERO), _ONE)
        picture[x] = (value + value * (_ONE - value) * (steep * value - low)) * _LEVELS


@kernel
def air_of(latent: F32, grade: F32, steep: float, low: float, out: F32) -> None:
    """The air of ``latent`` ``[h, w, c]`` as a picture shows it, 0..1, into ``out`` ``[h, w, 3]``."""
    curved, dark = np.float32(steep), np.float32(low)
    for i in range(latent.shape[0]):
        for j in range(latent.shape[1]):
            for c in range(3):
                value = min(max(latent[i, j, _AIR + c] * grade[c], _ZERO), _ONE)
                out[i, j, c] = value + value * (_ONE - value) * (curved * value - dark)


@kernel
def compose_band(
    first: int, end: int, latent: F32, air: F32, shift_m: F32, weight: F32, grade: F32, cover: float, contrast: float,
    steep: float, low: float, color: U8, depth_m: F32, through: F32, span: I32, edge_at: I32, edge_weight: F32,
    edge_which: I32, plane: U8, footprint_m: F32, tile_m: F64, camera_tiles: F64, size_px: F32, origin_px: F32,
    columns: F32, rows: F32, ahead: F32, texels: U32, stride: int, out: U8,
) -> None:  # fmt: skip
    """The pixels of the rows of cells ``first`` to ``end``: ``color`` ``[H, W, 3]`` restyled into ``out``.

    ``depth_m`` ``[H, W]`` is empty where there is none (then the air is clear); ``through``, ``span``, ``edge_at``,
    ``edge_weight`` and ``edge_which`` are those of :func:`framegen.ops.kernels.survey.survey`. ``plane`` ``[h, w]`` is
    empty without detail. ``shift_m`` ``[h, w, 3]`` and ``weight`` ``[h, w]``: see
    :class:`framegen.ops.anchors.Anchors`; empty where nothing moves. ``grade`` ``[3]``: gains on surfaces and paint.
    ``steep``, ``low``: of the tone curve.
    """
    height, cells = latent.shape[:2]
    width = 4 * cells
    padded, wide = np.empty((_PLANES, cells + 2), np.float32), np.empty((3, _PLANES, width), np.float32)
    turned, fine = np.zeros((3, (cells + 2) * _ROOM), np.float32), np.empty((_PLANES, width), np.float32)
    mixture, clear = np.empty(_ROOM, np.float32), np.ones(width, np.float32)
    maps, ray = np.empty((_MAPS, width), np.float32), np.empty(3, np.float32)
    at, upper, lower = np.empty(width, np.uint32), np.empty(width, np.uint32), np.empty(width, np.uint32)
    part, factor = np.empty((2, width), np.float32), np.ones(width, np.float32)
    red, green, blue = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    hazy, textured, anchored = depth_m.size > 0, plane.size > 0, weight.size > 0
    covered, contrasted = np.float32(cover), np.float32(contrast)
    curved, dark = np.float32(steep), np.float32(low)
    for cell in range(first - 1, end + 1):
        # the row of cells after the one whose pixels are next, so that those have both their neighbours
        row = min(max(cell, 0), height - 1)
        kept = weight[row] if anchored else weight[:0].reshape(-1)
        _coefficients(latent[row], air[row], kept, grade, covered, contrasted, padded, turned[(cell + 3) % 3])
        for k in range(_PLANES):
            widen(padded[k], wide[(cell + 3) % 3, k])
        here = cell - 1
        if here < first:
            continue
        if textured:
            moved = shift_m[here] if anchored else shift_m[:0].reshape(-1, 3)
            _lookup(latent[here], footprint_m[here], plane[here], moved, tile_m, camera_tiles, size_px, origin_px, maps)
        for r in range(4):
            y = 4 * here + r
            share = SHARE[r]
            upon, under = (here + 2) % 3 if r < 2 else here % 3, here % 3 if r < 2 else (here + 1) % 3
            for k in range(_PLANES):
                above, below, mixed = wide[upon, k], wide[under, k], fine[k]
                for x in range(width):
                    mixed[x] = above[x] + share * (below[x] - above[x])
            passed = through[y] if hazy else clear
            if hazy:
                _part_at_edges(span[y, 0], span[y, 1], edge_at, edge_weight, edge_which, here, turned, mixture, fine)
            if textured:
                ray[0], ray[1], ray[2] = rows[0, y], rows[1, y], rows[2, y]
                _read(maps, depth_m[y], columns, ray, ahead, texels, np.int32(stride), at, upper, lower, part, factor)
                for x in range(width):
                    factor[x] = min(max(factor[x] * fine[9, x], -_CLIP), _CLIP)
                exponential(factor)
            source, result = color[y].reshape(-1), out[y].reshape(-1)
            for x in range(width):
                i = _THIRD * np.uint64(x)
                red[x] = np.float32(source[i])
                green[x] = np.float32(source[i + _FIRST])
                blue[x] = np.float32(source[i + _SECOND])
            _shade(red, fine, factor, passed, 0, hazy)
            _shade(green, fine, factor, passed, 1, hazy)
            _shade(blue, fine, factor, passed, 2, hazy)
            if curved != _ZERO or dark != _ZERO:
                _tone(red, curved, dark)
                _tone(green, curved, dark)
                _tone(blue, curved, dark)
            for x in range(width):
                i = _THIRD * np.uint64(x)
                result[i] = _level(red[x])
                result[i + _FIRST] = _level(green[x])
                result[i + _SECOND] = _level(blue[x])


def words(pixels: U8) -> U32:
    """The atlas as one little-endian word from every byte on, without a copy: ``[size - 3]``, not aligned."""
    found: U32 = np.ndarray((pixels.size - 3,), np.dtype("<u4"), buffer=pixels.data, strides=(1,))
    return found


def warm_up() -> None:
    """Compiles everything here, or loads what an earlier run compiled; composing the first frame is then as fast."""
    h, w = 2, 2
    latent = np.zeros((h, w, layout.KEPT), np.float32)
    cells, pixels = np.ones((h, w), np.float32), np.ones((4 * h, 4 * w), np.float32)
    picture, atlas = np.zeros((4 * h, 4 * w, 3), np.uint8), np.zeros((8, 8), np.uint8)
    lines, span, at = np.zeros((3, 4 * w), np.float32), np.empty((4 * h, 2), np.int32), np.empty(16 * h * w, np.int32)
    weight, which = np.empty((4, 16 * h * w), np.float32), np.zeros((4, 16 * h * w), np.int32)
    air_of(latent, np.ones(3, np.float32), 0.0, 0.0, np.empty((h, w, 3), np.float32))
    survey(0, h, pixels, pixels, np.float32(0.01), np.float32(1), pixels.copy(), span, at, weight, which)
    compose_band(
        0, h, latent, latent[..., layout.AIR].copy(), np.zeros((h, w, 3), np.float32), cells, np.ones(3, np.float32),
        1.0, 1.0, 0.0, 0.0, picture, pixels, pixels, span, at, weight, which, np.zeros((h, w), np.uint8), cells,
        np.ones(_FIELDS), np.zeros((3, _FIELDS)), np.ones(LEVELS + 1, np.float32),
        np.ones((_FIELDS, LEVELS + 1, 2), np.float32), lines, lines, np.zeros(3, np.float32), words(atlas), 8,
        np.empty_like(picture),
    )  # fmt: skip
