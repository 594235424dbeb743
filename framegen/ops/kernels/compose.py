"""The embedded model's composition: one pass over the picture, in rows, with everything fused.

Its meaning is :func:`framegen.ops.reference.compose` with :func:`framegen.ops.reference.picked_detail`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.fields import LEVELS, PLANE_GROUND, PLANE_WALL_X, UNITS_PER_LOG
from framegen.ops.kernels.jit import kernel
from framegen.ops.reference import DETAIL_CLIP, FLOOR

I32 = NDArray[np.int32]

CELL_PLANES = 10
"""Planes per cell: gain (3), paint less air (3), air (3), each in levels of 255, and contrast of detail per level."""
MAP_PLANES = 6
"""Planes per cell: tiles per metre, column and row of the camera in tiles, side and origin of the tile in texels."""

_GAIN, _COVER, _PAINT, _DETAIL = layout.GAIN.start, layout.COVER, layout.PAINT.start, layout.DETAIL
_CHOICE, _FIELDS = layout.CHOICE.start, layout.FIELDS
_FAR = np.float32(ft.FAR_M * 0.999)
_FLOOR = np.float32(round(FLOOR * 255))
_CLIP = np.float32(DETAIL_CLIP)
_HIDDEN = np.float32(-12)
"""Log of the least that passes the air: six parts in a million."""
_NEUTRAL = np.float32(128)


@kernel
def coefficients(latent: F32, air: F32, still: F32, has_depth: bool, cover: float, contrast: float, out: F32) -> None:
    """What each cell does to its pixels: ``out`` ``[CELL_PLANES, h, w]``.

    ``latent`` ``[h, w, LATENT]``, ``air`` ``[h, w, 3]``, ``still`` ``[h, w]`` 0..1, or empty for 1 everywhere.
    """
    height, width = latent.shape[:2]
    moving = still.size > 0
    for y in range(height):
        for x in range(width):
            left = np.float32(1.0 - cover * latent[y, x, _COVER])
            for c in range(3):
                sky = np.float32(255.0) * air[y, x, c]
                paint = np.float32(255.0 * cover) * latent[y, x, _PAINT + c]
                out[c, y, x] = np.exp(latent[y, x, _GAIN + c]) * left
                out[3 + c, y, x] = paint - sky if has_depth else paint
                out[6 + c, y, x] = sky
            detail = np.float32(contrast / UNITS_PER_LOG) * latent[y, x, _DETAIL]
            out[9, y, x] = detail * still[y, x] if moving else detail


@kernel
def lookup_maps(
    latent: F32, footprint_m: F32, plane: U8, tile_m: F64, camera_tiles: F64, size_px: F32, origin_px: F32, out: F32
) -> None:
    """Where the field that each cell picked lies in the atlas: ``out`` ``[MAP_PLANES, h, w]``.

    ``camera_tiles`` ``[3, K]`` is the camera's position in tiles of each field, reduced to 0..1.
    """
    height, width = plane.shape
    for y in range(height):
        for x in range(width):
            k = 0
            for i in range(1, _FIELDS):
                if latent[y, x, _CHOICE + i] > latent[y, x, _CHOICE + k]:
                    k = i
            texels = max(footprint_m[y, x] * np.float32(size_px[0] / tile_m[k]), np.float32(1.0))
            level = min(int(np.rint(2.0 * np.log2(texels))), LEVELS)
            facing = plane[y, x]
            across, along = camera_tiles[0, k], -camera_tiles[1, k]
            if facing == PLANE_WALL_X:
                across = -camera_tiles[2, k]
            elif facing == PLANE_GROUND:
                along = camera_tiles[2, k]
            out[0, y, x] = 1.0 / tile_m[k]
            out[1, y, x] = across
            out[2, y, x] = along
            out[3, y, x] = size_px[level]
            out[4, y, x] = origin_px[k, level, 0] - 0.5
            out[5, y, x] = origin_px[k, level, 1] - 0.5


@kernel
def _widen(cells: F32, out: F32) -> None:
    """One row of every plane of cells at the width of the picture, bilinear: ``[P, w]`` -> ``[P, 4w]``."""
    width = cells.shape[1]
    for k in range(cells.shape[0]):
        plane, wide = cells[k], out[k]
        for x in range(width):
            a, b, c = plane[max(x - 1, 0)], plane[x], plane[min(x + 1, width - 1)]
            wide[4 * x] = np.float32(0.375) * a + np.float32(0.625) * b
            wide[4 * x + 1] = np.float32(0.125) * a + np.float32(0.875) * b
            wide[4 * x + 2] = np.float32(0.875) * b + np.float32(0.125) * c
            wide[4 * x + 3] = np.float32(0.625) * b + np.float32(0.375) * c


@kernel
def _repeat(maps: F32, plane: U8, out: F32) -> None:
    """One row of cells' maps, each cell four pixels wide: ``[8, 4w]``; the last two rows say how a surface faces."""
    for x in range(plane.shape[0]):
        wall = np.float32(1.0) if plane[x] == PLANE_WALL_X else np.float32(0.0)
        ground = np.float32(1.0) if plane[x] == PLANE_GROUND else np.float32(0.0)
        for i in range(4 * x, 4 * x + 4):
            for k in range(MAP_PLANES):
                out[k, i] = maps[k, x]
            out[6, i] = wall
            out[7, i] = ground


@kernel
def _read(wide: F32, depth_m: F32, columns: F32, ray: F32, ahead: F32, atlas: U8, at: I32, part: F32, out: F32) -> None:
    """Detail of one pixel row, in levels around zero: ``out`` ``[W]``.

    ``ray`` ``[3]`` is added to ``columns`` ``[3, W]``; ``ahead`` ``[3]`` is the view axis of orthographic cameras (rays
    are then offsets), or zeros. ``at`` ``[W]`` and ``part`` ``[2, W]`` are scratch.
    """
    width, stride = out.shape[0], np.int32(atlas.shape[1])
    flat = ahead[0] != 0 or ahead[1] != 0 or ahead[2] != 0
    for x in range(width):
        d = depth_m[x] if depth_m[x] < _FAR else np.float32(0)
        scale, shift = (np.float32(1), d) if flat else (d, np.float32(0))
        px = (columns[0, x] + ray[0]) * scale + shift * ahead[0]
        py = (columns[1, x] + ray[1]) * scale + shift * ahead[1]
        pz = (columns[2, x] + ray[2]) * scale + shift * ahead[2]
        wall, ground = wide[6, x], wide[7, x]
        u = (px - wall * (px + pz)) * wide[0, x] + wide[1, x]
        v = (ground * (pz + py) - py) * wide[0, x] + wide[2, x]
        u = (u - np.floor(u)) * wide[3, x] + wide[4, x]
        v = (v - np.floor(v)) * wide[3, x] + wide[5, x]
        iu, iv = np.int32(u), np.int32(v)
        part[0, x], part[1, x] = u - np.float32(iu), v - np.float32(iv)
        at[x] = iv * stride + iu
    texels = atlas.ravel()
    for x in range(width):
        i = at[x]
        t0, t1 = np.float32(texels[i]), np.float32(texels[i + 1])
        b0, b1 = np.float32(texels[i + stride]), np.float32(texels[i + stride + 1])
        upper, lower = t0 + part[0, x] * (t1 - t0), b0 + part[0, x] * (b1 - b0)
        out[x] = upper + part[1, x] * (lower - upper) - _NEUTRAL


@kernel
def _exponential(x: F32, bits: I32, out: F32) -> None:
    """``exp(x)`` for -60 < x < 60 within 1.1e-4 of it: a power of two by its bits, the rest by a series."""
    powers = bits.view(np.float32)
    for i in range(x.shape[0]):
        t = x[i] * np.float32(1.4426950408889634)
        n = np.floor(t)
        bits[i] = (np.int32(n) + np.int32(127)) << np.int32(23)
        f = t - n
        # minimax on 0..1
        out[i] = np.float32(0.99992522) + f * (
            np.float32(0.69583354) + f * (np.float32(0.22606716) + f * np.float32(0.07802452))
        )
    for i in range(x.shape[0]):
        out[i] *= powers[i]


@kernel
def compose_rows(
    first: int, end: int, cells: F32, red: U8, green: U8, blue: U8, depth_m: F32, stretch: F32, fog_per_m: float,
    maps: F32, plane: U8, columns: F32, rows: F32, ahead: F32, atlas: U8,
) -> None:  # fmt: skip
    """Pixel rows ``first`` to ``end`` of the picture, in place: ``red``, ``green``, ``blue`` ``[H, W]`` uint8.

    ``depth_m`` ``[H, W]`` is empty where there is none (then the air is clear), ``stretch`` ``[H, W]`` the metres
    along the ray per metre of depth, ``maps`` empty without detail.
    """
    width, height = red.shape[1], cells.shape[1]
    upper, lower = np.empty((2, CELL_PLANES, width), np.float32)
    wide = np.empty((8, width), np.float32)
    at, bits, part = np.empty(width, np.int32), np.empty(width, np.int32), np.empty((2, width), np.float32)
    factor, through, sky = np.ones(width, np.float32), np.ones(width, np.float32), np.empty(width, np.float32)
    hazy, textured = depth_m.size > 0, maps.size > 0
    fog = np.float32(-fog_per_m)
    held, mapped = -2, -1
    ray = np.empty(3, np.float32)
    for y in range(first, end):
        place = (y + 0.5) * 0.25 - 0.5
        above = int(np.floor(place))
        share = np.float32(place - above)
        if above != held:
            held = above
            _widen(cells[:, max(above, 0)], upper)
            _widen(cells[:, min(above + 1, height - 1)], lower)
        if hazy:
            for x in range(width):
                d = depth_m[y, x] if depth_m[y, x] < _FAR else _FAR
                through[x] = max(d * stretch[y, x] * fog, _HIDDEN)
            _exponential(through, bits, through)
        if textured:
            if y // 4 != mapped:
                mapped = y // 4
                _repeat(maps[:, mapped], plane[mapped], wide)
            ray[0], ray[1], ray[2] = rows[0, y], rows[1, y], rows[2, y]
            _read(wide, depth_m[y], columns, ray, ahead, atlas, at, part, factor)
            for x in range(width):
                strength = upper[9, x] + share * (lower[9, x] - upper[9, x])
                factor[x] = min(max(factor[x] * strength, -_CLIP), _CLIP)
            _exponential(factor, bits, factor)
        for c in range(3):
            picture = (red if c == 0 else green if c == 1 else blue)[y]
            for x in range(width):
                gain = upper[c, x] + share * (lower[c, x] - upper[c, x])
                rest = upper[3 + c, x] + share * (lower[3 + c, x] - upper[3 + c, x])
                value = max(np.float32(picture[x]), _FLOOR) * gain * factor[x] + rest
                sky[x] = value
            if hazy:
                for x in range(width):
                    air = upper[6 + c, x] + share * (lower[6 + c, x] - upper[6 + c, x])
                    sky[x] = sky[x] * through[x] + air
            for x in range(width):
                picture[x] = np.uint8(np.int32(min(max(sky[x] + np.float32(0.5), np.float32(0)), np.float32(255))))


def warm_up() -> None:
    """Compiles everything here, or loads what an earlier run compiled; composing the first frame is then as fast."""
    h, w = 2, 2
    latent = np.zeros((h, w, layout.LATENT), np.float32)
    plane, cells = np.zeros((h, w), np.uint8), np.zeros((CELL_PLANES, h, w), np.float32)
    pixels = np.ones((4 * h, 4 * w), np.float32)
    maps = np.zeros((MAP_PLANES, h, w), np.float32)
    coefficients(latent, latent[..., layout.AIR].copy(), pixels[:h, :w].copy(), True, 1.0, 1.0, cells)
    lookup_maps(
        latent, pixels[:h, :w].copy(), plane, np.ones(_FIELDS), np.zeros((3, _FIELDS)),
        np.ones(LEVELS + 1, np.float32), np.ones((_FIELDS, LEVELS + 1, 2), np.float32), maps,
    )  # fmt: skip
    channel, lines = np.zeros((4 * h, 4 * w), np.uint8), np.zeros((3, 4 * w), np.float32)
    compose_rows(
        0, 4 * h, cells, channel, channel, channel, pixels, pixels, 1.0, maps, plane, lines, lines,
        np.zeros(3, np.float32), np.zeros((8, 8), np.uint8),
    )  # fmt: skip
