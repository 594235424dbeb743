"""House fronts: walls with recessed windows and rooms behind, doors, shops with lit signs, balconies, cornices.

Local frame: the front lies on y = 0 and faces -y; x runs along it from 0 to the width, +y goes into the house.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framegen.training.scenes.geometry import Builder
from framegen.training.scenes.matter import ROOM_M, Pane, Surface
from framegen.training.scenes.synthesis import Color, Rng

GLASS = Pane("room")
SHOP_GLASS = Pane("shop", wavy=0.01, lowfi=(0.17, 0.25, 0.33))
RAIL = Surface("metal", (0.03, 0.032, 0.035), rough=0.45, metal=0.3, bump=0.0)
GOODS = tuple(
    Surface("plastic", c, wet=0.0, snow=0.0, bump=0.0, rough=0.5)
    for c in (
        (0.5, 0.1, 0.07),
        (0.55, 0.45, 0.12),
        (0.1, 0.25, 0.4),
        (0.15, 0.35, 0.16),
        (0.6, 0.58, 0.54),
        (0.2, 0.12, 0.3),
    )
)
DOORS = tuple(
    Surface("wood", c, "boards", rough=0.45, bump=0.2)
    for c in ((0.16, 0.08, 0.04), (0.05, 0.12, 0.09), (0.24, 0.04, 0.03), (0.06, 0.08, 0.16), (0.3, 0.2, 0.11))
)
SIGN_COLORS: tuple[Color, ...] = (
    (0.5, 0.05, 0.04),
    (0.04, 0.12, 0.4),
    (0.6, 0.55, 0.45),
    (0.03, 0.03, 0.035),
    (0.04, 0.25, 0.12),
    (0.6, 0.35, 0.05),
)


@dataclass(frozen=True)
class FacadeStyle:
    """Measures of a front, metres. ``plain``: as low-poly games draw it, panes without frames and relief."""

    wall: Surface
    base: Surface
    trim: Surface
    floors: int
    floor_m: float
    ground_m: float
    bay_m: float
    window_m: tuple[float, float]
    sill_m: float
    recess_m: float
    mullions: tuple[int, int]
    balconies: float
    shutters: Surface | None
    band: bool
    lintels: bool
    cornice_m: float
    plain: bool

    @property
    def wall_m(self) -> float:
        """Height of the wall."""
        return self.ground_m + (self.floors - 1) * self.floor_m


class Front:
    """Draws one front into a builder."""

    def __init__(self, builder: Builder, rng: Rng, style: FacadeStyle) -> None:
        self.b, self.rng, self.style = builder, rng, style

    def _wall(self, x0: float, z0: float, x1: float, z1: float, wall: Surface, y: float = 0.0) -> None:
        if x1 - x0 > 1e-3 and z1 - z0 > 1e-3:
            self.b.polygon([(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)], wall)

    def bar(self, x0: float, z0: float, x1: float, z1: float, inner: float, outer: float, matter: Surface) -> None:
        """A box from ``inner`` to ``outer`` metres before the wall (negative: inside)."""
        self.b.box((x0, -outer, z0), (x1, -inner, z1), matter)

    def opening(
        self, cell: tuple[float, float, float, float], hole: tuple[float, float, float, float], wall: Surface
    ) -> None:
        """The wall of a cell (x0, z0, x1, z1) around a hole, with the hole's reveals."""
        (a0, b0, a1, b1), (w0, z0, w1, z1) = cell, hole
        d = self.style.recess_m
        self._wall(a0, b0, w0, b1, wall)
        self._wall(w1, b0, a1, b1, wall)
        self._wall(w0, z1, w1, b1, wall)
        self._wall(w0, b0, w1, z0, wall)
        for (p, q), (r, s) in (((w0, z0), (w0, z1)), ((w1, z1), (w1, z0)), ((w0, z1), (w1, z1)), ((w1, z0), (w0, z0))):
            self.b.polygon([(p, d, q), (r, d, s), (r, 0, s), (p, 0, q)], wall)

    def pane(self, hole: tuple[float, float, float, float], glass: Pane) -> None:
        """Glass in a hole; its UV are the metres of :data:`matter.Pane`'s room behind it."""
        w0, z0, w1, z1 = hole
        d, middle = self.style.recess_m, (w0 + w1) / 2
        corners = ((w0, z0), (w1, z0), (w1, z1), (w0, z1))
        uv = [(x - middle + ROOM_M[0] / 2, z - z0 + 0.8) for x, z in corners]
        self.b.polygon([(x, d, z) for x, z in corners], glass, uv)

    def window(
        self, cell: tuple[float, float, float, float], hole: tuple[float, float, float, float], wall: Surface
    ) -> None:
        """A window with frame and glazing bars."""
        s, d = self.style, self.style.recess_m
        w0, z0, w1, z1 = hole
        self.opening(cell, hole, wall)
        self.pane(hole, GLASS)
        if s.plain:
            return
        f = 0.055
        for x0, q0, x1, q1 in ((w0, z0, w0 + f, z1), (w1 - f, z0, w1, z1), (w0, z1 - f, w1, z1), (w0, z0, w1, z0 + f)):
            self.bar(x0, q0, x1, q1, -d, -d + 0.05, s.trim)
        for k in range(1, s.mullions[0]):
            x = w0 + (w1 - w0) * k / s.mullions[0]
            self.bar(x - 0.022, z0, x + 0.022, z1, -d, -d + 0.045, s.trim)
        for k in range(1, s.mullions[1]):
            z = z0 + (z1 - z0) * (k / s.mullions[1] if s.mullions[1] > 2 else 0.64)
            self.bar(w0, z - 0.022, w1, z + 0.022, -d, -d + 0.045, s.trim)

    def door(self, cell: tuple[float, float, float, float], middle: float, height: float) -> None:
        """A front door with a step, a letter slot and a lintel."""
        s, d = self.style, self.style.recess_m
        leaf = DOORS[int(self.rng.integers(len(DOORS)))]
        w0, w1 = middle - 0.5, middle + 0.5
        self.opening(cell, (w0, 0.0, w1, height), s.base)
        self.b.polygon([(w0, d, 0), (w1, d, 0), (w1, d, height), (w0, d, height)], leaf)
        if s.plain:
            return
        for z0, z1 in ((0.2, 0.95), (1.15, height - 0.2)):
            for x0, x1 in ((w0 + 0.1, middle - 0.06), (middle + 0.06, w1 - 0.1)):
                self.bar(x0, z0, x1, z1, -d, -d + 0.02, leaf.tinted(1.25))
        self.bar(w1 - 0.14, 0.98, w1 - 0.06, 1.06, -d, -d + 0.07, RAIL)
        self.bar(w0 - 0.2, height, w1 + 0.2, height + 0.18, 0, 0.14, s.trim)
        self.bar(w0 - 0.15, -0.3, w1 + 0.15, 0.08, -d, 0.3, s.trim)

    def shop(self, x0: float, x1: float) -> None:
        """A shop: a large pane over a stall riser, goods inside, a sign with letters that shine at night."""
        s, rng = self.style, self.rng
        top = s.ground_m - 0.75
        low = 0.45 if rng.random() < 0.5 else 0.1
        hole = (x0 + 0.2, low, x1 - 0.2, top)
        self.opening((x0, 0.0, x1, s.ground_m), hole, s.base)
        d = s.recess_m
        self.pane(hole, SHOP_GLASS)
        for k in range(int(rng.integers(1, 4)) + 1):
            x = hole[0] + (hole[2] - hole[0]) * k / 3
            if not s.plain and x < hole[2] - 0.05:
                self.bar(x, low, x + 0.05, top, -d, -d + 0.05, s.trim)
        self._sign(x0, x1)
        if rng.random() < 0.35:
            cloth = Surface("fabric", SIGN_COLORS[int(rng.integers(6))], "canvas", translucent=0.2, bump=0.1)
            z, reach = s.ground_m - 0.72, 1.25
            self.b.polygon([(x0, -reach, z - 0.45), (x1, -reach, z - 0.45), (x1, -0.05, z), (x0, -0.05, z)], cloth)
            self.b.polygon(
                [(x0, -reach, z - 0.65), (x1, -reach, z - 0.65), (x1, -reach, z - 0.45), (x0, -reach, z - 0.45)], cloth
            )

    def _sign(self, x0: float, x1: float) -> None:
        """A board with raised letters of made-up words; letters and sometimes the board shine at night."""
        rng, z = self.rng, self.style.ground_m - 0.66
        first, second = rng.choice(6, 2, replace=False).tolist()
        board, ink = SIGN_COLORS[first], SIGN_COLORS[second]
        lit = rng.random() < 0.75
        back = Surface(
            "sign",
            board,
            rough=0.5,
            bump=0.0,
            snow=0.4,
            glow="night" if rng.random() < 0.4 else "",
            glow_color=board,
            glow_strength=0.5,
        )
        r, g, b = (min(1.0, 0.25 + c * 1.4) for c in ink)
        bright = (r, g, b)
        letters = Surface(
            "sign",
            bright,
            rough=0.5,
            bump=0.0,
            snow=0.2,
            glow="night" if lit else "",
            glow_color=bright,
            glow_strength=2.2,
        )
        self.bar(x0 + 0.12, z, x1 - 0.12, z + 0.52, 0, 0.1, back)
        x = x0 + rng.uniform(0.3, 0.8)
        while x < x1 - 0.7:
            if rng.random() < 0.86:
                self._letter(x, z + 0.13, letters)
            x += 0.27

    def _letter(self, x: float, z: float, ink: Surface) -> None:
        """A letter-like figure of three strokes."""
        rng = self.rng
        self.bar(x, z, x + 0.045, z + 0.26, 0.1, 0.125, ink)
        for level in (0.0, 0.11, 0.215):
            if rng.random() < 0.6:
                self.bar(x, z + level, x + 0.17, z + level + 0.045, 0.1, 0.125, ink)
        if rng.random() < 0.6:
            self.bar(x + 0.13, z + (0.0 if rng.random() < 0.5 else 0.12), x + 0.175, z + 0.26, 0.1, 0.125, ink)

    def balcony(self, middle: float, half: float, z: float) -> None:
        """A slab with a railing."""
        s = self.style
        self.bar(middle - half, z + 0.02, middle + half, z + 0.14, 0, 1.0, s.trim)
        self.bar(middle - half, z + 1.08, middle + half, z + 1.13, 0.95, 1.0, RAIL)
        for x in np.arange(middle - half, middle + half, 0.13):
            self.bar(float(x), z + 0.14, float(x) + 0.02, z + 1.1, 0.965, 0.985, RAIL)
        for x in (middle - half, middle + half - 0.04):
            self.bar(x, z + 1.08, x + 0.04, z + 1.13, 0, 1.0, RAIL)

    def draw(self, width: float, *, shops: bool, door: bool = True, windows: bool = True) -> None:
        """The whole front of a width."""
        s, rng = self.style, self.rng
        if not windows:
            self._wall(0, 0, width, s.wall_m, s.wall)
            return
        bays = max(1, round(width / s.bay_m))
        bay = width / bays
        if shops:
            count = max(1, round(width / rng.uniform(3.2, 5.5)))
            for k in range(count):
                self.shop(width * k / count, width * (k + 1) / count)
            if not s.plain:
                self.bar(0, s.ground_m - 0.06, width, s.ground_m + 0.1, 0, 0.1, s.trim)
        else:
            self._ground_floor(bays, bay, int(rng.integers(bays)) if door else -1)
        hung = rng.random(bays) < s.balconies
        for floor in range(1, s.floors):
            self._floor(floor, bays, bay, hung)
            if s.band:
                z = s.ground_m + (floor - 1) * s.floor_m
                self.bar(0, z - 0.08, width, z + 0.08, 0, 0.07, s.trim)
        self.bar(0, s.wall_m - 0.05, width, s.wall_m + 0.3, 0, s.cornice_m, s.trim)
        if not s.plain:
            self.bar(0, s.wall_m - 0.32, width, s.wall_m - 0.05, 0, s.cornice_m * 0.45, s.trim)

    def _ground_floor(self, bays: int, bay: float, door: int) -> None:
        s = self.style
        wide, tall = s.window_m
        for k in range(bays):
            cell, middle = (bay * k, 0.0, bay * (k + 1), s.ground_m), bay * (k + 0.5)
            if k == door:
                self.door(cell, middle, 2.35)
                continue
            half = min(wide, bay - 0.3) / 2
            hole = (middle - half, 1.0, middle + half, min(s.ground_m - 0.4, 1.0 + tall))
            self.window(cell, hole, s.base)
            self._dress(hole)

    def _floor(self, floor: int, bays: int, bay: float, hung: np.ndarray) -> None:
        s, rng = self.style, self.rng
        z = s.ground_m + (floor - 1) * s.floor_m
        top = floor == s.floors - 1
        wide, tall = s.window_m
        for k in range(bays):
            middle, half = bay * (k + 0.5), min(wide, bay - 0.3) / 2
            balcony = bool(hung[k]) and not top and not s.plain
            low = 0.15 if balcony else s.sill_m
            height = min(tall * (0.85 if top else 1) + s.sill_m - low, s.floor_m - low - 0.25)
            hole = (middle - half, z + low, middle + half, z + low + height)
            self.window((bay * k, z, bay * (k + 1), z + s.floor_m), hole, s.wall)
            if balcony:
                self.balcony(middle, half + 0.35, z)
            else:
                self._dress(hole)
            if s.shutters and bay > wide * 1.9 and rng.random() < 0.9:
                for side in (-1, 1):
                    a, b = sorted((middle + side * half, middle + side * half * 1.96))
                    self.bar(a, hole[1], b, hole[3], 0, 0.05, s.shutters)

    def _dress(self, hole: tuple[float, float, float, float]) -> None:
        """Sill and lintel."""
        s = self.style
        w0, z0, w1, z1 = hole
        if s.plain:
            return
        self.bar(w0 - 0.1, z0 - 0.07, w1 + 0.1, z0, 0, 0.1, s.trim)
        if s.lintels:
            self.bar(w0 - 0.12, z1, w1 + 0.12, z1 + 0.16, 0, 0.05, s.trim)
