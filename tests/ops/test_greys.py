"""Greys stay grey by day and asphalt dark, colours are left alone, and the fast form is the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lit_cells import guide_of, shown

from framegen.frame import F32
from framegen.ops import greys, layout
from framegen.ops import greys_reference as reference
from framegen.ops.kernels import greys as kernels


def lit(color: tuple[float, float, float], gains: tuple[float, float, float], paint: float = 0.0) -> tuple[F32, F32]:
    latent, cells = np.zeros((2, 3, layout.KEPT), np.float32), np.full((2, 3, 3), color, np.float32)
    latent[..., layout.GAIN] = np.log(gains)
    latent[..., layout.PAINT] = paint
    return latent, cells


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 1), st.floats(0, 1))
def test_the_fast_form_is_the_reference(seed: int, cover: float, share: float) -> None:
    rng = np.random.default_rng(seed)
    h, w = rng.integers(1, 12, 2).tolist()
    latent = rng.uniform(-0.2, 1.0, (h, w, layout.KEPT)).astype(np.float32)
    color = (rng.random((h, w, 1)) + rng.uniform(0, 0.12, (h, w, 3))).clip(0, 1).astype(np.float32)
    sky, before = rng.random((h, w)).astype(np.float32), latent.copy()
    got = greys.kept(latent, guide_of(color), sky, cover, share)
    wanted = reference.kept(latent, color, cover, np.float32(share) * (1 - sky))
    np.testing.assert_allclose(got, wanted, atol=3e-4)
    np.testing.assert_array_equal(latent, before)


def test_a_grey_loses_a_tint_that_daylight_has_not_and_keeps_what_it_has() -> None:
    latent, color = lit((0.35, 0.35, 0.34), (1.5, 1.3, 1.05))
    out = shown(reference.kept(latent, color, 1.0, np.ones((2, 3), np.float32)), color)[0, 0]
    before = shown(latent, color)[0, 0]
    assert before[0] / before[2] > 1.4 and out[0] / out[2] < 1.23
    assert out.mean() == pytest.approx(before.mean(), rel=0.05)
    mild, color = lit((0.35, 0.35, 0.34), (1.05, 1.0, 0.97))
    np.testing.assert_allclose(reference.kept(mild, color, 1.0, np.ones((2, 3), np.float32)), mild, atol=1e-6)


def test_dark_greys_do_not_become_pale_by_light_or_by_paint() -> None:
    for gains, paint in (((2.4,) * 3, 0.0), ((1.0,) * 3, 0.5)):
        latent, color = lit((0.33, 0.33, 0.33), gains, paint)
        before, out = (
            shown(each, color)[0, 0, 0]
            for each in (latent, reference.kept(latent, color, 1.0, np.ones((2, 3), np.float32)))
        )
        assert 0.5 < out < 0.9 * before
    white, color = lit((0.7, 0.7, 0.7), (1.9, 1.9, 1.9))
    np.testing.assert_array_equal(reference.kept(white, color, 1.0, np.ones((2, 3), np.float32)), white)


def test_colours_the_sky_and_other_light_are_left_alone() -> None:
    one = np.ones((2, 3), np.float32)
    green, color = lit((0.2, 0.4, 0.1), (2.4, 1.6, 1.0))
    np.testing.assert_array_equal(reference.kept(green, color, 1.0, one), green)
    grey, color = lit((0.33, 0.33, 0.33), (2.4, 1.6, 1.0))
    np.testing.assert_array_equal(greys.kept(grey, guide_of(color), one, 1.0, 1.0), grey)
    np.testing.assert_array_equal(greys.kept(grey, guide_of(color), 0 * one, 1.0, 0.0), grey)


@pytest.mark.filterwarnings("error")
def test_black_and_full_cover_do_no_harm_and_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    latent = np.asfortranarray(np.ones((4, 4, layout.KEPT), np.float32))
    for cover in (0.0, 1.0):
        out = greys.kept(latent, guide_of(np.zeros((4, 4, 3), np.float32)), np.zeros((4, 4), np.float32), cover, 1.0)
        assert np.isfinite(out).all()
    for kernel in (kernels.changes, kernels.hold):
        assert len(getattr(kernel, "signatures")) == 1  # noqa: B009 - a plain function to the type checker


def test_frames_of_nights_get_as_bright_as_day_makes_them() -> None:
    """What the engine draws dark all over has no greys that are too bright; lit windows change nothing of that."""
    day = np.random.default_rng(2).uniform(0.2, 0.8, (24, 32, 3)).astype(np.float32)
    assert reference.lit(day) == 1 and greys.lit(guide_of(day)) == 1
    night = 0.3 * day
    night[:2, :10] = 0.95
    assert reference.lit(night) == greys.lit(guide_of(night)) == 0
    assert 0 < reference.lit(0.65 * day) < 1
