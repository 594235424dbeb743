"""Between the network, which speaks of every field's share, and the frames' memory, which keeps the chosen field's
number; see :func:`framegen.ops.reference.settle` and :func:`framegen.ops.reference.history`."""

from __future__ import annotations

from typing import Any

import numpy as np

from framegen.frame import F32
from framegen.ops import layout
from framegen.ops.fields import U32
from framegen.ops.kernels.jit import kernel
from framegen.ops.reference import LOYALTY

_CHOICE, _FIELDS, _LATENT, _DETAIL = layout.CHOICE.start, layout.FIELDS, layout.LATENT, layout.DETAIL
_SHADE, _PICK, _KEPT = layout.SHADE, layout.PICK, layout.KEPT
_COVER, _PAINTED = layout.COVER, layout.PAINT.stop
_LOYALTY = np.float32(LOYALTY)
_ZERO = np.float32(0)
_BIT = np.uint32(1)
_ANY = np.uint32((1 << _FIELDS) - 1)
_LEAST = -(1 << 62)
_SIGN, _MAGNITUDE = np.int32(31), np.int32(0x7FFFFFFF)
_PLACES, _LAST = np.int64(8), np.int64(255)


@kernel
def _key(bits: np.int32, number: int) -> Any:
    """Sorts like the float of these bits; of equal ones the lower number is greater."""
    ordered = np.int64(bits ^ ((bits >> _SIGN) & _MAGNITUDE))
    return (ordered << _PLACES) | (_LAST - np.int64(number))


@kernel
def settle(raw: F32, before: F32, trust: F32, alpha: np.float32, allowed: F32, suited: U32, out: F32) -> None:
    """``raw`` ``[h, w, LATENT]`` to ``out`` ``[h, w, KEPT]``; ``before`` (as ``out``), ``trust``, ``allowed`` and
    ``suited`` may be empty.

    The greatest share is that of the greatest key: whole numbers have a maximum without branches, in vectors.
    """
    height, width = raw.shape[:2]
    loyal = before.size > 0
    flat, bits, to = raw.reshape(-1), raw.reshape(-1).view(np.int32), out.reshape(-1)
    raised = np.empty(1, np.float32)
    for row in range(height):
        for column in range(width):
            cell = np.uint64(row * width + column)
            start, end = cell * np.uint64(_LATENT), cell * np.uint64(_KEPT)
            for k in range(np.uint64(_CHOICE)):
                to[end + k] = flat[start + k]
            if allowed.size > 0:
                to[end + np.uint64(_DETAIL)] *= allowed[row, column, 0]
                for k in range(np.uint64(_COVER), np.uint64(_PAINTED)):
                    to[end + k] *= allowed[row, column, 1]
            may = suited[row, column] if suited.size > 0 else _ANY
            most = np.int64(_LEAST)
            for k in range(_FIELDS):
                key = _key(bits[start + np.uint64(_CHOICE + k)], k)
                most = max(most, key if (may >> np.uint32(k)) & _BIT else np.int64(_LEAST))
            kept = int(before[row, column, _PICK]) if loyal else 0
            if loyal and (may >> np.uint32(kept)) & _BIT:
                raised[0] = flat[start + np.uint64(_CHOICE + kept)] + _LOYALTY * alpha * trust[row, column]
                most = max(most, _key(raised.view(np.int32)[0], kept))
            to[end + np.uint64(_SHADE)] = _ZERO
            to[end + np.uint64(_PICK)] = np.float32(_LAST - (most & _LAST))


@kernel
def history(kept: F32, trust: F32, alpha: np.float32, out: F32) -> None:
    """``kept`` ``[h, w, KEPT]`` to ``out`` ``[h, w, HISTORY]``."""
    height, width = trust.shape
    for row in range(height):
        for column in range(width):
            share = alpha * trust[row, column]
            for k in range(_CHOICE):
                out[row, column, k] = kept[row, column, k] * share
            for k in range(_CHOICE, _LATENT):
                out[row, column, k] = _ZERO
            out[row, column, _CHOICE + int(kept[row, column, _PICK])] = share
            out[row, column, _LATENT] = share


def warm_up() -> None:
    """Compile all of this module."""
    raw, kept = np.zeros((2, 2, _LATENT), np.float32), np.zeros((2, 2, _KEPT), np.float32)
    trust = np.ones((2, 2), np.float32)
    any_field = np.full((2, 2), _ANY, np.uint32)
    settle(raw, kept, trust, np.float32(1), np.ones((2, 2, 2), np.float32), any_field, np.empty_like(kept))
    history(kept, trust, np.float32(1), np.empty((2, 2, layout.HISTORY), np.float32))
