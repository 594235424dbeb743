"""Water and wet floors that mirror as :mod:`framegen.ops.water_reference` means it, in bands of rows of blocks."""

from __future__ import annotations

import math

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import falls_reference
from framegen.ops import features as ft
from framegen.ops import water_reference as reference
from framegen.ops.clouds import TILE_PX
from framegen.ops.kernels.jit import kernel
from framegen.ops.kernels.place import place
from framegen.ops.kernels.tile import tile_at
from framegen.ops.kernels.trace import trace

_ZERO, _HALF, _ONE, _MOST = np.float32(0), np.float32(0.5), np.float32(1), np.float32(255)
_BLOCK, _CELLS, _LAST = reference.BLOCK_PX, ft.CELL_PX // reference.BLOCK_PX, reference.BLOCK_PX - 1
_STEPS, _REACH = np.int64(reference.MARCH.steps), np.float32(reference.MARCH.reach_m)
_START = np.float32(reference.START)
_PER_PX = np.float32(1 / reference.MARCH.stride_px)
_THICK_M, _BULK = np.float32(reference.MARCH.thick_m), np.float32(reference.MARCH.bulk)
_THICK = np.float32(reference.MARCH.thick)
_LEAST_UP, _STRAIGHT = np.float32(reference.LEAST_UP), np.float32(reference.STRAIGHT)
_GLINT, _SHARP = np.float32(reference.GLINT), np.float32(reference.GLINT_SHARP)
_SUN = np.array(reference.SUNLIGHT, np.float32)
_BODY = np.float32(reference.BODY / 255)
_WATER, _FLOOR, _TWO, _THREE = reference.WATER, reference.FLOOR, np.float32(2), np.float32(3)
_FILM, _DRY = np.float32(reference.FILM), np.float32(reference.PUDDLES[0])
_STEEP = np.float32(1 / (reference.PUDDLES[1] - reference.PUDDLES[0]))
_TEXELS = TILE_PX / reference.PUDDLES_M
_ROUGH, _ROUGH_SHARE = np.float32(reference.ROUGH), np.float32(reference.ROUGH_SHARE)
_GAPS, _STRANDS = np.float32(falls_reference.FALLING[0]), np.float32(falls_reference.FALLING[1])
_FALL_TEXELS, _PER_STRETCH = TILE_PX / falls_reference.STRANDS_M, 1 / falls_reference.STRETCH
_LENGTHS = np.array(reference.WAVES_M, np.float32)
_STEEPEST = np.float32(0.05)
_LEAST_M, _FAR = np.float32(ft.LEAST_M), np.float32(ft.FAR_M)
_LOW, _LOWER = np.float32(reference.LEVEL_M), np.float32(reference.LEVEL)
_SQUARE = np.float32(1 / 255**2)
_SUMS, _LEAST_SAY = 5, np.float32(1e-3)
"""Numbers that are averaged between blocks: light, how much of it is mirrored, and of how much still water; what each
of the four blocks around a pixel counts at least."""
_NEXT, _SECOND, _THIRD = np.uint64(1), np.uint64(2), np.uint64(3)
assert reference.BLOCK_PX == 2  # :func:`_between`
_INF, _FACING_UP = np.float32(np.inf), np.float32(reference.FACING_UP)


@kernel
def _puddle(noise: F32, x: float, z: float) -> np.float32:
    """See :func:`framegen.ops.water_reference.puddle`; ``x, z`` in texels."""
    part = min(max((tile_at(noise, x, z) - _DRY) * _STEEP, _ZERO), _ONE)
    share: np.float32 = _FILM + (_ONE - _FILM) * part * part * (_THREE - _TWO * part)
    return share


@kernel
def levels(kind: U8, depth_m: F32, up: F32, columns: F32, rows: F32, ahead: np.float32, deep: bool, out: F32) -> None:
    """:func:`framegen.ops.water_reference.levels` into ``out`` ``[2, h, w]``.

    ``up`` ``[h, w]``: cosines of the normals and up. ``columns``, ``rows``: upwards parts of the rays, ``[W]`` and
    ``[H]``; ``ahead``: that of the view axis of orthographic cameras.
    """
    h, w = up.shape
    out[0] = _INF
    out[1] = -_INF
    for i in range(h):
        y = i * ft.CELL_PX + ft.SAMPLE_PX
        for j in range(w):
            x = j * ft.CELL_PX + ft.SAMPLE_PX
            z = depth_m[y, x]
            if kind[y, x] not in (_WATER, _FLOOR) or not (z >= _LEAST_M and z < _FAR and up[i, j] > _FACING_UP):
                continue
            height = columns[x] + rows[y]
            height = height * z if deep else height + ahead * z
            for a in range(max(i - 1, 0), min(i + 2, h)):
                for b in range(max(j - 1, 0), min(j + 2, w)):
                    out[0, a, b] = min(out[0, a, b], height)
                    out[1, a, b] = max(out[1, a, b], height)


@kernel
def mirror(
    first: int, end: int, picture: U8, kind: U8, depth_m: F32, level: F32, columns: F32, rows: F32, ahead: F32,
    inverse: F32, corner: F32, pixel_m: np.float32, waves: F32, sky: F32, sun: F32,
    sunny: np.float32, rain: np.float32, noise: F32, texel_x: float, texel_z: float, out: F32,
) -> None:  # fmt: skip
    """Rows ``first`` to ``end`` of what :func:`framegen.ops.water_reference.mirrored` returns.

    ``kind`` ``[H, W]``: WATER, FLOOR or others. ``level`` ``[2, h, w]``: of ``levels``. ``columns``, ``rows``: see
    :class:`framegen.ops.features.Rays`. ``ahead`` ``[3]``: the view axis of orthographic cameras, else zeros.
    ``inverse``, ``corner``: of ``pixel_from_world``. ``sky`` ``[3]``: squared. ``noise``: of ``cloud_tile``;
    ``texel_x``, ``texel_z``: the camera's place in it.
    """
    deep = ahead[0] == 0 and ahead[1] == 0 and ahead[2] == 0
    pixels = picture.reshape(-1)
    flat_depth = depth_m.reshape(-1)
    for i in range(first, end):
        y = i * _BLOCK + _LAST
        for j in range(out.shape[1]):
            x = j * _BLOCK + _LAST
            out[i, j, 0] = out[i, j, 1] = out[i, j, 2] = _ZERO
            out[i, j, 3] = -_ONE
            z = depth_m[y, x]
            what = kind[y, x]
            if (what not in (_WATER, _FLOOR)) or not (z >= _LEAST_M and z < _FAR):
                continue
            rx, ry, rz = columns[0, x] + rows[0, y], columns[1, x] + rows[1, y], columns[2, x] + rows[2, y]
            if deep:
                px, py, pz = rx * z, ry * z, rz * z
                scale = _ONE / np.sqrt(rx * rx + ry * ry + rz * rz)
                wx, wy, wz = rx * scale, ry * scale, rz * scale
            else:
                px, py, pz = rx + ahead[0] * z, ry + ahead[1] * z, rz + ahead[2] * z
                scale = _ONE / np.sqrt(ahead[0] * ahead[0] + ahead[1] * ahead[1] + ahead[2] * ahead[2])
                wx, wy, wz = ahead[0] * scale, ahead[1] * scale, ahead[2] * scale
            lowest, highest = level[0, i // _CELLS, j // _CELLS], level[1, i // _CELLS, j // _CELLS]
            off = _LOW + _LOWER * z
            if wy >= _ZERO or not (py > lowest - off and py < highest + off):
                continue
            if what == _WATER and not (py < lowest + off or py > highest - off):
                continue
            spacing = np.float32(2 * _BLOCK) * pixel_m * (z if deep else _ONE) / max(-wy, _STEEPEST)
            a = b = _ZERO
            for n in range(_LENGTHS.shape[0] if what == _WATER else 0):
                seen = min(_LENGTHS[n] / spacing - _ONE, _ONE)
                if seen > _ZERO:
                    kx, kz = waves[n, 0], waves[n, 1]
                    wave = seen * waves[n, 3] * np.float32(math.cos(kx * px + kz * pz + waves[n, 2]))
                    wave /= np.sqrt(kx * kx + kz * kz)
                    a, b = a + wave * kx, b + wave * kz
            up = _ONE / np.sqrt(_ONE + a * a + b * b)
            nx, nz = -a * up, -b * up
            facing = max(-(wx * nx + wy * up + wz * nz), _ZERO)
            slant = _ONE - facing
            share = _STRAIGHT + (_ONE - _STRAIGHT) * slant * slant * slant * slant * slant
            if what == _FLOOR:
                share *= rain * _puddle(noise, px * _TEXELS + texel_x, pz * _TEXELS + texel_z)
            tx, ty, tz = wx + 2 * facing * nx, max(wy + 2 * facing * up, _LEAST_UP), wz + 2 * facing * nz
            scale = _ONE / np.sqrt(tx * tx + ty * ty + tz * tz)
            tx, ty, tz = np.float32(tx * scale), np.float32(ty * scale), np.float32(tz * scale)
            off = _START * z
            at, _ = trace(
                depth_m, inverse, px + off * tx - corner[0], py + off * ty - corner[1], pz + off * tz - corner[2],
                tx, ty, tz, deep, _REACH, _STEPS, _PER_PX, _THICK_M, _BULK, _THICK,
            )  # fmt: skip
            shine = _ZERO
            if at < 0 or not (flat_depth[at] >= _LEAST_M and flat_depth[at] < _FAR):
                toward = tx * sun[0] + ty * sun[1] + tz * sun[2]
                if toward > _HALF:
                    shine = _GLINT * sunny * np.float32(toward**_SHARP)
            for c in range(3):
                color = sky[c]
                if at >= 0:
                    value = np.float32(pixels[3 * at + c])
                    color = value * value * _SQUARE
                out[i, j, c] = share * (color + shine * _SUN[c])
            out[i, j, 3] = share


@kernel
def mark(mirrored: F32, inside: F32) -> None:
    """Notes what is still water in ``mirrored`` ``[n, w, 4]``, part and all, in ``inside`` ``[n, w]``, and puts 1 or 0
    in place of the part, as what is summed."""
    for i in range(inside.shape[0]):
        for j in range(inside.shape[1]):
            inside[i, j] = mirrored[i, j, 3]
            mirrored[i, j, 3] = _ONE if inside[i, j] >= _ZERO else _ZERO


@kernel
def average(summed: F32, inside: F32, out: F32) -> None:
    """Means of sums ``[n, w, 4]``, the last of which says of how much, into ``out`` where :func:`mark` noted still
    water; the part is again what it was."""
    for i in range(inside.shape[0]):
        for j in range(inside.shape[1]):
            per = _ONE / max(summed[i, j, 3], _ONE) if inside[i, j] >= _ZERO else _ZERO
            for c in range(3):
                out[i, j, c] = summed[i, j, c] * per
            out[i, j, 3] = inside[i, j]


@kernel
def _any(kind: U8, what: int) -> bool:
    some = False
    for x in range(kind.shape[0]):
        some |= kind[x] == what
    return some


@kernel
def _gather(mirrored: F32, out: F32) -> None:
    """A row of blocks ``[w, 4]`` as :data:`_SUMS` rows ``[w + 2]``, 0 where none is still, the last 1 where one is;
    the ends are repeated."""
    w = mirrored.shape[0]
    for n in range(w):
        j, to = np.uint64(n), np.uint64(n + 1)
        still = _ONE if mirrored[j, 3] >= _ZERO else _ZERO
        for c in range(4):
            out[c, to] = still * mirrored[j, c]
        out[4, to] = still
    for c in range(_SUMS):
        out[c, 0], out[c, w + 1] = out[c, 1], out[c, w]


@kernel
def _between(upper: F32, lower: F32, down: np.float32, out: F32) -> None:
    """Of two rows of :func:`_gather`, ``down`` from the upper one, what each pixel of a row sums up: ``[2 w]``."""
    for n in range(out.shape[0] // _BLOCK):
        j = np.uint64(n)
        a, b, c = upper[j], upper[j + _NEXT], upper[j + _SECOND]
        d, e, f = lower[j], lower[j + _NEXT], lower[j + _SECOND]
        here = b + down * (e - b)
        out[_SECOND * j] = _HALF * (a + down * (d - a) + here) + _LEAST_SAY * (a + b + d + e)
        out[_SECOND * j + _NEXT] = here + _LEAST_SAY * (b + c + e + f)


@kernel
def _share(kind: U8, sums: F32, through: F32, share: np.float32, out: F32) -> None:
    """How a row of floors takes what it mirrors: ``out`` ``[3, W]``, how much of its own light it keeps, by what
    the mirrored one is multiplied, and how much of all that is laid over."""
    part, total = sums[3], sums[4]
    keeps, lit, over = out[0], out[1], out[2]
    for n in range(kind.shape[0]):
        x = np.uint64(n)
        over[x] = share if (kind[x] == _FLOOR) & (total[x] > _ZERO) else _ZERO
    for n in range(kind.shape[0]):
        x = np.uint64(n)
        lit[x] = through[x] / total[x] if total[x] > _ZERO else _ZERO
    for n in range(kind.shape[0]):
        x = np.uint64(n)
        keeps[x] = max(_ONE - part[x] * lit[x], _ZERO) * _SQUARE  # what mirrors wholly may round to a little more


@kernel
def _mix(line: U8, red: F32, green: F32, blue: F32, keeps: F32, lit: F32, over: F32) -> None:
    """Lays what :func:`_share` says of mirrored light over a row of pixels ``[3 W]``, in place."""
    for n in range(over.shape[0]):
        x, i = np.uint64(n), _THIRD * np.uint64(n)
        old = np.float32(line[i])
        value = np.sqrt(min(old * old * keeps[x] + red[x] * lit[x], _ONE))
        line[i] = np.uint8(np.int32(old + over[x] * (_MOST * value - old) + _HALF))
        i += _NEXT
        old = np.float32(line[i])
        value = np.sqrt(min(old * old * keeps[x] + green[x] * lit[x], _ONE))
        line[i] = np.uint8(np.int32(old + over[x] * (_MOST * value - old) + _HALF))
        i += _NEXT
        old = np.float32(line[i])
        value = np.sqrt(min(old * old * keeps[x] + blue[x] * lit[x], _ONE))
        line[i] = np.uint8(np.int32(old + over[x] * (_MOST * value - old) + _HALF))


@kernel
def lay(
    first: int, end: int, mirrored: F32, kind: U8, color: U8, depth_m: F32, through: F32, air: F32, columns: F32,
    rows: F32, ahead: F32, noise: F32, across: float, below: float, sky: F32, foam: F32, falls: F32, share: np.float32,
    picture: U8,
) -> None:  # fmt: skip
    """Rows ``first`` to ``end`` of :func:`framegen.ops.water_reference.laid`, in place.

    ``columns``, ``rows``, ``ahead``, ``noise``: as of :func:`mirror`. ``across``, ``below``: of
    :func:`framegen.ops.falls_reference.place_of`; ``falls`` ``[h, w]``: of ``falling`` there.
    """
    h, w = mirrored.shape[0], mirrored.shape[1]
    deep = ahead[0] == 0 and ahead[1] == 0 and ahead[2] == 0
    blocks, held = np.empty((2, _SUMS, w + 2), np.float32), np.full(2, -1)
    sums, kept = np.empty((_SUMS, w * _BLOCK), np.float32), np.empty((3, kind.shape[1]), np.float32)
    for y in range(first, end):
        v = (np.float32(y) - np.float32(_LAST)) / np.float32(_BLOCK)
        i0 = math.floor(v)
        down = v - np.float32(i0)
        if _any(kind[y], _FLOOR):
            for i in (max(i0, 0), min(i0 + 1, h - 1)):
                if held[i & 1] != i:
                    held[i & 1] = i
                    _gather(mirrored[i], blocks[i & 1])
            upper, lower = blocks[max(i0, 0) & 1], blocks[min(i0 + 1, h - 1) & 1]
            for k in range(_SUMS):
                _between(upper[k], lower[k], down, sums[k])
            _share(kind[y], sums, through[y], share, kept)
            _mix(picture[y].reshape(-1), sums[0], sums[1], sums[2], kept[0], kept[1], kept[2])
        if not _any(kind[y], _WATER):
            continue
        for x in range(kind.shape[1]):
            if kind[y, x] != _WATER:
                continue
            u = (np.float32(x) - np.float32(_LAST)) / np.float32(_BLOCK)
            j0 = math.floor(u)
            right = u - np.float32(j0)
            total = red = green = blue = part = _ZERO
            for di in range(2):
                i = min(max(i0 + di, 0), h - 1)
                for dj in range(2):
                    j = min(max(j0 + dj, 0), w - 1)
                    if mirrored[i, j, 3] >= _ZERO:
                        weight = (down if di else _ONE - down) * (right if dj else _ONE - right) + _LEAST_SAY
                        total += weight
                        red += weight * mirrored[i, j, 0]
                        green += weight * mirrored[i, j, 1]
                        blue += weight * mirrored[i, j, 2]
                        part += weight * mirrored[i, j, 3]
            over, still, z, white = share, total > _ZERO, depth_m[y, x], _ZERO
            if not still:
                if not (z >= _LEAST_M and z < _FAR):
                    continue
                px, py, pz = place(columns, rows, ahead, deep, x, y, z)
                strand = tile_at(noise, (px + pz) * _FALL_TEXELS + across, py * _FALL_TEXELS * _PER_STRETCH + below)
                part = falls[y // ft.CELL_PX, x // ft.CELL_PX]
                over = share * (_ROUGH_SHARE + part * (_GAPS + (_STRANDS - _GAPS) * strand - _ROUGH_SHARE))
                white, total, part = part, _ONE, _ROUGH
                red, green, blue = part * sky[0] * sky[0], part * sky[1] * sky[1], part * sky[2] * sky[2]
            clear = _ONE - part / total
            t = through[y, x]
            haze = air[y // ft.CELL_PX, x // ft.CELL_PX]
            for c in range(3):
                old = np.float32(picture[y, x, c])
                light = (red if c == 0 else green if c == 1 else blue) / total
                own = np.float32(color[y, x, c]) * _BODY * sky[c]
                seen = np.sqrt(own * own * clear + light)
                seen += white * (foam[c] - seen)
                value = seen * t + haze[c] * (_ONE - t)
                new = old + over * (min(value, _ONE) * _MOST - old)
                picture[y, x, c] = np.uint8(np.int32(new + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, kind, depth = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), np.uint8), np.ones((4, 4), np.float32)
    line, three, out = np.ones((3, 4), np.float32), np.ones(3, np.float32), np.zeros((2, 2, 4), np.float32)
    one, square = np.float32(1), np.eye(3, dtype=np.float32)
    waves, tile = np.ones((_LENGTHS.shape[0], 4), np.float32), np.ones((TILE_PX, TILE_PX), np.float32)
    levels(kind, depth, depth[:1, :1].copy(), three, three.copy(), one, True, np.ones((2, 1, 1), np.float32))
    mirror(
        0, 2, picture, kind, depth, np.ones((2, 1, 1), np.float32), line, -line, three, square, three, one, waves,
        three, three, one, one, tile, 0.0, 0.0, out,
    )  # fmt: skip
    mark(out, out[..., 3].copy())
    average(out.copy(), out[..., 3].copy(), out)
    lay(
        0, 4, out, kind, picture.copy(), depth, depth.copy(), np.ones((1, 1, 3), np.float32), line, line.copy(), three,
        tile, 0.0, 0.0, three.copy(), three.copy(), depth[:1, :1].copy(), one, picture,
    )  # fmt: skip


__all__ = ["average", "lay", "levels", "mark", "mirror", "warm_up"]
