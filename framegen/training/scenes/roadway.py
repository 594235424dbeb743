"""Carriageway, kerbs, pavements, gardens, crossings and markings along a route."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framegen.frame import F64
from framegen.training.scenes.bank import mean_color
from framegen.training.scenes.geometry import Builder
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.route import END_M, START_M, Route
from framegen.training.scenes.synthesis import Rng

KERB_M, KERB_TOP_M = 0.16, 0.13
FAR_M = 75.0
MARKING = Surface("road marking", (0.6, 0.6, 0.57), "worn asphalt", puddles=True, bump=0.1, rough=0.7, stain=0.25)
KERB = Surface("concrete", (0.36, 0.35, 0.33), "concrete", bump=0.3, puddles=True)


@dataclass(frozen=True)
class Measures:
    """Half width of the carriageway, width of pavement and gardens (0: none), and the crossings' stations."""

    road_m: float
    pavement_m: float
    garden_m: float
    crossings: tuple[float, ...]
    crossing_half_m: float

    @property
    def front_m(self) -> float:
        """Distance of the house fronts from the middle."""
        return self.road_m + KERB_M + self.pavement_m + self.garden_m

    def open(self, station: float, margin_m: float = 0.0) -> bool:
        """Whether a station lies outside all crossings."""
        return bool(self.outside(np.float64(station), margin_m))

    def outside(self, stations: ArrayLike, margin_m: float = 0.0) -> NDArray[np.bool_]:
        """The same for many stations at once, in their shape."""
        gaps = np.abs(np.asarray(stations, np.float64)[..., None] - np.asarray(self.crossings))
        return np.asarray((gaps > self.crossing_half_m + margin_m).all(-1))

    def blocks(self) -> list[tuple[float, float]]:
        """Stretches between crossings."""
        ends = [float(START_M)]
        for c in self.crossings:
            ends += [c - self.crossing_half_m, c + self.crossing_half_m]
        ends.append(float(END_M))
        return list(zip(ends[::2], ends[1::2], strict=True))


@dataclass(frozen=True)
class Pavings:
    """Surfaces of carriageway, pavement and gardens; ``marked``: painted lines."""

    road: Surface
    pavement: Surface
    lawn: Surface
    marked: bool


def draw_pavings(rng: Rng, *, old: bool) -> Pavings:
    """Asphalt or setts, slabs or pavers, a lawn: several fields of each."""

    def surface(label: str, name: str, low: float, high: float, **more: float) -> Surface:
        gain = rng.uniform(low, high)
        r, g, b = (min(0.6, c * gain) for c in mean_color(name))
        return Surface(
            label,
            (r, g, b),
            name,
            puddles=True,
            rough=0.82,
            bump=more.get("bump", 0.4),
            bump_m=more.get("bump_m", 0.012),
        )

    cobbled = old and rng.random() < 0.7
    if cobbled:
        road = surface("paving", str(rng.choice(("cobbles", "setts", "grey pavers"))), 0.85, 1.2, bump=0.8, bump_m=0.03)
    else:
        names = ("asphalt", "new asphalt", "worn asphalt", "patched asphalt")
        road = surface("asphalt", str(rng.choice(names, p=(0.3, 0.15, 0.3, 0.25))), 0.8, 1.3, bump=0.35)
    flags = (
        "paving slabs",
        "crazy paving",
        "concrete slabs",
        "small slabs",
        "clay pavers",
        "grey pavers",
        "setts",
        "worn asphalt",
    )
    pavement = surface("paving", str(rng.choice(flags)), 0.8, 1.15)
    name = str(rng.choice(("lawn", "lawn", "dry lawn", "grass")))
    r, g, b = mean_color(name)
    lawn = Surface("grass", (r, g, b), name, season="ground", bump=0.6, bump_m=0.04)
    return Pavings(road, pavement, lawn, marked=not cobbled)


def _strip(
    builder: Builder, route: Route, stations: F64, rights: F64, ups: F64, matter: Surface, keep: NDArray[np.bool_]
) -> None:
    """A band along the route; ``rights`` ascending with ``ups``; ``keep`` tells which metres are built."""
    points = route.point(stations[:, None], rights[None], ups[None])
    columns = len(rights)
    i, j = np.meshgrid(np.arange(len(stations) - 1), np.arange(columns - 1), indexing="ij")
    corner = (i * columns + j)[keep]
    faces = np.stack([corner, corner + 1, corner + columns + 1, corner + columns], -1).reshape(-1, 4)
    if len(faces):
        builder.add(points.reshape(-1, 3), faces, matter)


def lay(builder: Builder, route: Route, m: Measures, p: Pavings) -> None:
    """The ground of the whole street."""
    # a station on either side of each crossing's edge, so that kerbs end where they should
    edges = [c + s * m.crossing_half_m for c in m.crossings for s in (-1, 1)]
    stations = np.unique(np.concatenate([np.arange(START_M, END_M + 1, 2.0), edges]))
    middle = (stations[:-1] + stations[1:]) / 2
    inside = m.outside(middle)
    always = np.ones(len(middle), bool)
    crown = np.linspace(-m.road_m, m.road_m, 9)
    _strip(builder, route, stations, crown, 0.05 * (1 - (crown / m.road_m) ** 2), p.road, always)
    walk = m.road_m + KERB_M + m.pavement_m
    for side in (-1, 1):
        kerb = np.array([m.road_m, m.road_m + 0.001, m.road_m + KERB_M]), np.array([0.0, KERB_TOP_M, KERB_TOP_M])
        flag = np.array([m.road_m + KERB_M, walk]), np.array([KERB_TOP_M - 0.01, KERB_TOP_M + 0.02])
        yard = np.array([walk, m.front_m + 6]), np.full(2, KERB_TOP_M + 0.02)
        rest = np.array([m.front_m + 6, m.front_m + 30, FAR_M]), np.full(3, KERB_TOP_M + 0.02)
        beyond = p.lawn if m.garden_m else p.pavement
        for (right, up), matter in ((kerb, KERB), (flag, p.pavement), (yard, beyond), (rest, p.lawn)):
            order = slice(None, None, side)
            _strip(builder, route, stations, (side * right)[order], up[order], matter, inside)
        across = side * np.linspace(m.road_m, FAR_M, 8)
        order = slice(None, None, side)
        _strip(builder, route, stations, across[order], np.zeros(8), p.road, ~inside)
        for edge in edges:
            ends = route.point(edge, np.array([side * m.road_m, side * FAR_M]))
            top = ends + np.array((0, 0, KERB_TOP_M + 0.02))
            builder.polygon([*ends.tolist(), *top[::-1].tolist()], KERB)


def mark(builder: Builder, rng: Rng, route: Route, m: Measures) -> None:
    """Middle line, edge lines and zebra crossings."""

    def patch(s0: float, s1: float, r0: float, r1: float) -> None:
        r = np.array([r0, r1, r1, r0])
        up = 0.055 * (1 - (r / m.road_m) ** 2) + 0.004
        builder.polygon(route.point(np.array([s0, s0, s1, s1]), r, up).tolist(), MARKING)

    spacing = rng.uniform(5, 8)
    lanes = [0.0] if m.road_m < 5.5 else [-m.road_m / 3, 0.0, m.road_m / 3]
    for low, high in m.blocks():
        for s in np.arange(low + 5, high - 6, spacing):
            for right in lanes:
                patch(float(s), float(s) + 2.5, right - 0.06, right + 0.06)
        if rng.random() < 0.5:
            for s in np.arange(low + 4, high - 6, 4.0):
                for side in (-1, 1):
                    patch(float(s), float(s) + 4.0, side * (m.road_m - 0.35), side * (m.road_m - 0.25))
    for c in m.crossings:
        for s in (c - m.crossing_half_m - 3.4, c + m.crossing_half_m + 0.8):
            if rng.random() < 0.75:
                for right in np.arange(-m.road_m + 0.4, m.road_m - 0.5, 0.95):
                    patch(s, s + 2.6, float(right), float(right) + 0.45)
