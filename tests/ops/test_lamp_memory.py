"""Lamps stay on when they leave the screen, go when their place is seen without them, and come on slowly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from framegen.frame import F32, Camera
from framegen.ops import features as ft
from framegen.ops.lamp_memory import (
    APPEARS_S,
    AWAY_M,
    GOES_S,
    IN_VIEW,
    KEPT_S,
    LEAVES_S,
    MOST,
    Lamps,
    Recall,
    remembered,
    shining,
)
from framegen.ops.lamplight_reference import LAMPS, MOST_LAMPS, POWER

W, H = 160, 96
STEP_S = 1 / 30
WALL: F32 = np.full((H, W), 15.0, np.float32)
AHEAD_M = (0.0, 0.0, -6.0)


def rays(turn_rad: float = 0.0, x_m: float = 0.0, orthographic: bool = False) -> ft.Rays:
    c, s = math.cos(turn_rad), math.sin(turn_rad)
    pose = np.eye(4)
    pose[:3, :3], pose[0, 3] = [[c, 0, s], [0, 1, 0], [-s, 0, c]], x_m
    if orthographic:
        clip = np.diag([0.1, 0.1 * W / H, -0.01, 1.0])
        return ft.rays_of(Camera(np.linalg.inv(pose), clip, 0.1, 100.0), W, H)
    return ft.rays_of(Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H), W, H)


def seen(*places_m: tuple[float, float, float], power: float = POWER, x_m: float = 0.0) -> F32:
    """Lamps in the world as a camera at ``x_m`` finds them."""
    out = [(x - x_m, y, z, power) for x, y, z in places_m]
    return np.asarray(out, np.float32).reshape(-1, 4)


def after(lamps: Lamps | None, frames: int, found: F32, depth_m: F32 = WALL, looking: ft.Rays | None = None) -> Lamps:
    for _ in range(frames):
        lamps = remembered(lamps, found, depth_m, rays() if looking is None else looking, STEP_S)
    assert lamps is not None
    return lamps


def test_all_that_the_first_frame_shows_is_on_and_nothing_fades() -> None:
    lamps = after(None, 1, seen(AHEAD_M, (2.0, 1.0, -5.0)))
    assert lamps.power.tolist() == [POWER, POWER] and not lamps.fade
    np.testing.assert_allclose(shining(lamps, rays()), seen((2.0, 1.0, -5.0), AHEAD_M), atol=1e-6)


def test_a_new_one_comes_on_slowly_and_wholly() -> None:
    lamps = after(None, 1, seen((3.0, 0.0, -8.0)))
    both = seen((3.0, 0.0, -8.0), AHEAD_M)
    powers = []
    for _ in range(round(APPEARS_S / STEP_S) + 1):
        lamps = after(lamps, 1, both)
        powers.append(float(lamps.power.min()))
    assert 0 < powers[0] < 0.01 * POWER and all(np.diff(powers) >= 0)
    assert powers[-1] == POWER and not lamps.fade
    assert after(after(None, 1, seen()), 2, both).fade


def test_one_that_leaves_the_screen_goes_on_shining_from_its_place() -> None:
    lamps = after(None, 1, seen(AHEAD_M))
    away = rays(1.5)
    lamps = after(lamps, 60, seen(), looking=away)
    assert lamps.power.tolist() == [POWER] and not lamps.fade
    np.testing.assert_allclose(shining(lamps, away)[0, :3], AHEAD_M)
    moved = rays(1.5, x_m=4.0)
    np.testing.assert_allclose(shining(after(lamps, 1, seen(), looking=moved), moved)[0, :3], (-4, 0, -6))


@pytest.mark.parametrize("orthographic", [False, True])
def test_one_whose_place_is_seen_without_it_goes_at_once(orthographic: bool) -> None:
    looking = rays(orthographic=orthographic)
    lamps = after(None, 1, seen(AHEAD_M))
    hidden = np.full((H, W), 3.0, np.float32)
    assert after(lamps, 20, seen(), hidden, looking).power.tolist() == [POWER], "something stands before it"
    assert not after(lamps, 160, seen(), hidden, looking).power.size, "and stays there"
    assert after(lamps, 30, seen(), np.full((H, W), 6.3, np.float32), looking).power.size == 1, "its post is there"
    going = after(lamps, 2, seen(), WALL, looking)
    assert 0 < going.power[0] < POWER and going.fade
    for depth in (WALL, np.full((H, W), np.inf, np.float32)):
        assert not after(lamps, math.ceil(GOES_S / STEP_S) + 1, seen(), depth, looking).power.size


def test_one_that_is_switched_off_before_our_eyes_does_not_stay_as_one_off_the_screen_does() -> None:
    panel: F32 = np.full((H, W), -AHEAD_M[2], np.float32)
    lamps = after(None, 1, seen(AHEAD_M), panel)
    assert after(lamps, 20, seen(), panel).power.tolist() == [POWER], "it may be lost for some frames"
    frames = round((KEPT_S / IN_VIEW + LEAVES_S) / STEP_S) + 2
    assert not after(lamps, frames, seen(), panel).power.size


def test_one_that_moves_is_the_same_one() -> None:
    lamps = after(None, 1, seen(AHEAD_M))
    for number in range(30):
        lamps = after(lamps, 1, seen((0.1 * number, 0.0, -6.0)))
    assert lamps.power.tolist() == [POWER]
    np.testing.assert_allclose(lamps.place_m, [(2.9, 0.0, -6.0)], atol=1e-6)


def test_one_that_is_seen_in_part_is_no_weaker_for_it_and_in_two_cubes_no_stronger() -> None:
    lamps = after(after(None, 1, seen(AHEAD_M)), 5, seen(AHEAD_M, power=0.2 * POWER))
    assert lamps.power.tolist() == [POWER]
    halves = seen((-0.2, 0.0, -6.0), (0.2, 0.0, -6.0), power=POWER / 2)
    lamps = after(lamps, 5, halves)
    assert lamps.power.tolist() == [POWER]
    np.testing.assert_allclose(lamps.place_m, [AHEAD_M], atol=1e-6)
    part = after(None, 1, seen(AHEAD_M, power=0.3 * POWER))
    more = after(part, 1, seen(AHEAD_M))
    assert 0.3 * POWER < more.power[0] < 0.5 * POWER and more.fade


def test_what_is_not_seen_for_long_or_is_far_away_is_forgotten() -> None:
    lamps, away = after(None, 1, seen(AHEAD_M)), rays(1.5)
    late = remembered(lamps, seen(), WALL, away, KEPT_S + 0.1)
    assert late.power.size == 0 or late.fade
    assert not after(late, math.ceil(LEAVES_S / STEP_S) + 1, seen(), looking=away).power.size
    assert not after(lamps, 1, seen(), looking=rays(1.5, x_m=AWAY_M + 10)).power.size


def test_there_are_never_too_many() -> None:
    rng = np.random.default_rng(1)
    lamps = None
    for number in range(6):
        places = rng.uniform(-40, 40, (60, 3)) + np.array([0, 0, 5.0 * number])
        lamps = after(lamps, 20, seen(*map(tuple, places.tolist())), looking=rays(number * 1.0))
    assert lamps is not None and len(lamps.power) <= MOST
    lit = shining(lamps, rays())
    assert len(lit) <= MOST_LAMPS and lit[:, 3].sum() <= (LAMPS + 1e-3) * POWER


def test_a_session_keeps_them_until_its_labels_mean_something_else() -> None:
    first, second, third = Recall({1: "lamp"}), Recall({1: "lamp"}), Recall({1: "wall"})
    first.shining(seen(AHEAD_M), WALL, rays())
    second.follow(first, STEP_S)
    assert len(second.shining(seen(), WALL, rays(1.5))) == 1
    third.follow(second, STEP_S)
    assert len(third.shining(seen(), WALL, rays(1.5))) == 0


def test_odd_places_and_no_time_do_no_harm() -> None:
    lamps = after(None, 1, seen(AHEAD_M, (0.0, 0.0, 0.0), (0.0, 0.0, 5.0)))
    for depth in (np.full((H, W), np.nan, np.float32), np.zeros((H, W), np.float32)):
        for passed_s in (0.0, 1e9):
            out = remembered(lamps, seen((1.0, 0.0, -3.0)), depth, rays(), passed_s)
            assert np.isfinite(shining(out, rays())).all()
