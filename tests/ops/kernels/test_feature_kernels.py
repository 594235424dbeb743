"""The compiled features are those of their NumPy meaning, on real frames and at the edges."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from framegen.frame import F32, F64, Camera, Frame
from framegen.ops import features as ft
from framegen.ops.kernels import features as kernels
from framegen.ops.kernels import reading
from framegen.ops.kernels.jit import ready
from framegen.recording import read_frames, shipped_recording

W, H = 128, 96
SUN = np.array([0.3, 0.6, -0.74], np.float32) / np.float32(math.sqrt(0.3**2 + 0.6**2 + 0.74**2))

TOLERANCE = 1e-4
"""Largest difference of a feature: normals divide differences of coordinates that float32 has already rounded."""
FEW = 2e-3
"""Share of cells that may choose the other of two surfaces, planes or shadows between which rounding decides."""


def _camera(clip: F64 | None = None) -> Camera:
    turn = math.radians(20)
    pose = np.eye(4)
    pose[1:3, 1:3] = [[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]
    pose[:3, 3] = (3.0, 4.0, -5.0)
    camera = Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H)
    return camera if clip is None else dataclasses.replace(camera, clip_from_view=clip)


def _scene(rays: ft.Rays) -> F32:
    """A floor with two blocks on it, under sky; depths are uneven enough to give every feature something."""
    ray = rays.columns[:, None, :] + rays.rows[:, :, None]
    with np.errstate(divide="ignore"):
        depth = np.where(ray[1] < -1e-3, -4.0 / ray[1], np.inf)
    if not rays.perspective:
        depth = 20.0 + 3.0 * np.sin(np.arange(W) / 7.0)[None] + np.arange(H)[:, None] / 9.0
    depth[30:60, 40:60], depth[45:80, 90:110] = 6.0, 3.5
    return depth.astype(np.float32)


def widened(half: NDArray[np.float16]) -> F32:
    out = np.empty(half.shape, np.float32)
    kernels.widen(ready(half, np.float16).view(np.uint16).ravel(), out.view(np.uint32).ravel())
    return out


def _compare(depth: F32 | None, rays: ft.Rays | None, sun: F32 | None, size: tuple[int, int] = (W, H)) -> None:
    noise = np.random.default_rng(3).normal(size=(size[1] // 4, size[0] // 4)).astype(np.float32)
    with np.errstate(invalid="ignore"):
        meant = ft.cell_features(size, depth, rays, sun, 0.012, noise)
    found = kernels.fast_cell_features(size, depth, rays, sun, 0.012, noise)
    assert found.features.dtype == np.float32
    assert found.features.flags.c_contiguous
    assert np.isfinite(found.features).all()
    wrong = (np.abs(found.features - meant.features) > TOLERANCE).any(0)
    assert wrong.mean() <= FEW
    assert found.rays is rays
    assert (found.plane is None) == (meant.plane is None)
    if found.plane is not None and meant.plane is not None:
        assert found.footprint_m is not None and meant.footprint_m is not None
        assert found.plane.dtype == np.uint8
        assert (found.plane != meant.plane).mean() <= FEW
        off = np.abs(found.footprint_m / meant.footprint_m - 1) > TOLERANCE
        assert off.mean() <= FEW


def _town() -> list[Frame]:
    return list(read_frames(shipped_recording()))[::11]


@pytest.mark.parametrize("sun", [SUN, None])
def test_frames_of_the_shipped_recording(sun: F32 | None) -> None:
    for frame in _town():
        assert frame.camera is not None
        assert frame.depth_m is not None
        size = (frame.width, frame.height)
        rays = ft.rays_of(frame.camera, *size)
        _compare(np.asarray(frame.depth_m, np.float32), rays, sun, size)


def _lenses() -> dict[str, Camera]:
    off_centre = np.array(_camera().clip_from_view)
    off_centre[0, 2], off_centre[1, 2] = 0.4, -0.3
    flat = np.diag([0.08, 0.1, -0.01, 1.0])
    flat[0, 3], flat[1, 3] = 0.2, -0.1
    return {"centred": _camera(), "off-centre": _camera(off_centre), "orthographic": _camera(flat)}


@pytest.mark.parametrize("lens", ["centred", "off-centre", "orthographic"])
@pytest.mark.parametrize("sun", [SUN, None])
def test_every_kind_of_lens(lens: str, sun: F32 | None) -> None:
    rays = ft.rays_of(_lenses()[lens], W, H)
    _compare(_scene(rays), rays, sun)
    _compare(None, rays, sun)


def test_the_scene_has_a_shadow_to_compare() -> None:
    rays = ft.rays_of(_camera(), W, H)
    low = np.array([-1.0, 0.35, 0.0], np.float32) / np.float32(math.hypot(1, 0.35))
    found = kernels.fast_cell_features((W, H), _scene(rays), rays, low, 0.0, None).features
    assert found[ft.SHADOW].max() > 0.3
    _compare(_scene(rays), rays, low)


@pytest.mark.parametrize("name", ["sky only", "nearly all sky", "NaN", "zero and below", "beyond the sky", "touching"])
def test_depth_at_its_edges(name: str) -> None:
    rays = ft.rays_of(_camera(), W, H)
    depth = _scene(rays)
    if name == "sky only":
        depth[:] = np.inf
    elif name == "nearly all sky":
        depth[:] = np.inf
        depth[50:58, 20:31] = 7.0
    elif name == "NaN":
        depth[20:33, 10:50] = np.nan
        depth[62, ::3] = np.nan
    elif name == "zero and below":
        depth[20:33, 10:50], depth[60:70, 70:80], depth[2, 2] = 0.0, -3.0, -np.inf
    elif name == "beyond the sky":
        depth[20:33, 10:50] = 3e6
    else:
        depth[40:80, 30:70] = 1e-3
    _compare(depth, rays, SUN)
    _compare(depth, None, None)


def test_what_is_not_known_is_zero() -> None:
    found = kernels.fast_cell_features((W, H), None, None, None, 0.02, None)
    assert not found.features.any()
    assert (found.plane, found.footprint_m, found.rays) == (None, None, None)


@pytest.mark.parametrize("size", [(16, 16), (48, 16), (20, 36)])
def test_small_and_odd_numbers_of_cells(size: tuple[int, int]) -> None:
    rays = ft.rays_of(_camera(), *size)
    depth = np.random.default_rng(5).uniform(2, 9, size[::-1]).astype(np.float32)
    noise_free = ft.cell_features(size, depth, rays, SUN, 0.01, None)
    found = kernels.fast_cell_features(size, depth, rays, SUN, 0.01, None)
    assert np.abs(found.features - noise_free.features).max() < TOLERANCE


@settings(deadline=None, max_examples=50)
@given(arrays(np.uint16, (3, 7)))
def test_half_floats_widen_exactly(bits: NDArray[np.uint16]) -> None:
    half = bits.view(np.float16)
    meant = half.astype(np.float32)
    meant[np.abs(meant) < 2.0**-14] = 0.0
    assert np.array_equal(widened(half), meant, equal_nan=True)


def test_half_floats_of_a_part_of_a_picture() -> None:
    whole = np.random.default_rng(0).uniform(0.1, 900, (12, 16)).astype(np.float16)
    part = whole[2:10:2, 4:12]
    assert np.array_equal(widened(part), part.astype(np.float32))


def test_one_compiled_form_serves_all() -> None:
    reading.warm_up()
    rays = ft.rays_of(_camera(), W, H)
    _compare(_scene(rays), rays, SUN)
    sealed = _scene(rays).astype(np.float16)
    sealed.setflags(write=False)
    assert np.array_equal(widened(sealed), sealed.astype(np.float32))
    _compare(np.asfortranarray(_scene(rays)), rays, SUN.astype(np.float64))
    for kernel in (kernels.widen, kernels.fill):
        assert len(getattr(kernel, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
