"""The restyled picture at full resolution: sharp where the engine's frame is, in the model's look, without haloes."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_scene import Scene

from framegen.ops import lift_reference as reference
from framegen.ops.color_grid import COLUMNS, ROWS, color_grid
from framegen.ops.fit import shrink_color
from framegen.ops.kernels import lift as kernels
from framegen.ops.lift import lift, local_gain


def look(color: np.ndarray) -> np.ndarray:
    """A look that changes over the picture: warm at the left, dark and blue at the right."""
    x = np.linspace(0, 1, color.shape[1])[None, :, None]
    gain = (1 - x) * np.array([1.2, 1.0, 0.7]) + x * np.array([0.4, 0.5, 0.8])
    return np.clip(color * gain + 12 * x, 0, 255).astype(np.uint8)


def sharpness(color: np.ndarray) -> float:
    return float(cv2.Laplacian(color.astype(np.float32), cv2.CV_32F).std())


@lru_cache
def stripes(width: int, height: int) -> np.ndarray:
    """Edges everywhere, of all strengths, at full resolution."""
    frame = Scene(width, height).frame(0).color.astype(np.float32)
    rng = np.random.default_rng(0)
    for _ in range(40):
        x, y = rng.integers(0, width - 20), rng.integers(0, height - 20)
        frame[y : y + rng.integers(3, 60), x : x + rng.integers(3, 60)] *= rng.uniform(0.3, 1.6)
    return np.clip(frame, 0, 255).astype(np.uint8)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 90), st.integers(1, 70), st.integers(1, 40), st.integers(1, 30), st.integers(0, 2**31))
def test_the_fast_form_is_the_reference_for_any_size(width: int, height: int, w: int, h: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    guide, small_in, small_out = (
        rng.integers(0, 256, (*size, 3)).astype(np.uint8) for size in ((height, width), (h, w), (h, w))
    )
    wanted = reference.lifted(guide, small_in, small_out, local_gain(small_in, small_out))
    assert np.abs(lift(guide, small_in, small_out).astype(int) - wanted).max() <= 1, "a rounding"


@pytest.mark.parametrize(("size", "small"), [((33, 17), (11, 6)), ((64, 36), (64, 36)), ((7, 5), (1, 1))])
def test_the_reference_enlarges_as_opencv_does(size: tuple[int, int], small: tuple[int, int]) -> None:
    plane = np.random.default_rng(1).random((small[1], small[0], 3)).astype(np.float32)
    found = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(reference.enlarged(plane, *size), found, atol=1e-5)


def test_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    guide, small = stripes(320, 180), stripes(160, 90)
    wanted = lift(guide, small, look(small))
    sealed = guide.copy()
    sealed.setflags(write=False)
    np.testing.assert_array_equal(lift(sealed, np.asfortranarray(small), look(small)), wanted)
    np.testing.assert_array_equal(lift(guide[:, ::-1][:, ::-1], small, look(small)), wanted)
    np.testing.assert_array_equal(lift(stripes(330, 190)[5:185, 5:325], small, small).shape, guide.shape)
    assert len(getattr(kernels.lift_rows, "signatures")) == 1  # noqa: B009 - a plain function to the type checker


@pytest.mark.parametrize("size", [(1280, 720), (1283, 721)])
def test_it_is_as_sharp_as_the_look_at_full_size(size: tuple[int, int]) -> None:
    guide = stripes(*size)
    small = shrink_color(guide, (512, 288))
    truth = look(guide)
    found = lift(guide, small, look(small))
    blurred = cv2.resize(look(small), size, interpolation=cv2.INTER_CUBIC)
    error = np.abs(found.astype(float) - truth)
    plain = np.abs(blurred.astype(float) - truth)
    assert sharpness(found) > 0.9 * sharpness(truth) > 1.5 * sharpness(blurred)
    assert error.mean() < 0.35 * plain.mean()
    assert np.percentile(error, 99) < 12


def test_no_haloes_beside_a_strong_edge() -> None:
    guide = np.full((720, 1280, 3), 60, np.uint8)
    guide[:, 641:] = 200
    small = shrink_color(guide, (512, 288))
    found = lift(guide, small, look(small)).astype(float)
    truth = look(guide).astype(float)
    away = np.abs(np.arange(1280) - 641) > 6
    assert np.abs(found - truth)[:, away].max() <= 4
    assert np.abs(found - truth).max() <= 45


def test_detail_that_the_model_added_stays() -> None:
    guide = np.full((720, 1280, 3), 120, np.uint8)
    small = shrink_color(guide, (512, 288))
    grain = np.random.default_rng(0).integers(60, 180, small.shape).astype(np.uint8)
    found = lift(guide, small, grain)
    back = cv2.resize(found, (512, 288), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(back.ravel(), grain.ravel())[0, 1] > 0.9


def test_an_unchanged_picture_stays_the_guide() -> None:
    guide = stripes(1280, 720)
    small = shrink_color(guide, (512, 288))
    assert np.abs(lift(guide, small, small).astype(int) - guide).max() <= 2


def test_the_gain_is_that_of_the_look() -> None:
    small = shrink_color(stripes(1280, 720), (512, 288))
    gain = local_gain(small, (small * 0.5).astype(np.uint8))
    assert gain.shape == (36, 64, 3)
    assert np.abs(gain - 0.5).max() < 0.06


def test_the_color_grid_maps_frame_to_result() -> None:
    frame = stripes(512, 288)
    restyled = look(frame)
    grid = color_grid(frame, restyled)
    assert grid.shape == (ROWS, COLUMNS, 3, 4) and grid.dtype == np.float16
    rows = [np.ascontiguousarray(grid[:, :, row].astype(np.float32)) for row in range(3)]
    parts = [cv2.resize(row, (512, 288), interpolation=cv2.INTER_LINEAR) for row in rows]
    rgb1 = np.concatenate([frame / 255.0, np.ones((288, 512, 1))], -1)
    mapped = np.stack([(part * rgb1).sum(-1) for part in parts], -1) * 255
    assert np.abs(mapped - restyled).mean() < 4.0
    assert np.abs(frame.astype(float) - restyled).mean() > 25.0


def test_the_color_grid_ignores_alpha() -> None:
    frame = np.random.default_rng(3).integers(0, 255, (72, 128, 4)).astype(np.uint8)
    restyled = np.ascontiguousarray(frame[..., 2::-1])
    np.testing.assert_array_equal(
        color_grid(frame, restyled), color_grid(np.ascontiguousarray(frame[..., :3]), restyled)
    )


def test_the_color_grid_of_one_colour_is_its_gain() -> None:
    frame = np.full((64, 64, 3), (100, 150, 50), np.uint8)
    grid = color_grid(frame, np.full((64, 64, 3), (50, 150, 100), np.uint8)).astype(float)
    mapped = grid @ np.array([100, 150, 50, 255]) / 255
    np.testing.assert_allclose(mapped * 255, np.broadcast_to((50, 150, 100), mapped.shape), atol=2.5)
    assert np.isfinite(grid).all() and np.abs(grid).max() < 4
