"""Blender objects that make a street look lived in: lamps, parked and moving cars, people, street furniture."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from framegen.training.scenes import cars, people, props, streetworks
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.roadway import KERB_M, KERB_TOP_M, Measures
from framegen.training.scenes.route import Route
from framegen.training.scenes.stage import Stage
from framegen.training.scenes.synthesis import Rng

LAMP_LIGHT = ((1.0, 0.62, 0.3), (1.0, 0.75, 0.5), (1.0, 0.87, 0.72))


class Life:
    """Adds to a stage along a route; ``old``: lanterns; ``plain``: as low-poly games draw things."""

    def __init__(self, stage: Stage, rng: Rng, route: Route, m: Measures, *, old: bool, plain: bool) -> None:
        self.stage, self.rng, self.route, self.m, self.old, self.plain = stage, rng, route, m, old, plain

    def add(self) -> None:
        """Everything."""
        self._lamps()
        self._cars()
        self._people()
        self._furniture()
        self._works()

    def _works(self) -> None:
        """Covers and stop lines, traffic lights at the crossings of towns, wires along villages and suburbs."""
        rng, m, route, stage = self.rng, self.m, self.route, self.stage
        ground = Builder()
        streetworks.covers(ground, rng, route, m)
        if m.road_m > 3.2 and not self.old:
            streetworks.stop_lines(ground, rng, route, m)
            light = stage.mesh(streetworks.traffic_light(rng), "traffic light")
            for c in m.crossings if rng.random() < 0.7 else ():
                for side in (-1, 1):
                    s = c - side * (m.crossing_half_m + 3.9)
                    turn = 0.0 if side > 0 else math.pi
                    stage.put(light, route.frame(s, side * (m.road_m + 0.5), KERB_TOP_M, turn))
        stage.put(stage.mesh(ground, "covers"))
        if (self.old or m.garden_m) and rng.random() < 0.6:
            right = float(rng.choice((-1, 1))) * (m.road_m + KERB_M + 0.35)
            stage.put(stage.mesh(streetworks.wires(rng, route, right, across_m=m.front_m), "wires"))
            stage.words.append("overhead wires")

    def _lamps(self) -> None:
        rng, m = self.rng, self.m
        height, arm = rng.uniform(4, 7), 0.0 if self.old else 1.2
        light = LAMP_LIGHT[int(rng.integers(3))]
        mesh = self.stage.mesh(props.street_lamp(height, arm, light), "lamp")
        for i, s in enumerate(np.arange(-50, 130, rng.uniform(14, 22))):
            for side in (-1, 1) if m.road_m > 4 else ((-1) ** i,):
                at = float(s) + (7 if side > 0 else 0)
                if not m.open(at, 0.5):
                    continue
                frame = self.route.frame(at, side * (m.road_m + 0.45), KERB_TOP_M, math.pi if side > 0 else 0.0)
                self.stage.put(mesh, frame)
                watts = 480 * height / 5
                place = frame @ moved(arm, 0, height + (0.35 if self.old else -0.12))
                if self.old:
                    self.stage.lamp(place, 0.8 * watts, light, radius_m=0.15)
                else:
                    self.stage.lamp(place, watts, light, radius_m=0.12, cone_deg=150)

    def _several(self, count: int, name: str, make: Callable[[], Builder]) -> list[Any]:
        return [self.stage.mesh(make(), name) for _ in range(count)]

    def _cars(self) -> None:
        rng, m, route = self.rng, self.m, self.route
        parked = self._several(6, "car", lambda: cars.car(rng, moving=False, plain=self.plain))
        moving = self._several(4, "car", lambda: cars.car(rng, moving=True, plain=self.plain))
        fill, count = rng.uniform(0.1, 0.65), 0
        if m.road_m > 3.1:
            for side in (-1, 1):
                s = -60.0
                while s < 130:
                    if rng.random() < fill and m.open(s, 3):
                        turn = (0.0 if side > 0 else math.pi) + rng.normal() * 0.012 + math.pi * (rng.random() < 0.1)
                        right = side * (m.road_m - 1.05) + rng.normal() * 0.06
                        self.stage.put(parked[int(rng.integers(6))], route.frame(s, right, 0.01, turn, tilt=True))
                        count += 1
                    s += rng.uniform(5.6, 7.5)
        lane = max(1.0, (m.road_m - 2.1) / 2 if m.road_m > 3.4 else 1.2)
        for side in (-1, 1):
            s = rng.uniform(-70, -40)
            while s < 150:
                if not m.open(s, 6):
                    s += 8
                    continue
                frame = route.frame(s, side * lane, 0.03, 0.0 if side > 0 else math.pi, tilt=True)
                self.stage.put(moving[int(rng.integers(4))], frame)
                if abs(s - 25) < 70:
                    beam = frame @ moved(0, 2.3, 0.7)
                    turned = beam @ np.array([[1, 0, 0, 0], [0, 0.1, -0.995, 0], [0, 0.995, 0.1, 0], [0, 0, 0, 1]])
                    self.stage.lamp(turned, 120.0, (1.0, 0.94, 0.82), radius_m=0.08, cone_deg=70)
                s += rng.uniform(14, 75)
                count += 1
        self.stage.words += ["parked cars", "traffic"] if count > 4 else []

    def _people(self) -> None:
        rng, m = self.rng, self.m
        walkers = self._several(7, "person", lambda: people.person(rng, walking=True, plain=self.plain))
        standing = self._several(3, "person", lambda: people.person(rng, walking=False, plain=self.plain))
        standing += self._several(2, "people", lambda: people.group(rng, plain=self.plain))
        for _ in range(int(rng.integers(8, 60))):
            s, side = rng.uniform(-50, 120), int(rng.choice((-1, 1)))
            right = side * (m.road_m + KERB_M + rng.uniform(0.3, max(0.5, m.pavement_m - 0.4)))
            if not m.open(s):
                continue
            if rng.random() < 0.7:
                turn = (0.0 if rng.random() < 0.5 else math.pi) + rng.normal() * 0.15
                mesh = walkers[int(rng.integers(len(walkers)))]
            else:
                turn, mesh = rng.uniform(0, 2 * math.pi), standing[int(rng.integers(len(standing)))]
            self.stage.put(mesh, self.route.frame(s, right, KERB_TOP_M, turn))
        for c in m.crossings:
            for _ in range(int(rng.integers(0, 4))):
                s, right = c - m.crossing_half_m - rng.uniform(1, 3), rng.uniform(-m.road_m, m.road_m)
                turn = math.pi / 2 * int(rng.choice((-1, 1)))
                self.stage.put(walkers[int(rng.integers(7))], self.route.frame(s, right, 0.04, turn))
        self.stage.words.append("people")

    def _furniture(self) -> None:
        rng, m = self.rng, self.m
        kerbside: list[tuple[Any, int]] = [
            (self.stage.mesh(props.bollard(), "bollard"), int(rng.integers(0, 26))),
            (self.stage.mesh(props.bin_((0.04, 0.16, 0.07)), "bin"), 7),
            (self.stage.mesh(props.bench(), "bench"), int(rng.integers(0, 8))),
            (self.stage.mesh(props.post_box(), "post box"), 2),
            (self.stage.mesh(props.road_sign(rng), "sign"), 6),
            (self.stage.mesh(props.planter(rng), "planter"), int(rng.integers(0, 9))),
            (self.stage.mesh(streetworks.bicycle(rng), "bicycle"), int(rng.integers(0, 8))),
        ]
        wide = m.pavement_m > 2.6 and not m.garden_m
        if wide and rng.random() < 0.6:
            kerbside.append((self.stage.mesh(streetworks.bus_shelter(rng), "shelter"), 2))
        if wide and rng.random() < 0.4:
            kerbside.append((self.stage.mesh(streetworks.advert_column(rng), "column"), 3))
        inner: list[tuple[Any, int]] = [(self.stage.mesh(streetworks.refuse(rng), "refuse"), int(rng.integers(0, 7)))]
        if m.pavement_m > 3 and not m.garden_m:
            inner.append((self.stage.mesh(props.cafe_table(rng), "table"), int(rng.integers(0, 10))))
            inner.append((self.stage.mesh(props.stall(rng), "stall"), int(rng.integers(0, 5))))
        for things, inset in ((kerbside, 0.45), (inner, max(0.6, m.pavement_m - 1.3))):
            for mesh, count in things:
                for s in rng.uniform(-45, 115, count):
                    side = int(rng.choice((-1, 1)))
                    if m.open(float(s), 1):
                        turn = math.pi if side < 0 and mesh.name.startswith(("bench",)) else 0.0
                        turn += math.pi / 2 * side if mesh.name.startswith("stall") else 0.0
                        shelter = mesh.name.startswith("shelter")
                        turn += math.pi * (side < 0) if shelter else 0.0
                        right = side * (m.road_m + KERB_M + (1.1 if shelter else inset))
                        self.stage.put(mesh, self.route.frame(float(s), right, KERB_TOP_M, turn))
