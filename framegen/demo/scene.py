"""What a renderer needs to know of a scene: static clusters, movers, a light and a travelling camera.

World: right-handed, +Z up, metres.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from framegen.demo.mesh import Mesh
from framegen.frame import F64

LIGHT_DIRECTION = (0.451129, -0.551380, 0.701757)
"""Unit vector towards the light of the grey-box shading."""

FINE_DETAIL_M = 32.0
"""Beyond this distance, fine detail is about a pixel large at 512x288, or less, and is left out."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """Static triangles that are visible or not together.

    Attributes:
        mesh: in world coordinates. ``low``, ``high``: ``[3]`` bounds, metres.
        facing: the axis direction that all its faces have (unit vector), or zeros where they differ.
        fine: only worth drawing nearby.
    """

    mesh: Mesh
    low: F64
    high: F64
    facing: F64
    fine: bool


@dataclass(frozen=True, eq=False)
class Scene:
    """A scene and its clockwork.

    Attributes:
        clusters: everything that stands still. ``movers``: meshes that move on their own, each in its own frame.
        occluders: ``[O, 2, 3]`` boxes (low, high) that nobody outside can look into from below their tops.
        poses: seconds since the start -> ``[len(movers), 4, 4]`` world_from_model.
        camera: seconds since the start -> ``[4, 4]`` world_from_camera (the camera looks along -Z, +Y up).
        fov_y_rad: vertical field of view. ``near_m``, ``far_m``: clip planes.
        light_direction: unit vector towards the light.
    """

    clusters: list[Cluster]
    movers: list[Mesh]
    poses: Callable[[float], F64]
    camera: Callable[[float], F64]
    fov_y_rad: float
    near_m: float
    far_m: float
    occluders: F64 = field(default_factory=lambda: np.zeros((0, 2, 3)))
    light_direction: tuple[float, float, float] = LIGHT_DIRECTION


def clusters(mesh: Mesh, cell_m: float) -> list[Cluster]:
    """Splits a mesh by ground-plan cell, by the axis its faces look along, and by fine detail.

    ``mesh`` is as :class:`~framegen.demo.mesh.MeshBuilder` makes it: polygons as fans, each with vertices of its own.
    """
    begins = np.flatnonzero(np.diff(mesh.triangles[:, 0].astype(np.int64), prepend=-1))
    corners = mesh.positions[mesh.triangles[begins]].astype(np.float64)
    cell = np.floor(corners.mean(axis=1)[:, :2] / cell_m + 0.5).astype(np.int64)
    cell -= cell.min(axis=0)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    axis = np.argmax(np.abs(normal), axis=1)
    along = np.take_along_axis(normal, axis[:, None], axis=1)[:, 0]
    side = np.where(np.abs(along) > 0.9999, 1 + 2 * axis + (along > 0), 0)
    fine = mesh.fine[begins]
    key = ((cell[:, 0] * (cell[:, 1].max() + 1) + cell[:, 1]) * 7 + side) * 2 + fine
    kinds, first, kind = np.unique(key, return_index=True, return_inverse=True)

    # Polygons in the order of their kinds, with their vertices and triangles along.
    kind = kind.reshape(-1).astype(np.uint16)  # sorted by radix, where it is so short
    vertex_starts = mesh.triangles[begins, 0].astype(np.int64)
    kind_of_vertex = np.repeat(kind, np.diff(vertex_starts, append=len(mesh.positions)))
    kind_of_triangle = np.repeat(kind, np.diff(begins, append=len(mesh.triangles)))
    vertices = np.argsort(kind_of_vertex, kind="stable")
    places = np.empty(len(vertices), np.uint32)
    places[vertices] = np.arange(len(vertices), dtype=np.uint32)
    triangles = places[mesh.triangles[np.argsort(kind_of_triangle, kind="stable")]]
    vertex_bounds = [0, *np.cumsum(np.bincount(kind_of_vertex, minlength=len(kinds))).tolist()]
    triangle_bounds = [0, *np.cumsum(np.bincount(kind_of_triangle, minlength=len(kinds))).tolist()]
    result = []
    for index, polygon in enumerate(first):
        v0, v1 = vertex_bounds[index : index + 2]
        t0, t1 = triangle_bounds[index : index + 2]
        used = vertices[v0:v1]
        part = Mesh(
            mesh.positions[used],
            mesh.normals[used],
            mesh.colors[used],
            mesh.texcoords[used],
            triangles[t0:t1] - np.uint32(v0),
            np.full(t1 - t0, fine[polygon]),
        )
        facing = np.zeros(3)
        if side[polygon]:
            facing[axis[polygon]] = np.sign(along[polygon])
        low, high = part.positions.min(axis=0).astype(np.float64), part.positions.max(axis=0).astype(np.float64)
        result.append(Cluster(part, low, high, facing, bool(fine[polygon])))
    return result


class Visibility:
    """What can be seen from a place: not what turns its back, what houses hide, or fine detail far away."""

    def __init__(self, parts: list[Cluster], occluders: F64) -> None:
        self._low = np.array([part.low for part in parts]).reshape(-1, 3)
        self._high = np.array([part.high for part in parts]).reshape(-1, 3)
        self._facing = np.array([part.facing for part in parts]).reshape(-1, 3)
        self._fine = np.array([part.fine for part in parts], bool)
        self._occluders = occluders

    def mask(self, eye: F64, shadows: F64) -> NDArray[np.bool_]:
        """``[clusters]`` bool for an eye at ``[3]`` metres and its :meth:`shadows`."""
        # The plane furthest back of a facing cluster: who is behind it sees nothing but backs.
        backmost = np.where(self._facing > 0, self._low, self._high)
        front = np.sum(self._facing * (eye - backmost), axis=1)
        distance = np.linalg.norm(np.maximum(0.0, np.maximum(self._low - eye, eye - self._high)), axis=1)
        uniform = np.any(self._facing != 0, axis=1)
        seen: NDArray[np.bool_] = (~uniform | (front > 0)) & (~self._fine | (distance < FINE_DETAIL_M))
        return seen & ~hidden(shadows, self._low, self._high)

    def shadows(self, eye: F64) -> F64:
        """``[K, 4, 4]``: what each occluder hides from ``eye``, as four planes (normal outwards, offset)."""
        spaces = [space for box in self._occluders if (space := _shadow(eye.tolist(), box.tolist())) is not None]
        return np.array(spaces).reshape(-1, 4, 4)


def hidden(shadows: F64, low: F64, high: F64) -> NDArray[np.bool_]:
    """``[N]`` bool: boxes ``low``, ``high`` ``[N, 3]`` that lie wholly in one of ``shadows``."""
    normals, offsets = shadows[:, :, None, :3], shadows[:, :, 3:]
    # The corner of each box that is furthest outside of each plane decides.
    worst = np.maximum(normals * low, normals * high).sum(axis=3) + offsets
    return np.asarray((worst < 0).all(axis=1).any(axis=0))


_Vector = tuple[float, float, float]


def _shadow(eye: list[float], box: list[list[float]]) -> list[tuple[float, ...]] | None:
    """Planes of the space that ``box`` hides from ``eye``; None where it hides nothing.

    Of the box counts the upright rectangle between the two edges that the eye sees as its outline: what lies
    behind a convex polygon, inside the pyramid from the eye through it, is hidden. In plain Python: this is
    called for every occluder in every frame, on vectors too short for NumPy.
    """
    (x0, y0, z0), (x1, y1, z1) = box
    ex, ey, ez = eye
    if (x0 <= ex <= x1 and y0 <= ey <= y1) or ez >= z1:
        return None
    middle = math.atan2((y0 + y1) / 2 - ey, (x0 + x1) / 2 - ex)

    def angle(corner: tuple[float, float]) -> float:
        return (math.atan2(corner[1] - ey, corner[0] - ex) - middle + math.pi) % (2 * math.pi) - math.pi

    corners = sorted(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), key=angle)
    (rx, ry), (lx, ly) = corners[0], corners[-1]
    here = (ex, ey, ez)
    right_low, right_high, left_low, left_high = (rx, ry, z0), (rx, ry, z1), (lx, ly, z0), (lx, ly, z1)
    return [
        _plane(here, right_high, right_low, inside=left_low),
        _plane(here, left_low, left_high, inside=right_low),
        _plane(here, left_high, right_high, inside=right_low),
        _plane(right_low, left_low, right_high, outside=here),
    ]


def _plane(
    a: _Vector, b: _Vector, c: _Vector, *, inside: _Vector | None = None, outside: _Vector | None = None
) -> tuple[float, ...]:
    """(normal, offset) of the plane through three points; negative on the side of ``inside``."""
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    offset = -(x * a[0] + y * a[1] + z * a[2])
    known = inside or outside or a
    value = x * known[0] + y * known[1] + z * known[2] + offset
    sign = -1.0 if (value > 0) == (inside is not None) else 1.0
    return sign * x, sign * y, sign * z, sign * offset
