"""Texture rides on what moves: the anchor of a point stays the same place however it and the camera move."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from fake_engine import FakeEngine
from moving_scene import Scene

from framegen.config import Settings
from framegen.frame import Frame
from framegen.ops import temporal_reference as reference
from framegen.ops.anchors import Anchors
from framegen.ops.cells import sample
from framegen.ops.kernels import anchors as kernels
from framegen.restyle import start, step
from framegen.temporal import noise
from framegen.temporal.geometry import SKY_M, Grid, world_from_features


def anchors_of(frames: list[Frame]) -> list[Anchors | None]:
    engine, state = FakeEngine(), start(Settings(), FakeEngine())
    found = []
    for frame in frames:
        _, state = step(frame, state, engine)
        found.append(engine.anchors[-1])
    return found


def box_of(frame: Frame) -> np.ndarray:
    """The cells well inside the box."""
    depth = sample(frame, 4).depth_m
    assert depth is not None
    box = np.isclose(depth, 6.0, atol=0.01)
    box[1:-1, 1:-1] &= box[:-2, 1:-1] & box[2:, 1:-1] & box[1:-1, :-2] & box[1:-1, 2:]
    return box


@pytest.mark.parametrize("speed_m", [0.0, 0.04])
@pytest.mark.parametrize("box_m", [0.03, 0.05, -0.09])
def test_the_anchor_of_a_thing_that_moves_stays(box_m: float, speed_m: float) -> None:
    scene, count = Scene(256, 144, speed_m=speed_m, box_m=box_m), 16
    frames = [scene.frame(i) for i in range(count)]
    last = anchors_of(frames)[-1]
    assert last is not None
    box = box_of(frames[-1])
    assert box.sum() > 50
    # seen first in frame 0: since then it went count - 1 steps
    error = last.shift_m[box] - np.array([-box_m * (count - 1), 0.0, 0.0])
    assert np.percentile(np.abs(error), 90) < 0.002
    assert np.abs(error).mean() < 0.01
    assert last.weight[box].mean() > 0.95


def test_what_stands_still_has_no_shift() -> None:
    scene = Scene(256, 144, speed_m=0.05, turn_rad=0.01, box_m=0.05)
    frames = [scene.frame(i) for i in range(6)]
    last = anchors_of(frames)[-1]
    assert last is not None
    depth = sample(frames[-1], 4).depth_m
    assert depth is not None
    wall = depth > 11.0
    assert (last.shift_m[wall] == 0).all(axis=-1).mean() > 0.97
    assert last.weight[wall].mean() > 0.97


@pytest.mark.parametrize("speed_m", [0.03, 0.07, -0.04])
def test_texture_stays_on_what_stopped_while_the_camera_goes_on_slowly(speed_m: float) -> None:
    """By less than half a cell a frame, and by a little more."""
    scene = Scene(256, 144, speed_m=speed_m, box_m=0.09)
    frames = [scene.frame(i) for i in range(10)]
    frames += [dataclasses.replace(scene, box_m=0.81 / i).frame(i, motion=False) for i in range(10, 34)]
    last = anchors_of(frames)[-1]
    assert last is not None
    box = np.isclose(sample(frames[-1], 4).depth_m, 6.0, atol=0.01)  # type: ignore[arg-type]
    assert (np.abs(last.shift_m[box] - (-0.81, 0.0, 0.0)).max(-1) < 0.02).mean() > 0.9
    assert (last.shift_m[~box] == 0).all(-1).mean() > 0.99


@pytest.mark.parametrize("flash", [30, 110])
def test_a_flash_of_light_moves_no_texture(flash: int) -> None:
    frames = [Scene(256, 144, speed_m=0.0, box_m=0.09).frame(i) for i in range(14)]
    lit = np.minimum(frames[11].color.astype(np.int64) + flash, 255).astype(np.uint8)
    frames[11] = dataclasses.replace(frames[11], color=lit)
    last = anchors_of(frames)[-1]
    assert last is not None
    box = box_of(frames[-1])
    assert np.abs(last.shift_m[box] - (-0.09 * 13, 0.0, 0.0)).mean() < 0.01
    assert last.weight[box].mean() > 0.95


def test_a_cut_ends_all_anchors() -> None:
    scene = Scene(256, 144, speed_m=0.0, box_m=0.09)
    frames = [scene.frame(i) for i in range(8)]
    there = dataclasses.replace(scene, wall=False, box=False).frame(8)
    assert there.depth_m is not None
    other = dataclasses.replace(there, color=255 - there.color, depth_m=3.0 * np.minimum(there.depth_m, 90.0))
    assert anchors_of([*frames, other])[-1] is None


def test_where_nothing_moves_there_are_no_anchors() -> None:
    assert anchors_of([Scene(128, 80, box=False).frame(i) for i in range(3)])[-1] is None
    assert anchors_of([Scene(128, 80, box_m=0.1).frame(i, depth=False) for i in range(3)])[-1] is None


def test_texture_fades_on_what_moves_without_saying_where_to() -> None:
    """A mask alone says that it moves, no vectors say how far."""
    scene = Scene(128, 80, speed_m=0.0, box_m=0.0)
    weights = []
    frames = []
    for i in range(12):
        plain = scene.frame(i, motion=False)
        assert plain.depth_m is not None
        mask = np.where(plain.depth_m == 6.0, np.uint8(255), np.uint8(0))
        color = np.where(mask[..., None] > 0, np.uint8(20 * (i % 3)), plain.color)
        frames.append(dataclasses.replace(plain, dynamic_mask=mask, color=color))
    for frame, found in zip(frames, anchors_of(frames), strict=True):
        if found is not None:
            weights.append(float(found.weight[box_of(frame)].mean()))
    assert weights[0] < 1.0 and weights[-1] == 0.0
    assert all(b <= a + 1e-6 for a, b in pairwise(weights))


@pytest.mark.parametrize("seed", range(6))
def test_the_kernel_equals_the_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = 9, 14
    now, before = Scene(56, 36).camera(seed), Scene(56, 36, turn_rad=0.02).camera(seed + 1)
    depth = rng.uniform(2, 20, (height, width)).astype(np.float32)
    depth_before = np.full((height, width), 7.0, np.float32)  # one surface: interpolation changes nothing
    x = rng.uniform(-1, width, (height, width)).astype(np.float32)
    y = rng.uniform(-1, height, (height, width)).astype(np.float32)
    moving, trust = rng.uniform(size=depth.shape) < 0.5, np.maximum(rng.uniform(-1, 1, depth.shape), 0).astype("f4")
    shift_before = rng.normal(size=(height, width, 3)).astype(np.float32)
    weight_before = rng.uniform(size=depth.shape).astype(np.float32)
    shift, weight = np.empty_like(shift_before), np.empty_like(depth)
    matrices = world_from_features(now), world_from_features(before)
    kernels.carry(
        depth, depth_before, depth_before, *matrices, x, y, moving, trust, shift_before, weight_before, 0.1, 0.2,
        shift, weight, np.empty_like(moving),
    )  # fmt: skip

    def place(matrix: np.ndarray, column: np.ndarray, row: np.ndarray, far: np.ndarray) -> np.ndarray:
        nx, ny = (column + 0.5) * 2 / width - 1, 1 - (row + 0.5) * 2 / height
        return np.stack([nx * far, ny * far, far, nx, ny, np.ones_like(nx)], -1) @ matrix.T

    rows, columns = np.indices((height, width))
    source = np.clip(np.floor(y + 0.5), 0, height - 1) * width + np.clip(np.floor(x + 0.5), 0, width - 1)
    wanted = reference.carry_anchors(
        place(matrices[0], columns, rows, depth), place(matrices[1], x, y, depth_before), shift_before, weight_before,
        source.astype(np.intp), moving, trust > 0, 0.1, 0.2,
    )  # fmt: skip
    np.testing.assert_allclose(shift, wanted[0], atol=2e-4)
    np.testing.assert_allclose(weight, wanted[1], atol=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_what_stands_still_takes_its_anchor_from_its_own_surface(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = (1, 9) if seed == 0 else (9, 14)
    camera = world_from_features(Scene(56, 36).camera(seed))
    before, expected = rng.choice(np.array([4, 4.1, 9, SKY_M], np.float32), (2, height, width))
    x = rng.uniform(-3, width + 2, (height, width)).astype(np.float32)
    y = rng.uniform(-3, height + 2, (height, width)).astype(np.float32)
    x[0, 0], y[0, 1] = np.nan, 1e9
    trust = rng.choice(np.array([0, 1], np.float32), (height, width))
    shift_before = rng.normal(size=(height, width, 3)).astype(np.float32)
    weight_before = rng.uniform(size=(height, width)).astype(np.float32)
    still = np.zeros((height, width), np.bool_)
    shift, weight, held = np.empty_like(shift_before), np.empty_like(trust), np.empty_like(still)
    kernels.carry(
        expected, expected, before, camera, camera, x, y, still, trust, shift_before, weight_before, 0.1, 0.2, shift,
        weight, held,
    )  # fmt: skip
    there = (np.nan_to_num(place, nan=-3.0).clip(-3.0, size + 2) for place, size in ((x, width), (y, height)))
    source, kept = reference.anchor_sources(before, expected, *there, trust > 0, 0.05)
    assert seed == 0 or (kept & (trust == 0)).any()
    places = np.zeros((height, width, 3))
    wanted = reference.carry_anchors(places, places, shift_before, weight_before, source, still, kept, 0.1, 0.2)
    np.testing.assert_array_equal(held, kept)
    np.testing.assert_array_equal(shift, wanted[0])
    np.testing.assert_allclose(weight, wanted[1], atol=1e-6)


def test_what_comes_out_from_behind_an_edge_moves_with_its_neighbours() -> None:
    depth = np.full((5, 6), 4.0, np.float32)
    depth[:, 4:] = 9.0
    moving = depth < 5
    held = moving.copy()
    held[:, 3] = False
    shift = np.zeros((5, 6, 3), np.float32)
    shift[:, :3] = (1.0, 2.0, 3.0)
    weight = np.where(held, 0.8, 0.0).astype(np.float32)
    assert kernels.join(depth, moving, held, shift, weight) == 3.0
    assert (shift[:, 3] == (1.0, 2.0, 3.0)).all() and (weight[:, 3] == np.float32(0.8)).all()
    assert (shift[:, 4:] == 0).all()


def test_noise_of_a_thing_that_moves_is_that_of_where_it_was() -> None:
    scene, grid = Scene(128, 80), Grid(32, 20, 4)
    rng = np.random.default_rng(0)
    depth = rng.uniform(2, 30, (20, 32)).astype(np.float32)
    depth[0, :4] = SKY_M
    plain = noise.at_surfaces(depth, scene.camera(0), grid, 2, 3)
    same = plain.copy()
    noise.follow(
        same, Anchors(np.zeros((20, 32, 3), np.float32), np.ones((20, 32), np.float32)), depth, scene.camera(0), grid, 3
    )
    assert np.array_equal(plain, same)
    # the camera slides by a metre and everything with it: the anchors say that it was a metre to the left
    moved = Anchors(np.full((20, 32, 3), (-1.0, 0.0, 0.0), np.float32), np.ones((20, 32), np.float32))
    there = Scene(128, 80, speed_m=1.0).camera(1)
    again = noise.at_surfaces(depth, there, grid, 2, 3)
    assert (again == plain)[depth < 100].mean() < 0.5
    noise.follow(again, moved, depth, there, grid, 3)
    assert (again == plain)[depth < 100].mean() > 0.98
