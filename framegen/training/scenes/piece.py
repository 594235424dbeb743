"""A piece of furniture: a mesh with its lamps, and the small things that lie about on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from framegen.training.scenes.decor import CHINA, STEEL, Decor
from framegen.training.scenes.geometry import Builder, Point, moved
from framegen.training.scenes.matter import Surface


@dataclass(frozen=True)
class Bulb:
    """A light of a piece: where (in the current frame when added), watts, radius; ``cone_deg`` 0: all around."""

    place: tuple[float, float, float]
    watts: float
    radius_m: float = 0.06
    cone_deg: float = 0.0


class Piece(Builder):
    """Furniture stands on the origin with its back at y = 0 and looks along +y, x to its side; metres."""

    def __init__(self, decor: Decor, width: float = 1.0, depth: float = 0.6) -> None:
        super().__init__()
        self.decor, self.rng, self.width, self.depth = decor, decor.rng, width, depth
        self.bulbs: list[Bulb] = []

    def bulb(self, at: Point, watts: float, radius_m: float = 0.06, cone_deg: float = 0.0) -> None:
        """A light at a point of the current frame."""
        x, y, z = (self._place @ np.array((*at, 1.0)))[:3].tolist()
        self.bulbs.append(Bulb((x, y, z), watts, radius_m, cone_deg))

    def rod(self, a: Point, b: Point, radius: float, matter: Surface, sides: int = 8) -> None:
        """A round bar."""
        self.tube(np.array([a, b]), radius, matter, sides)

    def legs(self, x: float, y0: float, y1: float, top: float, matter: Surface, radius: float = 0.022) -> None:
        """Four legs at ``+-x``."""
        for side in (-1, 1):
            for y in (y0, y1):
                self.rod((side * x, y, 0.0), (side * x, y, top), radius, matter)

    def books(self, x0: float, x1: float, y: float, z: float, tall: float, deep: float = 0.2) -> None:
        """A row of books on a shelf, backs to +y, the last one leaning."""
        x, spines = x0, self.decor.spines
        while x < x1 - 0.03:
            thick = self.rng.uniform(0.016, 0.045)
            high, back = tall * self.rng.uniform(0.62, 0.97), y - self.rng.uniform(0, 0.04)
            self.box(
                (x, back - deep, z), (x + thick - 0.002, back, z + high), spines[int(self.rng.integers(len(spines)))]
            )
            x += thick

    def vase(self, x: float, y: float, z: float, height: float) -> None:
        """A turned vessel: vase, jar, bottle or cup."""
        r = height * self.rng.uniform(0.18, 0.42)
        neck = r * self.rng.uniform(0.35, 1.0)
        matter = CHINA if self.rng.random() < 0.3 else self.decor.thing()
        with self.at(moved(x, y, z)):
            self.lathe(
                [(r * 0.7, 0), (r, height * 0.35), (r * 0.9, height * 0.6), (neck, height * 0.8), (neck * 1.1, height)],
                matter,
                12,
            )

    def pile(self, x: float, y: float, z: float) -> None:
        """Books or papers lying on one another."""
        for _ in range(int(self.rng.integers(1, 5))):
            w, d, h = self.rng.uniform(0.13, 0.2), self.rng.uniform(0.18, 0.27), self.rng.uniform(0.012, 0.04)
            with self.at(moved(x, y, z, self.rng.normal() * 0.25)):
                self.box((-w / 2, -d / 2, 0), (w / 2, d / 2, h), self.decor.spines[int(self.rng.integers(9))])
            z += h

    def clutter(self, low: tuple[float, float], high: tuple[float, float], z: float, count: int) -> None:
        """Small things on a surface between two corners."""
        for _ in range(int(self.rng.integers(count // 2, count + 1))):
            x, y = self.rng.uniform(low[0], high[0]), self.rng.uniform(low[1], high[1])
            kind = self.rng.random()
            if kind < 0.4:
                self.vase(x, y, z, self.rng.uniform(0.08, 0.28))
            elif kind < 0.65:
                self.pile(x, y, z)
            elif kind < 0.85:
                w, h = self.rng.uniform(0.04, 0.12), self.rng.uniform(0.03, 0.16)
                self.soft_box((x - w, y - w * 0.6, z), (x + w, y + w * 0.6, z + h), self.decor.thing(), 0.005)
            else:
                self.frame(x, y, z, self.rng.uniform(0.1, 0.2))

    def frame(self, x: float, y: float, z: float, size: float) -> None:
        """A small picture frame that stands."""
        self.box((x - size / 2, y - 0.015, z), (x + size / 2, y, z + size * 1.3), self.decor.dark_wood)
        self.image((x - size * 0.42, x + size * 0.42), y + 0.002, (z + size * 0.1, z + size * 1.2))

    def image(self, xs: tuple[float, float], y: float, zs: tuple[float, float]) -> None:
        """A picture that looks along +y (seen from there, +x is on the left)."""
        corners = [(xs[1], y, zs[0]), (xs[0], y, zs[0]), (xs[0], y, zs[1]), (xs[1], y, zs[1])]
        picture = self.decor.pictures[int(self.rng.integers(len(self.decor.pictures)))]
        self.polygon(corners, picture, [(0, 0), (1, 0), (1, 1), (0, 1)])

    def lamp(self, x: float, y: float, z: float, height: float, watts: float) -> None:
        """A lamp with a cloth shade, standing."""
        d = self.decor
        wide = 0.3 * min(height, 0.6) + 0.06
        with self.at(moved(x, y, z)):
            self.lathe([(wide * 0.6, 0), (wide * 0.6, 0.02), (0.02, 0.03), (0.014, height * 0.7)], STEEL, 14)
            top, low = height, height - wide * 1.15
            turn = np.arange(20) / 20 * 2 * np.pi
            rings = [(wide, low), (wide * 0.72, top)]
            points = np.array([(r * math.cos(t), r * math.sin(t), q) for r, q in rings for t in turn])
            k = np.arange(20)
            self.add(points, np.stack([k, (k + 1) % 20, 20 + (k + 1) % 20, 20 + k], 1), d.shade, smooth=True)
            self.bulb((0, 0, top + 0.05), watts)
