"""A flight through a level of which nothing is known but its surfaces.

World: right-handed, +Z up, metres.
"""

from __future__ import annotations

import numpy as np

from framegen.demo.mesh import Mesh
from framegen.demo.paths import ClosedPath, look_along
from framegen.frame import F64

ROUND_S = 24.0
"""One round through the level takes so long."""
CELLS = 96
"""Cells of the height map along the level's longer side."""
STOPS = 24
EYE_M = 1.8


class HeightMap:
    """How high a level reaches, cell by cell of its ground plan; where nothing is, its lowest point."""

    def __init__(self, meshes: list[Mesh], low: F64, high: F64) -> None:
        """``low``, ``high``: bounds of the meshes, metres."""
        self._low = low
        self._cell_m = max(float((high - low)[:2].max()) / CELLS, 0.05)
        shape = np.ceil((high - low)[:2] / self._cell_m).astype(int) + 1
        self._tops = np.full(shape, low[2])
        for mesh in meshes:
            points = _points_on(mesh.positions[mesh.triangles].astype(np.float64), self._cell_m)
            column, row = ((points[:, :2] - low[:2]) / self._cell_m).astype(int).T
            np.maximum.at(self._tops, (column, row), points[:, 2])

    def top_m(self, place: F64, around_m: float) -> float:
        """The highest point within a square of ``around_m`` to each side of ``place`` (x, y)."""
        first = np.floor((place[:2] - around_m - self._low[:2]) / self._cell_m).astype(int)
        last = np.ceil((place[:2] + around_m - self._low[:2]) / self._cell_m).astype(int)
        part = self._tops[max(0, first[0]) : max(0, last[0] + 1), max(0, first[1]) : max(0, last[1] + 1)]
        return float(part.max(initial=self._low[2]))


class Flight:
    """A loop inside the level's bounds that rises over what stands in its way and sinks to eye height where it can."""

    def __init__(self, meshes: list[Mesh], low: F64, high: F64) -> None:
        """``low``, ``high``: bounds of the meshes, metres."""
        heights = HeightMap(meshes, low, high)
        center, half = (low + high) / 2, np.maximum((high - low) / 2, 1.0)
        angle = 2 * np.pi * np.arange(STOPS) / STOPS
        reach = 0.62 + 0.16 * np.cos(3 * angle)
        plan = np.stack(
            [center[0] + half[0] * reach * np.cos(angle), center[1] + half[1] * reach * np.sin(angle)], axis=1
        )
        clear_m = max(0.8, 0.04 * float(np.hypot(half[0], half[1])))
        # Over each stop, what is highest from the stop before to the stop after: the curve between them stays clear.
        span_m = float(np.linalg.norm(np.roll(plan, 1, axis=0) - plan, axis=1).max())
        tops = np.array([heights.top_m(place, span_m / 2 + clear_m) for place in plan])
        highest = np.max([np.roll(tops, shift) for shift in (-1, 0, 1)], axis=0)
        eyes = np.maximum(highest + clear_m, low[2] + EYE_M)
        self._path = ClosedPath(np.column_stack([plan, eyes]), step_m=max(0.02, float(half.max()) / 200))
        self._center = center

    def __call__(self, seconds: float) -> F64:
        """``[4, 4]`` world_from_camera: ahead, half turned to the middle, and the lower the higher it flies."""
        travelled = self._path.length_m * seconds / ROUND_S
        eye = self._path.position(travelled)
        ahead = self._path.heading_rad(travelled, self._path.length_m / 40)
        middle = float(np.arctan2(self._center[1] - eye[1], self._center[0] - eye[0]))
        turn = (middle - ahead + np.pi) % (2 * np.pi) - np.pi
        away_m = float(np.hypot(*(self._center[:2] - eye[:2])))
        pitch = -float(np.arctan2(max(0.0, eye[2] - self._center[2]), 1.4 * max(away_m, 1.0)))
        return look_along(eye, ahead + 0.5 * turn, max(-0.7, pitch))


def _points_on(triangles: F64, spacing_m: float) -> F64:
    """``[P, 3]`` points on ``[M, 3, 3]`` triangles, at most about ``spacing_m`` apart."""
    edges = np.linalg.norm(triangles - np.roll(triangles, 1, axis=1), axis=2).max(axis=1)
    steps = np.clip(np.ceil(edges / spacing_m).astype(int), 1, 2 * CELLS)
    found = []
    for count in np.unique(steps):
        i, j = np.meshgrid(np.arange(count + 1), np.arange(count + 1))
        inside = i + j <= count
        u, v = i[inside] / count, j[inside] / count
        weights = np.stack([1 - u - v, u, v], axis=1)
        found.append((weights @ triangles[steps == count]).reshape(-1, 3))
    return np.concatenate(found)
