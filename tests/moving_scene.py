"""Frames of a small analytic world, rendered exactly: a textured floor and wall, and a box that moves on its own.

Colour, depth and motion vectors all come from the same ray casting, so every test knows the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framegen.frame import Camera, Frame

WALL_Z = -12.0
FLOOR_Y = -1.5


def pose(position: tuple[float, float, float], yaw_rad: float = 0.0, pitch_rad: float = 0.0) -> np.ndarray:
    """``world_from_view`` ``[4, 4]``: at ``position``, turned left by yaw, up by pitch."""
    cy, sy, cp, sp = np.cos(yaw_rad), np.sin(yaw_rad), np.cos(pitch_rad), np.sin(pitch_rad)
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, position
    return matrix


@dataclass(frozen=True)
class Scene:
    """A camera that slides right by ``speed_m`` and turns by ``turn_rad`` a frame; a box that moves by ``box_m``."""

    width: int = 512
    height: int = 288
    speed_m: float = 0.05
    turn_rad: float = 0.0
    box_m: float = 0.0
    box: bool = True
    wall: bool = True

    def camera(self, index: float) -> Camera:
        return Camera.perspective(
            pose((self.speed_m * index, 0.0, 0.0), self.turn_rad * index),
            fov_y_rad=1.0,
            aspect=self.width / self.height,
        )

    def frame(
        self, index: int, *, motion: bool = True, depth: bool = True, camera: bool = True, **more: object
    ) -> Frame:
        color, depth_m, mover = self._cast(index)
        planes: dict[str, object] = {}
        if depth:
            planes["depth_m"] = depth_m
        if camera:
            planes["camera"] = self.camera(index)
        if motion:
            planes["motion_px"] = self._motion(index, depth_m, mover)
        planes.update(more)
        return Frame(frame_id=index, color=color, timestamp_ns=index * 33_333_333, **planes)  # type: ignore[arg-type]

    def _rays(self, index: float) -> tuple[np.ndarray, np.ndarray]:
        camera = self.camera(index)
        x = (np.arange(self.width) + 0.5) / self.width * 2 - 1
        y = 1 - (np.arange(self.height) + 0.5) / self.height * 2
        nx, ny = np.meshgrid(x, y)
        view = np.stack([nx / camera.clip_from_view[0, 0], ny / camera.clip_from_view[1, 1], -np.ones_like(nx)], -1)
        matrix = camera.world_from_view
        return matrix[:3, 3], view @ matrix[:3, :3].T

    def _cast(self, index: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        origin, rays = self._rays(index)
        best = np.full(rays.shape[:2], np.inf)
        color = np.empty((*rays.shape[:2], 3))
        color[:] = (150, 180, 220)
        with np.errstate(divide="ignore", invalid="ignore"):
            floor = (FLOOR_Y - origin[1]) / rays[..., 1]
            wall = (WALL_Z - origin[2]) / rays[..., 2]
            front = (-6.0 - origin[2]) / rays[..., 2]
        # A ray's parameter is its depth: rays have z = -1 in view space.
        hit = (floor > 0) & (floor < 60)
        point = origin + np.where(hit, floor, 0.0)[..., None] * rays
        color = np.where(hit[..., None], _pattern(point[..., 0], point[..., 2], (110, 120, 90)), color)
        best = np.where(hit, floor, best)
        if self.wall:
            point = origin + wall[..., None] * rays
            hit = (wall > 0) & (wall < best) & (point[..., 1] < 3.0)
            color = np.where(hit[..., None], _pattern(point[..., 0], point[..., 1], (150, 110, 90)), color)
            best = np.where(hit, wall, best)
        mover = np.zeros_like(best, bool)
        if self.box:
            point = origin + front[..., None] * rays
            across = point[..., 0] - self.box_m * index
            mover = (front > 0) & (front < best) & (np.abs(across) < 1.0) & (np.abs(point[..., 1]) < 1.0)
            color = np.where(mover[..., None], _pattern(across, point[..., 1], (90, 100, 170)), color)
            best = np.where(mover, front, best)
        return np.clip(color, 0, 255).astype(np.uint8), best.astype(np.float32), mover

    def _motion(self, index: float, depth_m: np.ndarray, mover: np.ndarray) -> np.ndarray:
        origin, rays = self._rays(index)
        sky = np.isinf(depth_m)
        depth = np.where(sky, 1.0, depth_m)
        point = np.where(sky, 0.0, 1.0)[..., None] * origin + depth[..., None] * rays
        point[..., 0] -= np.where(mover, self.box_m, 0.0)
        before = self.camera(index - 1)
        view = np.concatenate([point, np.where(sky, 0.0, 1.0)[..., None]], -1) @ before.view_from_world.T
        clip = view @ before.clip_from_view.T
        x = (clip[..., 0] / clip[..., 3] + 1) / 2 * self.width - 0.5
        y = (1 - clip[..., 1] / clip[..., 3]) / 2 * self.height - 0.5
        columns, rows = np.meshgrid(np.arange(self.width), np.arange(self.height))
        return np.stack([x - columns, y - rows], -1).astype(np.float32)


def _pattern(u: np.ndarray, v: np.ndarray, base: tuple[int, int, int]) -> np.ndarray:
    """A smooth pattern of a few sines: no aliasing, so that errors are the code's."""
    waves = np.sin(u * 2.1) * np.cos(v * 1.7) + 0.6 * np.sin(u * 5.3 + v * 3.1)
    return np.array(base) + (25.0 * waves)[..., None] * np.array([1.0, 0.8, 0.6])
