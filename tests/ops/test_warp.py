"""The fast fetches against their meaning in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.ops import cells, warp
from framegen.ops import temporal_reference as reference


def maps(seed: int, height: int = 12, width: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Places on a 1/32 lattice, on which cv2 interpolates exactly, inside and outside of the picture."""
    rng = np.random.default_rng(seed)
    x = rng.integers(-3 * 32, (width + 3) * 32, (height, width)) / 32.0
    y = rng.integers(-3 * 32, (height + 3) * 32, (height, width)) / 32.0
    return x.astype(np.float32), y.astype(np.float32)


@pytest.mark.parametrize(("channels", "shares"), [(1, 0), (3, 0), (4, 0), (5, 2), (25, 0), (28, 17), (8, 8)])
def test_a_fetched_latent_equals_the_reference(channels: int, shares: int) -> None:
    planes = np.random.default_rng(channels).standard_normal((12, 20, channels)).astype(np.float32)
    x, y = maps(channels)
    found = warp.fetch_latent(planes, x, y, shares)
    assert found.shape == planes.shape and found.dtype == np.float32
    np.testing.assert_allclose(found, reference.fetch_latent(planes, x, y, shares), atol=2e-5)


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_linear_equals_the_reference(dtype: str) -> None:
    planes = np.random.default_rng(0).uniform(0, 255, (12, 20, 3)).astype(dtype)
    x, y = maps(1)
    found = warp.fetch_linear(planes, x, y)
    np.testing.assert_allclose(found, reference.fetch_linear(planes, x, y), atol=1e-3 if dtype == "float32" else 1.01)


def test_a_whole_step_moves_cubic_values_unchanged() -> None:
    planes = np.random.default_rng(0).standard_normal((12, 20, 6)).astype(np.float32)
    columns, rows = np.meshgrid(np.arange(20, dtype=np.float32), np.arange(12, dtype=np.float32))
    np.testing.assert_allclose(warp.fetch_latent(planes, columns - 2, rows + 1)[:-1, 2:], planes[1:, :-2], atol=1e-6)


@pytest.mark.parametrize("channels", [1, 4, 28])
def test_neighbourhood_equals_the_reference(channels: int) -> None:
    planes = np.random.default_rng(channels).standard_normal((9, 14, channels)).astype(np.float32)
    for found, wanted in zip(warp.neighbourhood(planes), reference.neighbourhood(planes), strict=True):
        np.testing.assert_array_equal(found, wanted)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 4, 8]), st.sampled_from(["float16", "float32"]))
def test_nearest_depth_equals_the_reference(seed: int, cell_px: int, dtype: str) -> None:
    rng = np.random.default_rng(seed)
    depth = rng.choice([0.0, -1.0, np.nan, np.inf, 0.5, 2.0, 3.0, 700.0], (3 * cell_px, 5 * cell_px)).astype(dtype)
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
