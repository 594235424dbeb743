"""The meaning of the antialiasing in plain NumPy, one pixel at a time: slow, obvious, and what fast forms must match.

Fast approximate antialiasing (Lottes, "FXAA", NVIDIA 2009): where a pixel lies beside a long edge, the distances to
both ends of its stair say how far the true edge cuts into it, and so much of the pixel across is mixed in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import U8

I32 = NDArray[np.int32]

LUMINANCE = (77, 151, 28)
"""Weights of red, green and blue, in 256ths of an 8-bit level."""
RELATIVE = 5
"""An edge is a difference of one in so many or more of the brightest pixel around."""
LEAST = 8 * 256
"""And of no less than eight levels: darker ones are not seen."""
SMALL = 0.75
"""How much of what is thinner than a pixel is smoothed away."""
REACH_PX = 8
"""How far along an edge its ends are looked for."""
MARGIN_PX = REACH_PX + 1
"""How far beyond itself a pixel looks: beyond the picture, its border goes on."""


def luminance(picture: U8) -> I32:
    """``[H, W]`` int32 of ``[H, W, 3]`` uint8, in 256ths of a level."""
    return np.asarray(picture.astype(np.int32) @ np.asarray(LUMINANCE, np.int32), np.int32)


def antialias(picture: U8, share: float = 1.0) -> U8:
    """``picture`` with smooth edges.

    Args:
        picture: ``[H, W, 3]`` uint8. share: 0..1, how much of the smoothing is done.

    Returns:
        ``[H, W, 3]`` uint8.
    """
    light = np.pad(luminance(picture), MARGIN_PX, mode="edge")
    colors = np.pad(picture.astype(np.float32), ((1, 1), (1, 1), (0, 0)), mode="edge")
    out: U8 = picture.copy()
    for y, x in np.ndindex(picture.shape[:2]):
        side, mix = across(light, y + MARGIN_PX, x + MARGIN_PX)
        mix *= np.float32(share)
        if mix > 0:
            mine, other = colors[y + 1, x + 1], colors[y + 1 + side[0], x + 1 + side[1]]
            out[y, x] = np.floor(mine + mix * (other - mine) + 0.5)
    return out


def across(light: I32, y: int, x: int) -> tuple[tuple[int, int], np.float32]:
    """Which neighbour (dy, dx) a pixel is mixed with, and how much of it, 0..1. ``light`` has its margin."""
    around = light[y - 1 : y + 2, x - 1 : x + 2].astype(np.int64)
    (nw, n, ne), (w, mine, e), (sw, s, se) = around.tolist()
    cross = (n, s, w, e, mine)
    contrast = max(cross) - min(cross)
    if contrast < LEAST or RELATIVE * contrast < max(cross):
        return (0, 0), np.float32(0)
    level = abs(nw - 2 * w + sw) + 2 * abs(n - 2 * mine + s) + abs(ne - 2 * e + se)
    upright = abs(nw - 2 * n + ne) + 2 * abs(w - 2 * mine + e) + abs(sw - 2 * s + se)
    before, after = (n, s) if level >= upright else (w, e)
    sign = -1 if abs(before - mine) >= abs(after - mine) else 1
    side = (sign, 0) if level >= upright else (0, sign)
    other = before if sign < 0 else after
    steep = max(abs(before - mine), abs(after - mine))
    thin = np.float32(min(abs(2 * (n + s + w + e) + nw + ne + sw + se - 12 * mine) / (12 * contrast), 1))
    thin = thin * thin * (3 - 2 * thin)
    pair, along = mine + other, (abs(side[1]), abs(side[0]))
    back = _end(light, y, x, side, (-along[0], -along[1]), pair, steep)
    ahead = _end(light, y, x, side, along, pair, steep)
    to = -back if back < ahead else ahead
    off = _off(light, y + to * along[0], x + to * along[1], side, pair)
    cut = 0.0
    if 2 * abs(off) >= steep and (mine < other) != (off < 0):
        cut = 0.5 - min(back, ahead) / (back + ahead)
    return side, max(np.float32(cut), thin * thin * np.float32(SMALL))


def _end(light: I32, y: int, x: int, side: tuple[int, int], step: tuple[int, int], pair: int, steep: int) -> int:
    """How many pixels away the edge ends, ``REACH_PX`` at most."""
    for i in range(1, REACH_PX):
        if 2 * abs(_off(light, y + i * step[0], x + i * step[1], side, pair)) >= steep:
            return i
    return REACH_PX


def _off(light: I32, y: int, x: int, side: tuple[int, int], pair: int) -> int:
    """By how much a pixel and its neighbour across are brighter than ``pair``."""
    return int(light[y, x]) + int(light[y + side[0], x + side[1]]) - pair


__all__ = ["antialias", "luminance"]
