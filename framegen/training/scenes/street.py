"""Blender stages of streets: towns as engines with much detail show them ("street") or prototypes do ("town")."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from framegen.training.scenes import plants
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.houses import House, Quarter, draw_style, draw_wall
from framegen.training.scenes.life import Life
from framegen.training.scenes.lowpoly import blob_tree, cone_tree, hedge
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.relief import gradient_noise, octaves
from framegen.training.scenes.roadway import KERB_M, KERB_TOP_M, Measures, draw_pavings, lay, mark
from framegen.training.scenes.route import END_M, START_M, draw_route
from framegen.training.scenes.stage import Stage, Viewpoint
from framegen.training.scenes.synthesis import Rng

PLACES = ("city street", "old town street", "suburban street", "downtown avenue", "village street")
_ROAD_M = {
    "city street": 4.2,
    "old town street": 3.0,
    "suburban street": 3.6,
    "downtown avenue": 6.5,
    "village street": 3.2,
}
_QUARTERS = {
    "city street": Quarter((3, 6), 0.6, 0.25, 0.2, 0.05, 11.0, False),
    "old town street": Quarter((2, 5), 0.55, 0.85, 0.0, 0.5, 10.0, False),
    "suburban street": Quarter((1, 3), 0.0, 0.9, 0.1, 0.15, 9.0, False),
    "downtown avenue": Quarter((5, 13), 0.6, 0.05, 0.6, 0.0, 14.0, False),
    "village street": Quarter((1, 4), 0.3, 0.95, 0.0, 0.4, 8.0, False),
}
BUILT = (-70.0, 150.0)
"""Stations between which houses stand."""


class Street:
    """Builds one stage."""

    def __init__(self, kind: str, rng: Rng) -> None:
        self.rng, self.plain = rng, kind == "town"
        self.place = str(rng.choice(PLACES))
        self.old = self.place in ("old town street", "village street")
        self.route = draw_route(rng)
        garden = rng.uniform(3, 6) if self.place == "suburban street" else 0.0
        if self.place == "village street" and rng.random() < 0.6:
            garden = rng.uniform(1.5, 4)
        first = rng.uniform(-30, 40)
        second = max(rng.uniform(30, 110), first + 45)
        self.m = Measures(
            road_m=_ROAD_M[self.place] * rng.uniform(0.9, 1.15),
            pavement_m=rng.uniform(1.6, 2.2) if garden else rng.uniform(2.2, 4.5),
            garden_m=garden,
            crossings=(first, second),
            crossing_half_m=rng.uniform(3, 5),
        )
        self.stage = Stage(place=self.place, words=[self.place], backdrop={"ground", "hills"})
        self.bare = rng.random() < 0.2 and not self.plain

    def build(self) -> Stage:
        """The whole stage."""
        self._ground()
        self._houses()
        self._trees()
        Life(self.stage, self.rng, self.route, self.m, old=self.old, plain=self.plain).add()
        self._hills()
        stage = self.stage
        stage.seasons = (
            ["winter", "winter", "autumn", "summer"] if self.bare else ["summer", "spring", "autumn", "summer"]
        )
        if not self.bare and self.rng.random() < 0.3:
            stage.seasons.append("winter")
        stage.sample, stage.dress = self._sample, self._dress
        return stage

    def _ground(self) -> None:
        self.pavings = draw_pavings(self.rng, old=self.old)
        out = Builder()
        lay(out, self.route, self.m, self.pavings)
        if self.pavings.marked:
            mark(out, self.rng, self.route, self.m)
        self.stage.put(self.stage.mesh(out, "ground"))
        self.stage.words += ["asphalt road" if self.pavings.marked else "cobblestones", "pavement"]

    # -- houses -------------------------------------------------------------------------------------------------------
    def _houses(self) -> None:
        rng, m = self.rng, self.m
        base = _QUARTERS[self.place]
        quarter = Quarter(base.floors, base.shops, base.pitched, base.modern, base.shutters, base.depth_m, self.plain)
        walls = [draw_wall(rng) for _ in range(8)]
        for low, high in m.blocks():
            for side in (-1, 1):
                at, end = max(low, BUILT[0]) + 1.0, min(high, BUILT[1]) - 1.0
                while end - at > 5:
                    wide = rng.uniform(7, 11) if m.garden_m else rng.uniform(7, 17)
                    wide = min(wide, end - at) if end - at - wide > 6 else end - at
                    if wide > 20:
                        wide /= 2
                    self._house(quarter, walls, at, wide, side)
                    gap = rng.uniform(2.5, 5) if m.garden_m else 0.0 if rng.random() < 0.85 else rng.uniform(1, 3)
                    at += wide + gap
            for corner, low_side in ((low, False), (high, True)):
                if START_M < corner < END_M:
                    self._side_street(quarter, walls, corner, low_side)
        self.stage.words += [*sorted({w.label for w in walls})[:3], "buildings", "windows"]

    def _house(self, quarter: Quarter, walls: list[Surface], at: float, wide: float, side: int) -> None:
        rng = self.rng
        style = draw_style(rng, quarter, walls)
        set_back = rng.uniform(0, 1.2) if self.m.garden_m else float(rng.choice((0.0, 0.0, 0.15, 0.4)))
        pitched = "gable" if rng.random() < 0.3 and wide < 13 else "eaves"
        roof = pitched if rng.random() < quarter.pitched else "flat"
        out = Builder()
        House(out, rng, style, wide, quarter.depth_m).draw(shops=rng.random() < quarter.shops, roof=roof)
        frame = self.route.frontage(at, wide, self.m.front_m + set_back, side)
        frame[2, 3] += KERB_TOP_M + 0.04
        self.stage.put(self.stage.mesh(out, "house"), frame)

    def _side_street(self, quarter: Quarter, walls: list[Surface], corner: float, low_side: bool) -> None:
        """Houses along a crossing's edge, behind those of the corner; ``low_side``: the edge at its lower station."""
        rng, depth = self.rng, quarter.depth_m
        for side in (-1, 1):
            at = self.m.front_m + depth + 1.0
            while at < 62:
                wide = rng.uniform(7, 13)
                left = at if side > 0 else -at - wide
                if low_side:
                    frame = self.route.frame(corner - 1.2, left + wide, KERB_TOP_M, math.pi)
                else:
                    frame = self.route.frame(corner + 1.2, left, KERB_TOP_M)
                out = Builder()
                style = draw_style(rng, quarter, walls)
                House(out, rng, style, wide, depth).draw(
                    shops=False, roof="flat" if rng.random() > quarter.pitched else "gable"
                )
                self.stage.put(self.stage.mesh(out, "house"), frame)
                at += wide + (3.0 if self.m.garden_m else 0.0)

    # -- green --------------------------------------------------------------------------------------------------------
    def _coated(self, made: list[tuple[Any, Any]], frame: Any) -> None:
        body, coat = made[int(self.rng.integers(len(made)))]
        self.stage.put(body, frame)
        if coat is not None:
            self.stage.only_photoreal.append(self.stage.put(coat, frame))

    def _tree_meshes(self) -> list[tuple[Any, Any]]:
        rng, stage, made = self.rng, self.stage, []
        for species in rng.choice(plants.BROADLEAVES, 3, replace=False):
            height = rng.uniform(5, 8.5)
            if self.plain:
                pair = cone_tree(rng, height) if rng.random() < 0.3 else blob_tree(rng, height, str(species))
                made.append((stage.mesh(pair[0], "tree"), stage.mesh(pair[1], "coat")))
            else:
                leaves = None if self.bare else plants.leaf(str(species))
                made.append((stage.mesh(plants.broadleaf(rng, height, plants.BARK, leaves, count=2000), "tree"), None))
        return made

    def _trees(self) -> None:
        rng, m = self.rng, self.m
        if rng.random() < 0.75 or m.garden_m:
            made, spacing = self._tree_meshes(), rng.uniform(8, 15)
            inset = m.road_m + KERB_M + 0.7 if not m.garden_m else m.front_m - m.garden_m + rng.uniform(0.8, 1.6)
            for s in np.arange(-60, 140, spacing):
                for side in (-1, 1):
                    at = float(s) + rng.uniform(-1, 1)
                    if rng.random() < 0.7 and m.open(at, 1.5):
                        frame = self.route.frame(at, side * inset, KERB_TOP_M, rng.uniform(0, 6))
                        self._coated(made, frame @ moved(scale=rng.uniform(0.75, 1.15)))
            self.stage.words.append("bare trees" if self.bare else "street trees")
        if m.garden_m:
            hedges = []
            for _ in range(3):
                body, coat = hedge(rng, rng.uniform(3, 7), rng.uniform(0.7, 1.3))
                hedges.append((self.stage.mesh(body, "hedge"), self.stage.mesh(coat, "coat")))
            for s in np.arange(-60, 130, 8.5):
                for side in (-1, 1):
                    if rng.random() < 0.7 and m.open(float(s), 7):
                        edge = m.road_m + KERB_M + m.pavement_m + 0.5
                        self._coated(hedges, self.route.frame(float(s), side * edge, KERB_TOP_M, math.pi / 2))
            self.stage.words.append("hedges")

    def _hills(self) -> None:
        """Wooded hills that close the horizon."""
        rng = self.rng
        angle = np.arange(200) / 200 * 2 * np.pi
        high = rng.uniform(8, 40)
        crest = high * (0.55 + 0.8 * octaves(angle * 9, angle * 0 + 1, 0.6, 4, int(rng.integers(1000))))
        crest = np.maximum(4, crest + 2.5 * gradient_noise(angle * 60, angle * 0, 3))
        rings = []
        for radius, z in ((260, np.full(200, -14.0)), (300, 0.6 * crest), (340, crest)):
            rings.append(np.stack([radius * np.cos(angle), 50 + radius * np.sin(angle), z], 1))
        k = np.arange(200)
        quad = np.stack([k, 200 + k, 200 + (k + 1) % 200, (k + 1) % 200], 1)
        out = Builder()
        woods = Surface("hill", (0.06, 0.09, 0.035), "leaf mass", season="ground", wet=0.0, bump=0.0, stain=0.4)
        out.add(np.concatenate(rings), np.concatenate([quad, quad + 200]), woods)
        land = Surface("grass", (0.08, 0.12, 0.04), "dry lawn", season="ground", bump=0.0)
        out.polygon([(-600, -500, -14.5), (600, -500, -14.5), (600, 700, -14.5), (-600, 700, -14.5)], land)
        self.stage.put(self.stage.mesh(out, "hills"))

    # -- cameras ------------------------------------------------------------------------------------------------------
    def _sample(self, rng: Rng) -> Viewpoint:
        m = self.m
        s = rng.uniform(-45, 95)
        if rng.random() < 0.45:
            right = rng.uniform(-m.road_m * 0.7, m.road_m * 0.7)
        else:
            right = rng.choice((-1, 1)) * (m.road_m + rng.uniform(0.5, max(0.8, m.pavement_m - 0.5)))
        yaw = self.route.yaw(s) + rng.choice((0.0, math.pi)) + rng.normal() * 0.34
        if rng.random() < 0.2:
            yaw = rng.uniform(0, 2 * math.pi)
        height = rng.uniform(1.4, 1.9)
        if rng.random() > 0.65:
            height = rng.uniform(0.6, 1.2) if rng.random() < 0.35 else rng.uniform(2.2, 9)
        x, y, z = self.route.point(s, right, height + 0.1).tolist()
        return Viewpoint((x, y, z), float(yaw), math.radians(rng.normal(1 - 2.0 * max(0.0, height - 1.9), 4)))

    def _dress(self, views: list[Viewpoint]) -> None:
        """Mown grass on the gardens, on the photoreal side alone."""
        m, rng, route = self.m, self.rng, self.route
        if not m.garden_m:
            return
        out = Builder()
        edge = m.road_m + KERB_M + m.pavement_m
        for view in views:
            x, y, _ = view.position
            near = float(np.argmin(np.hypot(route.x - x, route.y - y)) + START_M)
            count = 45000
            s = near + rng.normal(size=count) * 14
            right = rng.choice((-1, 1), count) * rng.uniform(edge + 0.05, edge + m.garden_m + 0.6, count)
            at = route.point(s, right, KERB_TOP_M + 0.02)
            distance = np.hypot(at[:, 0] - x, at[:, 1] - y)
            keep = m.outside(s) & (distance < 35)
            plants.grass(rng, at[keep, :2], at[keep, 2], distance[keep], np.full(int(keep.sum()), 0.05), out)
        self.stage.under_snow.append(self.stage.put(self.stage.mesh(out, "grass")))


def build(kind: str, rng: Rng) -> Stage:
    """The stage of "street" or "town"."""
    return Street(kind, rng).build()
