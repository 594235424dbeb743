"""Blender rooms to be furnished: windows and doors, pieces against walls, on the floor and on walls, lamps, cameras."""

from __future__ import annotations

import math
from collections.abc import Callable

import bpy
import numpy as np

from framegen.frame import F64
from framegen.training.scenes import people, seats
from framegen.training.scenes.decor import COOL_LIGHT, Decor
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.piece import Piece
from framegen.training.scenes.shell import Hole, Plan, blinds, curtains, draw_shell
from framegen.training.scenes.stage import Stage, Viewpoint
from framegen.training.scenes.synthesis import Rng

_SIZES: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "office": ((5.5, 9.0), (5.5, 9.0), (2.6, 3.0)),
    "corridor": ((1.7, 2.6), (9.0, 18.0), (2.4, 3.2)),
    "shop": ((5.0, 8.0), (6.5, 10.0), (2.8, 3.6)),
    "workshop": ((5.5, 9.0), (6.0, 10.0), (3.2, 4.6)),
    "bathroom": ((2.3, 3.2), (2.8, 3.6), (2.3, 2.6)),
    "kitchen": ((3.0, 4.5), (3.6, 5.5), (2.4, 2.9)),
}
_LIT = ("office", "corridor", "shop", "workshop")
Make = Callable[[Decor], Piece]


class Room:
    """An empty room with windows, and ways to place things in it."""

    def __init__(self, place: str, rng: Rng) -> None:
        self.rng, self.place = rng, place
        ranges = _SIZES.get(self.place, ((3.6, 5.4), (4.0, 6.4), (2.4, 3.0)))
        x, y, z = (float(rng.uniform(*r)) for r in ranges)
        self.plan = Plan((x, y, z))
        self.decor = Decor(
            rng, bare=self.place == "workshop", wet=self.place in ("bathroom", "kitchen") and rng.random() < 0.7
        )
        self.stage = Stage(place=self.place, words=[self.place], indoors=True)
        self.stage.always_lit = self.place in _LIT and rng.random() < 0.7
        self.windows = self._holes()
        self.stage.sample = self.sample

    def enclose(self) -> None:
        """Floor, walls, ceiling, windows and what hangs at them."""
        accent = int(self.rng.integers(4)) if self.place not in ("bathroom", "kitchen") else -1
        panes = 1.4 if self.place in ("office", "shop") else 0.75
        for name, builder in draw_shell(self.plan, self.decor, self.rng, accent=accent, panes=panes).items():
            self.stage.put(self.stage.mesh(builder, name))
        self._dress_windows()

    # -- openings -----------------------------------------------------------------------------------------------------
    def _holes(self) -> list[tuple[int, Hole]]:
        """Windows to the east, often also north; a door or two elsewhere."""
        rng, plan, (_, _, z) = self.rng, self.plan, self.plan.size
        low = float(rng.choice((0.1, 0.75, 0.95)))
        walls = [1] if self.place != "corridor" else [int(rng.choice((0, 2)))]
        if self.place in ("workshop", "bathroom"):
            low = rng.uniform(1.1, 1.7)
        if self.place in ("shop", "office"):
            low = float(rng.choice((0.1, 0.5, 0.9)))
        if self.place == "kitchen":
            low = 1.1
        if rng.random() < 0.45 and self.place != "corridor":
            walls.append(2)
        out = []
        for wall in walls:
            length = plan.length(wall)
            count = max(1, round(length / rng.uniform(1.9, 3.2)))
            share = rng.uniform(0.75, 0.92) if self.place in ("shop", "office") else rng.uniform(0.4, 0.7)
            top = min(z - 0.2, rng.uniform(2.1, 2.6) if self.place != "workshop" else z - 0.3)
            for k in range(count):
                middle, half = length * (k + 0.5) / count, min(share * length / count, 3.4) / 2
                out.append((wall, Hole(middle - half, middle + half, low, top)))
        for wall, hole in out:
            plan.holes[wall].append(hole)
        if self.place == "corridor":
            for wall in (1, 3):
                for s in np.arange(1.0, plan.length(wall) - 1.2, rng.uniform(2.6, 4.0)):
                    if rng.random() < 0.85:
                        plan.holes[wall].append(Hole(float(s), float(s) + 0.88, 0.0, 2.05, door=True))
        else:
            wall = int(rng.choice((0, 3)))
            at = rng.uniform(0.2, plan.length(wall) - 1.1)
            plan.holes[wall].append(Hole(at, at + 0.88, 0.0, 2.05, door=True))
            x0, y0, x1, y1 = plan.rectangle(wall, at + 0.44, 0.9, 0.8)
            plan.taken.append((x0, y0, x1, y1))
        return out

    def _dress_windows(self) -> None:
        """Portals for the light, and curtains, blinds or radiators."""
        rng, kind = self.rng, self.rng.random()
        cosy = self.place in ("living room", "bedroom", "dining room", "study")
        for wall, h in self.windows:
            frame = self.plan.frame(wall, 0.0)
            light = bpy.data.lights.new("portal", "AREA")
            light.shape, light.size, light.size_y = "RECTANGLE", h.x1 - h.x0, h.z1 - h.z0
            light.cycles.is_portal = True
            # an area light shines along its own -z: turned to shine along the wall's +y
            turn = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])
            self.stage.put(light, frame @ moved((h.x0 + h.x1) / 2, -0.2, (h.z0 + h.z1) / 2) @ turn)
            if cosy and kind < 0.7:
                self.stage.put(self.stage.mesh(curtains(self.decor, h), "curtains"), frame)
            elif kind > 0.6 and self.place not in ("shop", "workshop"):
                self.stage.put(self.stage.mesh(blinds(self.decor, h), "blinds"), frame)
            if h.z0 > 0.7 and rng.random() < 0.6 and self.place not in ("shop", "kitchen", "bathroom", "corridor"):
                heater = seats.radiator(self.decor, min(1.4, h.x1 - h.x0))
                along = (h.x0 + h.x1) / 2
                self.plan.taken.append(self.plan.rectangle(wall, along, heater.width, heater.depth))
                self.put(heater, self.plan.frame(wall, along), "radiator")
        if cosy and kind < 0.7:
            self.stage.words.append("curtains")

    # -- placing ------------------------------------------------------------------------------------------------------
    def put(self, piece: Piece, frame: F64, name: str) -> None:
        """A piece with its lamps at a frame."""
        self.stage.put(self.stage.mesh(piece, name), frame)
        for bulb in piece.bulbs:
            place = frame @ moved(*bulb.place)
            self.stage.lamp(place, bulb.watts, self.decor.light, radius_m=bulb.radius_m, cone_deg=bulb.cone_deg)

    def against(
        self, make: Make, word: str, *, tall: bool = False, walls: list[int] | None = None
    ) -> tuple[int, float] | None:
        """A piece against any of the walls, if there is room."""
        piece = make(self.decor)
        spot = self.plan.spot(self.rng, piece.width, piece.depth, tall=tall, walls=walls or [0, 1, 2, 3])
        if spot is None:
            return None
        if tall:
            self.plan.hung.append((spot[0], spot[1] - piece.width / 2, spot[1] + piece.width / 2))
        self.put(piece, self.plan.frame(*spot), word)
        if word and word not in self.stage.words:
            self.stage.words.append(word)
        return spot

    def hang(self, make: Make, word: str, count: int = 1) -> None:
        """Up to ``count`` things on walls."""
        for _ in range(count):
            piece = make(self.decor)
            spot = self.plan.wall_place(self.rng, piece.width, [0, 1, 2, 3])
            if spot is not None:
                self.put(piece, self.plan.frame(*spot), word)
                if word not in self.stage.words:
                    self.stage.words.append(word)

    def middle(self, piece: Piece, x: float, y: float, turn: float, word: str) -> bool:
        """A piece about a point of the floor, if there is room."""
        w, d = (piece.width, piece.depth) if abs(math.sin(turn)) < 0.5 else (piece.depth, piece.width)
        box = (x - w / 2, y - d / 2, x + w / 2, y + d / 2)
        if not self.plan.free(box):
            return False
        self.plan.taken.append(box)
        self.put(piece, moved(x, y, 0, turn), word)
        self.stage.words.append(word)
        return True

    def several(self, choices: list[tuple[Make, str, bool]], count: int) -> None:
        """Some of the pieces, drawn with replacement: (make, word, whether it hides what is behind)."""
        for _ in range(count):
            make, word, tall = choices[int(self.rng.integers(len(choices)))]
            self.against(make, word, tall=tall)

    def ceiling_lamp(self) -> None:
        """A lamp in the middle."""
        x, y, z = self.plan.size
        self.put(seats.pendant(self.decor, z), moved(x / 2, y / 2), "lamp")

    def panels(self, watts: float, *, hanging: bool = False) -> None:
        """Rows of ceiling lights."""
        x, y, z = self.plan.size
        glow = "always" if self.stage.always_lit else "night"
        color = COOL_LIGHT if self.rng.random() < 0.6 else (1.0, 0.86, 0.7)
        lit = Surface("lamp", (0.75, 0.75, 0.75), glow=glow, glow_color=color, glow_strength=3.5, bump=0.0).indoors()  # type: ignore[arg-type]
        out = Builder()
        drop = self.rng.uniform(0.4, 1.0) if hanging else 0.0
        nx, ny = max(1, round(x / 3.0)), max(1, round(y / 3.0))
        for i in range(nx):
            for j in range(ny):
                px, py = x * (i + 0.5) / nx, y * (j + 0.5) / ny
                out.box((px - 0.14, py - 0.6, z - drop - 0.035), (px + 0.14, py + 0.6, z - drop - 0.002), lit)
                out.box((px - 0.17, py - 0.63, z - drop - 0.02), (px + 0.17, py + 0.63, z - drop), self.decor.trim)
                if hanging:
                    out.tube(np.array([(px, py, z - drop), (px, py, z)]), 0.006, self.decor.trim, 6)
                self.stage.lamp(moved(px, py, z - drop - 0.16), watts, color, radius_m=0.15)
        self.stage.put(self.stage.mesh(out, "ceiling lights"))

    def visitors(self, count: int) -> None:
        """People who stand or walk about."""
        for _ in range(count):
            x, y = (self.rng.uniform(0.5, s - 0.5) for s in self.plan.size[:2])
            if self.plan.free((x - 0.3, y - 0.3, x + 0.3, y + 0.3)):
                self.plan.taken.append((x - 0.3, y - 0.3, x + 0.3, y + 0.3))
                figure = people.person(self.rng, walking=bool(self.rng.random() < 0.3), plain=False)
                self.stage.put(self.stage.mesh(figure, "person"), moved(x, y, 0, self.rng.uniform(0, 6.28)))
                if "people" not in self.stage.words:
                    self.stage.words.append("people")

    # -- cameras ------------------------------------------------------------------------------------------------------
    def sample(self, rng: Rng) -> Viewpoint:
        """A viewpoint in the room, towards its middle."""
        x, y, z = self.plan.size
        px, py = rng.uniform(0.3, x - 0.3), rng.uniform(0.3, y - 0.3)
        height = rng.uniform(1.25, 1.75)
        if rng.random() > 0.75:
            height = rng.uniform(0.7, 1.2) if rng.random() < 0.6 else rng.uniform(1.8, z - 0.35)
        tx, ty = x / 2 + rng.normal() * x * 0.2, y / 2 + rng.normal() * y * 0.2
        yaw = math.atan2(-(tx - px), ty - py)
        pitch = math.radians(rng.normal(-5 - 8 * (height > 1.8), 4))
        return Viewpoint((px, py, height), yaw, pitch)
