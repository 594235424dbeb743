"""Colours that go in the dark, compiled; see :mod:`framegen.ops.scotopic_reference`."""

from __future__ import annotations

from typing import Any

import numpy as np

from framegen.frame import F32
from framegen.ops import atrous_reference, layout
from framegen.ops import scotopic_reference as reference
from framegen.ops.kernels.jit import kernel

_ZERO, _ONE, _TWO, _THREE = (np.float32(value) for value in (0, 1, 2, 3))
_COVER, _PAINT = layout.COVER, layout.PAINT.start
_COLOR, _LEAST = np.float32(atrous_reference.SAME_COLOR), np.float32(reference.LEAST)
_RED, _GREEN, _BLUE = (np.float32(value) for value in reference.LUMA)
_BLUISH = np.array(reference.BLUISH, np.float32)
_LOST = np.float32(reference.LOST)
_BLUER = np.float32(reference.BLUER)
_BLUE_FROM, _BLUE_SLOPE = np.float32(reference.BLUE[0]), np.float32(1 / (reference.BLUE[1] - reference.BLUE[0]))
_FROM, _SLOPE = np.float32(reference.BRIGHT[0]), np.float32(1 / (reference.BRIGHT[1] - reference.BRIGHT[0]))


@kernel
def _smooth(value: np.float32) -> Any:
    t = min(max(value, _ZERO), _ONE)
    return t * t * (_THREE - _TWO * t)


@kernel
def changes(
    latent: F32, gain: F32, guide: F32, cover: np.float32, share: np.float32, outdoors: np.float32, out: F32
) -> None:
    """How many times as bright each channel gets, into ``out`` ``[h, w, 3]``.

    ``gain`` ``[h, w, 3]``: that of the latent, not its logarithm. ``guide``: of
    :func:`framegen.ops.atrous_reference.guide`, which begins with the cells' colours. ``share``, ``outdoors`` 0..1.
    """
    shown = np.empty(3, np.float32)
    for i in range(latent.shape[0]):
        for j in range(latent.shape[1]):
            bare = _ONE - cover * latent[i, j, _COVER]
            for c in range(3):
                below = max(guide[c, i, j] * _COLOR, _LEAST)
                shown[c] = max(below * gain[i, j, c] * bare + cover * latent[i, j, _PAINT + c], _LEAST)
            luma = _RED * shown[0] + _GREEN * shown[1] + _BLUE * shown[2]
            bluer = max(shown[2] - shown[0] - max((guide[2, i, j] - guide[0, i, j]) * _COLOR, _ZERO), _ZERO)
            blue = _smooth((bluer - _BLUE_FROM) * _BLUE_SLOPE)
            level = max(shown[0], shown[1], shown[2]) - _BLUER * bluer
            lost = _LOST * share * max(outdoors, blue) * (_ONE - _smooth((level - _FROM) * _SLOPE))
            for c in range(3):
                turned = shown[c] + lost * (luma * _BLUISH[c] - shown[c])
                out[i, j, c] = max(turned, _LEAST) / shown[c]


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    three, one = np.ones((1, 1, 3), np.float32), np.float32(1)
    guide = np.ones((atrous_reference.GUIDE, 1, 1), np.float32)
    changes(np.ones((1, 1, layout.KEPT), np.float32), three, guide, one, one, one, three.copy())
