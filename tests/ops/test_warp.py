"""The fast fetches against their meaning in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.ops import cells, warp
from framegen.ops import temporal_reference as reference


def maps(seed: int, height: int = 12, width: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Places inside and outside of the picture, of all fractions."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-5, width + 4, (height, width)), rng.uniform(-5, height + 4, (height, width))
    return x.astype(np.float32), y.astype(np.float32)


@pytest.mark.parametrize(("channels", "shares"), [(1, 0), (3, 0), (4, 0), (5, 2), (25, 0), (28, 17), (8, 8)])
def test_a_fetched_latent_equals_the_reference(channels: int, shares: int) -> None:
    planes = np.random.default_rng(channels).standard_normal((12, 20, channels)).astype(np.float32)
    x, y = maps(channels)
    found = warp.fetch_latent(planes, x, y, shares)
    assert found.shape == planes.shape and found.dtype == np.float32
    np.testing.assert_allclose(found, reference.fetch_latent(planes, x, y, shares), atol=2e-5)


def test_a_whole_step_moves_cubic_values_unchanged() -> None:
    planes = np.random.default_rng(0).standard_normal((12, 20, 6)).astype(np.float32)
    columns, rows = np.meshgrid(np.arange(20, dtype=np.float32), np.arange(12, dtype=np.float32))
    np.testing.assert_allclose(warp.fetch_latent(planes, columns - 2, rows + 1)[:-1, 2:], planes[1:, :-2], atol=1e-6)


@pytest.mark.parametrize("channels", [1, 4, 28])
@pytest.mark.parametrize("size", [(9, 14), (1, 1), (2, 3)])
def test_a_clamped_blend_equals_the_reference(channels: int, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(channels)
    new, past = rng.standard_normal((2, *size, channels)).astype(np.float32)
    weight = rng.uniform(0, 1, size).astype(np.float32)
    found = warp.clamped_blend(new, 2 * past, weight, 0.1)
    np.testing.assert_allclose(found, reference.clamped_blend(new, 2 * past, weight, 0.1), atol=2e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_a_nearest_cell_is_held_inside(seed: int) -> None:
    x, y = maps(seed)
    x[0, 0], y[0, 0], x[0, 1], y[0, 1] = np.inf, -np.inf, 1e30, -1e30
    index = warp.nearest_index(x, y, 20, 12)
    column, row = np.clip(np.floor(x + 0.5), 0, 19), np.clip(np.floor(y + 0.5), 0, 11)
    np.testing.assert_array_equal(index, (row * 20 + column).astype(int))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 4, 8]), st.sampled_from(["float16", "float32"]))
def test_nearest_depth_equals_the_reference(seed: int, cell_px: int, dtype: str) -> None:
    rng = np.random.default_rng(seed)
    values = (0.0, -1.0, 1e-40, 2e-7, np.nan, np.inf, 0.5, 2.0, 3.0, 700.0)
    depth = rng.choice(values, (3 * cell_px, 5 * cell_px)).astype(dtype)
    found, index = cells.nearest_depth(depth, cell_px)
    wanted, wanted_index = reference.nearest_depth(depth, cell_px)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(index[np.isfinite(found)], wanted_index[np.isfinite(found)])


def test_a_cell_has_the_motion_of_its_nearest_point() -> None:
    from framegen.frame import Frame

    depth = np.full((16, 32), 10.0, np.float16)
    motion = np.zeros((16, 32, 2), np.float16)
    depth[4:12, 9:11], motion[4:12, 9:11] = 2.0, (5.0, -3.0)
    found = cells.sample(Frame(0, np.zeros((16, 32, 3), np.uint8), depth_m=depth, motion_px=motion), 4)
    assert found.depth_m is not None and found.motion_px is not None
    assert found.depth_m[1:3, 2].tolist() == [2.0, 2.0]
    assert found.motion_px[1, 2].tolist() == [5.0, -3.0]
    assert (found.motion_px[0] == 0).all() and (found.depth_m[0] == 10.0).all()
