"""Antialiasing: the fast form is the reference, stairs become slopes, and what has no stairs stays as it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import U8
from framegen.ops import antialias_reference as reference
from framegen.ops.antialias import antialias
from framegen.ops.kernels.antialias import smooth


def lines(seed: int, size: tuple[int, int] = (40, 56)) -> U8:
    """Flat shapes with stairs at their edges, as a renderer without antialiasing draws them."""
    rng = np.random.default_rng(seed)
    picture = np.full((*size, 3), rng.integers(0, 256, 3), np.uint8)
    for _ in range(6):
        corners = rng.integers(-10, 60, (3, 2)).astype(np.int32)
        cv2.fillPoly(picture, [corners], rng.integers(0, 256, 3).tolist(), lineType=cv2.LINE_8)
    return picture


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("share", [1.0, 0.4])
def test_the_fast_form_is_the_reference(seed: int, share: float) -> None:
    picture = lines(seed)
    wanted, got = reference.antialias(picture, share), antialias(picture, share)
    assert np.abs(wanted.astype(int) - got).max() <= 1
    assert (wanted != picture).any()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**31))
def test_of_any_size_and_any_picture(height: int, width: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    assert np.abs(reference.antialias(picture).astype(int) - antialias(picture)).max() <= 1


def test_bands_meet_without_a_seam() -> None:
    picture = lines(3, (61, 70))
    whole, parts = np.empty_like(picture), np.empty_like(picture)
    smooth(picture, 0, 61, np.float32(1), whole)
    for first, end in ((0, 7), (7, 8), (8, 40), (40, 61)):
        smooth(picture, first, end, np.float32(1), parts)
    np.testing.assert_array_equal(parts, whole)


def test_a_stair_comes_nearer_to_the_slope_that_it_stands_for() -> None:
    large = np.full((64 * 8, 96 * 8, 3), 40, np.uint8)
    cv2.fillPoly(large, [np.array([[0, 100], [767, 260], [767, 511], [0, 511]], np.int32)], (210, 200, 180))
    true = cv2.resize(large, (96, 64), interpolation=cv2.INTER_AREA).astype(float)
    stairs = np.ascontiguousarray(large[4::8, 4::8])
    before, after = np.abs(stairs - true).mean(), np.abs(antialias(stairs) - true).mean()
    assert after < 0.5 * before


def test_even_surfaces_gentle_slopes_and_straight_edges_stay_nearly_as_they_are() -> None:
    slope = np.repeat(np.linspace(60, 120, 48).astype(np.uint8)[None, :, None], 32, 0).repeat(3, 2)
    step = np.full((32, 48, 3), 30, np.uint8)
    step[:, 20:] = 220
    assert np.abs(antialias(slope).astype(int) - slope).max() <= 1
    assert np.abs(antialias(step).astype(int) - step).max() <= 0.06 * (220 - 30)
    np.testing.assert_array_equal(antialias(step)[:, 22:], step[:, 22:])


def test_none_of_it_changes_nothing() -> None:
    picture = lines(1)
    np.testing.assert_array_equal(antialias(picture, 0.0), picture)
