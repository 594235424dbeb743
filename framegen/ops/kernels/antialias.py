"""Antialiasing as :mod:`framegen.ops.antialias_reference` means it, in bands of rows.

Its whole numbers are float32 here, which is exact below 2**24 and makes vector code.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops.antialias_reference import LEAST, LUMINANCE, MARGIN_PX, REACH_PX, RELATIVE, SMALL
from framegen.ops.kernels.jit import kernel

_RED, _GREEN, _BLUE = (np.float32(weight) for weight in LUMINANCE)
_LEAST, _RELATIVE, _SMALL = np.float32(LEAST), np.float32(RELATIVE), np.float32(SMALL)
_ZERO, _HALF, _ONE, _TWO, _THREE, _TWELVE = (np.float32(v) for v in (0, 0.5, 1, 2, 3, 12))
_FIRST, _SECOND, _THIRD = np.uint64(1), np.uint64(2), np.uint64(3)
_REACH = np.int32(REACH_PX)


@kernel
def _most(n: np.float32, s: np.float32, w: np.float32, e: np.float32, mine: np.float32) -> np.float32:
    return max(max(max(n, s), max(w, e)), mine)  # noqa: PLW3301  # in pairs, as vector units do it


@kernel
def _luminance(source: U8, out: F32) -> None:
    """A row of pixels ``[3 W]`` to ``[W + 2 MARGIN_PX]``, its ends repeated."""
    width = source.shape[0] // 3
    inner = out[MARGIN_PX : MARGIN_PX + width]
    for x in range(width):
        i = _THIRD * np.uint64(x)
        red, green, blue = np.float32(source[i]), np.float32(source[i + _FIRST]), np.float32(source[i + _SECOND])
        inner[np.uint64(x)] = _RED * red + _GREEN * green + _BLUE * blue
    for x in range(MARGIN_PX):
        out[x], out[out.shape[0] - 1 - x] = inner[0], inner[width - 1]


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
def _list(edge: U8, places: NDArray[np.int32]) -> int:
    """Writes where ``edge`` is 1 into ``places``, without asking, and returns how many there are."""
    count = 0
    for x in range(edge.shape[0]):
        places[count] = x
        count += edge[x]
    return count


@kernel
def _ends(light: F32, at: int, side: int, step: int, pair: np.float32, half: np.float32) -> tuple[np.int32, np.int32]:
    """Twice the reference's ``_end``, back and ahead; places are counted through the flat ``light``.

    All pixels up to the reach are looked at: that no branch waits is worth more than stopping early. The last cannot
    change the answer, but makes the turns a whole number of vectors.
    """
    back = ahead = _REACH
    for i in range(1, REACH_PX + 1):
        place = at + i * step
        off = light[np.uint64(place)] + light[np.uint64(place + side)] - pair
        ahead = min(ahead, np.int32(i) if abs(off) >= half else _REACH)
    for i in range(1, REACH_PX + 1):
        place = at - i * step
        off = light[np.uint64(place)] + light[np.uint64(place + side)] - pair
        back = min(back, np.int32(i) if abs(off) >= half else _REACH)
    return back, ahead


@kernel
def _cut(off: np.float32, half: np.float32, rises: bool, back: np.int32, ahead: np.int32) -> np.float32:
    """How far the true edge cuts into the pixel, 0..0.5."""
    found = (abs(off) >= half) & (rises != (off < _ZERO))
    cut: np.float32 = _HALF - np.float32(min(back, ahead)) / np.float32(back + ahead)
    return cut if found else _ZERO


@kernel
def _mix(source: U8, here: int, there: int, share: np.float32, out: U8) -> None:
    """Pixel ``here`` of the flat ``out``, with ``share`` of the one ``there``."""
    to, by = _THIRD * np.uint64(here), _THIRD * np.uint64(there)
    for c in range(np.uint64(3)):
        a, b = np.float32(source[to + c]), np.float32(source[by + c])
        out[to + c] = np.uint8(np.int32(a + share * (b - a) + _HALF))


@kernel
def smooth(picture: U8, first: int, end: int, share: np.float32, out: U8) -> None:
    """The rows ``first`` to ``end`` of ``picture`` ``[H, W, 3]`` into ``out``, by ``share`` 0..1."""
    height, width = picture.shape[:2]
    stride = width + 2 * MARGIN_PX
    plane = np.empty((end - first + 2 * MARGIN_PX, stride), np.float32)
    for row in range(len(plane)):
        _luminance(picture[min(max(first - MARGIN_PX + row, 0), height - 1)].reshape(-1), plane[row])
    left, right = MARGIN_PX - 1, stride - MARGIN_PX + 1
    light, edge, places = plane.reshape(-1), np.empty(width, np.uint8), np.empty(width + 1, np.int32)
    source, mixed = picture.reshape(-1), out.reshape(-1)
    # element by element: numba assigns whole rows an order of magnitude slower
    for i in range(3 * width * first, 3 * width * end):
        mixed[np.uint64(i)] = source[np.uint64(i)]
    for y in range(first, end):
        line = y - first + MARGIN_PX
        _edges(plane[line - 1, left:right], plane[line, left:right], plane[line + 1, left:right], edge)
        above, below = -width if y > 0 else 0, width if y < height - 1 else 0
        for j in range(_list(edge, places)):
            x = np.int64(places[j])
            at = line * stride + MARGIN_PX + x
            middle, over, under = np.uint64(at - 1), np.uint64(at - stride - 1), np.uint64(at + stride - 1)
            nw, n, ne = light[over], light[over + _FIRST], light[over + _SECOND]
            w, mine, e = light[middle], light[middle + _FIRST], light[middle + _SECOND]
            sw, s, se = light[under], light[under + _FIRST], light[under + _SECOND]
            contrast = _most(n, s, w, e, mine) + _most(-n, -s, -w, -e, -mine)
            level = abs(nw - _TWO * w + sw) + _TWO * abs(n - _TWO * mine + s) + abs(ne - _TWO * e + se)
            upright = abs(nw - _TWO * n + ne) + _TWO * abs(w - _TWO * mine + e) + abs(sw - _TWO * s + se)
            flat = level >= upright
            before, after = n if flat else w, s if flat else e
            backward = abs(before - mine) >= abs(after - mine)
            other = before if backward else after
            half = _HALF * max(abs(before - mine), abs(after - mine))
            thin = abs(_TWO * (n + s + w + e) + nw + ne + sw + se - _TWELVE * mine) / (_TWELVE * contrast)
            thin = min(thin, _ONE)
            thin = thin * thin * (_THREE - _TWO * thin)
            side, step = stride if flat else 1, 1 if flat else stride
            side = -side if backward else side
            pair = mine + other
            back, ahead = _ends(light, at, side, step, pair, half)
            to = at - back * step if back < ahead else at + ahead * step
            off = light[np.uint64(to)] + light[np.uint64(to + side)] - pair
            cut = _cut(off, half, mine < other, back, ahead)
            across = above if backward else below
            if not flat:
                across = max(-1, -x) if backward else min(1, width - 1 - x)
            here = y * width + x
            _mix(source, here, here + across, share * max(cut, thin * thin * _SMALL), mixed)


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture = np.zeros((4, 4, 3), np.uint8)
    smooth(picture, 0, 4, np.float32(1), np.empty_like(picture))
