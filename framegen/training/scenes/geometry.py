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
        reference = np.where(np.abs(ahead[:, 2:3]) < 0.9, (0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
        u = np.cross(ahead, reference)
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
