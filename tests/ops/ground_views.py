"""Cameras that look down at level ground, and the way from each pixel into the world."""

from __future__ import annotations

import numpy as np

from framegen.frame import F64, Camera
from framegen.ops import features as ft


def looking_down(
    aspect: float,
    eye_m: float,
    down_rad: float,
    size_m: tuple[float, float] | None = None,
    x_m: float = 0,
    z_m: float = 0,
) -> Camera:
    """Along -Z from ``eye_m`` above the ground, tilted down; ``size_m``: width and height of an orthographic view."""
    pose = np.eye(4)
    pose[:3, 3] = x_m, eye_m, z_m
    c, s = np.cos(down_rad), np.sin(down_rad)
    pose[:3, :3] = [[1, 0, 0], [0, c, s], [0, -s, c]]
    if size_m is None:
        return Camera.perspective(pose, fov_y_rad=1.0, aspect=aspect)
    clip = np.diag([2 / size_m[0], 2 / size_m[1], -2 / 100, 1.0])
    clip[2, 3] = -1
    return Camera(np.linalg.inv(pose), clip, 0.1, 100.0)


def ways(rays: ft.Rays) -> tuple[F64, F64]:
    """``[3, H, W]`` each: where every pixel's ray starts, relative to the camera, and its way per metre of depth."""
    ray = (rays.columns[:, None, :] + rays.rows[:, :, None]).astype(np.float64)
    if rays.perspective:
        return np.zeros_like(ray), ray
    return ray, np.broadcast_to(rays.forward[:, None, None], ray.shape)
