"""A street's course through the plane: bends and slopes, and frames along it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from framegen.frame import F64
from framegen.training.scenes.synthesis import Rng

START_M, END_M = -100, 200
"""Stations between which a street is built, metres along it; it runs roughly towards +Y."""


@dataclass(frozen=True, eq=False)
class Route:
    """``heading`` radians from +Y towards -X, ``x``, ``y``, ``z`` metres, at every metre from ``START_M``."""

    heading: F64
    x: F64
    y: F64
    z: F64

    def _at(self, values: F64, station: ArrayLike) -> F64:
        s = np.asarray(station, np.float64) - START_M
        return np.asarray(np.interp(s, np.arange(len(values)), values), np.float64)

    def point(self, station: ArrayLike, right: ArrayLike, up: ArrayLike = 0.0) -> F64:
        """``[..., 3]`` world points at a station, ``right`` of the middle and ``up`` from its height."""
        h = self._at(self.heading, station)
        x = self._at(self.x, station) + np.cos(h) * right
        y = self._at(self.y, station) + np.sin(h) * right
        z = self._at(self.z, station) + np.asarray(up)
        return np.stack(np.broadcast_arrays(x, y, z), -1)

    def yaw(self, station: float) -> float:
        """Heading at a station, radians from +Y towards -X."""
        return float(self._at(self.heading, station))

    def frame(self, station: float, right: float, up: float = 0.0, turn_rad: float = 0.0, *, tilt: bool = False) -> F64:
        """4x4 of a local frame with +x right, +y ahead, turned by ``turn_rad``; ``tilt`` follows the slope."""
        h = self.yaw(station) + turn_rad
        c, s = math.cos(h), math.sin(h)
        out = np.eye(4)
        out[:3, :3] = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        if tilt:
            grade = float(self._at(self.z, station + 1) - self._at(self.z, station - 1)) / 2 * math.cos(turn_rad)
            out[:3, 1] += (0, 0, grade)
            out[:3, 2] -= out[:3, 1] * grade
        out[:3, 3] = self.point(station, right, up)
        return out

    def frontage(self, station: float, width: float, distance: float, side: int) -> F64:
        """Frame of a house front of ``width`` from ``station`` on: x along the front, +y away from the street.

        ``side`` +1 right of the street, -1 left. Its floor lies at the highest ground along the front.
        """
        middle = station + width / 2
        h = self.yaw(middle)
        right, ahead = np.array((math.cos(h), math.sin(h), 0)), np.array((-math.sin(h), math.cos(h), 0))
        out = np.eye(4)
        out[:3, 0], out[:3, 1] = -side * ahead, side * right
        start = self.point(middle, side * distance) + side * ahead * width / 2
        start[2] = self._at(self.z, [station, middle, station + width]).max()
        out[:3, 3] = start
        return out


def draw_route(rng: Rng) -> Route:
    """Half of the streets are nearly straight and level, the others bend and climb."""
    stations = np.arange(START_M, END_M + 1, dtype=np.float64)
    bend = rng.uniform(0.1, 0.34) if rng.random() < 0.55 else rng.uniform(0, 0.03)
    wave = rng.uniform(140, 260)
    heading = bend * np.sin(2 * np.pi * stations / wave + rng.uniform(0, 2 * np.pi))
    heading -= np.interp(0.0, stations, heading)
    x, y = -np.cumsum(np.sin(heading)), np.cumsum(np.cos(heading))
    zero = int(-START_M)
    hilly = rng.random() < 0.5
    grade = rng.uniform(-0.045, 0.045) * hilly
    swell = rng.uniform(0, 1.6) * hilly
    z = grade * stations + swell * np.sin(2 * np.pi * stations / rng.uniform(110, 200) + rng.uniform(0, 6))
    return Route(heading, x - x[zero], y - y[zero], z - z[zero])
