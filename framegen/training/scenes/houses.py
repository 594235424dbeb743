"""Houses: the choice of walls, roofs and measures, and the body around a front (:mod:`facade`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from framegen.training.scenes.bank import mean_color
from framegen.training.scenes.facade import RAIL, FacadeStyle, Front
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.synthesis import Color, Rng, scaled

PLASTERS: tuple[Color, ...] = (
    (0.55, 0.44, 0.3), (0.6, 0.55, 0.45), (0.45, 0.25, 0.16), (0.62, 0.6, 0.56), (0.34, 0.38, 0.36),
    (0.55, 0.36, 0.26), (0.3, 0.34, 0.42), (0.58, 0.5, 0.25), (0.5, 0.5, 0.48), (0.48, 0.3, 0.3),
)  # fmt: skip
BRICKS = ("brick", "red brick", "yellow brick", "dark brick", "old brick", "painted brick")
ROOFS = (("pantiles", "pantiles across"), ("slates", "slates across"), ("flat tiles", "flat tiles across"))


def draw_wall(rng: Rng) -> Surface:
    """A wall: plaster in many colours, bricks, concrete or stone, each in several fields."""
    kind = rng.random()
    if kind < 0.42:
        color = np.clip(np.array(PLASTERS[int(rng.integers(len(PLASTERS)))]) * rng.uniform(0.8, 1.15, 3), 0, 0.7)
        names = ("plaster", "smooth plaster", "rough plaster", "weathered plaster", "pebble dash")
        field = str(rng.choice(names, p=(0.2, 0.3, 0.2, 0.2, 0.1)))
        r, g, b = color.tolist()
        return Surface("plaster", (r, g, b), field, bump=0.25, bump_m=0.008, wet=0.6, snow=0.5)
    if kind < 0.76:
        name = str(rng.choice(BRICKS))
        r, g, b = (min(0.8, c * t) for c, t in zip(mean_color(name), rng.uniform(0.85, 1.2, 3), strict=True))
        return Surface("brick", (r, g, b), name, bump=0.6, bump_m=0.012, wet=0.6, snow=0.5)
    if kind < 0.87:
        name = str(rng.choice(("concrete", "concrete panels", "plaster")))
        r, g, b = (min(0.6, c * rng.uniform(1.2, 2.0)) for c in mean_color(name))
        return Surface("concrete", (r, g, b), name, bump=0.3, bump_m=0.015, wet=0.6, snow=0.5)
    name, gain = (("ashlar", 1.0), ("rubble", 1.1), ("stone wall", 3.0))[int(rng.integers(3))]
    r, g, b = (min(0.6, c * gain) for c in mean_color(name))
    return Surface("stone", (r, g, b), name, bump=0.7, bump_m=0.03, wet=0.6, snow=0.5)


def draw_trim(rng: Rng) -> Surface:
    """Sills, frames and cornices."""
    color: Color = ((0.6, 0.58, 0.54), (0.62, 0.61, 0.58), (0.32, 0.3, 0.27), (0.1, 0.1, 0.1), (0.5, 0.42, 0.32))[
        int(rng.integers(5))
    ]
    return Surface("plaster", color, "smooth plaster", bump=0.1, wet=0.5)


@dataclass(frozen=True)
class Quarter:
    """What the houses of a place are like: floors, whether they have shops, pitched roofs, gardens."""

    floors: tuple[int, int]
    shops: float
    pitched: float
    modern: float
    shutters: float
    depth_m: float
    plain: bool


def draw_style(rng: Rng, quarter: Quarter, walls: list[Surface]) -> FacadeStyle:
    """A house's measures."""
    wall = walls[int(rng.integers(len(walls)))]
    base = walls[int(rng.integers(len(walls)))] if rng.random() < 0.35 else wall
    shutter = Surface(
        "wood", ((0.05, 0.13, 0.09), (0.12, 0.2, 0.26), (0.25, 0.1, 0.06))[int(rng.integers(3))], "boards", bump=0.3
    )
    style = FacadeStyle(
        wall=wall,
        base=base,
        trim=draw_trim(rng),
        floors=int(rng.integers(*quarter.floors)),
        floor_m=rng.uniform(2.8, 3.5),
        ground_m=rng.uniform(3.4, 4.3) if quarter.shops else 2.9,
        bay_m=rng.uniform(1.8, 2.8),
        window_m=(rng.uniform(0.9, 1.4), rng.uniform(1.3, 1.9)),
        sill_m=rng.uniform(0.6, 1.0),
        recess_m=0.06 if quarter.plain else rng.uniform(0.08, 0.25),
        mullions=((2, 1), (2, 2), (1, 1), (2, 3), (3, 1))[int(rng.integers(5))],
        balconies=float(rng.choice((0.0, 0.0, 0.3, 0.8))),
        shutters=shutter if rng.random() < quarter.shutters else None,
        band=rng.random() < 0.5,
        lintels=rng.random() < 0.5,
        cornice_m=rng.uniform(0.1, 0.5),
        plain=quarter.plain,
    )
    if rng.random() < quarter.modern:
        wide = style.bay_m - rng.uniform(0.12, 0.5)
        style = replace(style, window_m=(wide, 2.4), sill_m=0.3, balconies=0.0, mullions=(1, 1), lintels=False)
    return style


class House:
    """Draws a house of a style into a builder, in the frame of its front."""

    def __init__(self, builder: Builder, rng: Rng, style: FacadeStyle, width: float, depth: float) -> None:
        self.b, self.rng, self.style, self.width, self.depth = builder, rng, style, width, depth
        names = ROOFS[int(rng.integers(len(ROOFS)))]
        r, g, b = rng.uniform(0.8, 1.2, 3).tolist()
        self._roofs = tuple(Surface("roof", scaled(mean_color(n), (r, g, b)), n, bump=0.9, bump_m=0.03) for n in names)

    def draw(self, *, shops: bool, roof: str) -> None:
        """Front, sides, back, and a roof: "flat", "eaves" (ridge along the street) or "gable"."""
        w, d, b = self.width, self.depth, self.b
        side = replace(self.style, balconies=0.0, base=self.style.wall)
        Front(b, self.rng, self.style).draw(w, shops=shops)
        for place, length in ((moved(w, 0, 0, np.pi / 2), d), (moved(0, d, 0, -np.pi / 2), d)):
            with b.at(place):
                Front(b, self.rng, side).draw(length, shops=False, door=False, windows=self.rng.random() < 0.7)
        with b.at(moved(w, d, 0, np.pi)):
            Front(b, self.rng, side).draw(w, shops=False, door=False, windows=self.style.floors < 4)
        b.box((0.0, 0.02, -2.5), (w, d, 0.0), self.style.base)
        if roof == "flat":
            self._flat()
        else:
            self._pitched(along=roof == "eaves")
        if not self.style.plain:
            self._gutter()

    def _flat(self) -> None:
        w, d, z, rng = self.width, self.depth, self.style.wall_m, self.rng
        felt = Surface("roof", mean_color("roofing felt"), "roofing felt", puddles=True)
        self.b.box((0, 0, z), (w, d, z + 0.05), felt)
        for low, high in (((0, 0), (w, 0.25)), ((0, d - 0.25), (w, d)), ((0, 0), (0.25, d)), ((w - 0.25, 0), (w, d))):
            self.b.box((*low, z), (*high, z + 0.75), self.style.wall)
        for _ in range(int(rng.integers(0, 4))):
            x, y = rng.uniform(1, w - 2.5), rng.uniform(1, d - 2.5)
            size = rng.uniform((0.8, 0.8, 0.8), (2.0, 2.0, 2.2))
            sheet = Surface("metal", mean_color("corrugated sheet"), "corrugated sheet", rough=0.5, metal=0.4)
            self.b.box((x, y, z), (x + size[0], y + size[1], z + size[2]), sheet)

    def _pitched(self, *, along: bool) -> None:
        """A gable roof; its field's courses run along the eaves, whichever way they lie in the world."""
        b, z, rng = self.b, self.style.wall_m + 0.2, self.rng
        frame = moved() if along else moved(0, self.depth, 0, -np.pi / 2)
        # seen from the world's axes a street runs along +Y: eaves along the street need the turned field
        tiles = self._roofs[1] if along else self._roofs[0]
        w, d = (self.width, self.depth) if along else (self.depth, self.width)
        with b.at(frame):
            rise, over, thick = 0.42 * d * rng.uniform(0.8, 1.25), 0.4, 0.12
            drop = over * rise / (d / 2)
            for front in (True, False):
                y0, ridge = (-over, d / 2) if front else (d + over, d / 2)
                low = [
                    (-0.2, y0, z - drop),
                    (w + 0.2, y0, z - drop),
                    (w + 0.2, ridge, z + rise),
                    (-0.2, ridge, z + rise),
                ]
                b.polygon(low if front else low[::-1], tiles)
                under = [(x, y, h - thick) for x, y, h in low]
                b.polygon(under[::-1] if front else under, self.style.trim)
                edge = [low[0], low[1], under[1], under[0]]
                b.polygon(edge[::-1] if front else edge, self.style.trim)
            for x in (0.0, w):
                gable = [(x, 0, z - 0.25), (x, d, z - 0.25), (x, d / 2, z + rise - thick)]
                b.polygon(gable[::-1] if x == 0 else gable, self.style.wall)
            for x in (-0.2, w + 0.2):
                for y0 in (-over, d + over):
                    verge = [
                        (x, y0, z - drop),
                        (x, d / 2, z + rise),
                        (x, d / 2, z + rise - thick),
                        (x, y0, z - drop - thick),
                    ]
                    b.polygon(verge, self.style.trim)
            b.tube(np.array([(-0.2, d / 2, z + rise), (w + 0.2, d / 2, z + rise)]), 0.11, tiles, 8)
            x = rng.uniform(0.1, 0.8) * w
            b.box((x, d * 0.4, z), (x + 0.8, d * 0.4 + 0.7, z + rise + 0.9), self.style.base)
            pot = Surface("roof", (0.35, 0.15, 0.09), rough=0.8, bump=0.0)
            for k in range(2):
                with b.at(moved(x + 0.22 + 0.36 * k, d * 0.4 + 0.35, z + rise + 0.9)):
                    b.tube(np.array([(0, 0, 0), (0, 0, 0.35)]), np.array((0.12, 0.1)), pot, 10)

    def _gutter(self) -> None:
        z, w = self.style.wall_m, self.width
        self.b.tube(np.array([(w - 0.15, -0.09, 0), (w - 0.15, -0.09, z)]), 0.045, RAIL, 8)
