"""A small scene as Unity would draw it, worked out per pixel: a floor, a wall, a pillar before it, the sky.

Unity's own conventions throughout: a left-handed world with +Y up, worldToCameraMatrix with −Z ahead, an OpenGL
projection, a depth buffer that may be reversed, motion as uv of now minus uv of before with v upwards. Pictures here
have their first row at the top; nothing is shared with the package.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
NEAR, FAR = 0.1, 200.0


def perspective(fov_y_rad: float, aspect: float, shift: tuple[float, float] = (0.0, 0.0)) -> F64:
    cot = 1 / np.tan(fov_y_rad / 2)
    return np.array(
        [
            [cot / aspect, 0, shift[0], 0],
            [0, cot, shift[1], 0],
            [0, 0, -(FAR + NEAR) / (FAR - NEAR), -2 * FAR * NEAR / (FAR - NEAR)],
            [0, 0, -1, 0],
        ]
    )


def orthographic(half_height: float, aspect: float) -> F64:
    return np.array(
        [
            [1 / (half_height * aspect), 0, 0, 0],
            [0, 1 / half_height, 0, 0],
            [0, 0, -2 / (FAR - NEAR), -(FAR + NEAR) / (FAR - NEAR)],
            [0, 0, 0, 1],
        ]
    )


def world_to_camera(position: tuple[float, float, float], yaw_rad: float, pitch_rad: float) -> F64:
    """Of a camera that looks along +z of the world when yaw and pitch are 0; positive pitch looks down."""
    sin_yaw, cos_yaw, sin_pitch, cos_pitch = np.sin(yaw_rad), np.cos(yaw_rad), np.sin(pitch_rad), np.cos(pitch_rad)
    right = np.array([cos_yaw, 0, -sin_yaw])
    ahead = np.array([sin_yaw * cos_pitch, -sin_pitch, cos_yaw * cos_pitch])
    up = np.cross(ahead, right)
    matrix = np.eye(4)
    matrix[:3, :3] = [right, up, -ahead]
    matrix[:3, 3] = -matrix[:3, :3] @ np.array(position)
    return matrix


@dataclass(frozen=True)
class Drawn:
    """What one camera sees, ``[H, W, ...]``, first row at the top. Depth in units, infinite for the sky."""

    linear: F64
    depth: F64
    raw: F64
    motion_uv: F64
    world: F64
    label: NDArray[np.int64]


def pattern(world: F64) -> F64:
    """Smooth linear colours by place."""
    x, y, z = np.moveaxis(world, -1, 0)
    waves = np.stack([np.sin(0.9 * x + 0.3 * z), np.sin(1.1 * y + 0.7 * x + 1), np.cos(0.5 * z - 0.4 * y)], -1)
    return 0.35 + 0.25 * waves


def draw(projection: F64, camera: F64, before: F64, width: int, height: int, *, reversed_z: bool) -> Drawn:
    """Casts a ray through every pixel's centre."""
    u, v = np.meshgrid((np.arange(width) + 0.5) / width, 1 - (np.arange(height) + 0.5) / height)
    ends = []
    for ndc_z in (-1.0, 1.0):
        clip = np.stack([2 * u - 1, 2 * v - 1, np.full_like(u, ndc_z), np.ones_like(u)], -1)
        point = clip @ np.linalg.inv(projection @ camera).T
        ends.append(point[..., :3] / point[..., 3:])
    origin, ray = ends[0], ends[1] - ends[0]
    nearest, label = np.full(u.shape, np.inf), np.zeros(u.shape, np.int64)
    for index, hit in enumerate((_floor(origin, ray), _wall(origin, ray), _pillar(origin, ray)), 1):
        closer = hit < nearest
        nearest, label = np.where(closer, hit, nearest), np.where(closer, index, label)
    sky = ~np.isfinite(nearest)
    world = origin + np.where(sky, 1.0, nearest)[..., None] * ray
    view = np.concatenate([world, np.ones((*u.shape, 1))], -1) @ camera.T
    clip = view @ projection.T
    ndc_z = clip[..., 2] / clip[..., 3]
    raw = np.where(sky, 0.0 if reversed_z else 1.0, 0.5 - 0.5 * ndc_z if reversed_z else 0.5 + 0.5 * ndc_z)
    past = np.concatenate([world, np.ones((*u.shape, 1))], -1) @ (projection @ before).T
    motion = np.stack([u, v], -1) - (0.5 + 0.5 * past[..., :2] / past[..., 3:])
    color = np.where(sky[..., None], [0.1, 0.3, 0.7], pattern(world))
    return Drawn(color, np.where(sky, np.inf, -view[..., 2]), raw, motion, world, label)


def _floor(origin: F64, ray: F64) -> F64:
    return _positive(-origin[..., 1] / _safe(ray[..., 1]))


def _wall(origin: F64, ray: F64) -> F64:
    hit = _positive((14.0 - origin[..., 2]) / _safe(ray[..., 2]))
    y = origin[..., 1] + hit * ray[..., 1]
    return np.where((y >= 0) & (y <= 5), hit, np.inf)


def _pillar(origin: F64, ray: F64) -> F64:
    hit = _positive((7.0 - origin[..., 2]) / _safe(ray[..., 2]))
    x, y = (origin[..., axis] + hit * ray[..., axis] for axis in (0, 1))
    return np.where((abs(x - 0.5) <= 0.8) & (y >= 0) & (y <= 2.5), hit, np.inf)


def _safe(value: F64) -> F64:
    return np.where(np.abs(value) < 1e-12, 1e-12, value)


def _positive(hit: F64) -> F64:
    return np.where((hit > 0) & (hit <= 1), hit, np.inf)
