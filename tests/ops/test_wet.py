"""Wet floors mirror lights where a mirror would, and nothing else does; the fast form is the reference."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.frame import F32, Camera
from framegen.ops import features as ft
from framegen.ops import wet
from framegen.ops import wet_reference as reference
from framegen.ops.kernels import wet as kernels
from framegen.ops.wet_reference import LEVEL_M, MOST

W, H = 256, 192
EYE_M, WALL_M = 2.0, 12.0


def street(orthographic: bool = False) -> tuple[ft.CellGeometry, F32, F32]:
    """A floor and a wall across it: geometry, the cells' depth, and the cells' heights over the floor."""
    pose = np.eye(4)
    pose[1, 3] = EYE_M
    if orthographic:
        down = 0.5
        turn = np.array([[1, 0, 0], [0, np.cos(down), np.sin(down)], [0, -np.sin(down), np.cos(down)]])
        pose[:3, :3] = turn
        clip = np.diag([2 / 20, 2 / 15, -2 / 100, 1.0])
        clip[2, 3] = -1
        camera = Camera(np.linalg.inv(pose), clip, 0.1, 100.0)
    else:
        camera = Camera.perspective(pose, fov_y_rad=1.2, aspect=W / H)
    rays = ft.rays_of(camera, W, H)
    ray = (rays.columns[:, None, :] + rays.rows[:, :, None]).astype(np.float64)
    start, way = (np.zeros_like(ray), ray) if rays.perspective else (ray, np.broadcast_to(
        rays.forward[:, None, None], ray.shape))  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = (-EYE_M - start[1]) / way[1]
        wall = (-WALL_M - start[2]) / way[2]
    depth = np.where((floor > 0) & (floor < wall), floor, wall).astype(np.float32)
    geometry = ft.cell_features((W, H), depth, rays, None, 0.0, None)
    sampled = depth[ft.SAMPLE_PX :: 4, ft.SAMPLE_PX :: 4]
    return geometry, sampled, ft.cell_points(sampled, rays)[1] + np.float32(EYE_M)


def mirrored(light: F32, light_m: F32, depth: F32, geometry: ft.CellGeometry) -> F32:
    """What both forms give for cells' depth, each of which has the same depth all over."""
    wanted = reference.mirrored(light, light_m, depth, geometry)
    got = wet.mirrored(light, light_m, depth.repeat(4, 0).repeat(4, 1), geometry)
    # where it falls on a cell's border rounding decides
    assert (np.abs(got - wanted) > 1e-3).mean() < 0.02
    return got


def nearest(heights: F32, height_m: float, column: int) -> int:
    return int(np.abs(heights[:, column] - height_m).argmin())


@pytest.mark.parametrize("orthographic", [False, True])
def test_a_light_on_the_wall_is_mirrored_as_far_below_the_floor(orthographic: bool) -> None:
    geometry, depth, heights = street(orthographic)
    light = np.zeros((H // 4, W // 4, 3), np.float32)
    row = nearest(heights, 1.0, 32)
    assert geometry.features[ft.NORMAL_UP, row, 32] < 0.5, "the light hangs on the wall"
    light[row, 32] = (1.0, 0.8, 0.5)
    out = mirrored(light, depth, depth, geometry)
    assert geometry.rays is not None
    image = ft.cell_points(depth, geometry.rays)[:, row, 32].copy()
    image[1] -= 2 * heights[row, 32]
    inverse, corner = ft.pixel_from_world(geometry.rays)
    x, y, z = inverse @ (image - corner)
    column, wanted = (v / (4 * (1 if orthographic else z)) for v in (x, y))
    weight = out[..., 0]
    rows, columns = np.nonzero(weight)
    assert weight.sum() > 0
    assert abs(np.average(columns, weights=weight[rows, columns]) + 0.5 - column) < 1
    assert abs(np.average(rows, weights=weight[rows, columns]) + 0.5 - wanted) < 2
    assert out.max() <= MOST
    assert (out[..., 2] <= out[..., 0]).all(), "in the light's colour"


def test_walls_mirror_nothing_and_what_is_no_light_is_not_mirrored() -> None:
    geometry, depth, heights = street()
    light = np.ones((H // 4, W // 4, 3), np.float32)
    out = mirrored(light, depth, depth, geometry)
    assert not out[heights > LEVEL_M].any()
    assert out[heights < 0.05].any()
    assert not mirrored(np.zeros_like(light), depth, depth, geometry).any()


def test_without_a_camera_or_a_floor_nothing_is_mirrored() -> None:
    geometry, depth, _ = street()
    light = np.ones((H // 4, W // 4, 3), np.float32)
    assert not mirrored(light, depth, depth, ft.CellGeometry(geometry.features, None, None, None)).any()
    flat = geometry.features.copy()
    flat[ft.NORMAL_UP] = 0
    assert not mirrored(light, depth, depth, ft.CellGeometry(flat, None, None, geometry.rays)).any()
    for odd in (np.inf, np.nan, 0.0, -3.0):
        assert not mirrored(light, np.full_like(depth, odd), depth, geometry).any()
        holes = np.where(np.arange(W // 4) % 2, depth, np.float32(odd)).astype(np.float32)
        assert np.isfinite(mirrored(light, depth, holes, geometry)).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("orthographic", [False, True])
def test_one_compiled_form_serves_all(orthographic: bool) -> None:
    kernels.warm_up()
    geometry, depth, _ = street(orthographic)
    rng = np.random.default_rng(4)
    for seen in (depth, np.asfortranarray(depth)):
        light = rng.random((H // 4, W // 4, 3)).astype(np.float32)
        assert mirrored(np.asfortranarray(light), seen, seen, geometry).any()
    for compiled in (kernels.floors, kernels.scatter, kernels.keep):
        assert len(getattr(compiled, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
