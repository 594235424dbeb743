"""Between the network, which speaks of every field's share, and the frames' memory, which keeps the chosen field's
number; see :func:`framegen.ops.reference.settle` and :func:`framegen.ops.reference.history`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import layout
from framegen.ops.kernels.jit import kernel
from framegen.ops.reference import LOYALTY

_PICK, _FIELDS, _LATENT, _KEPT = layout.PICK, layout.FIELDS, layout.LATENT, layout.KEPT
_LOYALTY = np.float32(LOYALTY)
_ZERO = np.float32(0)


@kernel
def settle(raw: F32, before: F32, trust: F32, alpha: np.float32, out: F32) -> None:
    """``raw`` ``[h, w, LATENT]`` to ``out`` ``[h, w, KEPT]``; ``before`` (as ``out``) and ``trust`` may be empty."""
    height, width = raw.shape[:2]
    loyal = before.size > 0
    for row in range(height):
        for column in range(width):
            for k in range(_PICK):
                out[row, column, k] = raw[row, column, k]
            kept, share = -1, _ZERO
            if loyal:
                kept = int(before[row, column, _PICK])
                share = _LOYALTY * alpha * trust[row, column]
            best, most = 0, np.float32(-1)
            for k in range(_FIELDS):
                value = raw[row, column, _PICK + k]
                if k == kept:
                    value += share
                if value > most:
                    best, most = k, value
            out[row, column, _PICK] = np.float32(best)


@kernel
def history(kept: F32, trust: F32, alpha: np.float32, out: F32) -> None:
    """``kept`` ``[h, w, KEPT]`` to ``out`` ``[h, w, HISTORY]``."""
    height, width = trust.shape
    for row in range(height):
        for column in range(width):
            share = alpha * trust[row, column]
            for k in range(_PICK):
                out[row, column, k] = kept[row, column, k] * share
            for k in range(_PICK, _LATENT):
                out[row, column, k] = _ZERO
            out[row, column, _PICK + int(kept[row, column, _PICK])] = share
            out[row, column, _LATENT] = share


def warm_up() -> None:
    """Compile all of this module."""
    raw, kept = np.zeros((2, 2, _LATENT), np.float32), np.zeros((2, 2, _KEPT), np.float32)
    trust = np.ones((2, 2), np.float32)
    settle(raw, kept, trust, np.float32(1), np.empty_like(kept))
    history(kept, trust, np.float32(1), np.empty((2, 2, layout.HISTORY), np.float32))
