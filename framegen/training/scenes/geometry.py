"""Meshes as arrays: a builder of boxes, tubes and grids, each face with what it is made of. Metres, +Z up."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framegen.frame import F32, F64
from framegen.training.scenes.matter import Matter
from framegen.training.scenes.synthesis import Rng

Point = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Part:
    """``points`` ``[n, 3]``; ``faces`` ``[m, k]`` indices into them; ``uv`` ``[m * k, 2]`` or None."""

    points: F64
    faces: NDArray[np.int64]
    matter: Matter
    uv: F32 | None
    smooth: bool


def moved(x: float = 0.0, y: float = 0.0, z: float = 0.0, turn_rad: float = 0.0, scale: float = 1.0) -> F64:
    """4x4: scale, then turn about +Z, then move."""
    c, s = math.cos(turn_rad) * scale, math.sin(turn_rad) * scale
    return np.array([[c, -s, 0, x], [s, c, 0, y], [0, 0, scale, z], [0, 0, 0, 1]], np.float64)


_BOX_FACES = np.array(((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)))


def _soft_faces() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Faces of a box with cut edges; corner ``x + 2 y + 4 z`` has the points ``3 corner + axis``."""
    quads: list[list[int]] = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        for side in (0, 1):
            ring = [(0, 0), (1, 0), (1, 1), (0, 1)]
            face = [3 * (side << axis | i << u | j << v) + axis for i, j in ring]
            quads.append(face if side else face[::-1])
            # the cut edge between this face and the one across u
            other = [3 * (side << axis | 1 << u | j << v) + k for j, k in ((0, axis), (0, u), (1, u), (1, axis))]
            quads.append(other if side else other[::-1])
            other = [3 * (side << axis | j << v) + k for j, k in ((0, u), (0, axis), (1, axis), (1, u))]
            quads.append(other if side else other[::-1])
    corners = []
    for corner in range(8):
        face = [3 * corner, 3 * corner + 1, 3 * corner + 2]
        odd = (corner & 1) + (corner >> 1 & 1) + (corner >> 2)
        corners.append(face if odd % 2 else face[::-1])
    return np.array(quads, np.int64), np.array(corners, np.int64)


_SOFT_QUADS, _SOFT_CORNERS = _soft_faces()


class Builder:
    """Collects parts under a current transform."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._place: F64 = np.eye(4)

    @contextmanager
    def at(self, place: F64) -> Iterator[None]:
        """Everything added inside is first placed by a 4x4."""
        before, self._place = self._place, self._place @ place
        try:
            yield
        finally:
            self._place = before

    def add(
        self, points: ArrayLike, faces: ArrayLike, matter: Matter, uv: ArrayLike | None = None, smooth: bool = False
    ) -> None:
        """Faces of equally many corners over ``points`` ``[n, 3]``."""
        p = np.asarray(points, np.float64).reshape(-1, 3) @ self._place[:3, :3].T + self._place[:3, 3]
        corners = np.asarray(faces, np.int64)
        mapped = None if uv is None else np.asarray(uv, np.float32).reshape(-1, 2)
        self.parts.append(Part(p, corners, matter, mapped, smooth))

    def take(self, other: Builder) -> None:
        """Everything of another builder, placed by the current transform."""
        for part in other.parts:
            self.add(part.points, part.faces, part.matter, part.uv, part.smooth)

    def box(self, low: Point, high: Point, matter: Matter, *, open_bottom: bool = False) -> None:
        """An axis-aligned box."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        p = [(x0, y0, z0), (x1, y0, z0), (x1, y1, z0), (x0, y1, z0)]
        p += [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)]
        self.add(p, _BOX_FACES[1:] if open_bottom else _BOX_FACES, matter)

    def soft_box(self, low: Point, high: Point, matter: Matter, edge: float = 0.01) -> None:
        """A box whose edges are cut off by ``edge`` metres, so that they catch the light."""
        a, b = np.asarray(low, np.float64), np.asarray(high, np.float64)
        cut = min(edge, 0.45 * float((b - a).min()))
        signs = np.array([(x, y, z) for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], np.float64)
        middle, half = (a + b) / 2, (b - a) / 2
        # three points a corner: on the faces across x, y and z
        points = np.stack([middle + signs * (half - cut * (1 - np.eye(3)[k])) for k in range(3)], 1).reshape(-1, 3)
        self.add(points, _SOFT_QUADS, matter)
        self.add(points, _SOFT_CORNERS, matter)

    def cushion(self, middle: Point, half: Point, matter: Matter, *, square: float = 0.35, detail: int = 10) -> None:
        """A stuffed body: an ellipsoid drawn towards a box as ``square`` goes from 1 to 0."""
        polar, turn = np.linspace(-np.pi / 2, np.pi / 2, detail + 1), np.arange(2 * detail) / detail * np.pi

        def bent(c: F64, power: float) -> F64:
            return np.asarray(np.sign(c) * np.abs(c) ** power, np.float64)

        level, round_ = bent(np.cos(polar), square)[:, None], np.ones((detail + 1, 2 * detail))
        x, y = level * bent(np.cos(turn), square), level * bent(np.sin(turn), square)
        z = bent(np.sin(polar), 0.6)[:, None] * round_
        self._rings(np.stack([x, y, z], -1) * np.asarray(half) + np.asarray(middle), matter, False)

    def polygon(self, points: Sequence[Sequence[float]], matter: Matter, uv: ArrayLike | None = None) -> None:
        """One flat face, counter-clockwise seen from its front."""
        self.add(points, [list(range(len(points)))], matter, uv)

    def tube(
        self,
        path: ArrayLike,
        radii: ArrayLike,
        matter: Matter,
        sides: int = 10,
        *,
        caps: bool = True,
        squash: float = 1.0,
    ) -> None:
        """A tube around ``path`` ``[n, 3]`` of ``radii`` ``[n]``; ``squash`` flattens it across its second axis."""
        points = np.asarray(path, np.float64)
        r = np.broadcast_to(np.asarray(radii, np.float64), (len(points),))
        ahead = np.gradient(points, axis=0)
        ahead /= np.linalg.norm(ahead, axis=1, keepdims=True) + 1e-12
        # one reference for all rings, or the tube would be wrung where it changes
        along = np.abs(ahead).max(axis=0)
        axis = next((k for k in (2, 1, 0) if along[k] < 0.9), int(np.argmin(along)))
        u = np.cross(ahead, np.eye(3)[axis])
        u /= np.linalg.norm(u, axis=1, keepdims=True) + 1e-12
        w = np.cross(ahead, u) * squash
        turn = np.arange(sides) / sides * 2 * np.pi
        ring = u[:, None] * np.cos(turn)[None, :, None] + w[:, None] * np.sin(turn)[None, :, None]
        rings = points[:, None] + ring * r[:, None, None]
        self._rings(rings, matter, caps)

    def lathe(
        self, profile: Sequence[tuple[float, float]], matter: Matter, sides: int = 16, *, smooth: bool = True
    ) -> None:
        """A body turned about +Z: ``profile`` lists (radius, height) from bottom to top."""
        turn = np.arange(sides) / sides * 2 * np.pi
        shape = np.array(profile)
        rings = np.stack(
            [
                shape[:, :1] * np.cos(turn),
                shape[:, :1] * np.sin(turn),
                np.broadcast_to(shape[:, 1:], (len(shape), sides)),
            ],
            -1,
        )
        self._rings(rings, matter, True, smooth)

    def _rings(self, rings: F64, matter: Matter, caps: bool, smooth: bool = True) -> None:
        count, sides = rings.shape[:2]
        k = np.arange(sides)
        quad = np.stack([k, (k + 1) % sides, sides + (k + 1) % sides, sides + k], 1)
        faces = (np.arange(count - 1)[:, None, None] * sides + quad).reshape(-1, 4)
        self.add(rings.reshape(-1, 3), faces, matter, smooth=smooth)
        if caps:
            self.add(rings[0], [k[::-1].tolist()], matter)
            self.add(rings[-1], [k.tolist()], matter)

    def sphere(
        self, radius: Point, matter: Matter, rng: Rng | None = None, rough: float = 0.0, detail: int = 8
    ) -> None:
        """An ellipsoid about the origin; ``rough`` shakes its corners, as low-poly models are."""
        rows, columns = detail, 2 * detail
        polar = np.linspace(0, np.pi, rows + 1)
        turn = np.arange(columns) / columns * 2 * np.pi
        unit = np.stack(
            [
                np.sin(polar)[:, None] * np.cos(turn),
                np.sin(polar)[:, None] * np.sin(turn),
                np.broadcast_to(np.cos(polar)[:, None], (rows + 1, columns)),
            ],
            -1,
        )[::-1]
        points = unit * np.asarray(radius)
        if rng is not None and rough:
            shaken = 1 + rough * rng.uniform(-1, 1, (rows + 1, columns, 1))
            shaken[0], shaken[-1] = shaken[0, 0], shaken[-1, 0]
            points = points * shaken
        self._rings(points, matter, False, smooth=not rough)


def height_grid(x: F64, y: F64, z: F64) -> tuple[F64, NDArray[np.int64]]:
    """``[n, n]`` coordinates -> points ``[n * n, 3]`` and quads that face up (x grows with columns, y with rows)."""
    rows, columns = z.shape
    i, j = np.meshgrid(np.arange(columns - 1), np.arange(rows - 1))
    corner = j * columns + i
    faces = np.stack([corner, corner + 1, corner + columns + 1, corner + columns], -1).reshape(-1, 4)
    return np.stack([x, y, z], -1).reshape(-1, 3), faces.astype(np.int64)
