"""What a renderer needs to know of a scene: static clusters, movers, a light and a travelling camera.

World: right-handed, +Z up, metres.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framegen.demo.mesh import Mesh
from framegen.frame import F64

LIGHT_DIRECTION = (0.451129, -0.551380, 0.701757)
"""Unit vector towards the light of the grey-box shading."""

FINE_DETAIL_M = 40.0
"""Beyond this distance, fine detail is smaller than a pixel at 512x288 and is left out."""


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
    light_direction: tuple[float, float, float] = LIGHT_DIRECTION


def clusters(mesh: Mesh, cell_m: float) -> list[Cluster]:
    """Splits a mesh by ground-plan cell, by the axis its faces look along, and by fine detail."""
    corners = mesh.positions[mesh.triangles].astype(np.float64)
    cell = np.floor(corners.mean(axis=1)[:, :2] / cell_m + 0.5).astype(np.int64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    axis = np.argmax(np.abs(normal), axis=1)
    along = np.take_along_axis(normal, axis[:, None], axis=1)[:, 0]
    side = np.where(np.abs(along) > 0.9999, 1 + 2 * axis + (along > 0), 0)
    keys = np.column_stack([cell, side, mesh.fine])
    kinds, which = np.unique(keys, axis=0, return_inverse=True)
    which = which.reshape(-1)
    # Each pair of cluster and vertex once, cluster by cluster: one sort for the whole scene.
    count = len(mesh.positions)
    pairs, renumbered = np.unique(which[:, None] * count + mesh.triangles, return_inverse=True)
    triangles = renumbered.reshape(-1, 3)
    order = np.argsort(which, kind="stable")
    triangle_ends = np.cumsum(np.bincount(which))
    vertex_ends = np.cumsum(np.bincount(pairs // count))
    result = []
    for (_, _, kind, fine), t1, v1, t0, v0 in zip(
        kinds, triangle_ends, vertex_ends, (0, *triangle_ends), (0, *vertex_ends), strict=False
    ):
        used = pairs[v0:v1] % count
        part = Mesh(
            mesh.positions[used],
            mesh.normals[used],
            mesh.colors[used],
            mesh.texcoords[used],
            (triangles[order[t0:t1]] - v0).astype(np.uint32),
            np.full(t1 - t0, bool(fine)),
        )
        facing = np.zeros(3)
        if kind:
            facing[(kind - 1) // 2] = 1.0 if (kind - 1) % 2 else -1.0
        low, high = part.positions.min(axis=0).astype(np.float64), part.positions.max(axis=0).astype(np.float64)
        result.append(Cluster(part, low, high, facing, bool(fine)))
    return result


class Visibility:
    """Which clusters can be seen from a place: those that do not turn their backs, and fine detail only nearby."""

    def __init__(self, parts: list[Cluster]) -> None:
        self._low = np.array([part.low for part in parts]).reshape(-1, 3)
        self._high = np.array([part.high for part in parts]).reshape(-1, 3)
        self._facing = np.array([part.facing for part in parts]).reshape(-1, 3)
        self._fine = np.array([part.fine for part in parts], bool)

    def mask(self, eye: F64) -> NDArray[np.bool_]:
        """``[clusters]`` bool for an eye at ``[3]`` metres."""
        # The plane furthest back of a facing cluster: who is behind it sees nothing but backs.
        backmost = np.where(self._facing > 0, self._low, self._high)
        front = np.sum(self._facing * (eye - backmost), axis=1)
        distance = np.linalg.norm(np.maximum(0.0, np.maximum(self._low - eye, eye - self._high)), axis=1)
        uniform = np.any(self._facing != 0, axis=1)
        seen: NDArray[np.bool_] = (~uniform | (front > 0)) & (~self._fine | (distance < FINE_DETAIL_M))
        return seen
