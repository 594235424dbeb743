"""Clouds stand still in the world and only in the sky."""

from __future__ import annotations

import math

import numpy as np
import pytest

from framegen.frame import Camera
from framegen.ops import clouds
from framegen.ops import features as ft

W, H = 256, 144


def _rays(yaw: float, x: float = 0.0) -> ft.Rays:
    pose = np.eye(4)
    pose[:3, :3] = [[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]]
    pose[0, 3] = x
    return ft.rays_of(Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H), W, H)


@pytest.fixture(scope="module")
def dome() -> clouds.CloudDome:
    return clouds.CloudDome()


def test_the_tile_wraps_and_is_evenly_spread() -> None:
    tile = clouds.cloud_tile()
    seam = np.abs(tile[:, 0] - tile[:, -1]).mean()
    assert seam < 2 * np.abs(np.diff(tile, axis=1)).mean()
    shares = np.histogram(tile, bins=4, range=(0, 1))[0] / tile.size
    assert shares.min() > 0.15


def test_clouds_depend_on_direction_alone(dome: clouds.CloudDome) -> None:
    assert np.array_equal(dome.density(_rays(0.0))[0], dome.density(_rays(0.0, x=500.0))[0])
    # the direction at the middle column of a view turned by what one cell spans at the centre
    cell = math.atan(ft.CELL_PX * 2 * math.tan(0.5) / H)
    first, turned = dome.density(_rays(0.0)), dome.density(_rays(-cell))
    middle = W // ft.CELL_PX // 2
    above = np.s_[:12]
    same = np.abs(first[0][above, middle + 1] - turned[0][above, middle]).mean()
    other = np.abs(first[0][above, middle + 1] - first[0][above, middle - 8]).mean()
    assert same < 0.3 * other


def test_nothing_below_the_horizon_and_nothing_on_the_ground(dome: clouds.CloudDome) -> None:
    density, seen = dome.density(_rays(0.3))
    assert not seen[H // 8 + 1 :].any()
    air = np.full((*density.shape, 3), 0.6, np.float32)
    ground = np.zeros(density.shape, np.float32)
    assert np.array_equal(clouds.cloudy_air(air, ground, density, seen, 0.5, 0.5), air)


def test_more_cover_is_whiter_and_gloom_only_varies(dome: clouds.CloudDome) -> None:
    density, seen = dome.density(_rays(0.3))
    air = np.broadcast_to(np.float32([0.4, 0.6, 0.9]), (*density.shape, 3)).astype(np.float32)
    sky = np.ones(density.shape, np.float32)
    few, many = (clouds.cloudy_air(air, sky, density, seen, cover, 0.0) for cover in (0.2, 0.6))
    assert air[..., 0].mean() < few[..., 0].mean() < many[..., 0].mean()
    dull = clouds.cloudy_air(air, sky, density, seen, 0.0, 1.0)
    assert dull.std(axis=(0, 1)).max() > 0.005
    assert abs(dull.mean() - air.mean()) < 0.03
    assert 0 <= many.min() <= many.max() <= 1
