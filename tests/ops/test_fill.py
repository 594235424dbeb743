"""Cells without history: the fast form is the reference, and guesses are of the same surface where one is near."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32
from framegen.ops import fill_reference as reference
from framegen.ops.atrous_reference import GUIDE
from framegen.ops.fill import fill
from framegen.ops.kernels import fill as kernels


def latents(size: tuple[int, int], seed: int = 0) -> F32:
    """Two channels of values and one of numbers."""
    rng = np.random.default_rng(seed)
    return np.dstack([rng.random((*size, 2)), rng.integers(0, 9, size)]).astype(np.float32)


def test_what_is_known_stays() -> None:
    latent = latents((9, 13))
    filled = fill(latent, np.full((9, 13), reference.KNOWN, np.float32), np.zeros((GUIDE, 9, 13), np.float32), 1)
    np.testing.assert_array_equal(filled, latent)
    assert filled is not latent


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.floats(0, 1), st.integers(0, 2**31))
def test_the_fast_form_is_the_reference_for_any_holes(height: int, width: int, known: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    latent, trust = latents((height, width), seed), (rng.random((height, width)) < known).astype(np.float32)
    guide = rng.random((GUIDE, height, width)).astype(np.float32)
    np.testing.assert_allclose(fill(latent, trust, guide, 1), reference.fill(latent, trust, guide, 1), atol=2e-5)


def test_bands_meet_without_a_seam() -> None:
    rng = np.random.default_rng(1)
    latent, trust = latents((41, 30)), (rng.random((41, 30)) < 0.3).astype(np.float32)
    guide = rng.random((GUIDE, 41, 30)).astype(np.float32)
    whole, parts = np.empty_like(latent), np.empty_like(latent)
    by_cell = np.ascontiguousarray(np.moveaxis(guide, 0, -1))
    kernels.fill(latent, trust, by_cell, 2, 0, 41, whole)
    for first, end in ((0, 1), (1, 9), (9, 30), (30, 41)):
        kernels.fill(latent, trust, by_cell, 2, first, end, parts)
    np.testing.assert_array_equal(parts, whole)


def test_a_hole_takes_what_its_own_surface_has_though_another_is_nearer() -> None:
    """Wall 0 on the left, wall 1 on the right; what comes out beside the edge belongs to the right one."""
    latent, guide = np.zeros((16, 24, 3), np.float32), np.zeros((GUIDE, 16, 24), np.float32)
    guide[0, :, 10:] = 20.0
    latent[:, 10:] = (1.0, 2.0, 5.0)
    trust = np.ones((16, 24), np.float32)
    trust[:, 10:15] = 0
    latent[:, 10:15] = 99
    filled = fill(latent, trust, guide, 1)
    np.testing.assert_allclose(filled[:, 10:], np.broadcast_to((1.0, 2.0, 5.0), (16, 14, 3)), atol=0.01)
    np.testing.assert_array_equal(filled[:, :10], 0)


def test_without_its_own_surface_anything_near_is_better_than_nothing() -> None:
    latent, guide = np.full((8, 8, 3), 3.0, np.float32), np.zeros((GUIDE, 8, 8), np.float32)
    guide[:, 4, 4], latent[4, 4] = 100.0, 99.0
    trust = np.ones((8, 8), np.float32)
    trust[4, 4] = 0
    np.testing.assert_allclose(fill(latent, trust, guide, 1)[4, 4], 3.0, rtol=1e-5)


def test_where_nothing_is_known_what_was_there_stays() -> None:
    latent = latents((6, 7))
    filled = fill(latent, np.zeros((6, 7), np.float32), np.zeros((GUIDE, 6, 7), np.float32), 1)
    np.testing.assert_array_equal(filled, latent)
