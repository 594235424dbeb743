"""Stars and the moon: in the sky alone, fixed in the world, behind clouds."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32, U8, Camera
from framegen.ops import features as ft
from framegen.ops import night_sky
from framegen.ops import night_sky_reference as reference
from framegen.ops.kernels import night_sky as kernels
from framegen.ops.night_sky import WHOLE, NightSky, Part

W, H = 160, 96
AHEAD = (0.0, math.sin(0.4), -math.cos(0.4))
NIGHT = NightSky(1.0, 0.0, AHEAD)
MOON = NightSky(0.0, 1.0, AHEAD)
ALL = np.ones((H // ft.CELL_PX, W // ft.CELL_PX), np.float32)


def rays(turn_rad: float = 0.0, up_rad: float = 0.4, width: int = W, height: int = H) -> ft.Rays:
    """Of a camera that looks up by ``up_rad`` and to the left by ``turn_rad``."""
    c, s, a, b = math.cos(turn_rad), math.sin(turn_rad), math.cos(up_rad), math.sin(up_rad)
    pose = np.eye(4)
    pose[:3, :3] = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ np.array([[1, 0, 0], [0, a, -b], [0, b, a]])
    return ft.rays_of(Camera.perspective(pose, fov_y_rad=1.0, aspect=width / height), width, height)


def laid(night: NightSky, looking: ft.Rays, depth_m: F32 | None = None, open_sky: F32 = ALL, part: Part = WHOLE) -> U8:
    height, width = looking.stretch.shape
    picture = np.full((height, width, 3), 30, np.uint8)
    depth_m = np.full((height, width), np.inf, np.float32) if depth_m is None else depth_m
    night_sky.lay(picture, depth_m, looking, open_sky, night, part)
    return picture


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31), st.floats(-3, 3), st.floats(-0.3, 1.2), st.floats(0, 1), st.floats(0.5, 1))
def test_the_fast_form_is_the_reference(seed: int, turn: float, up: float, stars: float, shown: float) -> None:
    rng = np.random.default_rng(seed)
    looking = rays(turn, up)
    depth = rng.choice([9.0, np.inf, np.nan], (H // 8, W // 8)).repeat(8, 0).repeat(8, 1).astype(np.float32)
    open_sky = rng.random(rng.integers(1, 30, 2).tolist()).astype(np.float32)
    wanted = rng.integers(0, 256, (H, W, 3)).astype(np.uint8)
    got, night = wanted.copy(), NightSky(stars, 0.7, AHEAD)
    reference.lay(wanted, depth, looking, open_sky, night, (shown, 1.0))
    night_sky.lay(got, depth, looking, open_sky, night, (shown, 1.0))
    assert np.abs(got.astype(int) - wanted).max() <= 2, "where spots meet, levels are rounded twice"


def test_in_large_pictures_too_stars_leave_over_the_border_by_and_by() -> None:
    """Their spots reach three pixels far there."""
    depth, dark = np.full((2160, 48), np.inf, np.float32), np.zeros((2160, 48, 3), np.uint8)
    for turn in range(4):
        wanted, got, looking = dark.copy(), dark.copy(), rays(turn, width=48, height=2160)
        reference.lay(wanted, depth, looking, ALL, NIGHT)
        night_sky.lay(got, depth, looking, ALL, NIGHT)
        assert np.abs(got.astype(int) - wanted).max() <= 2


def test_stars_stand_in_the_sky_and_nowhere_else() -> None:
    looking = rays()
    lit = (laid(NIGHT, looking) > 60).any(-1)
    assert 20 < lit.sum() < 0.2 * lit.size
    depth = np.full((H, W), np.inf, np.float32)
    depth[:, : W // 2] = 20.0
    half = (laid(NIGHT, looking, depth) > 60).any(-1)
    assert not half[:, : W // 2].any()
    np.testing.assert_array_equal(half[:, W // 2 :], lit[:, W // 2 :])
    assert (laid(NIGHT, rays(up_rad=-0.9)) == 30).all(), "none is below the horizon"


def test_clouds_and_the_engines_own_sky_hide_them() -> None:
    looking = rays()
    for night in (NIGHT, MOON):
        assert (laid(night, looking) > 30).any()
        assert (laid(night, looking, open_sky=0 * ALL) == 30).all()
    fewer = laid(NightSky(0.3, 0.0, AHEAD), looking)
    assert 0 < (fewer.astype(int) - 30).sum() < (laid(NIGHT, looking).astype(int) - 30).sum()


def test_of_cells_that_reach_beyond_the_picture_only_a_part_counts() -> None:
    """The model's picture may be padded on the right and at the bottom."""
    looking, clouds = rays(), np.ones((10, 20), np.float32)
    clouds[:, 10:] = 0
    whole, half = ((laid(NIGHT, looking, open_sky=clouds, part=(w, 1.0)) > 60).any(-1) for w in (1.0, 0.5))
    assert whole[:, : W // 2].any() and not whole[:, W // 2 :].any() and half[:, W // 2 :].any()


def test_in_larger_pictures_stars_are_sharper_but_no_lone_pixels() -> None:
    small, large = (laid(NIGHT, rays(width=s * W, height=s * H)) for s in (3, 6))
    lit = [float((p > 45).any(-1).mean()) for p in (small, large)]
    assert 0 < lit[1] < 0.7 * lit[0]
    assert reference.spot(288)[0] == reference.WIDE_PX < reference.spot(1080)[0] < 2 * reference.WIDE_PX
    assert reference.spot(288)[1] == 1 < reference.spot(2160)[1] <= 3


def test_clouds_end_softly_before_the_moon() -> None:
    looking = rays(width=1280, height=768)
    clouds = np.ones((768 // ft.CELL_PX, 1280 // ft.CELL_PX), np.float32)
    clouds[:, : clouds.shape[1] // 2] = 0
    row = laid(MOON, looking, open_sky=clouds)[384, 640 - 12 : 640 + 12, 0].astype(int)
    assert np.ptp(row) > 100 and np.abs(np.diff(row)).max() < 0.5 * np.ptp(row)


def test_stars_are_fixed_in_the_world() -> None:
    """A star that is seen from both views has the same direction, to a fraction of a pixel."""

    def brightest(looking: ft.Rays) -> np.ndarray:
        light = (laid(NIGHT, looking).astype(float)[..., 1] / 255) ** 2 - (30 / 255) ** 2
        inner = light[8:-8, 8:-8]
        row, column = (int(i) + 8 for i in np.unravel_index(inner.argmax(), inner.shape))
        near = light[row - 1 : row + 2, column - 1 : column + 2]
        y = row + (near.sum(1) @ (-1, 0, 1)) / near.sum()
        x = column + (near.sum(0) @ (-1, 0, 1)) / near.sum()
        across = np.array([np.interp(x, np.arange(W), looking.columns[i]) for i in range(3)])
        down = np.array([np.interp(y, np.arange(H), looking.rows[i]) for i in range(3)])
        return (across + down) / np.linalg.norm(across + down)

    one, other = brightest(rays()), brightest(rays(turn_rad=0.013, up_rad=0.407))
    assert np.linalg.norm(one - other) < 0.6 * rays().pixel_m


@pytest.mark.parametrize("turn_rad", [0.0, 0.25])
def test_the_moon_is_round_bright_and_in_its_place(turn_rad: float) -> None:
    looking = rays(turn_rad, width=320, height=192)
    rows, columns = np.nonzero((laid(MOON, looking) > 150).all(-1))
    centre = looking.columns[:, int(columns.mean())] + looking.rows[:, int(rows.mean())]
    assert np.linalg.norm(centre / np.linalg.norm(centre) - AHEAD) < 2 * looking.pixel_m
    wide, high = np.ptp(columns) + 1, np.ptp(rows) + 1
    assert abs(wide - high) <= 2 and 0.7 < high / (2 * reference.MOON_RAD / looking.pixel_m) < 1.3
    halo = night_sky.halo(looking, MOON)
    assert halo.shape == (48, 80, 3) and halo.max() <= reference.HALO
    peak = np.unravel_index(halo[..., 0].argmax(), halo.shape[:2])
    assert abs(peak[0] * 4 + 2 - rows.mean()) <= 4 and abs(peak[1] * 4 + 2 - columns.mean()) <= 4
    assert (laid(MOON, rays(turn_rad=math.pi)) == 30).all(), "it is behind the viewer"


def test_through_a_telescope_the_moon_is_as_the_reference_has_it_and_takes_no_planes() -> None:
    camera = Camera.perspective(np.eye(4), fov_y_rad=0.05, aspect=W / H)
    looking, night = ft.rays_of(camera, 4 * W, 4 * H), NightSky(0.0, 0.9, (0.0, 0.01, -math.sqrt(1 - 0.01**2)))
    depth = np.full((4 * H, 4 * W), np.inf, np.float32)
    depth[300:, :100] = 9.0
    wanted, got = (np.full((4 * H, 4 * W, 3), 30, np.uint8) for _ in range(2))
    reference.lay(wanted, depth, looking, ALL, night)
    night_sky.lay(got.copy(), depth, looking, ALL, night)
    tracemalloc.start()
    try:
        night_sky.lay(got, depth, looking, ALL, night)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (got > 100).any(-1).mean() > 0.2
    assert np.abs(got.astype(int) - wanted).max() <= 1
    assert peak < 0.2 * got.nbytes


def test_without_perspective_there_is_no_sky_to_look_into() -> None:
    looking = ft.rays_of(Camera(np.eye(4), np.diag([0.1, 0.2, -0.01, 1.0]), 0.1, 100.0), W, H)
    assert not looking.perspective
    assert (laid(NightSky(1.0, 1.0, AHEAD), looking) == 30).all()


@pytest.mark.filterwarnings("error")
def test_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    laid(NIGHT, rays())
    laid(NIGHT, rays(0.3, 0.1, 2 * W, 2 * H))
    laid(MOON, rays())
    for kernel in (kernels.stars, kernels.moon):
        assert len(getattr(kernel, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
