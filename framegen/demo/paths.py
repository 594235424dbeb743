"""Closed smooth paths travelled at a steady pace, and camera poses along them.

World: right-handed, +Z up, metres. Angles in radians, counter-clockwise from +x.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framegen.frame import F64


class ClosedPath:
    """A closed curve through ``[N, 3 or more]`` points, parameterised by metres travelled.

    Columns after x, y, z are carried along (a camera's glance, say) and do not count as distance.

    Centripetal Catmull-Rom (Barry and Goldman, SIGGRAPH 1988; Yuksel et al., CAD 2011: no cusps
    and no self-intersections within a segment), sampled every ``step_m``.
    """

    def __init__(self, points: ArrayLike, *, step_m: float = 0.25) -> None:
        knots = np.asarray(points, np.float64)
        dense = np.concatenate([_segment(*np.roll(knots, 1 - i, axis=0)[:4]) for i in range(len(knots))])
        lengths = np.linalg.norm(np.diff(dense[:, :3], axis=0, append=dense[:1, :3]), axis=1)
        travelled = np.concatenate([[0.0], np.cumsum(lengths)])
        self.length_m = float(travelled[-1])
        count = max(8, round(self.length_m / step_m))
        at = np.linspace(0.0, self.length_m, count, endpoint=False)
        closed = np.vstack([dense, dense[:1]])
        self.samples: F64 = np.stack(
            [np.interp(at, travelled, closed[:, axis]) for axis in range(dense.shape[1])], axis=1
        )
        self.step_m = self.length_m / count

    def position(self, distance_m: float) -> F64:
        """``[3 or more]``: where one is after ``distance_m``."""
        place: F64 = Travellers([self], [0.0], [distance_m]).positions(0.0)[0]
        return place

    def heading_rad(self, distance_m: float, ahead_m: float = 1.0) -> float:
        """The direction of travel in the ground plane, over a stretch of ``ahead_m`` around the place."""
        return float(Travellers([self], [0.0], [distance_m]).headings_rad(0.0, ahead_m)[0])


class Travellers:
    """Many bodies on closed paths, each at its own steady speed, evaluated together."""

    def __init__(self, paths: Sequence[ClosedPath], speeds_mps: ArrayLike, starts_m: ArrayLike) -> None:
        """One path, speed and starting place (metres along the path) per body."""
        self._samples = np.concatenate([path.samples for path in paths])
        self._counts = np.array([len(path.samples) for path in paths])
        self._offsets = np.cumsum(self._counts) - self._counts
        self._steps_m = np.array([path.step_m for path in paths])
        self.speeds_mps = np.asarray(speeds_mps, np.float64)
        self._starts_m = np.asarray(starts_m, np.float64)

    def positions(self, seconds: float, ahead_m: float = 0.0) -> F64:
        """``[N, 3 or more]``, ``ahead_m`` further along; a quadratic B-spline over the samples: speed never jumps."""
        where = (self._starts_m + self.speeds_mps * seconds + ahead_m) / self._steps_m
        nearest = np.round(where).astype(np.int64)
        f = (where - nearest)[:, None]
        before, here, after = (self._samples[self._offsets + (nearest + k) % self._counts] for k in (-1, 0, 1))
        blended: F64 = 0.5 * (0.5 - f) ** 2 * before + (0.75 - f * f) * here + 0.5 * (0.5 + f) ** 2 * after
        return blended

    def headings_rad(self, seconds: float, ahead_m: float = 1.0) -> F64:
        """``[N]``: the direction in which each path runs, over a stretch of ``ahead_m`` around each body."""
        along = self.positions(seconds, ahead_m / 2) - self.positions(seconds, -ahead_m / 2)
        return np.asarray(np.arctan2(along[:, 1], along[:, 0]))


def _segment(before: F64, start: F64, end: F64, after: F64, samples: int = 48) -> F64:
    """Centripetal Catmull-Rom from ``start`` (included) to ``end`` (not included)."""
    knots = np.cumsum(
        [0.0] + [np.sqrt(np.linalg.norm((b - a)[:3])) for a, b in ((before, start), (start, end), (end, after))]
    )
    t0, t1, t2, t3 = knots
    t = np.linspace(t1, t2, samples, endpoint=False)[:, None]
    a1 = (t1 - t) / (t1 - t0) * before + (t - t0) / (t1 - t0) * start
    a2 = (t2 - t) / (t2 - t1) * start + (t - t1) / (t2 - t1) * end
    a3 = (t3 - t) / (t3 - t2) * end + (t - t2) / (t3 - t2) * after
    b1 = (t2 - t) / (t2 - t0) * a1 + (t - t0) / (t2 - t0) * a2
    b2 = (t3 - t) / (t3 - t1) * a2 + (t - t1) / (t3 - t1) * a3
    curve: F64 = (t2 - t) / (t2 - t1) * b1 + (t - t1) / (t2 - t1) * b2
    return curve


def rounded_rectangle(
    x0: float, y0: float, x1: float, y1: float, radius_m: float, *, clockwise: bool = False, z: float = 0.0
) -> NDArray[np.float64]:
    """``[N, 3]`` points of a rectangle with round corners, for :class:`ClosedPath`."""
    points: list[tuple[float, float, float]] = []
    r = radius_m
    corners: Sequence[tuple[float, float, float]] = (
        (x1 - r, y0 + r, -90),
        (x1 - r, y1 - r, 0),
        (x0 + r, y1 - r, 90),
        (x0 + r, y0 + r, 180),
    )
    for (cx, cy, start), (nx, ny, following) in zip(corners, (*corners[1:], corners[0]), strict=True):
        for angle in np.radians(start + np.arange(0, 91, 30)):
            points.append((cx + r * np.cos(angle), cy + r * np.sin(angle), z))
        out, into = np.radians(start + 90), np.radians(following)
        a = np.array((cx + r * np.cos(out), cy + r * np.sin(out)))
        b = np.array((nx + r * np.cos(into), ny + r * np.sin(into)))
        for share in (0.25, 0.5, 0.75):
            points.append((*(a + (b - a) * share), z))
    path = np.asarray(points)
    return path[::-1].copy() if clockwise else path


def look_along(position: ArrayLike, yaw_rad: float, pitch_rad: float) -> F64:
    """``[4, 4]`` world_from_camera (+Z up world; the camera looks along -Z, +X right, +Y up)."""
    cy, sy, cp, sp = np.cos(yaw_rad), np.sin(yaw_rad), np.cos(pitch_rad), np.sin(pitch_rad)
    forward = np.array((cp * cy, cp * sy, sp))
    right = np.array((sy, -cy, 0.0))
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2] = right, np.cross(right, forward), -forward
    pose[:3, 3] = position
    return pose
