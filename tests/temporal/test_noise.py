"""Noise stays noise: mean 0, variance 1, no correlation between neighbours, and it sticks to surfaces."""

from __future__ import annotations

import numpy as np
import pytest
from moving_scene import pose

from framegen.frame import Camera
from framegen.ops.warp import nearest_index
from framegen.temporal import noise
from framegen.temporal.geometry import Grid, footprint_m, world_positions

GRID = Grid(128, 72, 4)


def autocorrelation(values: np.ndarray) -> float:
    """The greater of the lag-1 correlations along rows and columns."""
    across = (values[:, 1:] * values[:, :-1]).mean()
    down = (values[1:] * values[:-1]).mean()
    return float(max(abs(across), abs(down)) / values.var())


def check_white(values: np.ndarray, limit: float = 0.1) -> None:
    count = values.shape[0] * values.shape[1]
    for channel in range(values.shape[2]):
        plane = values[..., channel]
        assert abs(plane.mean()) < 5.0 / np.sqrt(count)
        assert plane.var() == pytest.approx(1.0, abs=0.12)
        assert autocorrelation(plane) < limit


def floor_depth(camera: Camera, height_m: float, grid: Grid) -> np.ndarray:
    """Depth of a floor ``height_m`` below the camera, a wall 400 m away behind it."""
    near = world_positions(np.full((grid.height, grid.width), 1.0, np.float32), camera, grid)
    origin = camera.world_from_view[:3, 3]
    falls = near[1] - origin[1]
    return np.where(falls < -1e-6, np.minimum(height_m / np.maximum(-falls, 1e-9), 400.0), 400.0).astype(np.float32)


def view(position: tuple[float, float, float], yaw: float = 0.0, pitch: float = 0.0) -> Camera:
    return Camera.perspective(pose(position, yaw, pitch), fov_y_rad=1.0, aspect=16 / 9)


def fresh(channels: int, seed: int, frame_id: int) -> np.ndarray:
    return noise.fresh(np.arange(72 * 128), channels, seed, frame_id).reshape(72, 128, channels)


def carried(before: np.ndarray, source: np.ndarray, trusted: np.ndarray, new: np.ndarray) -> np.ndarray:
    found = new.copy()
    rows = before.shape[0] * before.shape[1]
    noise.carried(before.reshape(rows, -1), source.ravel(), trusted.ravel(), found.reshape(rows, -1))
    return found


def anchored(depth: np.ndarray, camera: Camera, channels: int, seed: int) -> np.ndarray:
    places = world_positions(depth, camera, GRID, noise.LATTICE_AXES)
    return noise.by_position(places, footprint_m(depth, camera, GRID), channels, seed)


@pytest.mark.parametrize("pitch", [0.0, -0.2, -0.8, -1.5])
@pytest.mark.parametrize("height", [0.3, 1.6, 50.0])
def test_it_is_white_by_position_at_any_angle(pitch: float, height: float) -> None:
    camera = view((3.0, height, -2.0), 0.3, pitch)
    depth = floor_depth(camera, height, GRID)
    found = noise.by_position(
        world_positions(depth, camera, GRID, noise.LATTICE_AXES), footprint_m(depth, camera, GRID), 3, seed=5
    )
    check_white(found)


@pytest.mark.parametrize("distance", [1.0, 1.37, 2.0, 2.9, 1000.0])
def test_it_is_white_on_a_wall_at_any_distance(distance: float) -> None:
    camera = view((0.0, 0.0, distance))
    depth = np.full((72, 128), distance, np.float32)
    found = noise.by_position(
        world_positions(depth, camera, GRID, noise.LATTICE_AXES), footprint_m(depth, camera, GRID), 4, seed=1
    )
    check_white(found)


def test_it_sticks_to_places() -> None:
    """The same places, asked for in another order and view, have the same noise."""
    places = np.random.default_rng(0).uniform(-50, 50, (3, 72, 128))
    size = np.full((72, 128), 0.3, np.float32)
    found = noise.by_position(places, size, 2, seed=3)
    mirrored = noise.by_position(places[..., ::-1], size, 2, seed=3)
    np.testing.assert_array_equal(found[:, ::-1], mirrored)
    other = noise.by_position(places, size, 2, seed=4)
    assert abs((found * other).mean()) < 0.05


def test_a_floor_at_height_zero_keeps_its_noise_under_rounding() -> None:
    """Floors lie at y = 0: rounding of their depth must not change the lattice cell they fall into."""
    world = np.random.default_rng(0).uniform(-20, 20, (3, 72 * 128))
    world[1] = 0.0
    size = np.full((72, 128), 0.2, np.float32)
    exact = noise.by_position((noise.LATTICE_AXES @ world).reshape(3, 72, 128), size, 1, seed=0)
    world[1] = np.random.default_rng(1).normal(0, 1e-5, 72 * 128)
    rounded = noise.by_position((noise.LATTICE_AXES @ world).reshape(3, 72, 128), size, 1, seed=0)
    changed = (rounded != exact).mean()
    assert changed < 0.01


def test_far_from_the_origin_it_is_as_good() -> None:
    camera = view((1e6 + 0.1, 1.6, -3e6), 0.1, -0.4)
    depth = floor_depth(camera, 1.6, GRID)
    check_white(
        noise.by_position(
            world_positions(depth, camera, GRID, noise.LATTICE_AXES), footprint_m(depth, camera, GRID), 2, seed=5
        )
    )


@pytest.mark.parametrize("zoom", [0.985, 1.0, 1.015])
def test_three_hundred_warps_leave_it_white(zoom: float) -> None:
    """Carried by motion alone, while turning, sliding and zooming."""
    columns, rows = np.meshgrid(np.arange(128, dtype=np.float32), np.arange(72, dtype=np.float32))
    values, rest = fresh(3, seed=9, frame_id=0), np.zeros((72, 128, 2), np.float32)
    for index in range(1, 301):
        turn = 0.01 * np.sin(index / 20)
        x, y = columns - 63.5, rows - 35.5
        fetched_x = zoom * (x * np.cos(turn) - y * np.sin(turn)) + 63.5 + 0.37
        fetched_y = zoom * (x * np.sin(turn) + y * np.cos(turn)) + 35.5 - 0.21
        inside = (fetched_x > -0.5) & (fetched_x < 127.5) & (fetched_y > -0.5) & (fetched_y < 71.5)
        source, left = noise.sources(fetched_x.astype(np.float32), fetched_y.astype(np.float32), rest)
        new = fresh(3, seed=9, frame_id=index)
        values = carried(values, source, inside & (np.abs(left) < 1.0).all(-1), new)
        rest = np.where((values == new)[..., :1], np.float32(0.0), left)
    check_white(values, limit=0.05)


@pytest.mark.parametrize("step", [0.004, 0.1, 0.4, 0.55, 0.8, -0.3])
def test_it_goes_along_with_a_picture_that_moves_by_less_than_a_cell(step: float) -> None:
    columns, rows = np.meshgrid(np.arange(128, dtype=np.float32), np.arange(72, dtype=np.float32))
    first = values = fresh(1, seed=1, frame_id=0)
    rest = np.zeros((72, 128, 2), np.float32)
    for index in range(1, 41):
        x, y = columns + np.float32(step), rows - np.float32(step)
        inside = (x < 127.5) & (x > -0.5) & (y > -0.5) & (y < 71.5)
        source, left = noise.sources(x, y, rest)
        values = carried(values, source, inside, fresh(1, seed=1, frame_id=index))
        rest = np.where(inside[..., None], left, np.float32(0.0))
    moved = round(40 * step)
    middle = np.s_[36:-36, 36:-36]
    np.testing.assert_array_equal(values[middle], np.roll(first, (moved, -moved), (0, 1))[middle])


def test_carried_noise_moves_along_whole() -> None:
    before = fresh(2, seed=1, frame_id=0)
    columns, rows = np.meshgrid(np.arange(128, dtype=np.float32), np.arange(72, dtype=np.float32))
    source = nearest_index(columns + 3, rows - 2, 128, 72)
    new = fresh(2, seed=1, frame_id=1)
    inside = (columns + 3 < 128) & (rows - 2 >= 0)
    found = carried(before, source, inside, new)
    np.testing.assert_array_equal(found[2:, :-3], before[:-2, 3:])
    untrusted = carried(before, source, np.zeros((72, 128), bool), new)
    np.testing.assert_array_equal(untrusted, new)


def test_fresh_noise_is_another_every_frame_and_the_same_again() -> None:
    a, b = (fresh(4, seed=1, frame_id=i) for i in (7, 8))
    check_white(a, limit=0.05)
    assert abs((a * b).mean()) < 0.03
    np.testing.assert_array_equal(a, fresh(4, seed=1, frame_id=7))
    assert abs((a * fresh(4, seed=2, frame_id=7)).mean()) < 0.03
