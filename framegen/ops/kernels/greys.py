"""Greys that stay grey by day, compiled; see :mod:`framegen.ops.greys_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import atrous_reference, layout
from framegen.ops import greys_reference as reference
from framegen.ops.kernels.jit import kernel

_ZERO, _ONE, _THIRD = np.float32(0), np.float32(1), np.float32(1 / 3)
_COVER, _PAINT = layout.COVER, layout.PAINT.start
_COLOR, _LEAST = np.float32(atrous_reference.SAME_COLOR), np.float32(reference.LEAST)
_TINT, _BRIGHTER, _HELD = np.float32(reference.TINT), np.float32(reference.BRIGHTER), np.float32(reference.HELD)
_GREY_TO, _GREY_SLOPE = np.float32(reference.GREY[1]), np.float32(1 / (reference.GREY[1] - reference.GREY[0]))
_DARK_TO, _DARK_SLOPE = np.float32(reference.DARK[1]), np.float32(1 / (reference.DARK[1] - reference.DARK[0]))


@kernel
def _grey(red: np.float32, green: np.float32, blue: np.float32) -> np.float32:
    apart = max(red, green, blue) - min(red, green, blue)
    return min(max((_GREY_TO - apart) * _GREY_SLOPE, _ZERO), _ONE)


@kernel
def changes(latent: F32, gain: F32, guide: F32, cover: np.float32, out: F32) -> None:
    """How many times as bright each channel gets, into ``out`` ``[h, w, 3]``: 1 where a cell is no grey.

    ``gain`` ``[h, w, 3]``: that of the latent, not its logarithm. ``guide``: of
    :func:`framegen.ops.atrous_reference.guide`, which begins with the cells' colours.
    """
    for i in range(latent.shape[0]):
        for j in range(latent.shape[1]):
            out[i, j, 0] = out[i, j, 1] = out[i, j, 2] = _ONE
            red, green, blue = guide[0, i, j] * _COLOR, guide[1, i, j] * _COLOR, guide[2, i, j] * _COLOR
            if not _grey(red, green, blue) > _ZERO:
                continue
            bare = _ONE - cover * latent[i, j, _COVER]
            for c in range(3):
                below = max(guide[c, i, j] * _COLOR, _LEAST)
                shown = below * gain[i, j, c] * bare + cover * latent[i, j, _PAINT + c]
                out[i, j, c] = max(shown, _LEAST) / below


@kernel
def hold(change: F32, guide: F32, sky: F32, share: np.float32) -> None:
    """What is to be added to the log gain, in place of the logarithms of :func:`changes`; ``sky`` ``[h, w]`` 0..1."""
    for i in range(change.shape[0]):
        for j in range(change.shape[1]):
            red, green, blue = guide[0, i, j] * _COLOR, guide[1, i, j] * _COLOR, guide[2, i, j] * _COLOR
            grey = _grey(red, green, blue) * share * (_ONE - sky[i, j])
            level = (change[i, j, 0] + change[i, j, 1] + change[i, j, 2]) * _THIRD
            most = _TINT
            for c in range(3):
                most = max(most, abs(change[i, j, c] - level))
            back = _TINT / most - _ONE
            dark = min(max((_DARK_TO - (red + green + blue) * _THIRD) * _DARK_SLOPE, _ZERO), _ONE)
            lower = dark * _HELD * max(level - _BRIGHTER, _ZERO)
            for c in range(3):
                change[i, j, c] = grey * ((change[i, j, c] - level) * back - lower)


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    cells, three = np.ones((1, 1, layout.KEPT), np.float32), np.ones((1, 1, 3), np.float32)
    guide, one = np.ones((atrous_reference.GUIDE, 1, 1), np.float32), np.float32(1)
    changes(cells, three, guide, one, three.copy())
    hold(three.copy(), guide, np.ones((1, 1), np.float32), one)
