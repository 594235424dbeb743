"""Meshes built in code: flat-shaded polygons with a material on each.

Right-handed, +Z up, metres (Panda3D's own frame). Nothing here knows of Panda3D.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from framegen.demo.materials import LABELS, PATTERN_TILE_M, PATTERNS, Material, srgb8
from framegen.frame import F32, F64, U8

Point = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles, ready for a renderer.

    Attributes:
        positions: ``[N, 3]`` float32, metres.
        normals: ``[N, 3]`` float32, unit length.
        colors: ``[N, 4]`` uint8: sRGB-encoded albedo and, in the fourth channel, the label's value.
        texcoords: ``[N, 3]`` float32: u, v in repetitions of the pattern, and the pattern's layer.
        triangles: ``[M, 3]`` uint32, counter-clockwise from outside.
        fine: ``[M]`` bool: detail that need not be drawn from far away.
    """

    positions: F32
    normals: F32
    colors: U8
    texcoords: F32
    triangles: NDArray[np.uint32]
    fine: NDArray[np.bool_]


def translation(x: float, y: float, z: float = 0.0) -> F64:
    """``[4, 4]``: moves by metres."""
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix


def rotation_z(angle_rad: float) -> F64:
    """``[4, 4]``: turns about the vertical, counter-clockwise from above."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    matrix = np.eye(4)
    matrix[:2, :2] = (c, -s), (s, c)
    return matrix


@dataclass(frozen=True, eq=False)
class _Batch:
    """Polygons of one material: ``points`` ``[P, K, 3]``, ``normals`` ``[P, 3]`` or None for flat ones."""

    points: F64
    material: Material
    normals: F64 | None
    fine: bool


_BOX_FACES = {
    "s": ((0, 1, 2), (3, 1, 2), (3, 1, 5), (0, 1, 5)),
    "n": ((3, 4, 2), (0, 4, 2), (0, 4, 5), (3, 4, 5)),
    "w": ((0, 4, 2), (0, 1, 2), (0, 1, 5), (0, 4, 5)),
    "e": ((3, 1, 2), (3, 4, 2), (3, 4, 5), (3, 1, 5)),
    "t": ((0, 1, 5), (3, 1, 5), (3, 4, 5), (0, 4, 5)),
    "b": ((0, 4, 2), (3, 4, 2), (3, 1, 2), (0, 1, 2)),
}
"""Corners of each face as indices into (x0, y0, z0, x1, y1, z1)."""


class MeshBuilder:
    """Collects polygons; :meth:`build` makes one :class:`Mesh` of them."""

    def __init__(self) -> None:
        self._batches: list[_Batch] = []
        self._matrix: F64 = np.eye(4)
        self._fine = False

    @contextmanager
    def at(self, matrix: F64) -> Iterator[MeshBuilder]:
        """Everything inside the ``with`` is placed by ``matrix`` (on top of enclosing ones)."""
        outer = self._matrix
        self._matrix = outer @ matrix
        try:
            yield self
        finally:
            self._matrix = outer

    @contextmanager
    def fine(self) -> Iterator[MeshBuilder]:
        """Everything inside the ``with`` is too small to be seen from far away."""
        outer, self._fine = self._fine, True
        try:
            yield self
        finally:
            self._fine = outer

    def polygons(self, points: ArrayLike, material: Material, normals: ArrayLike | None = None) -> None:
        """Convex planar polygons ``[P, K, 3]``, counter-clockwise from outside; flat unless ``[P, 3]`` normals come."""
        turn = self._matrix[:3, :3].T
        world = np.asarray(points, np.float64) @ turn + self._matrix[:3, 3]
        turned = None if normals is None else np.asarray(normals, np.float64) @ turn
        self._batches.append(_Batch(world, material, turned, self._fine))

    def stamp(self, other: MeshBuilder, matrix: F64) -> None:
        """Everything that ``other`` holds once more, placed by ``matrix`` (turns, moves, one scale)."""
        placed = self._matrix @ matrix
        turn, move = placed[:3, :3].T, placed[:3, 3]
        for batch in other._batches:
            normals = None if batch.normals is None else batch.normals @ turn
            self._batches.append(_Batch(batch.points @ turn + move, batch.material, normals, batch.fine))

    def polygon(self, points: Sequence[Point], material: Material) -> None:
        """One convex polygon, counter-clockwise from outside."""
        self.polygons([points], material)

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, z: float, material: Material) -> None:
        """A flat rectangle facing up."""
        self.polygon([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)], material)

    def box(
        self, low: Point, high: Point, material: Material, *, faces: str = "nsewt", top: Material | None = None
    ) -> None:
        """An axis-aligned box; ``faces`` of n(+y) s(-y) e(+x) w(-x) t(op) b(ottom); ``top``: another material there."""
        bounds = np.array((*low, *high))
        plain = [_BOX_FACES[face] for face in faces if face != "t" or top is None]
        self.polygons(bounds[np.array(plain)], material)
        if "t" in faces and top is not None:
            self.polygons(bounds[np.array([_BOX_FACES["t"]])], top)

    def lathe(
        self,
        profile: Sequence[tuple[float, float]],
        material: Material,
        *,
        sides: int = 8,
        center: Point = (0.0, 0.0, 0.0),
        squash: float = 1.0,
    ) -> None:
        """A body of revolution about the vertical: ``profile`` of (radius, height) from bottom to top.

        A first or last radius above zero is closed by a lid. ``squash`` scales along y.
        """
        angle = 2 * np.pi * np.arange(sides) / sides
        ring = np.stack([np.cos(angle), squash * np.sin(angle)], axis=1)
        rings = [np.column_stack([ring * r, np.full(sides, z)]) + center for r, z in profile]
        for (lower, upper), (below, above) in zip(pairwise(rings), pairwise(profile), strict=True):
            right_lower, right_upper = np.roll(lower, -1, axis=0), np.roll(upper, -1, axis=0)
            if above[0] == 0:  # a tip
                self.polygons(np.stack([lower, right_lower, upper], axis=1), material)
            elif below[0] == 0:
                self.polygons(np.stack([lower, right_upper, upper], axis=1), material)
            else:
                self.polygons(np.stack([lower, right_lower, right_upper, upper], axis=1), material)
        if profile[-1][0] > 0:
            self.polygons(rings[-1][None], material)
        if profile[0][0] > 0:
            self.polygons(rings[0][None, ::-1], material)

    def blob(
        self, center: Point, radii: Point, material: Material, rng: np.random.Generator, *, sides: int = 8
    ) -> None:
        """A lumpy ellipsoid, as low-poly bushes and tree crowns are."""
        rows = max(3, sides // 2 + 1)
        polar = np.linspace(0.0, np.pi, rows + 1)[:, None]
        angle = (2 * np.pi * np.arange(sides) / sides)[None, :]
        unit = np.stack([np.sin(polar) * np.cos(angle), np.sin(polar) * np.sin(angle), -np.cos(polar) + 0 * angle], -1)
        lumps = 1.0 + 0.16 * (rng.random(unit.shape[:2]) - 0.5) * 2
        lumps[0], lumps[-1] = 1.0, 1.0
        points = unit * lumps[..., None] * np.asarray(radii) + np.asarray(center)
        right = np.roll(points, -1, axis=1)
        middle = np.asarray(center)
        for faces in (
            np.stack([points[0], right[1], points[1]], axis=1),
            np.stack([points[1:-2], right[1:-2], right[2:-1], points[2:-1]], axis=2).reshape(-1, 4, 3),
            np.stack([points[-2], right[-2], points[-1]], axis=1),
        ):
            self.polygons(faces, material, faces.mean(axis=1) - middle)

    def build(self) -> Mesh:
        """Everything collected so far as one mesh."""
        by_corners: dict[int, list[_Batch]] = {}
        for batch in self._batches:
            by_corners.setdefault(batch.points.shape[1], []).append(batch)
        parts = [_triangulated(batches) for batches in by_corners.values()]
        starts = np.cumsum([0] + [len(part.positions) for part in parts[:-1]])
        return Mesh(
            np.concatenate([part.positions for part in parts]),
            np.concatenate([part.normals for part in parts]),
            np.concatenate([part.colors for part in parts]),
            np.concatenate([part.texcoords for part in parts]),
            np.concatenate([part.triangles + np.uint32(start) for part, start in zip(parts, starts, strict=True)]),
            np.concatenate([part.fine for part in parts]),
        )


def _triangulated(batches: list[_Batch]) -> Mesh:
    """Polygons that all have the same number of corners, as triangle fans."""
    points = np.concatenate([batch.points for batch in batches])
    counts = [len(batch.points) for batch in batches]
    polygons, corners = points.shape[:2]
    flat = np.cross(points[:, 1] - points[:, 0], points[:, -1] - points[:, 0])
    given = [flat[:0] if batch.normals is None else batch.normals for batch in batches]
    has_normals = np.repeat([batch.normals is not None for batch in batches], counts)
    normals = flat.copy()
    normals[has_normals] = np.concatenate(given)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    # The pattern lies on the plane that the face is closest to, by position: neighbours join without seams.
    plane = np.array([(1, 2), (0, 2), (0, 1)])[np.argmax(np.abs(flat), axis=1)]
    tile_m = np.repeat([PATTERN_TILE_M[batch.material.pattern] for batch in batches], counts)
    uv = np.take_along_axis(points, plane[:, None, :], axis=2) / tile_m[:, None, None]
    uv -= np.floor(uv.min(axis=1, keepdims=True))
    layer = np.repeat([PATTERNS.index(batch.material.pattern) for batch in batches], counts)
    colors = np.array([(*srgb8(b.material.albedo), LABELS.index(b.material.label)) for b in batches], np.uint8)
    fan = np.array([(0, k, k + 1) for k in range(1, corners - 1)])
    triangles = (corners * np.arange(polygons)[:, None, None] + fan).reshape(-1, 3)
    total = polygons * corners
    return Mesh(
        points.reshape(total, 3).astype(np.float32),
        np.repeat(normals, corners, axis=0).astype(np.float32),
        np.repeat(np.repeat(colors, counts, axis=0), corners, axis=0),
        np.column_stack([uv.reshape(total, 2), np.repeat(layer, corners)]).astype(np.float32),
        triangles.astype(np.uint32),
        np.repeat(np.repeat([batch.fine for batch in batches], counts), corners - 2),
    )
