"""The lie of the land for nature, coast and desert: height, paths, water, as functions of the plane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from framegen.frame import F64
from framegen.training.scenes.relief import octaves, smoothstep
from framegen.training.scenes.synthesis import Rng

Heights = Callable[[F64, F64], F64]


@dataclass(frozen=True, eq=False)
class Land:
    """``height(x, y)`` metres; ``path_x(y)`` and ``path_half_m`` of a footpath (0: none); ``water_m`` level or None;
    ``seed`` for noises of planting."""

    height_of: Heights
    path_x: Callable[[F64], F64]
    path_half_m: float
    water_m: float | None
    seed: int

    def height(self, x: ArrayLike, y: ArrayLike) -> F64:
        """Metres above zero."""
        return self.height_of(np.asarray(x, np.float64), np.asarray(y, np.float64))

    def slope(self, x: ArrayLike, y: ArrayLike) -> F64:
        """Rise over run."""
        px, py = np.asarray(x, np.float64), np.asarray(y, np.float64)
        dx = self.height_of(px + 0.5, py) - self.height_of(px - 0.5, py)
        dy = self.height_of(px, py + 0.5) - self.height_of(px, py - 0.5)
        return np.asarray(np.hypot(dx, dy), np.float64)

    def on_path(self, x: ArrayLike, y: ArrayLike) -> F64:
        """Metres inside the path's edge; negative outside."""
        px, py = np.asarray(x, np.float64), np.asarray(y, np.float64)
        if not self.path_half_m:
            return np.full(np.broadcast_shapes(px.shape, py.shape), -9.0)
        return np.asarray(self.path_half_m - 0.85 * np.abs(px - self.path_x(py)), np.float64)


def _winding(rng: Rng) -> Callable[[F64], F64]:
    swing, cycles, phase = rng.uniform(3, 9), rng.uniform(0.025, 0.07), rng.uniform(0, 6)

    def at(y: F64) -> F64:
        return np.asarray(swing * np.sin(y * cycles + phase) + 0.35 * swing * np.sin(y * cycles * 2.3), np.float64)

    return at


def countryside(rng: Rng, place: str) -> Land:
    """Rolling land with a path, mountains around, or a lake."""
    seed = int(rng.integers(1 << 30))
    swell, cycles = rng.uniform(1.2, 4.5), rng.uniform(0.012, 0.03)
    peaks = rng.uniform(5, 18) * (1.8 if place == "mountain" else 0.9)
    towards = rng.uniform(0, 2 * np.pi)
    path_x, half = _winding(rng), rng.uniform(0.7, 1.7) * (rng.random() < 0.7)

    def height(x: F64, y: F64) -> F64:
        r = np.hypot(x, y)
        h = swell * octaves(x, y, cycles, 5, seed) + 0.22 * octaves(x, y, 0.16, 4, seed + 1)
        beside = smoothstep(0.5, 6, np.abs(x - path_x(y)) - half) if half else np.ones(np.shape(r))
        if place == "lake":
            h = h - 3.4 * smoothstep(34, 12, np.hypot(x - 4, y - 18) + 9 * octaves(x, y, 0.05, 4, seed + 7))
        ring = 0.35 + 0.65 * (0.5 + 0.5 * np.cos(np.arctan2(y, x) - towards))
        far = (np.maximum(0, r - 48) / 60) ** 1.5 * peaks * ring
        far = far * (1 + 0.9 * octaves(x, y, 0.022, 7, seed + 2, ridged=True))
        return np.asarray(h * (0.4 + 0.6 * beside) + far - 0.08 * (1 - beside) * bool(half), np.float64)

    return Land(height, path_x, float(half), -1.1 if place == "lake" else None, seed)


def seaside(rng: Rng, place: str) -> Land:
    """A shore along the y axis, the sea towards -x."""
    seed = int(rng.integers(1 << 30))
    cliff = rng.uniform(3, 9) if place == "rocky coast" else rng.uniform(0.4, 2.0)
    path_x, half = _winding(rng), rng.uniform(0.7, 1.4) * (rng.random() < 0.3)

    def height(x: F64, y: F64) -> F64:
        inland = x + 9 * octaves(y, y * 0 + 3, 0.02, 4, seed) + 3 * octaves(x, y, 0.06, 3, seed + 1)
        land = smoothstep(4, 26, inland) * cliff * (1 + 0.5 * octaves(x, y, 0.05, 5, seed + 2))
        land = land + 0.05 * np.maximum(inland, 0) + 0.12 * octaves(x, y, 0.25, 4, seed + 3) * smoothstep(2, 12, inland)
        if place == "rocky coast":
            reef = np.maximum(0, octaves(x, y, 0.11, 6, seed + 4, ridged=True) + 0.05)
            land = land + 1.3 * reef * smoothstep(-10, 6, inland)
        back = smoothstep(50, 140, inland) * 30 * (0.6 + octaves(x, y, 0.02, 6, seed + 5))
        return np.asarray(np.where(inland > 0, land, inland * 0.06 + np.maximum(0, land)) + back, np.float64)

    return Land(height, path_x, float(half), 0.0, seed)


def wasteland(rng: Rng, place: str) -> Land:
    """Dunes or stony flats with mesas far off."""
    seed = int(rng.integers(1 << 30))

    def height(x: F64, y: F64) -> F64:
        if place == "sand dunes":
            d = 4 * octaves(x + 0.3 * y, y * 0.6, 0.022, 4, seed, ridged=True) + 0.25 * octaves(x, y, 0.12, 3, seed + 1)
        else:
            d = 1.6 * octaves(x, y, 0.03, 5, seed) + 0.2 * octaves(x, y, 0.3, 4, seed + 1)
        rim = smoothstep(0.08, 0.16, octaves(x, y, 0.012, 4, seed + 2) + 0.05 * octaves(x, y, 0.1, 4, seed + 3))
        mesa = rim * smoothstep(45, 80, np.hypot(x, y)) * (22 + 10 * octaves(x, y, 0.03, 5, seed + 4, ridged=True))
        return np.asarray(d + mesa, np.float64)

    return Land(height, lambda y: y * 0, 0.0, None, seed)
