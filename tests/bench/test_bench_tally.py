"""The bench's accounts add up, whatever order things happen in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framegen.bench.tally import Tally, percentiles
from framegen.frame import How

MS = 1_000_000


def test_a_run_of_four_frames() -> None:
    tally = Tally()
    for frame_id in range(4):
        tally.sent(frame_id, frame_id * 10 * MS)
    tally.answered(0, 15 * MS, How.GENERATED, {"model": 7.0})
    tally.superseded(1)
    tally.answered(2, 40 * MS, How.REUSED, {})
    summary = tally.summary()
    assert (summary.sent, len(summary.answers), summary.superseded, summary.lost) == (4, 2, 1, 1)
    assert [answer.latency_ms for answer in summary.answers] == [15.0, 20.0]
    assert summary.seconds == pytest.approx(0.040)
    assert summary.fps == pytest.approx(1 / 0.040), "a reused picture is not a restyled frame"
    assert summary.sending_fps == pytest.approx(100.0)
    assert summary.stages_ms == {"model": 7.0}


def test_pictures_without_the_network_are_new_ones_whose_stages_are_not_its() -> None:
    tally = Tally()
    for frame_id in range(2):
        tally.sent(frame_id, frame_id * 10 * MS)
    tally.answered(0, 15 * MS, How.GENERATED, {"model": 7.0})
    tally.answered(1, 20 * MS, How.REPROJECTED, {"carry": 1.0})
    summary = tally.summary()
    assert summary.fps == pytest.approx(2 / 0.020)
    assert (len(summary.generated), len(summary.reprojected)) == (1, 1)
    assert summary.stages_ms == {"model": 7.0}


def test_frames_of_the_warm_up_do_not_count() -> None:
    tally = Tally()
    tally.answered(99, MS, How.GENERATED, {})
    tally.superseded(98)
    assert tally.summary().sent == 0
    assert tally.summary().answers == ()


def test_nothing_sent_is_all_zeros() -> None:
    summary = Tally().summary()
    assert (summary.fps, summary.sending_fps, summary.lost) == (0.0, 0.0, 0)
    assert summary.latency_ms() == {"p50": 0.0, "p95": 0.0, "p99": 0.0}


@given(st.lists(st.sampled_from(["answer", "supersede", "double", "nothing"]), max_size=60))
def test_sent_is_answered_plus_superseded_plus_lost(fates: list[str]) -> None:
    tally = Tally()
    for frame_id, fate in enumerate(fates):
        tally.sent(frame_id, frame_id * MS)
        if fate in ("answer", "double"):
            tally.answered(frame_id, (frame_id + 1) * MS, How.GENERATED, {"model": 1.0})
        if fate in ("supersede", "double"):
            tally.superseded(frame_id)
    summary = tally.summary()
    assert summary.sent == len(fates)
    assert summary.sent == len(summary.answers) + summary.superseded + summary.lost
    assert summary.lost == fates.count("nothing")


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=50))
def test_percentiles_are_ordered_and_inside(values: list[float]) -> None:
    result = percentiles(values)
    assert min(values) <= result["p50"] + 1e-9
    assert result["p50"] <= result["p95"] + 1e-9 <= result["p99"] + 2e-9 <= max(values) + 1e-6
