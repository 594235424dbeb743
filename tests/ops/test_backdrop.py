"""Land that a sky box shows is told from its sky, softly, near the horizon alone."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.frame import F32
from framegen.ops import backdrop
from framegen.ops import features as ft

H, W = 72, 128
HORIZON = 48


def seen(below: int = HORIZON) -> F32:
    """Features of a view from 40 degrees above the horizon to 20 below, of sky down to a row."""
    features = np.zeros((ft.CHANNELS, H, W), np.float32)
    features[ft.HAS_CAMERA], features[ft.SKY, :below] = 1, 1
    features[ft.RAY_UP] = np.sin(np.radians(40 - 60 * (np.arange(H) + 0.5) / H))[:, None]
    return features


def gradient() -> F32:
    """A sky as engines draw it: darker above, bright at the horizon."""
    share = np.linspace(0, 1, H, dtype=np.float32)[None, :, None]
    low, high = np.array((210, 225, 240), np.float32), np.array((70, 120, 200), np.float32)
    return np.broadcast_to(high[:, None, None] + share * (low - high)[:, None, None], (3, H, W)).copy()


def peaks() -> F32:
    """Row of the silhouette over each column."""
    return (34 + 6 * np.sin(np.arange(W) / 9)).astype(np.int64)


def mountains() -> F32:
    sky, rows = gradient(), np.arange(H)[:, None]
    below = rows >= peaks()
    return np.where(below, np.array((90, 110, 100), np.float32)[:, None, None], sky)


def test_a_smooth_sky_shows_no_land() -> None:
    assert backdrop.land(gradient(), seen()).max() < 0.01


def test_mountains_are_land_from_their_tops_down_to_the_horizon_however_smooth() -> None:
    found, rows = backdrop.land(mountains(), seen()), np.arange(H)[:, None]
    inside = (rows > peaks() + 2) & (rows < HORIZON)
    assert found[inside].min() > 0.7 and found[inside].mean() > 0.95
    assert found[rows.ravel() < peaks().min() - 4].max() < 0.01
    assert (found[HORIZON:] == 0).all()


def test_land_of_a_camera_that_stands_on_its_head_is_the_same() -> None:
    upright, over = seen(), np.ascontiguousarray(seen()[:, ::-1])
    found = backdrop.land(np.ascontiguousarray(mountains()[:, ::-1]), over)
    np.testing.assert_allclose(found[::-1], backdrop.land(mountains(), upright), atol=1e-5)


@pytest.mark.parametrize("roll_deg", range(0, 181, 15))
def test_a_camera_that_rolls_keeps_no_sky_above_the_land(roll_deg: int) -> None:
    """Mountains up to 9 degrees all around, a field of view of 90 degrees across."""
    x, y = np.meshgrid((2 * (np.arange(W) + 0.5) / W - 1), (1 - 2 * (np.arange(H) + 0.5) / H) * H / W)
    roll = np.radians(roll_deg)
    up = (x * np.sin(roll) + y * np.cos(roll)) / np.sqrt(1 + x * x + y * y)
    features = np.zeros((ft.CHANNELS, H, W), np.float32)
    features[ft.HAS_CAMERA], features[ft.SKY], features[ft.RAY_UP] = 1, 1, up
    above = np.degrees(np.arcsin(up))
    color = np.where(above < 9, 90, np.clip(240 - above, 0, 255))[None].repeat(3, 0).astype(np.float32)
    assert backdrop.land(color, features)[above > 27].max(initial=0) < 0.01


def test_clouds_high_up_are_none() -> None:
    sky = gradient()
    sky[:, 2:6, 20:60] = 250
    assert backdrop.land(sky, seen()).max() < 0.05


def test_what_shows_between_leaves_is_as_what_is_around_it() -> None:
    features = seen()
    features[ft.SKY, 36:48, 60:64] = 0.5
    found = backdrop.land(mountains(), features)
    assert found[43:47, 60:64].min() > 0.8 and found[4:8].max() < 0.01


@pytest.mark.parametrize("lost", [ft.SKY, ft.HAS_CAMERA])
def test_without_depth_or_camera_there_is_none(lost: int) -> None:
    features = seen()
    features[lost] = 0
    assert (backdrop.land(mountains(), features) == 0).all()


def test_a_view_that_turns_a_little_changes_little() -> None:
    """By a quarter of a cell: colours mix, no cell flips."""
    still = mountains()
    turned = 0.75 * still + 0.25 * np.roll(still, 1, 2)
    change = np.abs(backdrop.land(turned.astype(np.float32), seen()) - backdrop.land(still, seen()))
    assert change.max() < 0.25 and change.mean() < 0.01


def test_fog_hides_it() -> None:
    sunny, overcast, fog = (backdrop.clear(fog_per_m) for fog_per_m in (3e-4, 1e-3, 0.02))
    assert sunny > 0.7 and 0.3 < overcast < 0.4 and fog < 1e-6
