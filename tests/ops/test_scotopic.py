"""Dark surfaces lose colour and not brightness, what lamps light keeps its own, and the fast form is the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lit_cells import guide_of, shown

from framegen.frame import F32
from framegen.ops import layout, scotopic
from framegen.ops import scotopic_reference as reference
from framegen.ops.kernels import gains
from framegen.ops.kernels import scotopic as kernels

DUNE, GRASS, WHITE, NEON = (0.8, 0.62, 0.42), (0.2, 0.4, 0.12), (0.9, 0.9, 0.9), (0.1, 0.3, 0.95)
BLUE_NIGHT = (0.3, 0.36, 0.7)


def by_night(
    color: tuple[float, float, float], gain: tuple[float, float, float], share: float = 1.0, outdoors: float = 1.0
) -> list[F32]:
    """One cell's colour before and after."""
    latent, cells = np.zeros((1, 1, layout.KEPT), np.float32), np.full((1, 1, 3), color, np.float32)
    latent[..., layout.GAIN] = np.log(gain)
    return [shown(each, cells)[0, 0] for each in (latent, reference.gone(latent, cells, 1.0, share, outdoors))]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_fast_form_is_the_reference(seed: int, cover: float, share: float, outdoors: float) -> None:
    rng = np.random.default_rng(seed)
    h, w = rng.integers(1, 12, 2).tolist()
    latent = rng.uniform(-1.5, 0.5, (h, w, layout.KEPT)).astype(np.float32)
    color = rng.random((h, w, 3)).astype(np.float32)
    before = latent.copy()
    got = scotopic.gone(latent, guide_of(color), cover, share, outdoors)
    np.testing.assert_allclose(got, reference.gone(latent, color, cover, share, outdoors), atol=3e-4)
    np.testing.assert_array_equal(latent, before)


def test_a_dune_is_not_purple_and_grass_not_teal() -> None:
    before, after = by_night(DUNE, BLUE_NIGHT)
    purple = min(before[0], before[2]) - before[1]
    assert purple > 0.015 and min(after[0], after[2]) - after[1] < 0.4 * purple
    before, after = by_night(GRASS, (0.2, 0.5, 2.0))
    assert np.ptp(after) < 0.6 * np.ptp(before)


def test_luma_stays() -> None:
    for color in (DUNE, GRASS, WHITE):
        before, after = by_night(color, BLUE_NIGHT)
        assert after @ np.asarray(reference.LUMA) == pytest.approx(before @ np.asarray(reference.LUMA), abs=0.002)
    assert np.dot(reference.BLUISH, reference.LUMA) == pytest.approx(1, abs=1e-3)


def test_white_snow_is_less_blue_and_neon_keeps_its_own() -> None:
    before, after = by_night(WHITE, (0.27, 0.5, 1.05))
    assert before[2] - before[0] > 0.65 and after[2] - after[0] < 0.5
    before, after = by_night(NEON, (1.0, 1.0, 1.0))
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_what_is_lit_keeps_its_colour_and_no_night_changes_nothing() -> None:
    before, after = by_night(DUNE, (0.8, 0.7, 0.5))
    np.testing.assert_allclose(after, before, atol=1e-5)
    before, after = by_night(DUNE, BLUE_NIGHT, share=0.0)
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_in_rooms_colours_stay_but_no_lamp_of_a_room_is_blue() -> None:
    before, after = by_night(DUNE, (0.3, 0.27, 0.2), outdoors=0.0)
    np.testing.assert_allclose(after, before, atol=1e-6)
    before, after = by_night(WHITE, (0.27, 0.5, 1.05), outdoors=0.0)
    assert after[2] - after[0] < 0.75 * (before[2] - before[0])


def test_paint_loses_as_much_as_what_is_beneath() -> None:
    latent, color = np.zeros((1, 1, layout.KEPT), np.float32), np.full((1, 1, 3), DUNE, np.float32)
    latent[..., layout.COVER], latent[..., layout.PAINT] = 1.0, (0.24, 0.15, 0.2)
    after = shown(reference.gone(latent, color, 1.0, 1.0, 1.0), color)[0, 0]
    assert after[0] < 0.21 and after[1] > 0.155
    half = reference.gone(latent, color, 1.0, 0.5, 1.0)
    assert after[0] < shown(half, color)[0, 0, 0] < 0.24


@pytest.mark.filterwarnings("error")
def test_black_and_full_cover_do_no_harm_and_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    gains.warm_up()
    latent = np.asfortranarray(np.zeros((4, 4, layout.KEPT), np.float32))
    latent[..., layout.COVER] = 1
    for cover in (0.0, 1.0):
        out = scotopic.gone(latent, guide_of(np.zeros((4, 4, 3), np.float32)), cover, 1.0, 1.0)
        assert np.isfinite(out).all()
    for kernel in (kernels.changes, gains.take, gains.add, gains.color):
        assert len(getattr(kernel, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
