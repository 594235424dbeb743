"""Plants as prototype games draw them: blobs and cones. The photoreal side clads them in leaves, the outline stays."""

from __future__ import annotations

import numpy as np

from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.plants import BARK, cards, leaf, needles, unit
from framegen.training.scenes.synthesis import Rng

BLOB = Surface(
    "foliage", (0.06, 0.1, 0.025), "leaf mass", season="leaf", rough=0.6, snow=0.7, bump=0.9, bump_m=0.08, stain=0.2
)
CONE = Surface("foliage", (0.03, 0.06, 0.022), "leaf mass", rough=0.7, snow=0.9, bump=0.9, bump_m=0.08)


def _clad(
    rng: Rng, coat: Builder, centre: tuple[float, float, float], radius: tuple[float, float, float], leaves: Surface
) -> None:
    """Leaf cards over an ellipsoid, lying on its surface so that the outline hardly grows."""
    area = radius[0] * radius[2]
    count = int(130 * area) + 40
    way = unit(rng.normal(size=(count, 3)))
    at = np.asarray(centre) + way * np.asarray(radius) * 0.93
    drop = np.cross(way, np.cross((0.0, 0.0, -1.0), way)) + 0.7 * rng.normal(size=(count, 3)) + 0.25 * way
    cards(coat, rng, at, drop, rng.uniform(0.24, 0.42, count), leaves, way)


def blob_tree(rng: Rng, height: float, species: str) -> tuple[Builder, Builder]:
    """A trunk with one to five blobs, and its coat of leaves for the photoreal side."""
    tree, coat = Builder(), Builder()
    trunk = height * rng.uniform(0.28, 0.42)
    tree.tube(np.array([(0, 0, -0.1), (0, 0, trunk + 0.2)]), np.array((0.035, 0.025)) * height * 0.8, BARK, 6)
    blobs = int(rng.integers(1, 6))
    crown = (height - trunk) / 2
    detail = int(rng.integers(4, 8))
    for k in range(blobs):
        size = crown * (1.0 if blobs == 1 else rng.uniform(0.5, 0.75))
        off = np.zeros(3) if blobs == 1 else unit(rng.normal(size=3)) * crown * 0.55 * (1, 1, 0.7)
        centre = (float(off[0]), float(off[1]), float(trunk + crown + off[2] * (k > 0)))
        radius = (size * rng.uniform(0.8, 1.05), size * rng.uniform(0.8, 1.05), size)
        with tree.at(moved(*centre)):
            tree.sphere(radius, BLOB, rng, 0.1, detail)
        _clad(rng, coat, centre, radius, leaf(species))
    return tree, coat


def cone_tree(rng: Rng, height: float) -> tuple[Builder, Builder]:
    """A trunk with stacked cones, and its coat of sprays for the photoreal side."""
    tree, coat = Builder(), Builder()
    sides = int(rng.integers(6, 12))
    tree.tube(np.array([(0, 0, -0.1), (0, 0, 0.3 * height)]), 0.03 * height, BARK, 6)
    tiers = int(rng.integers(1, 4))
    foot, width = 0.18 * height, rng.uniform(0.2, 0.3) * height
    spray = needles("spruce")
    for k in range(tiers):
        low = foot + (height - foot) * k / tiers * 0.85
        top = height if k == tiers - 1 else low + (height - foot) / tiers * 1.35
        wide = width * (1 - 0.28 * k)
        tree.lathe([(wide, low), (0.01, top)], CONE, sides, smooth=False)
        count = int(60 * wide * (top - low)) + 30
        share = rng.random(count) ** 1.6
        turn = rng.random(count) * 2 * np.pi
        out = np.stack([np.cos(turn), np.sin(turn), np.full(count, 0.35)], 1)
        at = out * (wide * (1 - share) * 0.9)[:, None] * (1, 1, 0) + np.stack(
            [0 * share, 0 * share, low + (top - low) * share], 1
        )
        cards(coat, rng, at, out * (1, 1, 0) * 0.7 - (0, 0, 0.9), rng.uniform(0.3, 0.55, count), spray, out)
    return tree, coat


def hedge(rng: Rng, length: float, height: float) -> tuple[Builder, Builder]:
    """A clipped hedge along +x from the origin, and its coat."""
    body, coat = Builder(), Builder()
    wide = 0.35
    body.box((0, -wide, 0), (length, wide, height), BLOB, open_bottom=True)
    count = int(length * 60)
    x, side = rng.random(count) * length, rng.integers(3, size=count)
    z = np.where(side == 2, height, rng.random(count) * height)
    y = np.where(side == 2, rng.uniform(-wide, wide, count), np.where(side == 0, -wide, wide))
    way = np.where((side == 2)[:, None], (0.0, 0.0, 1.0), np.stack([0 * y, np.sign(y), 0 * y], 1))
    at = np.stack([x, y, z], 1) - 0.05 * way
    cards(coat, rng, at, rng.normal(size=(count, 3)) + 0.3 * way, rng.uniform(0.16, 0.26, count), leaf("beech"), way)
    return body, coat
