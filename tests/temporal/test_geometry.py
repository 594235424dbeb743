"""Motion, expected depth and places from depth and cameras, against values worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moving_scene import Scene, pose

from framegen.errors import InvalidFrame
from framegen.frame import Camera
from framegen.temporal.geometry import (
    LOST_PX,
    SKY_M,
    Grid,
    footprint_m,
    motion_from_depth,
    same_camera,
    world_positions,
)

GRID = Grid(32, 18, 4)
FOV = 1.0
FOCAL_PX = 72 / 2 / np.tan(FOV / 2)


def camera(position: tuple[float, float, float] = (0, 0, 0), yaw: float = 0.0, pitch: float = 0.0) -> Camera:
    return Camera.perspective(pose(position, yaw, pitch), fov_y_rad=FOV, aspect=128 / 72)


def orthographic(position: tuple[float, float, float], half_width_m: float) -> Camera:
    clip = np.diag([1 / half_width_m, 1 / (half_width_m * 72 / 128), -0.02, 1.0])
    return Camera(np.linalg.inv(pose(position)), clip, 0.1, 100.0)


def flat(depth: float) -> np.ndarray:
    return np.full((18, 32), depth, np.float32)


def test_a_camera_that_moved_right_saw_points_further_right() -> None:
    motion, expected = motion_from_depth(flat(5.0), camera((0.2, 0, 0)), camera(), GRID)
    np.testing.assert_allclose(motion[..., 0], 0.2 / 5.0 * FOCAL_PX, atol=1e-3)
    np.testing.assert_allclose(motion[..., 1], 0.0, atol=1e-3)
    np.testing.assert_allclose(expected, 5.0, rtol=1e-5)


def test_a_camera_that_moved_up_saw_points_higher() -> None:
    motion, _ = motion_from_depth(flat(5.0), camera((0, 0.2, 0)), camera(), GRID)
    np.testing.assert_allclose(motion[..., 1], -0.2 / 5.0 * FOCAL_PX, atol=1e-3)


def test_a_camera_that_moved_ahead_had_more_depth_before() -> None:
    motion, expected = motion_from_depth(flat(5.0), camera((0, 0, -1.0)), camera(), GRID)
    np.testing.assert_allclose(expected, 6.0, rtol=1e-5)
    column = np.arange(32) * 4 + 1.5 - 63.5
    np.testing.assert_allclose(motion[9, :, 0], column * (5.0 / 6.0 - 1.0), atol=1e-2)


def test_turning_moves_the_sky_and_the_ground_alike() -> None:
    now, before = camera(yaw=0.03), camera()
    far, _ = motion_from_depth(flat(np.inf), now, before, GRID)
    near, _ = motion_from_depth(flat(2.0), now, before, GRID)
    np.testing.assert_allclose(far, near, atol=1e-2)
    # Turned left: the picture's middle came from further left.
    assert far[9, 15:17, 0].mean() == pytest.approx(-np.tan(0.03) * FOCAL_PX, rel=0.01)


def test_the_sky_does_not_move_with_the_camera() -> None:
    motion, expected = motion_from_depth(flat(np.inf), camera((3, 1, 2)), camera(), GRID)
    assert np.abs(motion).max() < 1e-3
    np.testing.assert_allclose(expected, SKY_M, rtol=1e-3)


def test_what_was_behind_the_camera_is_lost() -> None:
    motion, _ = motion_from_depth(flat(1.0), camera((0, 0, 5.0)), camera(), GRID)
    assert (motion == LOST_PX).all()


@pytest.mark.parametrize("depth", [3.0, 30.0])
def test_orthographic_motion_does_not_depend_on_depth(depth: float) -> None:
    motion, expected = motion_from_depth(
        flat(depth), orthographic((0.5, 0, 0), 8.0), orthographic((0, 0, 0), 8.0), GRID
    )
    np.testing.assert_allclose(motion[..., 0], 0.5 / 8.0 * 64, rtol=1e-4)
    np.testing.assert_allclose(expected, depth, rtol=1e-4)


def test_an_off_centre_projection_agrees_with_a_centred_one_cropped() -> None:
    wide = Camera.perspective(pose((0, 0, 0)), fov_y_rad=FOV, aspect=2.0)
    crop = np.eye(4)
    crop[0, 0], crop[0, 3] = 2.0, 1.0  # the left half of the picture
    left = dataclasses.replace(wide, clip_from_view=crop @ wide.clip_from_view)
    depth = np.random.default_rng(0).uniform(2, 9, (16, 32)).astype(np.float32)
    moved = Camera.perspective(pose((0.1, 0.2, -0.3), 0.02, 0.01), fov_y_rad=FOV, aspect=2.0)
    moved_left = dataclasses.replace(moved, clip_from_view=crop @ moved.clip_from_view)
    whole, expected = motion_from_depth(depth, moved, wide, Grid(32, 16))
    half, expected_left = motion_from_depth(depth[:, :16].copy(), moved_left, left, Grid(16, 16))
    np.testing.assert_allclose(half, whole[:, :16], atol=1e-3)
    np.testing.assert_allclose(expected_left, expected[:, :16], rtol=1e-5)
    np.testing.assert_allclose(
        world_positions(depth[:, :16].copy(), moved_left, Grid(16, 16)),
        world_positions(depth, moved, Grid(32, 16))[..., :16],
        atol=1e-9,
    )


@settings(max_examples=25, deadline=None)
@given(
    st.tuples(*[st.floats(-0.5, 0.5)] * 3),
    st.floats(-0.2, 0.2),
    st.floats(-0.2, 0.2),
    st.floats(-1e5, 1e5),
)
def test_motion_and_places_agree(step: tuple[float, float, float], yaw: float, pitch: float, far_away: float) -> None:
    """Projecting a point's world position with the previous camera gives where motion says it was."""
    base = (far_away, 0.0, -far_away)
    now = camera(tuple(np.add(base, step)), yaw, pitch)  # type: ignore[arg-type]
    before = camera(base)
    depth = np.random.default_rng(1).uniform(2, 50, (18, 32)).astype(np.float32)
    motion, expected = motion_from_depth(depth, now, before, GRID)
    world = np.moveaxis(world_positions(depth, now, GRID), 0, -1)
    view = np.concatenate([world, np.ones((18, 32, 1))], -1) @ before.view_from_world.T
    clip = view @ before.clip_from_view.T
    x = (clip[..., 0] / clip[..., 3] + 1) * 64 - 0.5
    y = (1 - clip[..., 1] / clip[..., 3]) * 36 - 0.5
    columns, rows = np.meshgrid(np.arange(32) * 4 + 1.5, np.arange(18) * 4 + 1.5)
    np.testing.assert_allclose(motion[..., 0] + columns, x, atol=0.02)
    np.testing.assert_allclose(motion[..., 1] + rows, y, atol=0.02)
    np.testing.assert_allclose(expected, -view[..., 2], rtol=1e-4)


def test_it_agrees_with_the_vectors_of_a_ray_caster() -> None:
    scene = Scene(width=128, height=72, speed_m=0.1, turn_rad=0.01, box=False)
    frame = scene.frame(3)
    assert frame.depth_m is not None
    motion, _ = motion_from_depth(frame.depth_m.astype(np.float32), scene.camera(3), scene.camera(2), Grid(128, 72))
    np.testing.assert_allclose(motion, frame.motion_px, atol=2e-3)


def test_a_world_origin_moves_places_and_leaves_motion_exact() -> None:
    shifted = dataclasses.replace(camera((0.2, 0, 0)), world_origin_m=(4000.0, 0.0, 0.0))
    other = dataclasses.replace(camera((4000.0, 0, 0)))
    motion, _ = motion_from_depth(flat(5.0), shifted, other, GRID)
    np.testing.assert_allclose(motion[..., 0], 0.2 / 5.0 * FOCAL_PX, atol=1e-3)


def test_a_footprint_is_what_a_cell_spans() -> None:
    np.testing.assert_allclose(footprint_m(flat(10.0), camera(), GRID), 10.0 / FOCAL_PX * 4, rtol=1e-5)
    np.testing.assert_allclose(footprint_m(flat(10.0), orthographic((0, 0, 0), 8.0), GRID), 0.5, rtol=1e-5)


def test_cameras_are_the_same_only_when_nothing_moved() -> None:
    assert same_camera(camera(), camera())
    assert not same_camera(camera(), camera((1e-5, 0, 0)))
    assert not same_camera(camera(), None)
    assert same_camera(None, None)


def test_a_projection_that_holds_the_view_is_refused() -> None:
    skewed = dataclasses.replace(camera(), clip_from_view=camera().clip_from_view @ np.linalg.inv(pose((0, 0, 0), 0.5)))
    with pytest.raises(InvalidFrame, match="clip_from_view"):
        motion_from_depth(flat(1.0), skewed, camera(), GRID)
