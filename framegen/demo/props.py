"""What stands in the town's streets: trees, lamps, benches, stalls, the fountain.

Local frames: the foot at the origin, +Z up, metres.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np

from framegen.demo import materials as m
from framegen.demo.figures import car
from framegen.demo.materials import Material
from framegen.demo.mesh import MeshBuilder, rotation_z, translation
from framegen.frame import F64


def tree(builder: MeshBuilder, rng: np.random.Generator, height_m: float, *, lumps: int = 5, leaves: int = 330) -> None:
    """A broad-leaved tree: a dark core of lumps inside a cloud of leaf cards."""
    trunk = height_m * 0.34
    builder.lathe([(0.17, 0.0), (0.12, trunk * 0.5), (0.10, height_m * 0.62)], m.BARK, sides=6)
    leaf = m.LEAVES.shaded(float(rng.uniform(0.85, 1.2)))
    spread = height_m * 0.30
    centers = np.empty((lumps, 3))
    radii = np.empty(lumps)
    for k in range(lumps):
        angle = 2 * np.pi * (k + rng.uniform(-0.3, 0.3)) / (lumps - 1)
        out = spread * 0.55 if k < lumps - 1 else 0.0
        rise = rng.uniform(0.52, 0.66) if k < lumps - 1 else 0.78
        centers[k] = out * np.cos(angle), out * np.sin(angle), height_m * rise
        radii[k] = spread * rng.uniform(0.62, 0.78)
        if k < lumps - 1:
            tip = centers[k] * (0.8, 0.8, 0.98)
            with builder.fine():
                _limb(builder, np.array((0.0, 0.0, trunk * 0.9)), tip, 0.07)
        builder.blob(tuple(centers[k]), (radii[k] * 0.82,) * 3, leaf.shaded(0.72), rng, sides=7 if lumps > 3 else 6)
    _leaf_cards(builder, rng, centers, radii, leaf, leaves, 0.029 * height_m)


def _limb(builder: MeshBuilder, start: F64, end: F64, radius: float) -> None:
    """A three-sided branch."""
    axis = end - start
    side = np.cross(axis, (0.0, 0.0, 1.0))
    side /= max(float(np.linalg.norm(side)), 1e-9)
    other = np.cross(side, axis / np.linalg.norm(axis))
    ring = [radius * (np.cos(a) * side + np.sin(a) * other) for a in (0.0, 2.1, 4.2)]
    quads = [
        [start + p, end + p * 0.4, end + q * 0.4, start + q] for p, q in zip(ring, ring[1:] + ring[:1], strict=True)
    ]
    builder.polygons(quads, m.BARK)


def _leaf_cards(
    builder: MeshBuilder, rng: np.random.Generator, centers: F64, radii: F64, leaf: Material, count: int, size_m: float
) -> None:
    """Small triangles on the lumps, facing outwards and lit by the crown's normal; two of three are fine detail."""
    which = rng.integers(len(centers), size=count)
    direction = rng.standard_normal((count, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    place = centers[which] + direction * (radii[which] * rng.uniform(0.84, 1.16, count))[:, None]
    corners = rng.standard_normal((count, 3, 3)) * size_m + place[:, None]
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    turned = np.sum(facing * direction, axis=1) < 0
    corners[turned] = corners[turned][:, ::-1]
    normal = direction + np.array((0, 0, 0.35))
    for tone in range(3):
        material = leaf.shaded(0.85 + 0.16 * tone)
        builder.polygons(corners[tone::9], material, normal[tone::9])
        with builder.fine():
            for more in (tone + 3, tone + 6):
                builder.polygons(corners[more::9], material, normal[more::9])


def bush(builder: MeshBuilder, rng: np.random.Generator, radius_m: float) -> None:
    """A low round bush."""
    builder.blob(
        (0, 0, radius_m * 0.55),
        (radius_m, radius_m, radius_m * 0.75),
        m.HEDGE.shaded(float(rng.uniform(0.8, 1.2))),
        rng,
    )


def conifer(builder: MeshBuilder, rng: np.random.Generator, height_m: float) -> None:
    """A fir for the hills: two stacked cones."""
    leaf = Material("foliage", (0.055, 0.12, 0.05), "leaves").shaded(float(rng.uniform(0.8, 1.2)))
    builder.lathe([(0.15, 0.0), (0.12, height_m * 0.2)], m.BARK, sides=4)
    for low, high, radius in ((0.12, 0.55, 0.24), (0.35, 0.8, 0.18), (0.6, 1.0, 0.12)):
        builder.lathe([(height_m * radius, height_m * low), (0.0, height_m * high)], leaf, sides=6)


def street_lamp(builder: MeshBuilder, height_m: float = 5.2) -> None:
    """A post with an arm over +x and a lamp at its end."""
    builder.lathe([(0.11, 0.0), (0.10, 0.8), (0.06, 0.85), (0.045, height_m)], m.DARK_METAL, sides=6)
    builder.box((-0.04, -0.035, height_m - 0.08), (1.25, 0.035, height_m), m.DARK_METAL, faces="nsewtb")
    builder.box((0.75, -0.13, height_m - 0.06), (1.4, 0.13, height_m + 0.05), m.DARK_METAL, faces="nsewtb")
    builder.box((0.8, -0.1, height_m - 0.1), (1.35, 0.1, height_m - 0.06), m.LAMP_GLASS, faces="nsewb")


def old_lamp(builder: MeshBuilder) -> None:
    """A lantern for the square."""
    builder.lathe([(0.16, 0.0), (0.12, 0.5), (0.06, 0.6), (0.05, 3.0)], m.DARK_METAL, sides=8)
    builder.lathe([(0.10, 3.0), (0.20, 3.45)], m.LAMP_GLASS, sides=6)
    builder.lathe([(0.25, 3.45), (0.04, 3.7)], m.DARK_METAL, sides=6)


def bench(builder: MeshBuilder) -> None:
    """A bench of 1.8 m along x; one sits on it looking along -y."""
    for z, y0, y1 in ((0.44, -0.22, -0.08), (0.44, -0.04, 0.10), (0.44, 0.14, 0.26)):
        builder.box((-0.9, y0, z), (0.9, y1, z + 0.04), m.BENCH_WOOD, faces="nsewtb")
    for z in (0.6, 0.78):
        builder.box((-0.9, 0.28, z), (0.9, 0.32, z + 0.12), m.BENCH_WOOD, faces="nsewtb")
    for x in (-0.75, 0.75):
        builder.box((x - 0.03, -0.2, 0.0), (x + 0.03, 0.34, 0.44), m.DARK_METAL)
        builder.box((x - 0.03, 0.3, 0.44), (x + 0.03, 0.34, 0.9), m.DARK_METAL)


def bollard(builder: MeshBuilder) -> None:
    """A post that keeps cars off the pavement."""
    builder.lathe([(0.09, 0.0), (0.08, 0.78), (0.0, 0.94)], m.DARK_METAL, sides=6)


def litter_bin(builder: MeshBuilder) -> None:
    """A green bin."""
    builder.lathe([(0.21, 0.06), (0.25, 0.85), (0.2, 0.95)], Material("plastic", (0.05, 0.16, 0.09)), sides=8)


def market_stall(builder: MeshBuilder, rng: np.random.Generator) -> None:
    """A table with goods under a striped canopy, 3 m along x."""
    cloth = m.CLOTHS[int(rng.integers(len(m.CLOTHS)))]
    for x in (-1.45, 1.45):
        for y in (-0.95, 0.95):
            builder.box((x - 0.04, y - 0.04, 0), (x + 0.04, y + 0.04, 2.5 if y < 0 else 2.2), m.BENCH_WOOD)
    builder.box((-1.4, -0.7, 0.0), (1.4, 0.5, 0.85), m.BENCH_WOOD)
    for k in range(6):
        x0, x1 = -1.65 + 0.55 * k, -1.65 + 0.55 * (k + 1)
        stripe = cloth if k % 2 == 0 else m.CLOTHS[3]
        for y0, z0, y1, z1 in ((-1.25, 2.25, 0.0, 2.85), (0.0, 2.85, 1.25, 2.25)):
            top = [(x0, y0, z0), (x1, y0, z0), (x1, y1, z1), (x0, y1, z1)]
            builder.polygon(top, stripe)
            builder.polygon([(a, b, c - 0.02) for a, b, c in top[::-1]], stripe)
        builder.polygon([(x0, -1.25, 2.02), (x1, -1.25, 2.02), (x1, -1.25, 2.25), (x0, -1.25, 2.25)], stripe)
        builder.polygon([(x1, 1.25, 2.02), (x0, 1.25, 2.02), (x0, 1.25, 2.25), (x1, 1.25, 2.25)], stripe)
    goods = ((0.45, 0.08, 0.05), (0.5, 0.3, 0.05), (0.12, 0.28, 0.06), (0.45, 0.42, 0.1))
    for k, color in enumerate(goods):
        x = -1.2 + 0.65 * k
        builder.box((x, -0.6, 0.85), (x + 0.5, 0.3, 1.0), m.BENCH_WOOD, top=Material("plastic", color, "cobbles"))


def fountain(builder: MeshBuilder) -> None:
    """A round basin 8 m wide with a bowl on a pillar and falling water."""
    builder.lathe([(4.3, 0.0), (4.3, 0.2), (4.0, 0.2), (4.0, 0.6), (3.6, 0.6), (3.6, 0.42)], m.PALE_STONE, sides=16)
    builder.lathe([(3.6, 0.42), (3.59, 0.43)], m.WATER, sides=16)
    builder.lathe(
        [(0.7, 0.3), (0.35, 0.8), (0.3, 1.8), (0.5, 2.0), (1.5, 2.35), (1.55, 2.5), (1.4, 2.5), (1.3, 2.42)],
        m.PALE_STONE,
        sides=12,
    )
    builder.lathe([(1.3, 2.42), (1.29, 2.43)], m.WATER, sides=12)
    builder.lathe(
        [(0.22, 2.4), (0.15, 3.1), (0.4, 3.3), (0.42, 3.4), (0.1, 3.5), (0.16, 3.8), (0.0, 4.0)], m.PALE_STONE, sides=8
    )
    for k in range(6):
        with builder.at(rotation_z(k * np.pi / 3)):
            arc = [(1.5 + 0.42 * t, 2.5 - 2.1 * t * t) for t in np.linspace(0, 1, 5)]
            for (x0, z0), (x1, z1) in pairwise(arc):
                strip = [(x0, -0.07, z0), (x1, -0.07, z1), (x1, 0.07, z1), (x0, 0.07, z0)]
                builder.polygon(strip, m.WATER.shaded(1.6))
                builder.polygon(strip[::-1], m.WATER.shaded(1.6))


class Stock:
    """One of each, built once and put up many times."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._models: dict[str, list[MeshBuilder]] = {
            "tree": self._several(4, lambda b: tree(b, rng, 6.0)),
            "distant tree": self._several(3, lambda b: tree(b, rng, 6.0, lumps=3, leaves=60)),
            "conifer": self._several(3, lambda b: conifer(b, rng, 8.0)),
            "bush": self._several(4, lambda b: bush(b, rng, 0.6)),
            "street lamp": self._several(1, street_lamp),
            "old lamp": self._several(1, old_lamp),
            "bollard": self._several(1, bollard),
            "bench": self._several(1, bench),
            "litter bin": self._several(1, litter_bin),
            "car": [self._several(1, partial(car, rng=rng, paint=paint))[0] for paint in m.PAINTS],
        }

    @staticmethod
    def _several(count: int, build: Callable[[MeshBuilder], None]) -> list[MeshBuilder]:
        models = [MeshBuilder() for _ in range(count)]
        for model in models:
            build(model)
        return models

    def put(
        self,
        builder: MeshBuilder,
        name: str,
        x: float,
        y: float,
        z: float = 0.0,
        *,
        turn_rad: float | None = None,
        scale: float = 1.0,
    ) -> None:
        """One of the models called ``name``, turned at random unless told how."""
        models = self._models[name]
        angle = float(self._rng.uniform(0, 2 * np.pi)) if turn_rad is None else turn_rad
        matrix = translation(x, y, z) @ rotation_z(angle)
        matrix[:3, :3] *= scale
        builder.stamp(models[int(self._rng.integers(len(models)))], matrix)
