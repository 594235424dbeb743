"""The compiled clouds are those of their NumPy meaning."""

from __future__ import annotations

import math

import numpy as np
import pytest

from framegen.frame import F32, Camera
from framegen.ops import clouds
from framegen.ops import features as ft
from framegen.ops.kernels.clouds import Clouds

W, H = 256, 144
LEVELS = 1.0
"""Largest difference in levels of 255: versions of OpenCV before 5 read the tile at multiples of 1/32 texel."""


def _rays(pitch: float, fov_y_rad: float = 1.2) -> ft.Rays:
    pose = np.eye(4)
    pose[1:3, 1:3] = [[math.cos(pitch), -math.sin(pitch)], [math.sin(pitch), math.cos(pitch)]]
    pose[:3, 3] = (40.0, 2.0, -9.0)
    return ft.rays_of(Camera.perspective(pose, fov_y_rad=fov_y_rad, aspect=W / H), W, H)


def _inputs() -> tuple[F32, F32]:
    rng = np.random.default_rng(2)
    latent = rng.random((H // 4, W // 4, 12)).astype(np.float32)
    sky = np.clip(rng.random((H // 4, W // 4)) * 3 - 1, 0, 1).astype(np.float32)
    return latent[..., 7:10], sky


@pytest.fixture(scope="module")
def fast() -> Clouds:
    return Clouds()


@pytest.fixture(scope="module")
def dome() -> clouds.CloudDome:
    return clouds.CloudDome()


@pytest.mark.parametrize("pitch", [-0.5, 0.0, 0.4, math.pi / 2])
@pytest.mark.parametrize(("cover", "gloom", "dark"), [(0.5, 0.0, 0.0), (0.2, 0.6, 0.5), (0.0, 1.0, 1.0)])
def test_clouds_as_they_are_meant(
    fast: Clouds, dome: clouds.CloudDome, pitch: float, cover: float, gloom: float, dark: float
) -> None:
    air, sky = _inputs()
    rays = _rays(pitch)
    hue = (1.0, 0.8, 0.7)
    meant = clouds.cloudy_air(air, sky, *dome.density(rays), cover, gloom, dark, hue)
    found = fast.over(air, sky, rays, cover, gloom, dark, hue)
    assert found.dtype == np.float32
    assert np.abs(found - meant).max() * 255 < LEVELS
    if pitch >= 0:
        assert np.abs(found - air).max() > 0.01


def test_a_clear_sky_and_the_ground_stay_as_they_are(fast: Clouds) -> None:
    air, sky = _inputs()
    rays = _rays(0.2)
    assert fast.over(air, sky, rays, 0.0, 0.0) is air
    assert np.array_equal(fast.over(air, np.zeros_like(sky), rays, 0.7, 0.5), air)
    assert np.array_equal(fast.over(air, sky, _rays(-1.2), 0.7, 0.5), air)


def test_a_low_sun_reddens_clouds_and_not_the_sky_between(fast: Clouds) -> None:
    air, sky = np.full((H // 4, W // 4, 3), (0.4, 0.6, 0.9), np.float32), np.ones((H // 4, W // 4), np.float32)
    white, red = (fast.over(air, sky, _rays(0.6), 0.6, 0.0, 0.0, hue) for hue in (clouds.WHITE, (1.0, 0.8, 0.6)))
    cloudy = np.abs(white - air).max(-1) > 0.05
    assert (red[cloudy][:, 2] < white[cloudy][:, 2]).all()
    clear = np.abs(white - air).max(-1) == 0
    assert clear.any()
    np.testing.assert_array_equal(red[clear], white[clear])


def test_clouds_are_dark_by_night(fast: Clouds) -> None:
    air, sky = np.full((H // 4, W // 4, 3), (0.15, 0.27, 0.5), np.float32), np.ones((H // 4, W // 4), np.float32)
    day, night = (fast.over(air, sky, _rays(0.6), 0.6, 0.0, dark) for dark in (0.0, 1.0))
    cloudy = np.abs(day - air).max(-1) > 0.05
    assert cloudy.mean() > 0.1
    luminance = np.array([0.2126, 0.7152, 0.0722])
    assert (day @ luminance)[cloudy].min() > 0.2527, "white before the sky"
    assert (night[..., 2] < air[..., 2])[cloudy].all(), "dark before the sky"
