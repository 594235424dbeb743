"""Kernels over the gains of a latent ``[h, w, c]``, which are logarithms, and its paint."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import layout
from framegen.ops.kernels.jit import kernel

_GAIN, _PAINT = layout.GAIN.start, layout.PAINT.start


@kernel
def take(latent: F32, out: F32) -> None:
    """The gains of ``latent`` into ``out`` ``[h, w, 3]``."""
    for i in range(latent.shape[0]):
        for j in range(latent.shape[1]):
            for c in range(3):
                out[i, j, c] = latent[i, j, _GAIN + c]


@kernel
def add(latent: F32, more: F32) -> None:
    """Adds ``more`` ``[h, w, 3]`` to the gains of ``latent`` in place."""
    for i in range(latent.shape[0]):
        for j in range(latent.shape[1]):
            for c in range(3):
                latent[i, j, _GAIN + c] += more[i, j, c]


@kernel
def color(latent: F32, more: F32, times: F32) -> None:
    """Adds ``more`` ``[h, w, 3]`` to the gains of ``latent`` in place, and multiplies its paint by ``times``."""
    for i in range(latent.shape[0]):
        for j in range(latent.shape[1]):
            for c in range(3):
                latent[i, j, _GAIN + c] += more[i, j, c]
                latent[i, j, _PAINT + c] *= times[i, j, c]


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    cells, three = np.ones((1, 1, layout.KEPT), np.float32), np.ones((1, 1, 3), np.float32)
    take(cells, three.copy())
    add(cells, three)
    color(cells, three, three)
