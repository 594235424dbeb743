"""The same work is timed each time."""

from __future__ import annotations

import itertools

import pytest

from framegen.bench import yardstick as module
from framegen.bench.yardstick import Yardstick


def test_best_and_median_of_what_the_work_took(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.accumulate([0, 3, 0, 1, 0, 8], lambda now, step: now + step * 1_000_000)
    monkeypatch.setattr(module.time, "perf_counter_ns", lambda: next(ticks))
    stick = Yardstick()
    assert stick.figures() == {"best": 0.0, "median": 0.0}
    for _ in range(3):
        stick.lay()
    assert stick.figures() == {"best": 1.0, "median": 3.0}
