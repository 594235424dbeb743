"""Boulders: spheres chopped by planes and roughened."""

from __future__ import annotations

import numpy as np

from framegen.training.scenes.geometry import Builder
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.plants import unit
from framegen.training.scenes.relief import octaves
from framegen.training.scenes.synthesis import Rng


def boulder(rng: Rng, surface: Surface, *, angular: float = 0.5) -> Builder:
    """A boulder of about one metre radius; ``angular`` 0 round .. 1 many facets."""
    rows, columns = 40, 80
    polar, turn = np.meshgrid(
        np.linspace(0, np.pi, rows + 1)[::-1], np.arange(columns) / columns * 2 * np.pi, indexing="ij"
    )
    p = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], -1)
    for _ in range(int(10 * angular) + 4):
        way, depth = unit(rng.normal(size=3)), rng.uniform(0.55, 0.9)
        p = p - np.maximum(p @ way - depth, 0)[..., None] * way * 0.9
    seed = int(rng.integers(1 << 20))
    a, b, c = p[..., 0], p[..., 1], p[..., 2]
    rough = octaves(a + 0.7 * c, b - 0.6 * c, 1.2, 4, seed) + octaves(b + 0.5 * a, c + 0.4 * b, 1.3, 4, seed + 5)
    p = p * (1 + 0.14 * rough)[..., None] * rng.uniform(0.7, 1.2, 3) * (1, 1, 0.75)
    p[0], p[-1] = p[0].mean(0), p[-1].mean(0)
    k, j = np.arange(columns), np.arange(rows)[:, None]
    quad = np.stack(
        [
            j * columns + k,
            j * columns + (k + 1) % columns,
            (j + 1) * columns + (k + 1) % columns,
            (j + 1) * columns + k,
        ],
        -1,
    )
    out = Builder()
    out.add(p.reshape(-1, 3), quad.reshape(-1, 4), surface, smooth=True)
    return out
