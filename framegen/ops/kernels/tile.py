"""The tile of noise of :mod:`framegen.ops.clouds` between its texels."""

from __future__ import annotations

import math

import numpy as np

from framegen.frame import F32
from framegen.ops.clouds import TILE_PX
from framegen.ops.kernels.jit import kernel

_MASK = TILE_PX - 1
assert TILE_PX & _MASK == 0  # places wrap by a mask


@kernel
def tile_at(tile: F32, x: float, z: float) -> np.float32:
    """See :func:`framegen.ops.clouds.tile_at`."""
    x0, z0 = math.floor(x), math.floor(z)
    right, down = np.float32(x - x0), np.float32(z - z0)
    upper, lower = tile[z0 & _MASK], tile[(z0 + 1) & _MASK]
    i, j = x0 & _MASK, (x0 + 1) & _MASK
    above, below = upper[i] + right * (upper[j] - upper[i]), lower[i] + right * (lower[j] - lower[i])
    found: np.float32 = above + down * (below - above)
    return found


__all__ = ["tile_at"]
