"""The tile of noise of :mod:`framegen.ops.clouds` between its texels."""

from __future__ import annotations

import math

import numpy as np

from framegen.frame import F32
from framegen.ops.clouds import TILE_PX
from framegen.ops.fields import U32
from framegen.ops.kernels.jit import kernel

_MASK = TILE_PX - 1
_ZERO, _SIDE, _PER_SIDE = np.float32(0), np.float32(TILE_PX), np.float32(1 / TILE_PX)
_BITS, _ROW, _ONE = np.uint32(_MASK), np.uint32(TILE_PX), np.uint32(1)
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


@kernel
def tile_row(tile: F32, u: F32, v: F32, at: U32, texels: F32, out: F32) -> None:
    """``tile`` ``[TILE_PX TILE_PX]`` at a row of places ``u`` across and ``v`` down, in texels, which are changed.

    ``at`` ``[4, W]`` and ``texels`` ``[4, W]`` are scratch. Reading what stands nowhere in order is a loop by itself,
    so that the others become vector code.
    """
    for x in range(u.shape[0]):
        u[x] -= np.floor(u[x] * _PER_SIDE) * _SIDE
    for x in range(u.shape[0]):
        v[x] -= np.floor(v[x] * _PER_SIDE) * _SIDE
    left, top, right, bottom = at[0], at[1], at[2], at[3]
    for x in range(u.shape[0]):
        # NaN, of cameras that look nowhere, would be any number
        left[x] = np.uint32(np.int32(u[x] if u[x] > _ZERO else _ZERO)) & _BITS
    for x in range(u.shape[0]):
        top[x] = (np.uint32(np.int32(v[x] if v[x] > _ZERO else _ZERO)) & _BITS) * _ROW
    for x in range(u.shape[0]):
        right[x] = (left[x] + _ONE) & _BITS
    for x in range(u.shape[0]):
        bottom[x] = (top[x] + _ROW) & (_BITS * _ROW)
    northwest, northeast, southwest, southeast = texels[0], texels[1], texels[2], texels[3]
    for n in range(u.shape[0]):
        x = np.uint64(n)
        west, east, north, south = np.uint64(left[x]), np.uint64(right[x]), np.uint64(top[x]), np.uint64(bottom[x])
        northwest[x], northeast[x] = tile[north + west], tile[north + east]
        southwest[x], southeast[x] = tile[south + west], tile[south + east]
    for x in range(u.shape[0]):
        part = u[x] - np.floor(u[x])
        above = northwest[x] + part * (northeast[x] - northwest[x])
        below = southwest[x] + part * (southeast[x] - southwest[x])
        out[x] = above + (v[x] - np.floor(v[x])) * (below - above)


__all__ = ["tile_at", "tile_row"]
