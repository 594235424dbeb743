"""Auroras hang in the sky, stay in the world, drift with the clock, and the fast form is the reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32, Camera
from framegen.ops import aurora
from framegen.ops import aurora_reference as reference
from framegen.ops import features as ft
from framegen.ops.kernels import aurora as kernels

W, H = 128, 72
SKY: F32 = np.ones((H // ft.CELL_PX, W // ft.CELL_PX), np.float32)


def rays(turn_rad: float = 0.0, up_rad: float = 0.35) -> ft.Rays:
    """Of a camera that looks up by ``up_rad`` and to the left by ``turn_rad``."""
    c, s, a, b = math.cos(turn_rad), math.sin(turn_rad), math.cos(up_rad), math.sin(up_rad)
    pose = np.eye(4)
    pose[:3, :3] = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ np.array([[1, 0, 0], [0, a, -b], [0, b, a]])
    return ft.rays_of(Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H), W, H)


@settings(max_examples=25, deadline=None)
@given(st.floats(-4, 4), st.floats(-1.6, 1.6), st.floats(0, 2e9), st.floats(0, 1))
def test_the_fast_form_is_the_reference(turn: float, up: float, seconds: float, share: float) -> None:
    looking = rays(turn, up)
    wanted = reference.light(looking, seconds, share)
    np.testing.assert_allclose(aurora.light(looking, SKY, seconds, share), wanted, atol=2e-3)
    half = SKY.copy()
    half[:, ::2] = 0
    got = aurora.light(looking, half, seconds, share)
    assert not got[:, ::2].any()
    np.testing.assert_allclose(got[:, 1::2], wanted[:, 1::2], atol=2e-3)


def test_it_is_green_below_and_not_under_the_horizon() -> None:
    seen = [aurora.light(rays(turn), SKY, 0.0, 1.0) for turn in np.linspace(0, 6, 9)]
    bright = np.concatenate([s[s.max(-1) > 0.25] for s in seen])
    assert len(bright) > 50 and (bright[:, 1] > bright[:, 0]).mean() > 0.9
    assert not aurora.light(rays(up_rad=-1.0), SKY, 0.0, 1.0).any()
    assert all(s.min() >= 0 and s.max() < 0.9 for s in seen)
    gaps = np.mean([(s.max(-1) < 0.08).mean() for s in seen])
    assert 0.2 < gaps < 0.9, "it does not fill the sky"


def test_it_is_fixed_in_the_world_and_drifts_slowly() -> None:
    """A view turned by a cell's width shows it a cell further on; a tenth of a second changes little, minutes all."""
    here = aurora.light(rays(up_rad=0.0), SKY, 100.0, 1.0)
    step = math.atan(ft.CELL_PX * rays(up_rad=0.0).pixel_m)
    turned = aurora.light(rays(-step, 0.0), SKY, 100.0, 1.0)
    middle = here.shape[1] // 2
    np.testing.assert_allclose(turned[:, middle - 3 : middle + 1], here[:, middle - 2 : middle + 2], atol=0.03)
    soon, later = (aurora.light(rays(up_rad=0.0), SKY, 100.0 + s, 1.0) for s in (0.1, 60.0))
    assert 0 < np.abs(soon - here).max() < 0.12
    assert np.abs(later - here).max() > 0.2


def test_more_of_it_is_brighter() -> None:
    none, some, all_ = (aurora.light(rays(), SKY, 3.0, share) for share in (0.0, 0.5, 1.0))
    assert not none.any() and 0 < some.sum() < all_.sum()


@pytest.mark.filterwarnings("error")
def test_straight_up_does_no_harm_and_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    for up in (math.pi / 2, -math.pi / 2, 0.3):
        assert np.isfinite(aurora.light(rays(0.1, up), SKY, 1e9, 1.0)).all()
    assert len(getattr(kernels.light, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
