"""Pictures as they are photographed: the fast form is the reference, and each number does what its name says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import U8
from framegen.ops import photo_reference as reference
from framegen.ops.kernels import photo as kernels
from framegen.ops.photo import PLAIN, Photo, printed

RANGES = [st.floats(low, high, width=32) for low, high in zip(reference.LEAST, reference.MOST, strict=True)]
PHOTOS = st.builds(Photo, *RANGES)


def a_picture(seed: int = 1, height: int = 36, width: int = 52) -> U8:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def steps() -> U8:
    """All greys, one a column."""
    return np.arange(256, dtype=np.uint8)[None, :, None].repeat(4, 0).repeat(3, 2)


def luma(picture: U8) -> float:
    return float((picture @ np.asarray(reference.LUMA)).mean())


@settings(max_examples=40, deadline=None)
@given(PHOTOS, st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 40), st.floats(0, 1e9))
def test_the_fast_form_is_the_reference(photo: Photo, seed: int, height: int, width: int, seconds: float) -> None:
    picture = a_picture(seed, height, width)
    before = picture.copy()
    wanted, got = reference.printed(picture, photo, seconds), printed(picture, photo, seconds)
    assert got.shape == picture.shape and got.dtype == np.uint8
    assert np.abs(wanted.astype(int) - got).max() <= 1
    np.testing.assert_array_equal(picture, before)


def test_nothing_added_is_the_picture_itself() -> None:
    picture = a_picture()
    assert printed(picture, PLAIN) is picture
    np.testing.assert_array_equal(reference.printed(picture, PLAIN), picture)


@settings(max_examples=30, deadline=None)
@given(st.floats(-3, 3), st.floats(-1, 1), st.floats(0, 1))
def test_tones_never_turn_around(exposure_ev: float, contrast: float, fade: float) -> None:
    levels = printed(steps(), Photo(exposure_ev, contrast, fade))[0, :, 0].astype(int)
    assert (np.diff(levels) >= 0).all()


def test_each_number_does_what_it_says() -> None:
    picture = a_picture()
    assert luma(printed(picture, Photo(exposure_ev=1))) > luma(picture) + 10
    assert luma(printed(picture, Photo(exposure_ev=-1))) < luma(picture) - 10
    assert printed(picture, Photo(contrast=0.8)).std() > picture.std() + 3
    assert printed(picture, Photo(contrast=-0.8)).std() < picture.std() - 3
    faded = printed(steps(), Photo(fade=1))
    assert faded.min() > 20 and faded.max() < 245
    grey = printed(picture, Photo(saturation=-1)).astype(int)
    assert np.ptp(grey, axis=-1).max() <= 1
    assert np.ptp(printed(picture, Photo(saturation=0.5)).astype(int), axis=-1).mean() > np.ptp(picture, axis=-1).mean()
    warm, cold = (printed(steps(), Photo(warmth=w)).reshape(-1, 3).mean(0) for w in (1, -1))
    assert warm[0] > warm[2] + 20 and cold[2] > cold[0] + 20
    red, _, blue = (printed(steps(), Photo(split=1))[0, :, c].astype(int) for c in range(3))
    assert (red - blue)[:100].min() < -15 and (red - blue)[156:].max() > 15


def test_corners_are_darker_under_a_vignette_and_the_middle_is_not() -> None:
    grey = np.full((40, 60, 3), 160, np.uint8)
    dim = printed(grey, Photo(vignette=1))
    assert dim[20, 30, 0] == 160 and dim[0, 0, 0] < 80 and dim[0, 0, 0] == dim[-1, -1, 0]


def test_light_spreads_from_what_is_bright_alone() -> None:
    dark = np.full((64, 96, 3), 40, np.uint8)
    np.testing.assert_array_equal(printed(dark, Photo(glow=1)), dark)
    dark[28:36, 44:52] = 255
    shine = printed(dark, Photo(glow=1)).astype(int)[..., 0]
    assert shine[32, 54] > 60 and shine[32, 54] > shine[32, 60] > shine[0, 0] and shine[0, 0] <= 42


def test_grain_is_another_in_each_frame_of_film_and_changes_no_brightness() -> None:
    grey = np.full((128, 128, 3), 120, np.uint8)
    first, same, other = (printed(grey, Photo(grain=1), s).astype(int) for s in (1.0, 1.01, 1.06))
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).mean() > 4
    assert abs(first.mean() - 120) < 1.5 and 10 < first.std() < 20
    assert reference.grain_tile().mean() == pytest.approx(0, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(PHOTOS, PHOTOS, st.floats(0, 2))
def test_words_add_up_within_bounds_and_fade_from_one_to_the_other(a: Photo, b: Photo, share: float) -> None:
    summed = a.added(b, share)
    assert all(low <= v <= high for low, v, high in zip(reference.LEAST, summed, reference.MOST, strict=True))
    assert a.added(PLAIN) == a
    np.testing.assert_allclose(a.faded(b, 0.0), a, atol=1e-6)
    np.testing.assert_allclose(a.faded(b, 1.0), b, atol=1e-6)


@pytest.mark.filterwarnings("error")
def test_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    frozen = a_picture()
    frozen.setflags(write=False)
    for picture in (frozen, a_picture()[:, ::-1], a_picture(2, 1, 1)):
        for photo in (Photo(glow=1), Photo(grain=1)):
            printed(picture, photo, 5.0)
    assert len(getattr(kernels.develop, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
