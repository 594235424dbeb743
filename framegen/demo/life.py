"""What moves in the town on its own: cars in their lanes, people on the pavements.

World: right-handed, +Z up, metres.
"""

from __future__ import annotations

import numpy as np

from framegen.demo import figures
from framegen.demo import materials as m
from framegen.demo.mesh import Mesh, MeshBuilder, translation
from framegen.demo.paths import ClosedPath, Travellers, rounded_rectangle
from framegen.demo.plan import BLOCK_HALF_M, BLOCKS_M, LANE_M, PAVEMENT_TOP_M, ROADS_M
from framegen.frame import F64

CAR_PERIOD_S = 72.0
"""After this time every car is back where it was."""


def cars(rng: np.random.Generator) -> tuple[list[Mesh], Travellers]:
    """Cars in their right-hand lanes around the square and around the town; both loops repeat after CAR_PERIOD_S."""
    inner = ROADS_M[2] + LANE_M
    outer = ROADS_M[3] - LANE_M
    meshes, paths, speeds, starts = [], [], [], []
    for path, rounds, places in (
        (ClosedPath(rounded_rectangle(-inner, -inner, inner, inner, 4.5)), 2, (0.0, 0.28, 0.55, 0.83)),
        (
            ClosedPath(rounded_rectangle(-outer, -outer, outer, outer, 5.0, clockwise=True)),
            1,
            (0.02, 0.19, 0.36, 0.55, 0.72, 0.88),
        ),
    ):
        for place in places:
            builder = MeshBuilder()
            figures.car(builder, rng, m.PAINTS[int(rng.integers(len(m.PAINTS)))])
            meshes.append(builder.build())
            paths.append(path)
            speeds.append(rounds * path.length_m / CAR_PERIOD_S)
            starts.append(place * path.length_m)
    return meshes, Travellers(paths, speeds, starts)


def people(rng: np.random.Generator) -> tuple[list[Mesh], Travellers]:
    """People on the pavements and around the fountain: for each a body, a left leg and a right leg."""
    ways = []
    reach = BLOCK_HALF_M - 1.9
    for cx in BLOCKS_M:
        for cy in BLOCKS_M:
            if cx or cy:
                ways.append((ClosedPath(rounded_rectangle(cx - reach, cy - reach, cx + reach, cy + reach, 1.5)), 2))
    for radius, count in ((6.2, 4), (9.2, 4)):
        angle = 2 * np.pi * np.arange(12) / 12
        ways.append((ClosedPath(np.stack([radius * np.cos(angle), radius * np.sin(angle), 0 * angle], axis=1)), count))
    meshes, paths, speeds, starts = [], [], [], []
    for path, count in ways:
        for _ in range(count):
            body, leg = MeshBuilder(), MeshBuilder()
            figures.person_body(body, rng, m.COATS[int(rng.integers(len(m.COATS)))])
            figures.person_leg(leg, m.TROUSERS[int(rng.integers(len(m.TROUSERS)))])
            leg_mesh = leg.build()
            meshes += [body.build(), leg_mesh, leg_mesh]
            paths.append(path)
            speeds.append(float(rng.uniform(1.1, 1.6)) * (1 if rng.random() < 0.5 else -1))
            starts.append(float(rng.uniform(0, path.length_m)))
    return meshes, Travellers(paths, speeds, starts)


def _placed(positions: F64, headings_rad: F64, z: float) -> F64:
    """``[N, 4, 4]``: upright bodies at ``positions`` that look along ``headings_rad``."""
    poses = np.zeros((len(positions), 4, 4))
    poses[:, 0, 0] = poses[:, 1, 1] = np.cos(headings_rad)
    poses[:, 1, 0] = np.sin(headings_rad)
    poses[:, 0, 1] = -poses[:, 1, 0]
    poses[:, 2, 2] = poses[:, 3, 3] = 1.0
    poses[:, :2, 3] = positions[:, :2]
    poses[:, 2, 3] = z
    return poses


def poses(driving: Travellers, walking: Travellers, seconds: float) -> F64:
    """``[movers, 4, 4]``: cars, then each person's body and two swinging legs."""
    cars_at = _placed(driving.positions(seconds), driving.headings_rad(seconds, 2.2), 0.0)
    backwards = np.where(walking.speeds_mps < 0, np.pi, 0.0)
    bodies = _placed(walking.positions(seconds), walking.headings_rad(seconds, 0.8) + backwards, PAVEMENT_TOP_M)
    people_at = np.repeat(bodies, 3, axis=0)
    swing = np.radians(27) * np.sin(2 * np.pi * np.abs(walking.speeds_mps) * seconds / 1.5)
    for index, side in ((1, 1.0), (2, -1.0)):
        hips = np.tile(translation(0.0, 0.1 * side, 0.86), (len(bodies), 1, 1))
        hips[:, 0, 0] = hips[:, 2, 2] = np.cos(swing)
        hips[:, 0, 2], hips[:, 2, 0] = np.sin(swing) * side, -np.sin(swing) * side
        people_at[index::3] = bodies @ hips
    return np.concatenate([cars_at, people_at])
