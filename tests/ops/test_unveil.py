"""Paint becomes light as far as it may, the mean colour stays, and the fast form is the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32
from framegen.ops import atrous_reference, layout, unveil
from framegen.ops import unveil_reference as reference
from framegen.ops.kernels import unveil as kernels


def guide_of(color: F32) -> F32:
    guide = np.zeros((atrous_reference.GUIDE, *color.shape[:2]), np.float32)
    guide[:3] = np.moveaxis(color / atrous_reference.SAME_COLOR, -1, 0)
    return guide


def mean_of(latent: F32, color: F32, cover: float) -> F32:
    """What composing makes of a cell's mean colour."""
    bare = 1 - cover * latent[..., layout.COVER, None]
    return np.asarray(color * np.exp(latent[..., layout.GAIN]) * bare + cover * latent[..., layout.PAINT], np.float32)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 1), st.floats(0, 1))
def test_the_fast_form_is_the_reference(seed: int, cover: float, share: float) -> None:
    rng = np.random.default_rng(seed)
    h, w = rng.integers(1, 12, 2).tolist()
    latent = rng.uniform(-0.2, 1.2, (h, w, layout.KEPT)).astype(np.float32)
    color, sky = rng.random((h, w, 3)).astype(np.float32), rng.random((h, w)).astype(np.float32)
    before = latent.copy()
    got = unveil.unveiled(latent, guide_of(color), sky, cover, share)
    wanted = reference.unveiled(latent, color, cover, np.float32(share) * (1 - sky))
    np.testing.assert_allclose(got, wanted, atol=2e-4)
    np.testing.assert_array_equal(latent, before)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 1), st.floats(0, 1))
def test_the_mean_colour_of_a_cell_stays(seed: int, cover: float, share: float) -> None:
    rng = np.random.default_rng(seed)
    latent = rng.uniform(0, 0.9, (6, 5, layout.KEPT)).astype(np.float32)
    latent[..., layout.PAINT] *= latent[..., layout.COVER, None]
    color = rng.uniform(reference.DARKEST, 1, (6, 5, 3)).astype(np.float32)
    out = unveil.unveiled(latent, guide_of(color), np.zeros((6, 5), np.float32), cover, share)
    np.testing.assert_allclose(mean_of(out, color, cover), mean_of(latent, color, cover), atol=1e-3)
    assert (out[..., layout.COVER] <= latent[..., layout.COVER] + 1e-6).all()


def test_a_veil_lifts_from_what_is_bright_enough_and_black_and_sky_stay_under_paint() -> None:
    latent = np.zeros((1, 3, layout.KEPT), np.float32)
    latent[..., layout.COVER], latent[..., layout.PAINT] = 0.2, 0.1
    color = np.array([[[0.6, 0.5, 0.4], [0.0, 0.0, 0.0], [0.6, 0.5, 0.4]]], np.float32)
    sky = np.array([[0, 0, 1]], np.float32)
    out = unveil.unveiled(latent, guide_of(color), sky, 1.0, 1.0)
    lit, black, above = (out[0, i, layout.PAINT].max() / 0.1 for i in range(3))
    assert lit == pytest.approx(0, abs=1e-6)
    assert black > 0.85
    assert above == 1.0
    np.testing.assert_array_equal(out[0, 2], latent[0, 2])


@pytest.mark.filterwarnings("error")
def test_full_cover_does_no_harm_and_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    latent = np.ones((4, 4, layout.KEPT), np.float32)
    color = np.asfortranarray(np.zeros((4, 4, 3), np.float32))
    for cover in (0.0, 1.0):
        out = unveil.unveiled(np.asfortranarray(latent), guide_of(color), np.zeros((4, 4), np.float32), cover, 1.0)
        assert np.isfinite(out).all()
    assert len(getattr(kernels.unveil, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
