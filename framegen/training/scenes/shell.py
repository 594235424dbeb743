"""Rooms as shells: floor, ceiling, walls with windows and doors, skirting, curtains, and which places are taken.

The room spans x 0..X, y 0..Y, z 0..Z. Wall k = 0, 1, 2, 3 stands at y = 0, x = X, y = Y, x = 0; in a wall's own frame
x runs along it and +y points into the room.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from framegen.frame import F64
from framegen.training.scenes.decor import BRASS, DARK_METAL, Decor
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.synthesis import Rng

WALL_M = 0.25


@dataclass(frozen=True)
class Hole:
    """An opening of a wall, metres along it and up; ``door``: closed by a leaf."""

    x0: float
    x1: float
    z0: float
    z1: float
    door: bool = False


@dataclass
class Plan:
    """The floor plan: ``size`` (x, y, z) metres, the holes of each wall, rectangles already taken (x0, y0, x1, y1)."""

    size: tuple[float, float, float]
    holes: dict[int, list[Hole]] = field(default_factory=lambda: {k: [] for k in range(4)})
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    hung: list[tuple[int, float, float]] = field(default_factory=list)

    def length(self, wall: int) -> float:
        """Metres of a wall."""
        return self.size[wall % 2]

    def frame(self, wall: int, along: float, up: float = 0.0) -> F64:
        """4x4 of a place on a wall."""
        x, y, _ = self.size
        origin = ((0.0, 0.0), (x, 0.0), (x, y), (0.0, y))[wall]
        turn = (0.0, math.pi / 2, math.pi, -math.pi / 2)[wall]
        px, py = origin[0] + along * math.cos(turn), origin[1] + along * math.sin(turn)
        out: F64 = moved(px, py, up, turn)
        return out

    def rectangle(self, wall: int, along: float, width: float, depth: float) -> tuple[float, float, float, float]:
        """What a piece against a wall takes of the floor."""
        place = self.frame(wall, along)
        corners = np.array([(-width / 2, 0, 0, 1), (width / 2, depth, 0, 1)]) @ place.T
        (x0, y0), (x1, y1) = corners[:, :2].min(0), corners[:, :2].max(0)
        return float(x0), float(y0), float(x1), float(y1)

    def free(self, box: tuple[float, float, float, float], margin: float = 0.04) -> bool:
        """Whether a rectangle lies in the room and meets nothing."""
        x0, y0, x1, y1 = box
        if x0 < -0.01 or y0 < -0.01 or x1 > self.size[0] + 0.01 or y1 > self.size[1] + 0.01:
            return False
        return all(
            x1 + margin < a or c + margin < x0 or y1 + margin < b or d + margin < y0 for a, b, c, d in self.taken
        )

    def spot(self, rng: Rng, width: float, depth: float, *, tall: bool, walls: list[int]) -> tuple[int, float] | None:
        """A free place at one of the walls, clear of doors, and of windows when ``tall``; it is then taken."""
        for _ in range(40):
            wall = walls[int(rng.integers(len(walls)))]
            if self.length(wall) < width + 0.1:
                continue
            along = rng.uniform(width / 2 + 0.05, self.length(wall) - width / 2 - 0.05)
            low, high = along - width / 2 - 0.05, along + width / 2 + 0.05
            if any(h.x0 < high and h.x1 > low and (h.door or tall or h.z0 < 0.6) for h in self.holes[wall]):
                continue
            box = self.rectangle(wall, along, width, depth)
            if self.free(box):
                self.taken.append(box)
                return wall, along
        return None

    def wall_place(self, rng: Rng, width: float, walls: list[int]) -> tuple[int, float] | None:
        """A free place to hang something on a wall."""
        for _ in range(30):
            wall = walls[int(rng.integers(len(walls)))]
            if self.length(wall) < width + 0.3:
                continue
            along = rng.uniform(width / 2 + 0.15, self.length(wall) - width / 2 - 0.15)
            low, high = along - width / 2 - 0.1, along + width / 2 + 0.1
            clear = all(h.x0 > high or h.x1 < low for h in self.holes[wall])
            if clear and all(k != wall or a > high or b < low for k, a, b in self.hung):
                self.hung.append((wall, low, high))
                return wall, along
        return None


def _wall(out: Builder, length: float, height: float, holes: list[Hole], matter: Surface) -> None:
    """A wall with holes, in its own frame."""
    at = -WALL_M
    for h in sorted(holes, key=lambda q: q.x0):
        out.box((at, -WALL_M, 0), (h.x0, 0, height), matter)
        if h.z0 > 0.01:
            out.box((h.x0, -WALL_M, 0), (h.x1, 0, h.z0), matter)
        out.box((h.x0, -WALL_M, h.z1), (h.x1, 0, height), matter)
        at = h.x1
    out.box((at, -WALL_M, 0), (length + WALL_M, 0, height), matter)


def _window(out: Builder, h: Hole, trim: Surface, panes: int, bar: float) -> None:
    """Frame, glazing bars and sill."""
    f = 0.055
    uprights = [h.x0 + (h.x1 - h.x0) * k / panes for k in range(panes + 1)]
    for k, x in enumerate(uprights):
        low = x if k == 0 else x - f if k == panes else x - f / 2
        out.soft_box((low, -0.16, h.z0), (low + f, -0.1, h.z1), trim, 0.006)
    levels = [h.z0, h.z1 - f] + ([h.z0 + (h.z1 - h.z0) * bar] if bar else [])
    for z in levels:
        out.soft_box((h.x0, -0.16, z), (h.x1, -0.1, z + f), trim, 0.006)
    if h.z0 > 0.2:
        out.soft_box((h.x0 - 0.06, -0.12, h.z0 - 0.04), (h.x1 + 0.06, 0.1, h.z0), trim, 0.008)


def _door(out: Builder, h: Hole, decor: Decor, leaf: Surface) -> None:
    """A panelled leaf in a frame."""
    for x in (h.x0 - 0.07, h.x1):
        out.soft_box((x, -0.02, 0), (x + 0.07, 0.025, h.z1 + 0.07), decor.trim, 0.006)
    out.soft_box((h.x0 - 0.07, -0.02, h.z1), (h.x1 + 0.07, 0.025, h.z1 + 0.07), decor.trim, 0.006)
    out.box((h.x0, -0.07, 0), (h.x1, -0.03, h.z1), leaf)
    middle = (h.x0 + h.x1) / 2
    for z0, z1 in ((0.15, 0.85), (1.05, h.z1 - 0.15)):
        for x0, x1 in ((h.x0 + 0.1, middle - 0.05), (middle + 0.05, h.x1 - 0.1)):
            out.soft_box((x0, -0.032, z0), (x1, -0.016, z1), leaf, 0.012)
    out.tube(np.array([(h.x0 + 0.07, -0.03, 1.0), (h.x0 + 0.07, 0.03, 1.0), (h.x0 + 0.18, 0.03, 1.0)]), 0.01, BRASS, 8)


def curtains(decor: Decor, h: Hole) -> Builder:
    """Two gathered curtains on a rail, in the wall's frame."""
    out, rng = Builder(), decor.rng
    top, low = h.z1 + 0.18, 0.04 if rng.random() < 0.7 else max(0.05, h.z0 - 0.25)
    for end, way in ((h.x0 - 0.14, 1), (h.x1 + 0.14, -1)):
        count, wide, waves = 48, rng.uniform(0.3, 0.55), rng.uniform(4, 7)
        share = np.linspace(0, 1, count)
        x, y = end + way * share * wide, 0.1 + 0.035 * np.sin(2 * np.pi * waves * share)
        rows = [
            np.stack([x * (1 - 0.02 * k) + 0.02 * k * end, y, np.full(count, z)], 1) for k, z in enumerate((low, top))
        ]
        k = np.arange(count - 1)
        out.add(np.concatenate(rows), np.stack([k, k + 1, count + k + 1, count + k], 1), decor.curtain, smooth=True)
    out.tube(np.array([(h.x0 - 0.35, 0.1, top + 0.015), (h.x1 + 0.35, 0.1, top + 0.015)]), 0.012, DARK_METAL, 8)
    return out


def blinds(decor: Decor, h: Hole) -> Builder:
    """Slats over the upper part of a window, in the wall's frame."""
    out, rng = Builder(), decor.rng
    end = h.z1 - (h.z1 - h.z0) * rng.uniform(0.15, 0.7)
    for z in np.arange(h.z1 - 0.04, end, -0.045):
        out.box((h.x0 + 0.01, -0.085, float(z)), (h.x1 - 0.01, -0.05, float(z) + 0.006), decor.trim)
    out.soft_box((h.x0 + 0.005, -0.095, h.z1 - 0.04), (h.x1 - 0.005, -0.045, h.z1), decor.trim, 0.004)
    return out


def draw_shell(plan: Plan, decor: Decor, rng: Rng, *, accent: int, panes: float = 0.75) -> dict[str, Builder]:
    """Floor, ceiling, and walls with what fills their holes, by name, in the room's frame; ``panes`` metres each."""
    x, y, z = plan.size
    floor, ceiling, walls, joinery = Builder(), Builder(), Builder(), Builder()
    floor.box((-WALL_M, -WALL_M, -0.12), (x + WALL_M, y + WALL_M, 0), decor.floor)
    ceiling.box((-WALL_M, -WALL_M, z), (x + WALL_M, y + WALL_M, z + 0.12), decor.ceiling)
    leaf = decor.trim if rng.random() < 0.5 else decor.wood
    bar = float(rng.choice((0.0, 0.66, 0.5)))
    for k in range(4):
        with walls.at(plan.frame(k, 0.0)), joinery.at(plan.frame(k, 0.0)):
            _wall(walls, plan.length(k), z, plan.holes[k], decor.accent if k == accent else decor.wall)
            at = 0.0
            for h in sorted(plan.holes[k], key=lambda q: q.x0):
                if h.door:
                    _door(joinery, h, decor, leaf)
                else:
                    _window(joinery, h, decor.trim, max(1, round((h.x1 - h.x0) / panes)), bar)
                if h.z0 < 0.1:
                    joinery.soft_box((at, 0, 0), (h.x0 - 0.07, 0.016, 0.09), decor.trim, 0.004)
                    at = h.x1 + 0.07
            joinery.soft_box((at, 0, 0), (plan.length(k), 0.016, 0.09), decor.trim, 0.004)
    return {"floor": floor, "ceiling": ceiling, "walls": walls, "joinery": joinery}
