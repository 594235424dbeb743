"""Rain and snow fall with the clock, stay in the world, hide behind what stands before them, and the fast form is the
reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32, U8, Camera
from framegen.ops import features as ft
from framegen.ops import precipitation
from framegen.ops import precipitation_reference as reference
from framegen.ops.kernels import precipitation as kernels
from framegen.ops.precipitation import FLAKES, RAIN, Kind

W, H = 96, 64
SKY = np.full((H, W), np.inf, np.float32)


def rays(x_m: float = 0.0, z_m: float = 0.0) -> ft.Rays:
    pose = np.eye(4)
    pose[:3, 3] = (x_m, 1.6, z_m)
    return ft.rays_of(Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H), W, H)


def hidden(kind: Kind, amount: float, seconds: float, depth_m: F32 = SKY, looking: ft.Rays | None = None) -> F32:
    """How much the fast form hides of black, by what it makes of it in white light."""
    picture = np.zeros((H, W, 3), np.uint8)
    white = np.ones(3, np.float32)
    seen = rays() if looking is None else looking
    precipitation.lay(picture, kind, precipitation.hidden(kind, amount, 1.0, seconds, depth_m, seen), white)
    return picture[..., 0].astype(np.float32) / 255


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 2**31), st.sampled_from([RAIN, FLAKES]), st.floats(0, 0.15), st.floats(0, 2e9), st.floats(-1e4, 1e4)
)
def test_the_fast_form_is_the_reference(seed: int, kind: Kind, amount: float, seconds: float, x_m: float) -> None:
    rng = np.random.default_rng(seed)
    depth = rng.choice([2.0, 5.0, np.inf, np.nan], (H // 8, W // 8)).repeat(8, 0).repeat(8, 1).astype(np.float32)
    picture, air = rng.integers(0, 256, (H, W, 3)).astype(np.uint8), rng.random(3).astype(np.float32)
    looking = rays(x_m)
    light = np.minimum(air + np.float32(kind.bright), 1)
    wanted = reference.laid(picture, reference.covered(kind, amount, seconds, depth, looking), light)
    precipitation.lay(picture, kind, precipitation.hidden(kind, amount, 1.0, seconds, depth, looking), air)
    off = np.abs(wanted.astype(int) - picture).max(-1)
    assert (off > 1).mean() < 0.002, "at the border of a line rounding decides"


@pytest.mark.parametrize("kind", [RAIN, FLAKES])
def test_more_of_it_hides_more_and_none_nothing(kind: Kind) -> None:
    none, some, much = (hidden(kind, amount, 3.0).mean() for amount in (0.0, 0.3, 1.0))
    assert none == 0 < some < much < 0.25


@pytest.mark.parametrize(("kind", "down_m"), [(RAIN, 8.0), (FLAKES, 1.3)])
def test_they_fall(kind: Kind, down_m: float) -> None:
    """Those far enough away move down by about their speed; of one time all are the same, however often it is asked."""
    early, _ = reference.lines(kind, 1.0, 100.0, np.zeros(3))
    later, way = reference.lines(kind, 1.0, 100.05, np.zeros(3))
    fell = (early - later)[:, 1]
    whole = np.abs(fell) < kind.box_m / 2  # the others came in again above
    assert whole.mean() > 0.9
    assert fell[whole].mean() == pytest.approx(0.05 * down_m, rel=0.05)
    assert (way[:, 1] < 0).all()
    np.testing.assert_array_equal(hidden(kind, 1.0, 7.0), hidden(kind, 1.0, 7.0))
    assert np.abs(hidden(kind, 1.0, 7.0) - hidden(kind, 1.0, 7.05)).mean() > 0.002


@pytest.mark.parametrize("kind", [RAIN, FLAKES])
def test_a_long_fade_does_not_blow_them_about(kind: Kind) -> None:
    """Their number grows in every frame of it, and after an hour of play the wind has brought them far."""
    moved = []
    for frame in range(40):
        before, after = (
            reference.lines(kind, 0.4 + 0.002 * n, 3600 + n / 30, np.zeros(3))[0] for n in (frame, frame + 1)
        )
        step = np.abs(after[: len(before)] - before)
        moved.append(np.median(np.hypot(step[:, 0], step[:, 2])))
    assert sum(step > 0.1 for step in moved) <= 1, "from one gust to the next they are others"


def test_they_are_of_the_world_and_not_of_the_camera() -> None:
    near, _ = reference.lines(FLAKES, 1.0, 5.0, np.zeros(3))
    moved, _ = reference.lines(FLAKES, 1.0, 5.0, np.array([0.3, -0.1, 0.2]))
    inner = (np.abs(near) < 5).all(-1)
    np.testing.assert_allclose(moved[inner], near[inner] - (0.3, -0.1, 0.2), atol=1e-9)
    across = hidden(FLAKES, 1.0, 5.0, looking=rays(0.5))
    assert np.abs(across - hidden(FLAKES, 1.0, 5.0)).max() > 0.1


@pytest.mark.parametrize("kind", [RAIN, FLAKES])
def test_what_stands_before_them_hides_them(kind: Kind) -> None:
    wall = SKY.copy()
    wall[:, : W // 2] = 0.5
    seen, open_ = hidden(kind, 1.0, 9.0, wall), hidden(kind, 1.0, 9.0)
    assert seen[:, : W // 2].sum() < 0.1 * open_[:, : W // 2].sum()
    np.testing.assert_array_equal(seen[:, W // 2 :], open_[:, W // 2 :])


def test_where_no_depth_is_known_nothing_stands_before_them() -> None:
    np.testing.assert_array_equal(
        precipitation.hidden(RAIN, 1.0, 1.0, 9.0, None, rays()), precipitation.hidden(RAIN, 1.0, 1.0, 9.0, SKY, rays())
    )


def test_a_larger_picture_shows_the_same_drops_sharper() -> None:
    pose = np.eye(4)
    camera = Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H)
    small, large = (
        precipitation.hidden(RAIN, 1.0, 1.0, 9.0, None, ft.rays_of(camera, s * W, s * H)).sum(0) for s in (1, 4)
    )
    shrunk = large.reshape(H, 4, W, 4).mean((1, 3))
    assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.8
    assert large.max() >= small.max() and (large > 0.02).mean() < 0.7 * (small > 0.02).mean()


def test_without_perspective_none_is_near() -> None:
    looking = ft.rays_of(Camera(np.eye(4), np.diag([0.1, 0.2, -0.01, 1.0]), 0.1, 100.0), W, H)
    assert not reference.covered(RAIN, 1.0, 0.0, SKY, looking).any()
    assert not hidden(RAIN, 1.0, 0.0, looking=looking).any()


@pytest.mark.filterwarnings("error")
def test_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    frozen: U8 = np.zeros((H, W, 3), np.uint8)
    depth = SKY.copy()
    depth.setflags(write=False)
    cover = precipitation.hidden(RAIN, 1.0, 0.5, 1.0, depth, rays())
    precipitation.lay(frozen, RAIN, cover, np.ones(3, np.float32))
    for kernel in (kernels.cover, kernels.lay):
        assert len(getattr(kernel, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
