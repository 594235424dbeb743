"""Features of a frame: exact on scenes whose geometry is known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32, Camera
from framegen.ops import features as ft
from framegen.ops.kernels.features import fast_cell_features

W, H = 128, 96


def _camera(yaw: float = 0.0, pitch: float = 0.0, height: float = 2.0) -> Camera:
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = turn, (3.0, height, -5.0)
    return Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H)


def _floor_depth(camera: Camera, rays: ft.Rays) -> F32:
    """Depth of the plane y = 0 under sky."""
    ray = rays.columns[:, None, :] + rays.rows[:, :, None]
    with np.errstate(divide="ignore"):
        depth = -rays.position[1] / ray[1]
    return np.where(ray[1] < -1e-3, depth, np.inf).astype(np.float32)


@settings(deadline=None, max_examples=25)
@given(st.floats(-3, 3), st.floats(-0.9, 0.9))
def test_floor_faces_up_whatever_the_view(yaw: float, pitch: float) -> None:
    camera = _camera(yaw, pitch)
    rays = ft.rays_of(camera, W, H)
    depth = _floor_depth(camera, rays)
    found = ft.cell_features((W, H), depth, rays, None, 0.0, None)
    near = found.features[ft.LOG_DEPTH] > 0.55
    up = found.features[ft.NORMAL_UP]
    # the last ground row before the sky has no neighbour beyond it
    inner = near & (np.roll(near, 1, 0)) & (np.roll(near, -1, 0))
    if inner[1:-1].any():
        assert np.median(up[1:-1][inner[1:-1]]) > 0.999
    assert np.isfinite(found.features).all()


def test_pixels_project_back_onto_themselves() -> None:
    rays = ft.rays_of(_camera(0.4, -0.3), W, H)
    inverse, _ = ft.pixel_from_world(rays)
    x, y, depth = 37, 61, 9.0
    point = (rays.columns[:, x] + rays.rows[:, y]) * depth
    px, py, pz = inverse @ point
    assert pz == pytest.approx(depth, rel=1e-4)
    assert (px / pz, py / pz) == (pytest.approx(x + 0.5, abs=1e-2), pytest.approx(y + 0.5, abs=1e-2))


def test_level_frame_takes_the_tilt_out() -> None:
    camera = _camera(0.7, -0.5)
    rays = ft.rays_of(camera, W, H)
    forward = rays.level @ rays.forward
    assert forward[0] == pytest.approx(0, abs=1e-6)
    assert forward[1] == pytest.approx(math.sin(-0.5), abs=1e-6)
    assert rays.level @ np.array([0, 1, 0]) == pytest.approx([0, 1, 0], abs=1e-6)


def test_straight_down_still_has_a_heading() -> None:
    rays = ft.rays_of(_camera(0.3, -math.pi / 2), W, H)
    assert np.isfinite(rays.level).all()
    assert np.linalg.norm(rays.level[2]) == pytest.approx(1, abs=1e-5)


def test_a_block_before_the_sun_shades_the_floor_behind_it() -> None:
    camera = _camera(pitch=-0.4)
    rays = ft.rays_of(camera, W, H)
    depth = _floor_depth(camera, rays)
    # a block that stands on the floor, about as deep as the floor beside it
    foot = int(np.abs(depth[:, 50] - 4.2).argmin())
    depth[foot - 30 : foot, 40:60] = 4.2
    sun = np.array([-1.0, 0.35, 0.0], np.float32) / np.float32(math.hypot(1, 0.35))
    with_sun = ft.cell_features((W, H), depth, rays, sun, 0.0, None).features
    without = ft.cell_features((W, H), depth, rays, None, 0.0, None).features
    assert with_sun[ft.SHADOW].max() > 0.3
    assert without[ft.SHADOW].max() == 0
    assert with_sun[ft.HAS_SUN].min() == 1
    assert without[ft.FACING_SUN].max() == 0


def test_what_is_not_known_is_zero_and_says_so() -> None:
    nothing = ft.cell_features((W, H), None, None, None, 0.02, None)
    assert not nothing.features.any()
    assert nothing.plane is None
    depth_only = ft.cell_features((W, H), np.full((H, W), 5.0, np.float32), None, None, 0.02, None)
    assert depth_only.features[ft.HAS_DEPTH].min() == 1
    assert not depth_only.features[ft.HAS_CAMERA].any()
    assert depth_only.features[ft.FOG] == pytest.approx(1 - math.exp(-0.1), abs=1e-5)


def test_orthographic_positions_do_not_fan_out() -> None:
    clip = np.diag([0.1, 0.1, -0.01, 1.0])
    camera = Camera(np.eye(4), clip, 0.1, 100.0)
    rays = ft.rays_of(camera, W, H)
    near = ft.cell_points(np.full((H // 4, W // 4), 1.0, np.float32), rays)
    far = ft.cell_points(np.full((H // 4, W // 4), 50.0, np.float32), rays)
    assert np.allclose(near[:2], far[:2])
    assert far[2] == pytest.approx(-50.0)
    assert near[0, 0, -1] - near[0, 0, 0] == pytest.approx(20.0 * (W - 4) / W, rel=1e-3)


@pytest.mark.parametrize("features", [ft.cell_features, fast_cell_features])
@pytest.mark.parametrize("behind_m", [8.0, 20.0])
def test_orthographic_walls_face_the_camera(features: Callable[..., ft.CellGeometry], behind_m: float) -> None:
    """Wherever it stands on its axis: a camera close to an isometric scene stands behind the planes of some walls."""
    pose = _camera(math.radians(45), math.radians(-30)).world_from_view.copy()
    pose[:3, 3] = pose[:3, 2] * behind_m
    camera = Camera(np.linalg.inv(pose), np.diag([0.1 * H / W, 0.1, -0.01, 1.0]))
    rays = ft.rays_of(camera, W, H)
    start = rays.columns[:, None, :] + rays.rows[:, :, None] + rays.position[:, None, None]
    wall = np.array((0.0, 0.0, 1.0), np.float32)
    assert wall @ rays.forward < 0
    distance = ((0.7 * behind_m - start[2]) / rays.forward[2]).astype(np.float32)
    depth = np.where(distance > 0, distance, np.inf).astype(np.float32)
    seen = np.isfinite(depth[2::4, 2::4])
    found = features((W, H), depth, rays, wall, 0.0, None).features
    assert seen.mean() > 0.1
    assert (found[ft.FACING_SUN][seen] > 0.99).mean() > 0.99


def test_ray_cache_gives_what_a_fresh_fan_gives() -> None:
    cache = ft.RayCache()
    for camera in (_camera(0.1), _camera(0.2), _camera(0.2)):
        kept, fresh = cache.get(camera, W, H), ft.rays_of(camera, W, H)
        assert np.array_equal(kept.columns, fresh.columns)
        assert np.array_equal(kept.stretch, fresh.stretch)
