"""Frames brought to the model's size: never stretched, cameras and motion still right."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moving_scene import Scene

from framegen.ops.fit import plan, point_sample, shrink_color, to_model
from framegen.temporal.geometry import Grid, world_positions

BUDGET = (512, 288)


@given(st.integers(64, 3840), st.integers(64, 2160), st.sampled_from([1, 8, 16, 32]))
def test_every_size_fits_without_stretching(width: int, height: int, multiple: int) -> None:
    fit = plan((width, height), BUDGET, multiple)
    for inner, outer in zip(fit.content, fit.model, strict=True):
        assert outer % multiple == 0 and 0 <= outer - inner < multiple
    assert fit.content[0] <= width and fit.content[1] <= height
    assert fit.content[0] * fit.content[1] <= BUDGET[0] * BUDGET[1] * 1.02
    if width * height > BUDGET[0] * BUDGET[1]:
        exact = (BUDGET[0] * BUDGET[1] / (width * height)) ** 0.5
        assert abs(fit.content[0] - width * exact) <= 0.51 and abs(fit.content[1] - height * exact) <= 0.51
    else:
        assert fit.content == (width, height)


@pytest.mark.parametrize(
    ("size", "content", "model"),
    [
        ((512, 288), (512, 288), (512, 288)),
        ((1280, 720), (512, 288), (512, 288)),
        ((3840, 2160), (512, 288), (512, 288)),
        ((641, 363), (510, 289), (512, 304)),
        ((64, 64), (64, 64), (64, 64)),
        ((65, 70), (65, 70), (80, 80)),
    ],
)
def test_known_sizes(size: tuple[int, int], content: tuple[int, int], model: tuple[int, int]) -> None:
    fit = plan(size, BUDGET, 16)
    assert (fit.content, fit.model) == (content, model)


def test_a_frame_of_the_models_size_passes_untouched() -> None:
    frame = Scene().frame(1)
    assert to_model(frame, plan((512, 288), BUDGET, 16)) is frame


def test_alpha_is_dropped() -> None:
    frame = Scene(64, 64).frame(1)
    opaque = np.concatenate([frame.color, np.full((64, 64, 1), 255, np.uint8)], axis=-1)
    small = to_model(dataclasses.replace(frame, color=opaque), plan((64, 64), BUDGET, 16))
    np.testing.assert_array_equal(small.color, frame.color)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_motion_is_scaled_along_each_axis_by_its_own(dtype: type[np.floating]) -> None:
    size = (700, 300)
    frame = Scene(*size).frame(1)
    motion = np.empty((size[1], size[0], 2), dtype)
    motion[...] = (8.0, -4.0)
    fit = plan(size, BUDGET, 16)
    across, down = (fit.content[i] / size[i] for i in (0, 1))
    assert across != down
    small = to_model(dataclasses.replace(frame, motion_px=motion), fit)
    assert small.motion_px is not None and small.motion_px.dtype == np.float32
    np.testing.assert_allclose(small.motion_px[..., 0], 8.0 * across, rtol=1e-3)
    np.testing.assert_allclose(small.motion_px[..., 1], -4.0 * down, rtol=1e-3)


@pytest.mark.parametrize("size", [(1280, 720), (641, 363), (100, 90)])
def test_planes_camera_and_motion_stay_consistent(size: tuple[int, int]) -> None:
    scene = Scene(*size, speed_m=0.2, box=False, wall=True)
    frame = scene.frame(1)
    fit = plan(size, BUDGET, 16)
    small = to_model(frame, fit)
    width, height = fit.content
    assert small.color.shape == (fit.model[1], fit.model[0], 3)
    assert frame.depth_m is not None and small.depth_m is not None and small.motion_px is not None
    # The place of a pixel in the world, through the small frame's camera, is a place of the scene.
    world = world_positions(small.depth_m.astype(np.float32), small.camera, Grid(*fit.model))  # type: ignore[arg-type]
    near = small.depth_m[:height, :width] < 11.0
    floor = world[1, :height, :width][near]
    np.testing.assert_allclose(floor, -1.5, atol=0.03)
    scale = fit.content[0] / size[0]
    rows = np.isclose(small.depth_m[:height, :width], 12.0)
    assert rows.any()
    expected = 0.2 / 12.0 * (size[1] / 2 / np.tan(0.5)) * scale
    np.testing.assert_allclose(small.motion_px[:height, :width, 0][rows], expected, rtol=1e-3)
    if fit.padded:
        edge = np.repeat(small.color[height - 1 : height, :width], fit.model[1] - height, axis=0)
        np.testing.assert_array_equal(small.color[height:, :width], edge)


def test_jitter_is_folded_into_the_camera() -> None:
    frame = dataclasses.replace(Scene(128, 64, box=False).frame(0), jitter_px=(0.5, -0.25))
    small = to_model(frame, plan((128, 64), BUDGET, 16))
    assert small.jitter_px == (0.5, -0.25)
    depth = np.full((64, 128), 4.0, np.float32)
    plain = world_positions(depth, frame.camera, Grid(128, 64))  # type: ignore[arg-type]
    moved = world_positions(depth, small.camera, Grid(128, 64))  # type: ignore[arg-type]
    pixel = plain[0, 0, 1] - plain[0, 0, 0]
    # What is drawn half a pixel further right, a quarter higher, lies further left and lower.
    np.testing.assert_allclose(moved[0] - plain[0], -0.5 * pixel, rtol=1e-6)
    np.testing.assert_allclose(moved[1] - plain[1], -0.25 * pixel, rtol=1e-6)


@pytest.mark.parametrize("size", [(1280, 720), (1023, 577), (3840, 64)])
def test_shrinking_keeps_the_mean(size: tuple[int, int]) -> None:
    ramp = np.linspace(0, 255, size[0], dtype=np.float32)[None, :, None]
    color = np.broadcast_to(ramp, (size[1], size[0], 3)).astype(np.uint8)
    small = shrink_color(color, (size[0] // 3, size[1] // 3))
    assert small.shape == (size[1] // 3, size[0] // 3, 3)
    assert abs(small.mean() - color.mean()) < 0.6


def test_point_samples_are_values_of_the_plane() -> None:
    plane = np.random.default_rng(0).standard_normal((90, 161, 2)).astype(np.float16)
    small = point_sample(plane, (64, 36))
    assert small.shape == (36, 64, 2) and small.dtype == np.float16
    assert set(map(tuple, small.reshape(-1, 2))) <= set(map(tuple, plane.reshape(-1, 2)))
    assert point_sample(plane, (161, 90)) is plane
