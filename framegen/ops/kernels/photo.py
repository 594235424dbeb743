"""A picture as it is photographed, compiled; see :mod:`framegen.ops.photo_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import photo_reference as reference
from framegen.ops.kernels.jit import kernel

_ZERO, _HALF, _ONE, _TWO, _FOUR, _LEVELS = (np.float32(v) for v in (0, 0.5, 1, 2, 4, 255))
_RED, _GREEN, _BLUE = (np.float32(v) for v in reference.LUMA)
_SPLIT = np.asarray(reference.SPLIT, np.float32)
_ENDS, _MORE = np.float32(reference.GRAIN_ENDS), np.float32(1 - reference.GRAIN_ENDS)
_WRAP = reference.GRAIN_TILE_PX - 1
_FIRST, _SECOND, _THIRD = np.uint64(1), np.uint64(2), np.uint64(3)

SATURATION, SPLIT, VIGNETTE, GRAIN, NUMBERS = range(5)
"""Places of the numbers of a photo that :func:`develop` is given."""


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
        light: ``[H, W, 3]``, that spreads from highlights and is laid over before, or empty. row, column: of ``tile``
        at the picture's corner.
    """
    height, width = picture.shape[:2]
    flat, to, glows = picture.reshape(-1), out.reshape(-1), light.size > 0
    spread = light.reshape(-1)
    more, split, corner, grain = numbers[SATURATION], numbers[SPLIT], numbers[VIGNETTE], numbers[GRAIN]
    rgb = np.empty(3, np.float32)
    for y in range(first, end):
        down = (np.float32(y) + _HALF) * _TWO / np.float32(height) - _ONE
        for x in range(width):
            i = _THIRD * np.uint64(y * width + x)
            for c in range(np.uint64(3)):
                level = np.float32(flat[i + c])
                if glows:
                    level = _LEVELS - (_LEVELS - level) * (_ONE - min(spread[i + c], _ONE))
                low = np.uint64(min(level, np.float32(254)))
                rgb[c] = tones[low] + (level - np.float32(low)) * (tones[low + _FIRST] - tones[low])
            luma = _RED * rgb[0] + _GREEN * rgb[1] + _BLUE * rgb[2]
            middle = _FOUR * luma * (_ONE - luma)
            side = split * (_TWO * luma - _ONE) * middle
            right = (np.float32(x) + _HALF) * _TWO / np.float32(width) - _ONE
            square = (down * down + right * right) * _HALF
            left = _ONE - corner * square * square
            noise = grain * tile[(y + row) & _WRAP, (x + column) & _WRAP] * (_ENDS + _MORE * middle)
            for c in range(np.uint64(3)):
                value = (luma + more * (rgb[c] - luma)) * warm[c] + side * _SPLIT[c]
                value = value * left + noise
                to[i + c] = np.uint8(np.int32(min(max(value, _ZERO), _ONE) * _LEVELS + _HALF))


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    picture, one = np.zeros((4, 4, 3), np.uint8), np.ones(3, np.float32)
    numbers, tile = np.zeros(NUMBERS, np.float32), reference.grain_tile()
    develop(
        picture,
        0,
        4,
        np.zeros(256, np.float32),
        one,
        numbers,
        np.empty((0, 0, 0), np.float32),
        0,
        0,
        tile,
        picture.copy(),
    )
