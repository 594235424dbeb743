"""What the demo's engine sends must be exact: depth, motion, label and camera against geometry known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.demo import materials as m
from framegen.demo.materials import LABELS, SKY_LABEL
from framegen.demo.mesh import Mesh, MeshBuilder, rotation_z, translation
from framegen.demo.panda import Y_UP_FROM_Z_UP, Planes
from framegen.demo.paths import look_along
from framegen.frame import F32, F64, Camera

NO_POSES = np.zeros((0, 4, 4))


def wall(distance_m: float, material: m.Material = m.STONE) -> Mesh:
    """A square of 60 m, ``distance_m`` north of the origin, facing south."""
    builder = MeshBuilder()
    builder.polygon(
        [(-30, distance_m, -30), (30, distance_m, -30), (30, distance_m, 30), (-30, distance_m, 30)], material
    )
    return builder.build()


def boxes(seed: int = 0) -> Mesh:
    """A ground and some boxes on it, all around the origin."""
    rng = np.random.default_rng(seed)
    builder = MeshBuilder()
    builder.rectangle(-80, -80, 80, 80, 0.0, m.ASPHALT)
    for _ in range(40):
        angle, distance = rng.uniform(0, 2 * np.pi), rng.uniform(9, 50)
        with builder.at(translation(distance * np.cos(angle), distance * np.sin(angle)) @ rotation_z(angle)):
            w, h = rng.uniform(1, 3), rng.uniform(1, 9)
            builder.box((-w, -w, 0), (w, w, h), m.PLASTERS[0])
    return builder.build()


def pixel_grid(height: int, width: int) -> tuple[F64, F64]:
    """x, y of pixel centres."""
    y, x = np.mgrid[0:height, 0:width]
    return x + 0.5, y + 0.5


def world_points(camera: Camera, depth_m: F32) -> F64:
    """``[H, W, 3]``: where each pixel lies, from depth and camera alone."""
    height, width = depth_m.shape
    x, y = pixel_grid(height, width)
    clip = camera.clip_from_view
    view_x = (2 * x / width - 1) / clip[0, 0] * depth_m
    view_y = (1 - 2 * y / height) / clip[1, 1] * depth_m
    view = np.stack([view_x, view_y, -depth_m, np.ones_like(depth_m)], axis=-1)
    return np.asarray((view @ camera.world_from_view.T)[..., :3])


def project(camera: Camera, world: F64, width: int, height: int) -> F64:
    """``[..., 2]`` pixels of world points."""
    homogeneous = np.concatenate([world, np.ones((*world.shape[:-1], 1))], axis=-1)
    clip = homogeneous @ (camera.clip_from_view @ camera.view_from_world).T
    ndc = clip[..., :2] / clip[..., 3:]
    return np.stack([(ndc[..., 0] + 1) / 2 * width, (1 - ndc[..., 1]) / 2 * height], axis=-1)


def motion_error_px(before: Planes, now: Planes) -> F64:
    """How far each pixel's motion is from that of a point that stands still."""
    height, width = now.depth_m.shape
    points = world_points(now.camera, np.where(np.isfinite(now.depth_m), now.depth_m, 1e7).astype(np.float32))
    x, y = pixel_grid(height, width)
    expected = project(before.camera, points, width, height) - np.stack([x, y], axis=-1)
    return np.asarray(np.linalg.norm(now.motion_px - expected, axis=-1))


def test_depth_of_a_wall_is_its_distance_along_the_view_axis(make_renderer) -> None:
    renderer = make_renderer([wall(11.5)], [])
    planes = renderer.render(look_along((0, 0, 0), np.pi / 2, 0.0), NO_POSES)
    # Everywhere the same: along the axis, not along the ray.
    np.testing.assert_allclose(planes.depth_m, 11.5, atol=1e-4)
    assert (planes.label == LABELS.index("stone")).all()
    assert planes.motion_px.dtype == np.float32 and np.abs(planes.motion_px).max() < 1e-3


def test_sky_is_infinitely_far_and_says_so(make_renderer) -> None:
    renderer = make_renderer([wall(20.0)], [])
    planes = renderer.render(look_along((0, 0, 0), -np.pi / 2, 0.3), NO_POSES)
    assert np.isposinf(planes.depth_m).all()
    assert (planes.label == SKY_LABEL).all()
    assert planes.color[0].mean() < planes.color[-1].mean(), "the sky is brighter at the horizon, which is below"


def test_rows_run_from_the_top_and_columns_from_the_left(make_renderer) -> None:
    builder = MeshBuilder()
    # A red square up on the left of somebody who looks north: west, and high.
    builder.polygon([(-6, 10, 3), (-4, 10, 3), (-4, 10, 5), (-6, 10, 5)], m.CLOTHS[0])
    renderer = make_renderer([builder.build()], [])
    planes = renderer.render(look_along((0, 0, 0), np.pi / 2, 0.0), NO_POSES)
    y, x = np.nonzero(planes.label == LABELS.index("fabric"))
    assert y.mean() < planes.label.shape[0] / 2 and x.mean() < planes.label.shape[1] / 2
    red, green, blue = planes.color[y, x].mean(axis=0)
    assert red > 2 * green and red > 2 * blue


def test_camera_matrices_are_those_of_the_picture(make_renderer) -> None:
    builder = MeshBuilder()
    center = np.array((3.0, 14.0, 2.0))
    builder.box(tuple(center - 0.2), tuple(center + 0.2), m.CLOTHS[0])
    renderer = make_renderer([builder.build()], [])
    planes = renderer.render(look_along((1.0, -2.0, 1.5), np.radians(80), -0.05), NO_POSES)
    y, x = np.nonzero(planes.label == LABELS.index("fabric"))
    at = project(planes.camera, Y_UP_FROM_Z_UP[:3, :3] @ center, 256, 144)
    np.testing.assert_allclose((x.mean() + 0.5, y.mean() + 0.5), at, atol=0.6)


def test_motion_of_what_stands_still_follows_from_depth_and_matrices(make_renderer) -> None:
    renderer = make_renderer([boxes()], [], 512, 288)
    before = renderer.render(look_along((0, 0, 2.0), 0.3, 0.05), NO_POSES)
    now = renderer.render(look_along((0.25, 0.1, 2.02), 0.33, 0.045), NO_POSES)
    error = motion_error_px(before, now)
    solid = np.isfinite(now.depth_m)
    assert solid.mean() > 0.4 and (~solid).mean() > 0.1
    assert error[solid].max() < 0.05
    assert error[~solid].max() < 0.05, "sky under a turning camera moves as well"
    assert np.linalg.norm(now.motion_px, axis=-1).mean() > 3


def test_own_motion_comes_from_the_mover_alone(make_renderer) -> None:
    builder = MeshBuilder()
    builder.box((-1, -1, -1), (1, 1, 1), m.PAINTS[0])
    renderer = make_renderer([wall(30.0)], [builder.build()], 512, 288)
    eye = look_along((0, 0, 0), np.pi / 2, 0.0)
    renderer.render(eye, translation(0, 12, 0)[None])
    planes = renderer.render(eye, translation(0.5, 12, 0)[None])
    car = planes.label == LABELS.index("car paint")
    front = car & (np.abs(planes.depth_m - 11.0) < 1e-3)
    focal_px = 144 / np.tan(0.45)
    np.testing.assert_allclose(planes.motion_px[front][:, 0], -0.5 / 11.0 * focal_px, atol=0.02)
    np.testing.assert_allclose(planes.motion_px[front][:, 1], 0.0, atol=0.02)
    assert np.abs(planes.motion_px[~car]).max() < 1e-3, "nothing else moved"


def test_a_turning_mover_moves_as_its_points_do(make_renderer) -> None:
    builder = MeshBuilder()
    builder.box((-2, -2, -1), (2, 2, 1), m.PAINTS[0])
    renderer = make_renderer([wall(40.0)], [builder.build()], 512, 288)
    old_eye, eye = look_along((0, 0, 1), np.pi / 2, 0.0), look_along((0.1, 0.3, 1), np.pi / 2 + 0.02, 0.0)
    old_pose, pose = translation(1, 12) @ rotation_z(0.30), translation(1.2, 11.8) @ rotation_z(0.36)
    before = renderer.render(old_eye, old_pose[None])
    now = renderer.render(eye, pose[None])
    car = now.label == LABELS.index("car paint")
    points = world_points(now.camera, np.where(car, now.depth_m, 1.0).astype(np.float32))
    to_before = Y_UP_FROM_Z_UP @ old_pose @ np.linalg.inv(pose) @ np.linalg.inv(Y_UP_FROM_Z_UP)
    moved = points @ to_before[:3, :3].T + to_before[:3, 3]
    x, y = pixel_grid(288, 512)
    expected = project(before.camera, moved, 512, 288) - np.stack([x, y], axis=-1)
    assert car.sum() > 1000
    assert np.abs(now.motion_px - expected)[car].max() < 0.05


def test_nothing_moves_across_a_cut(make_renderer) -> None:
    renderer = make_renderer([boxes()], [])
    renderer.render(look_along((0, 0, 2.0), 0.0, 0.0), NO_POSES)
    renderer.cut()
    planes = renderer.render(look_along((1, 0, 2.0), 1.0, 0.0), NO_POSES)
    assert np.abs(planes.motion_px).max() < 1e-3


@pytest.mark.parametrize("size", [(65, 67), (333, 111)])
def test_odd_sizes(make_renderer, size: tuple[int, int]) -> None:
    width, height = size
    renderer = make_renderer([wall(10.0)], [], width, height)
    planes = renderer.render(look_along((0, 0, 0), np.pi / 2, 0.0), NO_POSES)
    assert planes.color.shape == (height, width, 3)
    assert planes.depth_m.shape == planes.label.shape == (height, width)
    np.testing.assert_allclose(planes.depth_m, 10.0, atol=1e-4)
