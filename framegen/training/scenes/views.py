"""Blender cameras: where to look from, judged by rays, and the small motion of a second frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector

from framegen.frame import F64
from framegen.training.scenes.stage import Stage, Viewpoint
from framegen.training.scenes.synthesis import Rng

TRIES = 80
SECOND_FRAME_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class View:
    """A camera: 4x4 camera to world (looks along -Z), vertical field of view, and that of the second frame if any."""

    viewpoint: Viewpoint
    matrix: Any
    fov_y_rad: float
    second: Any | None


def camera_matrix(view: Viewpoint) -> Any:
    """The camera's 4x4 for a viewpoint."""
    turn = Euler((math.pi / 2 + view.pitch_rad, 0, view.yaw_rad)).to_matrix().to_4x4()
    return Matrix.Translation(Vector(view.position)) @ turn


def _look_around(matrix: Any, fov_y_rad: float, aspect: float, stage: Stage) -> tuple[F64, float]:
    """Distances along a lattice of rays (10 km: sky), and the share that meets things rather than the backdrop."""
    graph = bpy.context.evaluated_depsgraph_get()
    origin, rotation = matrix.translation, matrix.to_3x3()
    reach = math.tan(fov_y_rad / 2)
    distances, things = [], 0
    for v in np.linspace(-0.95, 0.95, 9):
        for u in np.linspace(-0.95, 0.95, 15):
            ray = (rotation @ Vector((u * reach * aspect, v * reach, -1))).normalized()
            hit, where, _, _, thing, _ = bpy.context.scene.ray_cast(graph, origin, ray)
            distances.append((where - origin).length if hit else 1e4)
            things += bool(hit and thing and thing.name not in stage.backdrop and distances[-1] < 90)
    return np.array(distances), things / len(distances)


def _worth_it(distances: F64, *, indoors: bool) -> bool:
    """Whether a view has depth, is not blocked, and is not mostly sky (in a room: mostly window)."""
    sky = distances > 5e3
    near = distances[~sky]
    if len(near) < 20:
        return False
    if indoors:
        inside = np.mean(distances > 16) < 0.3
        return bool(near.min() > 0.35 and np.mean(near < 0.8) < 0.12 and np.median(near) > 1.6 and inside)
    open_share = np.mean(near > 12) + sky.mean()
    return bool(
        near.min() > 0.55
        and np.mean(near < 1.6) < 0.12
        and sky.mean() < 0.6
        and np.median(near) > 3.5
        and np.std(np.log(near)) > 0.45
        and open_share > 0.15
    )


def _second(rng: Rng, view: Viewpoint, fov_y_rad: float, aspect: float, stage: Stage) -> Any | None:
    """The camera a small motion later: moved up to half a metre, turned up to four degrees, or None if blocked."""
    for _ in range(10):
        moves, turns = rng.random() < 0.75, rng.random() < 0.7
        step = rng.normal(size=3) * (1, 1, 0.25)
        step *= rng.uniform(0.1, 0.5) / np.linalg.norm(step) * (moves or not turns)
        turn = rng.normal(size=2) * (1, 0.5)
        turn *= math.radians(rng.uniform(1, 4)) / np.linalg.norm(turn) * turns
        x, y, z = (np.array(view.position) + step).tolist()
        matrix = camera_matrix(Viewpoint((x, y, z), view.yaw_rad + turn[0], view.pitch_rad + turn[1]))
        if _look_around(matrix, fov_y_rad, aspect, stage)[0].min() > 0.35:
            return matrix
    return None


def choose_views(stage: Stage, count: int, rng: Rng, aspect: float) -> list[View]:
    """Up to ``count`` views apart from one another."""
    assert stage.sample is not None
    bpy.context.view_layer.update()
    out: list[View] = []
    for _ in range(count):
        for k in range(TRIES):
            viewpoint = stage.sample(rng)
            fov = math.radians(float(np.clip(rng.normal(54, 8), 38, 70)))
            matrix = camera_matrix(viewpoint)
            apart = 0.8 if stage.indoors else 3.0
            if any((matrix.translation - v.matrix.translation).length < apart for v in out):
                continue
            distances, things = _look_around(matrix, fov, aspect, stage)
            if _worth_it(distances, indoors=stage.indoors) and things > (0.05 if k < 50 else 0.015):
                moving = rng.random() < SECOND_FRAME_SHARE
                second = _second(rng, viewpoint, fov, aspect, stage) if moving else None
                out.append(View(viewpoint, matrix, fov, second))
                break
    return out
