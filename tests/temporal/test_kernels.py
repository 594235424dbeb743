"""The compiled forms of motion, trust and noise against their meaning in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_scene import pose

from framegen.frame import Camera
from framegen.ops import temporal_reference as reference
from framegen.ops.kernels import latent, temporal
from framegen.ops.kernels import noise as noise_kernels
from framegen.ops.kernels.jit import ready
from framegen.temporal.geometry import LOST_PX, SKY_M, Grid, motion_from_depth, view_from_features
from framegen.temporal.masks import _LIMITS, words_of

HEIGHT, WIDTH = 9, 14
NO_MASK = np.zeros((0, 0), np.bool_)
NO_PLANE = np.zeros((0, 0), np.float32)


def places(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = rng.uniform(-3, WIDTH + 2, (HEIGHT, WIDTH)).astype(np.float32)
    return x, rng.uniform(-3, HEIGHT + 2, (HEIGHT, WIDTH)).astype(np.float32)


def depths(rng: np.random.Generator) -> np.ndarray:
    """Two surfaces and some sky."""
    near, far = rng.uniform(2, 3, (HEIGHT, WIDTH)), rng.uniform(20, 22, (HEIGHT, WIDTH))
    depth = np.where(rng.uniform(size=(HEIGHT, WIDTH)) < 0.8, near, far)
    depth[rng.uniform(size=depth.shape) < 0.1] = SKY_M
    return depth.astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_trust_by_color_equals_the_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = places(rng)
    color = rng.integers(100, 130, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    before = np.clip(color + rng.integers(-30, 30, color.shape), 0, 255).astype(np.uint8)
    low, high = reference.neighbourhood(color)
    found = np.empty((HEIGHT, WIDTH), np.float32)
    temporal.color_trust(color, high - low, words_of(before), x, y, 2.0, 20.0, found)
    np.testing.assert_allclose(found, reference.color_trust(color, before, x, y, 2.0, 20.0), atol=1e-4)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_trust_by_depth_equals_the_reference(seed: int, known: bool) -> None:
    rng = np.random.default_rng(seed)
    depth, before = depths(rng), depths(rng)
    expected = depth * rng.uniform(0.9, 1.1, depth.shape).astype(np.float32)
    x, y = places(rng)
    moving = rng.uniform(size=depth.shape) < 0.3
    found = np.ones((HEIGHT, WIDTH), np.float32)
    near, near_before = reference._least(expected, 2), reference._least(before, 1)
    given_mask = moving if known else NO_MASK
    temporal.depth_trust(depth, expected, near, before, near_before, x, y, given_mask, _LIMITS, SKY_M, found)
    wanted = reference.depth_trust(depth, expected, before, x, y, moving & known, _LIMITS)
    np.testing.assert_allclose(found, wanted, atol=2e-3)
    assert 0.05 < wanted.mean() < 0.95


def test_trust_counts_what_is_seen() -> None:
    rng = np.random.default_rng(0)
    x, y = places(rng)
    inside = reference.inside(x, y, WIDTH, HEIGHT)
    start, confidence, reactive = rng.uniform(size=(3, HEIGHT, WIDTH)).astype(np.float32)
    for sure, react in ((NO_PLANE, NO_PLANE), (confidence, NO_PLANE), (NO_PLANE, reactive), (confidence, reactive)):
        found = start.copy()
        visible, agreeing = temporal.seen_trust(x, y, WIDTH, HEIGHT, sure, react, found)
        agree = inside * start * (sure if sure.size else 1.0)
        np.testing.assert_allclose((visible, agreeing), (inside.sum(), agree.sum()), rtol=1e-5)
        np.testing.assert_allclose(found, agree * (1.0 - react if react.size else 1.0), atol=1e-6)


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("turn", [0.0, 0.1, 3.0])
def test_static_motion_equals_the_reference(turn: float, beside: bool) -> None:
    rng = np.random.default_rng(1)
    depth = depths(rng)
    depth[0, 0] = np.inf
    grid = Grid(WIDTH, HEIGHT, 4)
    now, before = (
        Camera.perspective(pose((0.1 * i, 1.6, 0.3 * i), turn * i, 0.0), fov_y_rad=1, aspect=1.6) for i in (1, 0)
    )
    y, x = np.indices(depth.shape) * 4 + rng.integers(0, 4, (2, *depth.shape))
    points = y * 4 * WIDTH + x if beside else None
    motion, expected = motion_from_depth(depth, now, before, grid, *([] if points is None else [points]))
    view = np.linalg.inv(before.world_from_view) @ now.world_from_view @ view_from_features(now)
    clip = before.clip_from_view @ view
    rows = np.stack((clip[0], clip[1], clip[3], -view[2]))
    half = np.array(grid.size_px, np.float32) / 2
    wanted, wanted_m = reference.static_motion(depth, rows, half, SKY_M, LOST_PX, points)
    np.testing.assert_allclose(motion, wanted, atol=2e-3, rtol=1e-4)
    seen = np.abs(wanted).max(axis=-1) < LOST_PX
    np.testing.assert_allclose(expected[seen], wanted_m[seen], rtol=1e-4)


@pytest.mark.parametrize("near_m", [1e-30, 2e-38])
def test_what_is_as_near_as_numbers_go_moves_by_a_number(near_m: float) -> None:
    grid = Grid(WIDTH, HEIGHT, 4)
    before, now = (Camera.perspective(pose((9.0 * i, 1.6, 30.0 * i)), fov_y_rad=2, aspect=1.6) for i in (1, 0))
    depth = np.full((HEIGHT, WIDTH), near_m, np.float32)
    for found in motion_from_depth(depth, now, before, grid) + motion_from_depth(depth, before, now, grid):
        assert np.isfinite(found).all()


def test_trust_is_a_number_beside_what_is_as_near_as_numbers_go() -> None:
    x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    depth = np.where((x + y) % 2 > 0, np.float32(1e-37), np.float32(SKY_M))
    trust, still = np.ones_like(depth), np.zeros((0, 0), np.bool_)
    temporal.depth_trust(depth, depth, depth, depth, depth, x, y, still, _LIMITS, SKY_M, trust)
    assert np.isfinite(trust).all()


@pytest.mark.parametrize("footprint", [1e-9, 0.013, 0.7, 30.0])
def test_noise_by_position_equals_the_reference(footprint: float) -> None:
    rng = np.random.default_rng(2)
    places_m = rng.uniform(-1000, 1000, (3, HEIGHT, WIDTH))
    table, offset = rng.standard_normal((1 << 10, 3)).astype(np.float32), rng.uniform(size=3)
    size = np.full((HEIGHT, WIDTH), footprint, np.float32)
    found = np.empty((HEIGHT, WIDTH, 3), np.float32)
    noise_kernels.by_position(places_m, size, offset, table, found)
    wanted = reference.noise_by_position(np.moveaxis(places_m, 0, -1), float(size[0, 0]), offset, table)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_arrays_of_any_make_become_what_kernels_are_compiled_for() -> None:
    made = np.arange(24, dtype=np.float32).reshape(4, 6)
    assert ready(made, np.float32) is made
    frozen = made.copy()
    frozen.setflags(write=False)
    odd = np.frombuffer(b"\0" + made.tobytes(), np.float32, 24, 1).reshape(4, 6)
    for array in (frozen, odd, np.asfortranarray(made), made.astype(">f4"), made.astype(np.float64)):
        found = ready(array, np.float32)
        assert found.dtype == np.float32 and found.dtype.isnative and found.flags.carray
        np.testing.assert_array_equal(found, made)


def test_warming_up_compiles_all_there_is_once() -> None:
    temporal.warm_up()
    kernels = (
        latent.fetch,
        latent.blend,
        noise_kernels.by_position,
        noise_kernels.at_surfaces,
        temporal.static_motion,
        temporal.depth_trust,
    )
    assert [len(one.signatures) for one in kernels] == [1] * len(kernels)  # type: ignore[attr-defined]
