"""Panes mirror the sky, a skyline and the sun; the fast form is the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32, U8, Camera
from framegen.ops import features as ft
from framegen.ops import panes
from framegen.ops import panes_reference as reference
from framegen.ops.kernels import panes as kernels

W, H = 96, 64
WALL_M = 8.0
NO_SUN = np.zeros(3, np.float32)
SKY = np.array([0.5, 0.6, 0.9], np.float32)


def facade(
    orthographic: bool = False, turn_rad: float = 0.3, far_m: float = 0.0, scale: float = 1.0
) -> tuple[ft.CellGeometry, F32]:
    """A wall that fills the view, looked at from aside: geometry and depth. ``scale``: of the orthographic view's pose,
    as of a camera below a scaled node."""
    pose = np.eye(4)
    pose[:3, 3] = far_m, 1.7, 0
    c, s = np.cos(turn_rad), np.sin(turn_rad)
    pose[:3, :3] = [[c, 0, s], [0, 1, 0], [-s, 0, c]]
    if orthographic:
        pose[:3, :3] *= scale
        clip = np.diag([2 * scale / 12, 2 * scale / 9, -2 / 100, 1.0])
        clip[2, 3] = -1
        camera = Camera(np.linalg.inv(pose), clip, 0.1, 100.0)
    else:
        camera = Camera.perspective(pose, fov_y_rad=0.9, aspect=W / H)
    rays = ft.rays_of(camera, W, H)
    ray = (rays.columns[:, None, :] + rays.rows[:, :, None]).astype(np.float64)
    start, way = (np.zeros(3), ray) if rays.perspective else (ray, rays.forward[:, None, None])
    depth = ((-WALL_M - start[2]) / way[2]) * np.ones((H, W))
    depth = np.where(depth > 0, depth, np.inf).astype(np.float32)
    return ft.cell_features((W, H), depth, rays, None, 0.0, None), depth


def lay(
    picture: U8, geometry: ft.CellGeometry, depth: F32, kind: U8, sun: F32 = NO_SUN, through: float = 1.0,
    share: float = 1.0,
) -> U8:  # fmt: skip
    """Panes and coats alike."""
    out = picture.copy()
    clear = np.full((H, W), through, np.float32)
    layer = panes.layer(out, kind, depth, clear, geometry, SKY, sun, {panes.PANE: share, panes.COAT: share})
    if layer is not None:
        layer(0, H)
    return out


PANES = np.full((H, W), panes.PANE, np.uint8)
COATS = np.full((H, W), panes.COAT, np.uint8)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 2**31), st.booleans(), st.floats(-0.6, 0.6), st.sampled_from([0.0, 3e4]), st.floats(0, 1)
)  # fmt: skip
def test_the_fast_form_is_the_reference(
    seed: int, orthographic: bool, turn_rad: float, far_m: float, sunny: float
) -> None:
    rng = np.random.default_rng(seed)
    geometry, depth = facade(orthographic, turn_rad, far_m)
    kind = rng.choice([0, 1, 2, panes.PANE, panes.COAT], (H // 8, W // 8)).repeat(8, 0).repeat(8, 1).astype(np.uint8)
    kind[rng.random((H, W)) < 0.05] = 0
    picture, through = rng.integers(0, 256, (H, W, 3)).astype(np.uint8), rng.random((H, W)).astype(np.float32)
    sun = np.array([0.3, 0.4, 0.8], np.float32)
    sun *= np.float32(sunny) / np.linalg.norm(sun)
    got = picture.copy()
    share = {panes.PANE: 0.8, panes.COAT: 0.6}
    layer = panes.layer(got, kind, depth, through, geometry, SKY, sun, share)
    assert layer is not None
    layer(0, H)
    wanted = reference.laid(picture, kind, depth, through, geometry, SKY, sun, share)
    assert np.abs(got.astype(int) - wanted).max() <= 1
    assert np.array_equal(got[kind < panes.PANE], picture[kind < panes.PANE])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_fast_normals_and_the_mean_colour_are_the_references(seed: int) -> None:
    rng = np.random.default_rng(seed)
    geometry, depth = facade()
    bent = geometry.features.copy()
    bent[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1] *= rng.random(bent.shape[1:]) ** 0.3
    odd = ft.CellGeometry(bent, geometry.plane, geometry.footprint_m, geometry.rays)
    kind = rng.choice([0, panes.PANE], (H // 4, W // 4)).repeat(4, 0).repeat(4, 1).astype(np.uint8)
    kind[rng.random((H, W)) < 0.1] = 0
    kind[:, : W // 3] = 0
    got = np.zeros((H // 4, W // 4, 3), np.float32)
    panes.facing(kind, panes.PANE, odd, got)
    np.testing.assert_allclose(got, reference.facing(kind, panes.PANE, odd), atol=2e-4)
    assert not got[:, : W // 12 - 1].any()
    picture, mean = rng.integers(0, 256, (H, W, 3)).astype(np.uint8), np.empty(3, np.float32)
    far = np.where(rng.random((H, W)) < 0.3, np.inf, depth).astype(np.float32)
    kernels.shown(picture, far, mean)
    np.testing.assert_allclose(mean, reference.shown(picture, far), atol=1e-5)


def test_views_whose_pose_is_scaled_mirror_the_same() -> None:
    picture = np.full((H, W, 3), 90, np.uint8)
    plain, scaled = (lay(picture, *facade(True, scale=scale), PANES) for scale in (1.0, 3.0))
    np.testing.assert_allclose(scaled.astype(int), plain, atol=1)


def test_high_panes_mirror_the_sky_and_low_ones_what_stands_before_it() -> None:
    geometry, depth = facade(turn_rad=0.0)
    out = lay(np.full((H, W, 3), 60, np.uint8), geometry, depth, PANES).astype(float)
    assert out[:8].mean() > out[-8:].mean() + 5
    assert out[:8, :, 2].mean() > out[:8, :, 0].mean(), "in the sky's colour"


def test_a_coat_adds_light_to_its_paint_and_most_where_it_is_grazed() -> None:
    geometry, depth = facade(turn_rad=0.9)
    picture = np.full((H, W, 3), 60, np.uint8)
    more = (lay(picture, geometry, depth, COATS).astype(float) - picture)[:8].mean((0, 2))
    column = np.flatnonzero(np.isfinite(depth).all(0))
    near, far = (more[c] for c in (column[depth[0, column].argmin()], column[depth[0, column].argmax()]))
    assert far > near + 10 and near > 0


def test_normals_at_a_frame_are_those_of_the_glass_inside() -> None:
    geometry, _ = facade(turn_rad=0.0)
    bent = geometry.features.copy()
    kind = np.zeros((H, W), np.uint8)
    kind[16:48, 24:72] = panes.PANE
    cells = kind[:: ft.CELL_PX, :: ft.CELL_PX] == panes.PANE
    inner = np.zeros_like(cells)
    inner[5:11, 7:17] = True
    bent[ft.NORMAL_RIGHT, cells & ~inner] = 0.7  # as across the step of a frame
    bent[ft.NORMAL_AHEAD, cells & ~inner] *= 0.7
    odd = ft.CellGeometry(bent, geometry.plane, geometry.footprint_m, geometry.rays)
    found = reference.facing(kind, panes.PANE, odd)
    found /= np.linalg.norm(found, axis=-1, keepdims=True) + 1e-9
    straight = reference.facing(kind, panes.PANE, geometry)
    straight /= np.linalg.norm(straight, axis=-1, keepdims=True) + 1e-9
    assert (found * straight).sum(-1)[cells].min() > 0.99


def test_what_stands_opposite_has_the_colours_of_the_frame() -> None:
    geometry, depth = facade(turn_rad=0.0)
    red = np.full((H, W, 3), (200, 60, 60), np.uint8)
    below = lay(red, geometry, depth, PANES)[-4:].astype(float)
    blue = lay(np.ascontiguousarray(red[..., ::-1]), geometry, depth, PANES)[-4:].astype(float)
    np.testing.assert_allclose(below, blue[..., ::-1], atol=1)
    assert reference.shown(red, np.full((H, W), np.inf, np.float32)).tolist() == [0, 0, 0]


def test_the_sun_flashes_where_a_mirror_would_show_it() -> None:
    geometry, depth = facade(turn_rad=0.0)
    picture = np.full((H, W, 3), 60, np.uint8)
    sun = np.array([0.0, 0.35, 1.0], np.float32)  # behind the viewer and above
    more = lay(picture, geometry, depth, PANES, sun / np.linalg.norm(sun)).astype(int) - lay(
        picture, geometry, depth, PANES
    )
    assert more.max() > 40
    row, column = np.unravel_index(more[..., 0].argmax(), (H, W))
    assert row < H / 2 and abs(column - W / 2) < 4
    assert not more[-8:].any()


@pytest.mark.filterwarnings("error")
def test_fog_hides_it_strength_leaves_the_engines_and_odd_frames_do_no_harm() -> None:
    geometry, depth = facade()
    picture = np.full((H, W, 3), 60, np.uint8)
    assert np.array_equal(lay(picture, geometry, depth, PANES, through=0.0), picture)
    assert np.array_equal(lay(picture, geometry, depth, PANES, share=0.0), picture)
    assert np.array_equal(lay(picture, ft.CellGeometry(geometry.features, None, None, None), depth, PANES), picture)
    for odd in (np.inf, np.nan, -np.inf, 0.0, -1e30):
        assert np.array_equal(lay(picture, geometry, np.full_like(depth, odd), PANES), picture)


@pytest.mark.parametrize("length", [0.0, 1.0])
def test_one_compiled_form_serves_all(length: float) -> None:
    kernels.warm_up()
    for orthographic in (False, True):
        geometry, depth = facade(orthographic)
        assert geometry.rays is not None
        geometry.rays.columns.setflags(write=False)
        lay(np.zeros((H, W, 3), np.uint8), geometry, np.asfortranarray(depth), PANES, NO_SUN + np.float32(length))
    assert len(getattr(kernels.lay, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
