"""Blender: where people's things stand in the open (:mod:`landmarks`), and people themselves."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from framegen.frame import F64
from framegen.training.scenes import landmarks as lm
from framegen.training.scenes import people
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.land import Land
from framegen.training.scenes.stage import Stage
from framegen.training.scenes.synthesis import Rng

Make = Callable[[Rng], Builder]
_INLAND: tuple[tuple[Make, str, float], ...] = (
    (lm.cabin, "wooden cabin", 3.2),
    (lm.tent, "tent", 2.2),
    (lm.logs, "logs", 1.8),
    (lm.bale, "straw bales", 1.0),
    (lm.signpost, "signpost", 0.6),
    (lm.ruin, "ruins", 4.0),
)
_DRY: tuple[tuple[Make, str, float], ...] = (
    (lm.ruin, "ruins", 4.0),
    (lm.tent, "tent", 2.2),
    (lm.cabin, "wooden cabin", 3.2),
    (lm.signpost, "signpost", 0.6),
)
_SHORE: tuple[tuple[Make, str, float], ...] = (
    (lm.parasol, "parasols", 1.6),
    (lm.parasol, "parasols", 1.6),
    (lm.beach_hut, "beach huts", 1.4),
    (lm.rowboat, "rowing boats", 1.8),
    (lm.logs, "driftwood", 1.8),
)


def settle(stage: Stage, rng: Rng, kind: str, land: Land) -> None:
    """Some things of the kind of land, two to nine of them, fences along paths, boats on the sea, walkers."""
    if rng.random() < 0.25:
        return
    choice = {"nature": _INLAND, "desert": _DRY, "coast": _SHORE}[kind]
    picks = rng.choice(len(choice), int(rng.integers(1, 3)), replace=False)
    for k in picks:
        make, word, clear = choice[int(k)]
        meshes = [stage.mesh(make(rng), word.split()[-1]) for _ in range(2)]
        placed = 0
        for _ in range(int(rng.integers(1, 6))):
            x, y = _place(rng, kind)
            if _level(land, x, y, clear):
                z = float(np.min(land.height(x + clear * np.array((-1, 0, 1, 0)), y + clear * np.array((0, 1, 0, -1)))))
                turn = rng.normal() * 0.4 + math.pi / 2 if kind == "coast" else rng.uniform(0, 6.28)
                stage.put(meshes[placed % 2], moved(x, y, z + 0.02, turn))
                placed += 1
        if placed:
            stage.words.append(word)
    if land.path_half_m and rng.random() < 0.5:
        _fences(stage, rng, land)
    if kind == "coast":
        _boats(stage, rng)
    _walkers(stage, rng, kind, land)


def _place(rng: Rng, kind: str) -> tuple[float, float]:
    x, y = (rng.uniform(2, 24), rng.uniform(-30, 30)) if kind == "coast" else (rng.normal() * 13, rng.normal() * 13)
    return float(x), float(y)


def _level(land: Land, x: float, y: float, clear_m: float) -> bool:
    dry = land.water_m is None or float(land.height(x, y)) > land.water_m + 0.35
    return dry and float(land.slope(x, y)) < 0.35 and float(land.on_path(x, y)) < -clear_m


def _fences(stage: Stage, rng: Rng, land: Land) -> None:
    """Sections of fence that follow the path and the ground."""
    side, section = float(rng.choice((-1, 1))), 6.0
    mesh = stage.mesh(lm.fence(rng, section), "fence")
    for y in np.arange(-30, 30, section):
        if rng.random() < 0.15:
            continue
        ends: list[F64] = []
        for at in (float(y), float(y) + section):
            x = float(land.path_x(np.float64(at))) + side * (land.path_half_m + 1.3)
            ends.append(np.array((x, at, float(land.height(x, at)))))
        way = (ends[1] - ends[0]) / section
        out = np.eye(4)
        out[:3, 0], out[:3, 1], out[:3, 3] = way, (-way[1], way[0], 0.0), ends[0]
        stage.put(mesh, out)
    stage.words.append("fence")


def _boats(stage: Stage, rng: Rng) -> None:
    for _ in range(int(rng.integers(0, 4))):
        x, y = -rng.uniform(40, 220), rng.uniform(-120, 120)
        stage.put(stage.mesh(lm.sailboat(rng), "sailboat"), moved(x, y, -0.35, rng.uniform(0, 6.28)))
        if "sailboats" not in stage.words:
            stage.words.append("sailboats")


def _walkers(stage: Stage, rng: Rng, kind: str, land: Land) -> None:
    placed = 0
    for _ in range(int(rng.integers(0, 7))):
        x, y = _place(rng, kind)
        turn = rng.uniform(0, 6.28)
        if land.path_half_m and rng.random() < 0.7:
            x = float(land.path_x(np.float64(y))) + rng.normal() * 0.4 * land.path_half_m
            turn = rng.choice((0.0, math.pi)) + rng.normal() * 0.3
        height = float(land.height(x, y))
        if float(land.slope(x, y)) < 0.5 and (land.water_m is None or height > land.water_m + 0.1):
            figure = people.person(rng, walking=bool(rng.random() < 0.7), plain=bool(rng.random() < 0.3))
            stage.put(stage.mesh(figure, "person"), moved(x, y, height - 0.02, turn))
            placed += 1
    if placed:
        stage.words.append("people")
