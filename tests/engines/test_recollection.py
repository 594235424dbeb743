"""What is kept of a session from frame to frame: whether it is outdoors changes by and by, sooner to the open."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.engines.embedded.recollection import JUMPS_M, LIT, OUTDOORS, Recollection

STEP_S = 1 / 30


def through(seen: list[float], passed_s: float = STEP_S) -> list[float]:
    out, last = [], None
    for value in seen:
        now = Recollection({})
        if last is not None:
            now.follow(last, passed_s)
        out.append(now.steadied(OUTDOORS, value))
        last = now
    return out


def test_the_first_frame_says_all() -> None:
    assert through([0.3]) == [0.3]
    first = Recollection({})
    assert first.steadied(OUTDOORS, 1.0) == 1 and first.settled and not first.fades


def test_a_wall_close_ahead_does_not_end_the_rain_and_the_open_begins_it_soon() -> None:
    closing = through([1.0, *[0.0] * 150])
    assert closing[10] > 0.9 and closing[-1] == 0
    assert closing[round(OUTDOORS.falls_s / STEP_S) + 1] == pytest.approx(0, abs=0.01)
    opening = through([0.0, *[1.0] * 30])
    assert opening[1] == pytest.approx(STEP_S / OUTDOORS.rises_s) and opening[round(OUTDOORS.rises_s / STEP_S) + 1] == 1
    assert through([0.0, 1.0], passed_s=60.0) == [0.0, 1.0], "after a pause"


def test_a_still_frame_is_made_anew_until_it_is_settled() -> None:
    first, second = Recollection({}), Recollection({})
    first.steadied(OUTDOORS, 1.0)
    second.follow(first, STEP_S)
    second.steadied(OUTDOORS, 0.0)
    assert second.fades and not second.settled


def test_decisions_are_apart_and_what_nobody_asks_is_forgotten() -> None:
    first, second, third = Recollection({}), Recollection({}), Recollection({})
    first.steadied(OUTDOORS, 1.0)
    first.steadied(LIT, 0.0)
    second.follow(first, STEP_S)
    assert second.steadied(LIT, 1.0) == pytest.approx(STEP_S / LIT.rises_s)
    third.follow(second, STEP_S)
    assert third.steadied(OUTDOORS, 0.0) == 0, "of two frames before nothing is known"


@pytest.mark.parametrize(("away_m", "now"), [(0.9 * JUMPS_M, 1 - STEP_S / OUTDOORS.falls_s), (1.1 * JUMPS_M, 0.0)])
def test_a_camera_that_is_elsewhere_at_once_recalls_nothing(away_m: float, now: float) -> None:
    """Nothing of the frame before may be in view then, so it is not found to be a cut."""
    first, second = Recollection({}, np.zeros(3)), Recollection({}, np.array([0.0, 0.0, away_m]))
    first.steadied(OUTDOORS, 1.0)
    second.follow(first, STEP_S)
    assert second.steadied(OUTDOORS, 0.0) == pytest.approx(now)
