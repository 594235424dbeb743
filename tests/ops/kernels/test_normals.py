"""Normals of pixels, row by row, are those of the plain form; so is noise read a row at once."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.frame import F64, Camera
from framegen.ops import clouds, snow_reference
from framegen.ops import features as ft
from framegen.ops.facing import facing
from framegen.ops.kernels import normals
from framegen.ops.kernels.tile import tile_row

W, H = 64, 48


def turned(seed: int, orthographic: bool) -> Camera:
    """A camera that looks anywhere, held at any angle, its view axis off the middle of the picture."""
    pose: F64 = np.eye(4)
    pose[:3, :3] = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    pose[:3, :3] *= np.linalg.det(pose[:3, :3])
    if not orthographic:
        clip: F64 = Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H).clip_from_view.copy()
        clip[0, 2], clip[1, 2] = 0.3, -0.2
    else:
        clip = np.diag([2 / 12, 2 / 9, -2 / 100, 1.0])
        clip[:3, 3] = 0.3, -0.2, -1
    return Camera(np.asarray(np.linalg.inv(pose), np.float64), clip, 0.1, 100.0)


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_normals_are_those_of_the_plain_form(seed: int, orthographic: bool) -> None:
    rays = ft.rays_of(turned(seed, orthographic), W, H)
    rng = np.random.default_rng(seed)
    # a slope, a step and a hole in it, and what is too far away
    depth = (4 + 0.02 * np.arange(W) + 0.05 * np.arange(H)[:, None]).astype(np.float32)
    depth[:, W // 2 :] += 3
    depth[rng.random((H, W)) < 0.02] = np.inf
    depth[:5, :7] = snow_reference.FAR_M
    sun = np.array([0.3, 0.5, 0.4], np.float32)
    wanted = snow_reference.normals(depth, rays)
    found = facing(depth, rays)
    up, toward = np.empty((H, W), np.float32), np.empty((H, W), np.float32)
    steps = np.empty((2, W), np.float32)
    for y in range(H):
        normals.face(
            found.flat, y, found.turn, found.across, found.down, sun, found.deep, steps, up[y], toward[y]
        )  # fmt: skip
    known = (wanted != 0).any(0)
    assert 0.8 < known.mean() < 1
    assert (up[~known] == 0).all()
    # where both neighbours differ by as much in depth, rounding takes either
    assert (np.abs(up - wanted[1])[known] < 2e-3).mean() > 0.99
    assert (np.abs(toward - np.tensordot(sun, wanted, 1))[known] < 2e-3).mean() > 0.99


def test_noise_read_a_row_at_once_is_the_plain_form() -> None:
    rng = np.random.default_rng(0)
    u, v = rng.uniform(-2000, 2000, (2, 300))
    # on texels, and where it wraps
    u[:4], v[:4] = (0, 511, 511.5, -0.25), (-512, 511.5, 1023.75, 3)
    out = np.empty(300, np.float32)
    at, texels = np.empty((4, 300), np.uint32), np.empty((4, 300), np.float32)
    tile_row(clouds.cloud_tile().reshape(-1), u.astype(np.float32), v.astype(np.float32), at, texels, out)
    np.testing.assert_allclose(out, clouds.tile_at(u, v), atol=1e-4)


def test_noise_that_is_read_nowhere_is_read_somewhere() -> None:
    nowhere = np.full(16, np.nan, np.float32)
    out, at, texels = np.empty(16, np.float32), np.empty((4, 16), np.uint32), np.empty((4, 16), np.float32)
    tile_row(clouds.cloud_tile().reshape(-1), nowhere, nowhere.copy(), at, texels, out)
    assert (at < clouds.TILE_PX**2).all()
