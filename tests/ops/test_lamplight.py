"""Lamps light what faces them, fade before they leave the screen, and the fast form is the reference."""

from __future__ import annotations

import numpy as np
import pytest
from ground_views import looking_down, ways
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import lamplight, layout
from framegen.ops import lamplight_reference as reference
from framegen.ops.kernels import lamplight as kernels

W, H = 128, 96
EYE_M = 4.0


def ground(orthographic: bool = False, x_m: float = 0.0) -> tuple[ft.CellGeometry, F32]:
    """Level ground from above and the sky over it: geometry and depth."""
    rays = ft.rays_of(looking_down(W / H, EYE_M, 0.4, (20.0, 15.0) if orthographic else None, x_m), W, H)
    start, way = ways(rays)
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = -(EYE_M + start[1]) / way[1]
    depth = np.where((depth > 0) & (depth < 80), depth, np.inf).astype(np.float32)
    return ft.cell_features((W, H), depth, rays, None, 0.0, None), depth


def hung(row: int, column: int, lamp_m: float = 8.0, share: float = 1.0) -> tuple[F32, F32]:
    """Cells of one lamp: how much of each it fills, and its depth."""
    shares, depth = np.zeros((H // 4, W // 4), np.float32), np.full((H // 4, W // 4), np.inf, np.float32)
    shares[row, column], depth[row, column] = share, lamp_m
    return shares, depth


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.booleans(), st.integers(0, 60), st.sampled_from([0.0, 3e4]))
def test_the_fast_form_is_the_reference(seed: int, orthographic: bool, count: int, x_m: float) -> None:
    rng = np.random.default_rng(seed)
    geometry, depth = ground(orthographic, x_m)
    share, lamp_m = np.zeros((H // 4, W // 4), np.float32), np.full((H // 4, W // 4), np.inf, np.float32)
    at = rng.integers(0, H // 4, count), rng.integers(0, W // 4, count)
    share[at], lamp_m[at] = rng.random(count), rng.choice([2.0, 7.0, 20.0, np.nan], count)
    found = reference.lamps(share, lamp_m, geometry)
    wanted = reference.light(found, depth[2::4, 2::4], geometry)
    got = lamplight.reach(share, lamp_m, depth, geometry)
    if got is None:
        assert not wanted.any()
        return
    np.testing.assert_allclose(got, wanted, atol=2e-4 if x_m == 0 else 2e-2)
    assert got.min() >= 0 and got.max() <= reference.MOST
    latent = rng.normal(0, 1, (*got.shape, layout.KEPT)).astype(np.float32)
    before = latent.copy()
    np.testing.assert_allclose(lamplight.lit(latent, got, 0.7), reference.lit(latent, got, 0.7), atol=1e-4)
    np.testing.assert_array_equal(latent, before)


def test_ground_below_a_lamp_is_brightest_and_the_sky_is_not_lit() -> None:
    geometry, depth = ground()
    reached = lamplight.reach(*hung(4, 16), depth, geometry)
    assert reached is not None
    row, column = np.unravel_index(reached.argmax(), reached.shape)
    assert 4 < row < 20 and abs(column - 16) <= 1
    assert not reached[~np.isfinite(depth[2::4, 2::4])].any()
    assert reached[-1, 16] < reached[row, 16] > reached[row, 0]


def test_what_faces_away_is_dark() -> None:
    geometry, depth = ground()
    below = reference.light(np.array([[0, -EYE_M - 1, -8, reference.POWER]], np.float32), depth[2::4, 2::4], geometry)
    assert not below.any()


def test_light_adds_up_in_its_own_colour_and_hardly_shows_by_day() -> None:
    latent = np.zeros((1, 2, layout.KEPT), np.float32)
    latent[0, 0, layout.GAIN], latent[0, 1, layout.GAIN] = np.log(0.2), np.log(1.5)
    out = lamplight.lit(latent, np.full((1, 2), 0.3, np.float32), 1.0)
    night, day = (np.exp(out[0, i, layout.GAIN] - latent[0, i, layout.GAIN]) for i in (0, 1))
    assert night[0] > night[1] > night[2] > 1.5
    assert day.max() < 1.1
    rest = np.ones(layout.KEPT, bool)
    rest[layout.GAIN] = False
    np.testing.assert_array_equal(out[..., rest], latent[..., rest])


def test_a_lamp_fades_towards_the_border_and_more_of_it_is_no_brighter() -> None:
    geometry, _ = ground()
    power = [reference.lamps(*hung(5, column), geometry)[0, 3] for column in range(5)]
    assert (np.diff(power) >= 0).all() and power[0] < 0.5 * power[-1]
    assert power[-1] == pytest.approx(reference.POWER)
    sliver, part, whole = (reference.lamps(*hung(5, 16, 8.0, share), geometry)[0, 3] for share in (0.01, 0.5, 1))
    assert sliver < part == whole


def test_of_many_lamps_the_nearest_count_and_none_pops() -> None:
    geometry, _ = ground()
    share = np.ones((H // 4, W // 4), np.float32)
    far = np.linspace(20, 200, share.size, dtype=np.float32).reshape(share.shape)
    found = reference.lamps(share, far, geometry)
    distance = np.linalg.norm(found[:, :3], axis=1)
    assert reference.LAMPS < len(found) <= reference.MOST_LAMPS
    assert distance.max() < 60 and found[:, 3].sum() < reference.LAMPS * reference.POWER
    assert found[:, 3].min() < 0.5 * found[:, 3].max()


def test_many_lamps_that_are_equally_far_away_all_stay() -> None:
    far = np.full(40, 900.0)
    left = [reference.fading(far[:n], np.append(np.ones(n - 1), last)) for n in range(1, 41) for last in (0.0, 0.5, 1)]
    worst = [float(lamp.min()) for lamp in left]
    assert worst[: 3 * reference.LAMPS] == [1] * 3 * reference.LAMPS
    assert worst[-1] == pytest.approx(reference.LAMPS / 40)
    assert np.abs(np.diff(worst)).max() < 0.03, "none pops"


@given(st.lists(st.tuples(st.floats(1, 1e4), st.floats(0, 1)), min_size=1, max_size=90))
def test_lamps_fade_by_how_far_away_they_are_until_few_enough_are_left(lamps: list[tuple[float, float]]) -> None:
    square, count = np.array(sorted(lamps)).T
    left = reference.fading(square, count)
    assert left.min() >= 0 and left.max() <= 1 and (np.diff(left) <= 0).all()
    assert (left * count).sum() == pytest.approx(min(count.sum(), reference.LAMPS), rel=1e-6)


def test_a_lamp_that_moves_is_no_brighter_between_two_cubes() -> None:
    share, far = np.zeros((H // 4, W // 4), np.float32), np.full((H // 4, W // 4), 6.0, np.float32)
    share[10:12, 14:18] = 1
    power = [reference.lamps(share, far, ground(x_m=x)[0])[:, 3].sum() for x in np.linspace(0, 1, 21)]
    assert min(power) > 0.99 * reference.POWER
    assert max(power) < 1.5 * reference.POWER


@pytest.mark.filterwarnings("error")
def test_odd_frames_do_no_harm_and_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    for orthographic in (False, True):
        geometry, depth = ground(orthographic)
        assert lamplight.reach(*hung(4, 16, share=0.0), depth, geometry) is None
        assert lamplight.reach(*hung(4, 16), depth, ft.CellGeometry(geometry.features, None, None, None)) is None
        for odd in (np.inf, np.nan, 0.0, -1.0):
            assert lamplight.reach(*hung(4, 16, odd), depth, geometry) is None
            reached = lamplight.reach(*hung(4, 16), np.full_like(depth, odd), geometry)
            assert reached is not None and not reached.any()
    for compiled in (kernels.light, kernels.add):
        assert len(getattr(compiled, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
