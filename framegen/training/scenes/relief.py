"""Noise over the plane for land and planting: gradient noise and sums of octaves, any number of points at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from framegen.frame import F64


def _hash(ix: F64, iy: F64, seed: int) -> F64:
    mixed = (ix.astype(np.int64) * 374761393 + iy.astype(np.int64) * 668265263 + seed * 1442695041) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1274126177) & 0xFFFFFFFF
    return np.asarray(((mixed ^ (mixed >> 16)) & 0xFFFF) / 65535.0, np.float64)


def gradient_noise(x: ArrayLike, y: ArrayLike, seed: int = 0) -> F64:
    """Perlin noise of one cycle a unit, about -1..1."""
    px, py = np.asarray(x, np.float64), np.asarray(y, np.float64)
    ix, iy = np.floor(px), np.floor(py)
    fx, fy = px - ix, py - iy
    u = fx**3 * (fx * (fx * 6 - 15) + 10)
    v = fy**3 * (fy * (fy * 6 - 15) + 10)

    def corner(dx: int, dy: int) -> F64:
        angle = _hash(ix + dx, iy + dy, seed) * 2 * np.pi
        return np.asarray(np.cos(angle) * (fx - dx) + np.sin(angle) * (fy - dy), np.float64)

    low = corner(0, 0) * (1 - u) + corner(1, 0) * u
    high = corner(0, 1) * (1 - u) + corner(1, 1) * u
    return np.asarray(1.5 * (low * (1 - v) + high * v), np.float64)


def octaves(x: ArrayLike, y: ArrayLike, cycles: float, count: int = 5, seed: int = 0, *, ridged: bool = False) -> F64:
    """Sum of ``count`` octaves of noise from ``cycles`` a metre up, about -1..1."""
    px, py = np.asarray(x, np.float64), np.asarray(y, np.float64)
    total, weight = np.zeros(np.broadcast_shapes(px.shape, py.shape)), 0.0
    for k in range(count):
        wave = gradient_noise(px * cycles, py * cycles, seed + 17 * k)
        share = 0.5**k
        total = total + share * ((1 - 2 * np.abs(wave)) if ridged else wave)
        weight += share
        cycles *= 2.03
    return np.asarray(total / weight, np.float64)


def smoothstep(low: float, high: float, x: ArrayLike) -> F64:
    """0 at ``low``, 1 at ``high``, smooth between."""
    t = np.clip((np.asarray(x, np.float64) - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float64)
