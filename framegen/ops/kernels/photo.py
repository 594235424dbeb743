"""A picture as it is photographed, compiled; see :mod:`framegen.ops.photo_reference`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops import photo_reference as reference
from framegen.ops.kernels.jit import kernel

I32 = NDArray[np.int32]

_ZERO, _HALF, _ONE, _TWO, _FOUR, _LEVELS = (np.float32(v) for v in (0, 0.5, 1, 2, 4, 255))
_RED, _GREEN, _BLUE = (np.float32(v) for v in reference.LUMA)
_SPLIT = np.asarray(reference.SPLIT, np.float32)
_ENDS, _MORE = np.float32(reference.GRAIN_ENDS), np.float32(1 - reference.GRAIN_ENDS)
_LAST = np.float32(254)
_WRAP = reference.GRAIN_TILE_PX - 1
_THIRD, _NEXT = np.uint64(3), np.uint32(1)

SATURATION, SPLIT, VIGNETTE, GRAIN, NUMBERS = range(5)
"""Places of the numbers of a photo that :func:`develop` is given."""


@kernel
def _levels(source: U8, tones: F32, rgb: F32) -> None:
    """A row of pixels ``[3 W]`` through the table ``tones``, into ``rgb`` ``[3, W]``."""
    for x in range(rgb.shape[1]):
        i = _THIRD * np.uint64(x)
        for c in range(np.uint64(3)):
            rgb[c, x] = tones[source[i + c]]


@kernel
def _glowing(source: U8, tones: F32, light: F32, at: I32, share: F32, rgb: F32) -> None:
    """As :func:`_levels` with ``light`` ``[3, w + 1]`` laid over before: ``share`` of the way ``at`` each pixel to the
    next of them."""
    for c in range(np.uint64(3)):
        for x in range(rgb.shape[1]):
            near = light[c, np.uint32(at[x])]
            rgb[c, x] = near + share[x] * (light[c, np.uint32(at[x] + 1)] - near)
    for c in range(np.uint64(3)):
        for x in range(rgb.shape[1]):
            level = np.float32(source[_THIRD * np.uint64(x) + c])
            rgb[c, x] = level + (_LEVELS - level) * min(rgb[c, x], _ONE)
        for x in range(rgb.shape[1]):
            low = np.uint32(min(rgb[c, x], _LAST))
            rgb[c, x] = tones[low] + (rgb[c, x] - np.float32(low)) * (tones[low + _NEXT] - tones[low])


@kernel
def _print(
    rgb: F32, luma: F32, side: F32, noise: F32, left: F32, more: np.float32, warm: np.float32, split: np.float32
) -> None:
    """One channel of a row in place, to levels."""
    for x in range(rgb.shape[0]):
        value = (luma[x] + more * (rgb[x] - luma[x])) * warm + side[x] * split
        rgb[x] = min(max(value * left[x] + noise[x], _ZERO), _ONE) * _LEVELS + _HALF


@kernel
def develop(
    picture: U8,
    first: int,
    end: int,
    tones: F32,
    warm: F32,
    numbers: F32,
    light: F32,
    row: int,
    column: int,
    tile: F32,
    out: U8,
) -> None:
    """Rows ``first`` to ``end`` of ``picture`` ``[H, W, 3]`` into ``out``.

    Args:
        tones: ``[256]``, what exposure, curve and fade make of each level. warm: ``[3]`` gains. numbers: ``[NUMBERS]``.
        light: ``[h, w, 3]``, that spreads from highlights and is laid over before, or empty.
        row, column: of ``tile`` at the picture's corner.
    """
    height, width = picture.shape[:2]
    flat, to = picture.reshape(-1), out.reshape(-1)
    more, split, corner, grain = numbers[SATURATION], numbers[SPLIT], numbers[VIGNETTE], numbers[GRAIN]
    rgb, luma, side = np.empty((3, width), np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    noise, left, right = np.zeros(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    for x in range(width):
        across = (np.float32(x) + _HALF) * _TWO / np.float32(width) - _ONE
        right[x] = across * across
    cells = light.shape[1] if light.size > 0 else 1
    at, share, spread = np.zeros(width, np.int32), np.zeros(width, np.float32), np.zeros((3, cells + 1), np.float32)
    for x in range(width):
        place = (np.float32(x) + _HALF) * np.float32(cells) / np.float32(width) - _HALF
        place = min(max(place, _ZERO), np.float32(cells - 1))
        at[x] = np.int32(place)
        share[x] = place - np.float32(at[x])
    for y in range(first, end):
        source = flat[3 * width * y : 3 * width * (y + 1)]
        if light.size > 0:
            below = (np.float32(y) + _HALF) * np.float32(light.shape[0]) / np.float32(height) - _HALF
            below = min(max(below, _ZERO), np.float32(light.shape[0] - 1))
            top = int(below)
            bottom, part = min(top + 1, light.shape[0] - 1), below - np.float32(top)
            for x in range(cells + 1):
                for c in range(3):
                    near = light[top, min(x, cells - 1), c]
                    spread[c, x] = near + part * (light[bottom, min(x, cells - 1), c] - near)
            _glowing(source, tones, spread, at, share, rgb)
        else:
            _levels(source, tones, rgb)
        down = (np.float32(y) + _HALF) * _TWO / np.float32(height) - _ONE
        down *= down
        if grain > _ZERO:
            line = tile[(y + row) & _WRAP]
            for x in range(width):
                noise[x] = grain * line[(x + column) & _WRAP]
        red, green, blue = rgb[0], rgb[1], rgb[2]
        for x in range(width):
            bright = _RED * red[x] + _GREEN * green[x] + _BLUE * blue[x]
            middle = _FOUR * bright * (_ONE - bright)
            luma[x], side[x] = bright, split * (_TWO * bright - _ONE) * middle
            noise[x] *= _ENDS + _MORE * middle
            square = (down + right[x]) * _HALF
            left[x] = _ONE - corner * square * square
        for c in range(3):
            _print(rgb[c], luma, side, noise, left, more, warm[c], _SPLIT[c])
        goal = to[3 * width * y : 3 * width * (y + 1)]
        for x in range(width):
            i = _THIRD * np.uint64(x)
            for c in range(np.uint64(3)):
                goal[i + c] = np.uint8(np.int32(rgb[c, x]))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, one = np.zeros((4, 4, 3), np.uint8), np.ones(3, np.float32)
    numbers, tile, none = np.zeros(NUMBERS, np.float32), reference.grain_tile(), np.empty((0, 0, 0), np.float32)
    develop(picture, 0, 4, np.zeros(256, np.float32), one, numbers, none, 0, 0, tile, picture.copy())
