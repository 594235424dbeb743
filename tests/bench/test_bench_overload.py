"""Slices of a long run and what grew in it."""

from __future__ import annotations

import pytest

from framegen.bench.overload import MemorySample, growth, windows
from framegen.bench.tally import Tally
from framegen.frame import How

MS = 1_000_000


def long_run(latency_ms_per_s: float) -> Tally:
    """90 s at ten frames a second; latency begins at 10 ms and grows by ``latency_ms_per_s`` each second."""
    tally = Tally()
    for index in range(900):
        sent_ns = 5_000 * MS + index * 100 * MS
        tally.sent(index, sent_ns)
        tally.answered(index, sent_ns + int((10 + latency_ms_per_s * index / 10) * MS), How.GENERATED, {"model": 5.0})
    return tally


def memory(mib_per_s: float) -> list[MemorySample]:
    return [MemorySample(at_s, int((300 + mib_per_s * at_s) * 2**20)) for at_s in range(90)]


def test_a_flat_run_does_not_grow() -> None:
    rows = windows(long_run(0.0).summary(), memory(0.0))
    assert [row["from_s"] for row in rows] == [10.0 * n for n in range(9)]
    assert all(row["latency_ms"]["p50"] == 10.0 for row in rows)
    assert all(row["fps"] == pytest.approx(10.0, rel=0.02) for row in rows)
    assert growth(rows) == {"latency_ms": 0.0, "memory_mib": 0.0}


def test_growth_is_seen() -> None:
    change = growth(windows(long_run(0.5).summary(), memory(1.0)))
    assert change["latency_ms"] == pytest.approx(30.0, rel=0.05)
    assert change["memory_mib"] == pytest.approx(60.0, rel=0.05)


def test_short_and_empty_runs_have_no_growth() -> None:
    assert windows(Tally().summary(), []) == []
    assert growth([]) == {"latency_ms": 0.0, "memory_mib": 0.0}
