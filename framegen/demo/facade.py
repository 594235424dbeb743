"""Walls with recessed windows, doors and shop fronts.

Local frame: the front lies on y = 0 and faces -y, x runs from 0 to the width, +y goes back, +Z up, metres.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framegen.demo import materials as m
from framegen.demo.materials import Material
from framegen.demo.mesh import MeshBuilder

REVEAL_M = 0.16
"""How deep windows lie in the wall."""


@dataclass(frozen=True)
class HouseStyle:
    """How one house looks. Lengths in metres.

    Attributes:
        floors: above the ground floor. ``ground_m``, ``floor_m``: their heights.
        bay_m: one window's share of the front.
        window_m: width and height of a window. ``sill_m``: its height above the floor.
        roof: ``eaves`` (ridge along the street), ``gable`` (ridge away from it) or ``flat``.
        shop: a shop window, sign and awning on the ground floor. ``shutters``: beside the windows.
    """

    wall: Material
    base: Material
    trim: Material
    roof_tiles: Material
    cloth: Material
    sign: Material
    floors: int
    ground_m: float
    floor_m: float
    bay_m: float
    window_m: tuple[float, float]
    sill_m: float
    roof: str
    shop: bool
    shutters: bool

    @property
    def wall_m(self) -> float:
        """Height of the wall up to the roof."""
        return self.ground_m + self.floors * self.floor_m


Row = tuple[float, float, float, float, float]
"""A rectangle on a facade: from (a0, z0) to (a1, z1), and how far behind the wall (negative: before it)."""


def _faces(*faces: str) -> NDArray[np.int64]:
    """Corner tables ``[P, 4, 3]`` into a row and a zero: each corner names a or A, d or 0, z or Z."""
    index = {"a": 0, "z": 1, "A": 2, "Z": 3, "d": 4, "0": 5}
    return np.array([[[index[name] for name in corner] for corner in face.split()] for face in faces])


_FLAT = _faces("adz Adz AdZ adZ")
_SIDES = ("a0z adz adZ a0Z", "Adz A0z A0Z AdZ")
_SILL = _faces("adz Adz AdZ adZ", "adZ AdZ A0Z a0Z", "a0z A0z Adz adz")
_BAR = np.concatenate([_SILL, _faces(*_SIDES)])
_REVEAL = _faces("a0z adz adZ a0Z", "Adz A0z A0Z AdZ", "adZ AdZ A0Z a0Z", "a0z A0z Adz adz")


class Facade:
    """One wall with its openings, on the plane y = 0, facing -y."""

    def __init__(self, builder: MeshBuilder, style: HouseStyle, width_m: float) -> None:
        self.builder = builder
        self.style = style
        self.width_m = width_m
        self.flats: dict[Material, list[Row]] = defaultdict(list)
        self.bars: dict[Material, list[Row]] = defaultdict(list)
        self.details: dict[Material, list[Row]] = defaultdict(list)
        self.reveals: list[Row] = []
        self.sills: list[Row] = []

    def build(self, rng: np.random.Generator, *, front: bool) -> None:
        """Adds the wall to the builder; a front has a door or a shop, and mouldings."""
        style, width = self.style, self.width_m
        bays = max(1, round(width / style.bay_m))
        bay = width / bays
        window_w, window_h = min(style.window_m[0], bay - 0.5), style.window_m[1]
        if front and style.shop:
            self._shop_front(rng)
        else:
            door = int(rng.integers(bays)) if front else -1
            top = min(style.ground_m - 0.4, style.sill_m + 0.1 + window_h)
            for k in range(bays):
                center = bay * (k + 0.5)
                if k == door:
                    self._opening(
                        bay * k, 0, bay * (k + 1), style.ground_m, center - 0.55, 0.0, center + 0.55, 2.3, m.DOOR_WOOD
                    )
                    builder_low, builder_high = (center - 0.85, -0.5, 0.0), (center + 0.85, 0.0, 0.14)
                    self.builder.box(builder_low, builder_high, m.KERB, faces="sewt")
                else:
                    self._window(
                        bay * k, 0, bay * (k + 1), style.ground_m, center, window_w, style.sill_m + 0.1, top, style.base
                    )
        for floor in range(style.floors):
            z0 = style.ground_m + floor * style.floor_m
            for k in range(bays):
                top = min(z0 + style.floor_m - 0.3, z0 + style.sill_m + window_h)
                self._window(
                    bay * k, z0, bay * (k + 1), z0 + style.floor_m, bay * (k + 0.5), window_w, z0 + style.sill_m, top
                )
            if front:
                self._bar(0, z0 - 0.07, width, z0 + 0.07, 0.07, style.trim)
        if front:
            self._bar(0, style.wall_m - 0.28, width, style.wall_m, 0.16, style.trim)
        for rows, faces in ((self.flats, _FLAT), (self.bars, _BAR)):
            for material, row in rows.items():
                self._add(row, faces, material)
        with self.builder.fine():
            if self.reveals:
                self._add(self.reveals, _REVEAL, style.trim)
            for material, row in self.details.items():
                self._add(row, _FLAT, material)
            if self.sills:
                self._add(self.sills, _SILL, style.trim)

    def _add(self, rows: list[Row], faces: NDArray[np.int64], material: Material) -> None:
        table = np.column_stack([np.asarray(rows), np.zeros(len(rows))])
        self.builder.polygons(table[:, faces].reshape(-1, 4, 3), material)

    def _quad(self, a0: float, z0: float, a1: float, z1: float, y: float, material: Material) -> None:
        self.flats[material].append((a0, z0, a1, z1, y))

    def _bar(self, a0: float, z0: float, a1: float, z1: float, out: float, material: Material) -> None:
        """A box that stands out of the wall by ``out``."""
        self.bars[material].append((a0, z0, a1, z1, -out))

    def _opening(
        self, a0: float, z0: float, a1: float, z1: float, w0: float, b0: float, w1: float, b1: float, fill: Material,
        wall: Material | None = None,
    ) -> None:  # fmt: skip
        """The wall from (a0, z0) to (a1, z1) around a recessed hole from (w0, b0) to (w1, b1), filled with ``fill``."""
        wall = wall or (self.style.base if z0 == 0 else self.style.wall)
        self._quad(a0, z0, w0, z1, 0, wall)
        self._quad(w1, z0, a1, z1, 0, wall)
        self._quad(w0, b1, w1, z1, 0, wall)
        if b0 > z0:
            self._quad(w0, z0, w1, b0, 0, wall)
        d = REVEAL_M
        # Larger than its hole: from far away, without its reveals, one must not look past it.
        self._quad(w0 - d, max(0.0, b0 - d), w1 + d, b1 + d, d, fill)
        self.reveals.append((w0, b0, w1, b1, d))

    def _window(
        self, a0: float, z0: float, a1: float, z1: float, center: float, width: float, b0: float, b1: float,
        wall: Material | None = None,
    ) -> None:  # fmt: skip
        w0, w1 = center - width / 2, center + width / 2
        self._opening(a0, z0, a1, z1, w0, b0, w1, b1, m.GLASS, wall)
        trim, front = self.style.trim, REVEAL_M - 0.03
        cross = b0 + 0.64 * (b1 - b0)
        self.details[trim] += [
            (center - 0.03, b0, center + 0.03, b1, front),
            (w0, cross - 0.03, w1, cross + 0.03, front),
        ]
        self.sills.append((w0 - 0.1, b0 - 0.08, w1 + 0.1, b0, -0.1))
        if self.style.shutters and z0 > 0 and (a1 - a0) > width * 1.95:
            half = width * 0.46
            self._bar(w0 - half, b0, w0 - 0.02, b1, 0.05, self.style.cloth)
            self._bar(w1 + 0.02, b0, w1 + half, b1, 0.05, self.style.cloth)

    def _shop_front(self, rng: np.random.Generator) -> None:
        style, width, top = self.style, self.width_m, self.style.ground_m
        units = max(1, round(width / 4.2))
        unit = width / units
        for k in range(units):
            a0, a1 = unit * k, unit * (k + 1)
            head = top - 0.95
            self._opening(a0, 0, a1, top, a0 + 0.3, 0.45, a1 - 1.5, head, m.SHOP_GLASS)
            # The door stands beside the window, in the same bay.
            self._quad(a1 - 1.25, 0.0, a1 - 0.3, 2.25, -0.02, m.DOOR_WOOD)
            self._quad(a1 - 1.1, 1.0, a1 - 0.45, 2.1, -0.03, m.SHOP_GLASS)
            for a in np.arange(a0 + 0.3 + 1.2, a1 - 1.6, 1.2):
                self._quad(float(a) - 0.03, 0.45, float(a) + 0.03, head, REVEAL_M - 0.03, style.trim)
        self._bar(0.2, top - 0.85, width - 0.2, top - 0.2, 0.12, style.sign)
        if rng.random() < 0.65:
            z0, z1, out = top - 1.35, top - 0.9, 1.35
            self.builder.polygons(
                [
                    [(0.2, -out, z0), (width - 0.2, -out, z0), (width - 0.2, 0, z1), (0.2, 0, z1)],
                    [
                        (0.2, 0, z1 - 0.03),
                        (width - 0.2, 0, z1 - 0.03),
                        (width - 0.2, -out, z0 - 0.03),
                        (0.2, -out, z0 - 0.03),
                    ],
                    [(0.2, -out, z0 - 0.25), (width - 0.2, -out, z0 - 0.25), (width - 0.2, -out, z0), (0.2, -out, z0)],
                ],
                style.cloth,
            )
