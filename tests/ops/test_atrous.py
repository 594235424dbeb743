"""Smoothing along surfaces: the fast forms are the reference, haloes go, edges stay, and it is even-handed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32
from framegen.ops import atrous_reference as reference
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.atrous import smooth
from framegen.ops.kernels import atrous as kernels


def latent(size: tuple[int, int], seed: int = 0) -> F32:
    return np.random.default_rng(seed).random((*size, layout.LATENT)).astype(np.float32)


def guides(size: tuple[int, int], seed: int = 0) -> F32:
    return (1.5 * np.random.default_rng(seed).random((reference.GUIDE, *size))).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 24), st.integers(1, 24), st.integers(0, 2**31))
def test_the_fast_form_is_the_reference_for_any_size(height: int, width: int, seed: int) -> None:
    given_, guide = latent((height, width), seed), guides((height, width), seed)
    np.testing.assert_allclose(smooth(given_, guide), reference.smooth(given_, guide), atol=2e-6)


def test_bands_meet_without_a_seam() -> None:
    given_, guide = latent((41, 30)), guides((41, 30))
    whole, parts = np.empty_like(given_), np.empty_like(given_)
    kernels.smooth(given_, guide, 0, 41, whole)
    for first, end in ((0, 1), (1, 9), (9, 30), (30, 41)):
        kernels.smooth(given_, guide, first, end, parts)
    np.testing.assert_array_equal(parts, whole)


def test_what_tells_surfaces_apart_is_the_reference() -> None:
    rng = np.random.default_rng(3)
    color = rng.integers(0, 256, (32, 48, 3)).astype(np.uint8)
    features = rng.standard_normal((ft.CHANNELS, 8, 12)).astype(np.float32)
    means = color.reshape(8, 4, 12, 4, 3).mean((1, 3), dtype=np.float32) / np.float32(255)
    label = rng.integers(0, 30, (8, 12)).astype(np.int32)
    out = np.empty((reference.GUIDE, 8, 12), np.float32)
    kernels.describe(color, features, label, out)
    np.testing.assert_allclose(out, reference.guide(means, features, label), rtol=1e-5, atol=1e-5)


def two_walls(width: int = 32) -> F32:
    """A guide of two surfaces that meet in the middle."""
    guide = np.zeros((reference.GUIDE, 16, width), np.float32)
    guide[:, :, width // 2 :] = 4
    return guide


def test_a_halo_beside_an_edge_spreads_over_its_surface_and_does_not_cross() -> None:
    light = np.zeros((16, 32, layout.LATENT), np.float32)
    light[:, 16:, layout.GAIN] = 1.0
    light[:, 14:16, layout.GAIN] = 0.5  # the halo: the bright wall's light on the dark one
    out = smooth(light, two_walls())
    assert out[:, :16, 0].max() < 0.3 and out[:, 16:, 0].min() > 0.99
    assert out[:, 9:14, 0].min() > 0.04


def test_an_even_surface_and_what_picks_the_field_stay_as_they_are() -> None:
    given_ = latent((16, 32))
    given_[..., reference.SMOOTHED] = 0.3
    np.testing.assert_allclose(smooth(given_, two_walls()), given_, atol=1e-6)
    other = latent((16, 32), 5)
    np.testing.assert_array_equal(smooth(other, two_walls())[..., layout.CHOICE], other[..., layout.CHOICE])


def test_things_of_two_labels_share_nothing() -> None:
    label = np.repeat([[6, 7]], 16, 1).repeat(16, 0).astype(np.int32)
    guide = reference.guide(np.zeros((16, 32, 3), np.float32), np.zeros((ft.CHANNELS, 16, 32), np.float32), label)
    paint = np.zeros((16, 32, layout.LATENT), np.float32)
    paint[:, 16:, layout.COVER] = 1
    np.testing.assert_allclose(smooth(paint, guide), paint, atol=1e-4)


def test_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    given_, guide = latent((8, 12)), guides((8, 12))
    wanted = smooth(given_, guide)
    sealed = given_.copy()
    sealed.setflags(write=False)
    np.testing.assert_array_equal(smooth(sealed, guide), wanted)
    np.testing.assert_array_equal(smooth(np.asfortranarray(given_), guide.astype(np.float64)), wanted)
    assert len(getattr(kernels.smooth, "signatures")) == 1  # noqa: B009 - a plain function to the type checker


def test_the_border_of_a_shadow_on_the_ground_stays() -> None:
    features = np.zeros((ft.CHANNELS, 16, 32), np.float32)
    features[ft.SHADOW, :, 16:] = 1
    guide = reference.guide(np.full((16, 32, 3), 0.5, np.float32), features, np.zeros((16, 32), np.int32))
    light = np.zeros((16, 32, layout.LATENT), np.float32)
    light[:, 16:, layout.GAIN] = -1.0
    np.testing.assert_allclose(smooth(light, guide), light, atol=0.05)
