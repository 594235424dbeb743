"""Antialiasing as :mod:`framegen.ops.antialias_reference` means it, in bands of rows.

Its whole numbers are float32 here, which is exact below 2**24 and makes vector code.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops.antialias_reference import LEAST, LUMINANCE, REACH_PX, RELATIVE, SMALL
from framegen.ops.kernels.jit import kernel

_RED, _GREEN, _BLUE = (np.float32(weight) for weight in LUMINANCE)
_LEAST, _RELATIVE, _SMALL = np.float32(LEAST), np.float32(RELATIVE), np.float32(SMALL)
_ZERO, _HALF, _ONE, _TWO, _THREE, _TWELVE = (np.float32(v) for v in (0, 0.5, 1, 2, 3, 12))
_FIRST, _SECOND, _THIRD = np.uint64(1), np.uint64(2), np.uint64(3)
_MARGIN = REACH_PX + 1
"""Rows beyond a band that its pixels may look at."""


@kernel
def _most(n: np.float32, s: np.float32, w: np.float32, e: np.float32, mine: np.float32) -> np.float32:
    return max(max(max(n, s), max(w, e)), mine)  # noqa: PLW3301  # in pairs, as vector units do it


@kernel
def _end(
    light: F32, at: int, side: int, step: int, room: int, pair: np.float32, steep: np.float32
) -> tuple[int, np.float32]:
    """See the reference; places are counted through the flat ``light``, ``room`` pixels lie before the border."""
    far, off = 0, _ZERO
    for i in range(1, min(room, REACH_PX) + 1):
        place = at + i * step
        far, off = i, light[np.uint64(place)] + light[np.uint64(place + side)] - pair
        if _TWO * abs(off) >= steep:
            break
    return far, off


@kernel
def _luminance(source: U8, out: F32) -> None:
    """A row of pixels ``[3 W]`` to ``[W + 2]``, its ends repeated."""
    width = out.shape[0] - 2
    for x in range(width):
        i = _THIRD * np.uint64(x)
        red, green, blue = np.float32(source[i]), np.float32(source[i + _FIRST]), np.float32(source[i + _SECOND])
        out[np.uint64(x) + _FIRST] = _RED * red + _GREEN * green + _BLUE * blue
    out[0], out[width + 1] = out[1], out[width]


@kernel
def _edges(above: F32, here: F32, below: F32, out: U8) -> None:
    """Where a row ``[W + 2]`` has edges: ``out`` ``[W]``, 1 or 0."""
    for x in range(out.shape[0]):
        i = np.uint64(x)
        w, mine, e, n, s = here[i], here[i + _FIRST], here[i + _SECOND], above[i + _FIRST], below[i + _FIRST]
        most = _most(n, s, w, e, mine)
        contrast = most + _most(-n, -s, -w, -e, -mine)
        out[i] = np.uint8(contrast >= _LEAST) & np.uint8(_RELATIVE * contrast >= most)


@kernel
def smooth(picture: U8, first: int, end: int, share: np.float32, out: U8) -> None:
    """The rows ``first`` to ``end`` of ``picture`` ``[H, W, 3]`` into ``out``, by ``share`` 0..1."""
    height, width = picture.shape[:2]
    top, bottom = max(first - _MARGIN, 0), min(end + _MARGIN, height)
    stride = width + 2
    # a border of one pixel on all sides, so that nothing at the rim asks where it is
    plane = np.empty((bottom - top + 2, stride), np.float32)
    for y in range(top - 1, bottom + 1):
        _luminance(picture[min(max(y, 0), height - 1)].reshape(-1), plane[y - top + 1])
    light, edge = plane.reshape(-1), np.empty(width, np.uint8)
    pixels, mixed = picture.reshape(-1), out.reshape(-1)
    for y in range(first, end):
        line = y - top + 1
        _edges(plane[line - 1], plane[line], plane[line + 1], edge)
        out[y] = picture[y]
        for x in range(width):
            if not edge[x]:
                continue
            at = line * stride + 1 + x
            middle, over, under = np.uint64(at - 1), np.uint64(at - stride - 1), np.uint64(at + stride - 1)
            nw, n, ne = light[over], light[over + _FIRST], light[over + _SECOND]
            w, mine, e = light[middle], light[middle + _FIRST], light[middle + _SECOND]
            sw, s, se = light[under], light[under + _FIRST], light[under + _SECOND]
            contrast = _most(n, s, w, e, mine) + _most(-n, -s, -w, -e, -mine)
            level = abs(nw - _TWO * w + sw) + _TWO * abs(n - _TWO * mine + s) + abs(ne - _TWO * e + se)
            upright = abs(nw - _TWO * n + ne) + _TWO * abs(w - _TWO * mine + e) + abs(sw - _TWO * s + se)
            flat = level >= upright
            before, after = (n, s) if flat else (w, e)
            backward = abs(before - mine) >= abs(after - mine)
            other = before if backward else after
            steep = max(abs(before - mine), abs(after - mine))
            thin = abs(_TWO * (n + s + w + e) + nw + ne + sw + se - _TWELVE * mine) / (_TWELVE * contrast)
            thin = min(thin, _ONE)
            thin = thin * thin * (_THREE - _TWO * thin)
            side, step = (stride, 1) if flat else (1, stride)
            if backward:
                side = -side
            behind, beyond = (x, width - 1 - x) if flat else (y, height - 1 - y)
            pair = mine + other
            back, back_end = _end(light, at, side, -step, behind, pair, steep)
            ahead, ahead_end = _end(light, at, side, step, beyond, pair, steep)
            cut = _ZERO
            nearest = back_end if back < ahead else ahead_end
            if _TWO * abs(nearest) >= steep and (mine < other) != (nearest < _ZERO):
                cut = _HALF - np.float32(min(back, ahead)) / np.float32(back + ahead)
            mix = share * max(cut, thin * thin * _SMALL)
            ny, nx = y, x
            if flat:
                ny = max(y - 1, 0) if backward else min(y + 1, height - 1)
            else:
                nx = max(x - 1, 0) if backward else min(x + 1, width - 1)
            here, there = _THIRD * np.uint64(y * width + x), _THIRD * np.uint64(ny * width + nx)
            for c in range(np.uint64(3)):
                a, b = np.float32(pixels[here + c]), np.float32(pixels[there + c])
                mixed[here + c] = np.uint8(np.int32(a + mix * (b - a) + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture = np.zeros((4, 4, 3), np.uint8)
    smooth(picture, 0, 4, np.float32(1), np.empty_like(picture))
