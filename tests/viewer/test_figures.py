from __future__ import annotations

from framegen.frame import How
from framegen.viewer.figures import WINDOW_S, Figures


class Clock:
    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def test_rates_latencies_and_stages() -> None:
    clock = Clock()
    figures = Figures(clock)
    assert figures.snapshot() == {
        "fps": 0.0,
        "latency_ms": None,
        "stages_ms": {},
        "counts": {"generated": 0, "reused": 0, "reprojected": 0, "superseded": 0, "lost": 0},
    }
    for number in range(21):
        clock.now_ns = number * 50_000_000
        figures.answered(How.GENERATED, 20.0 + number, {"model": 10.0 + number % 2, "lift": 1.0})
    figures.superseded(2)
    figures.lost()
    shown = figures.snapshot()
    assert shown["fps"] == 20.0
    assert shown["latency_ms"] == {"p50": 30.0, "p95": 39.0}
    assert shown["stages_ms"] == {"model": 10.48, "lift": 1.0}
    assert shown["counts"] == {"generated": 21, "reused": 0, "reprojected": 0, "superseded": 2, "lost": 1}


def test_reused_pictures_are_no_frames_a_second() -> None:
    clock = Clock()
    figures = Figures(clock)
    for number in range(10):
        clock.now_ns = number * 100_000_000
        figures.answered(How.REUSED if number % 2 else How.GENERATED, 5.0, {"model": 0.0 if number % 2 else 9.0})
    shown = figures.snapshot()
    assert shown["fps"] == 5.0
    assert shown["stages_ms"] == {"model": 9.0}
    assert shown["counts"]["reused"] == 5


def test_reprojected_pictures_are_frames_a_second_but_no_time_of_the_network() -> None:
    clock = Clock()
    figures = Figures(clock)
    for number in range(11):
        clock.now_ns = number * 100_000_000
        made = number % 2 == 0
        how, stages_ms = (How.GENERATED, {"model": 9.0}) if made else (How.REPROJECTED, {"carry": 1.0})
        figures.answered(how, 5.0, stages_ms)
    shown = figures.snapshot()
    assert shown["fps"] == 10.0
    assert shown["stages_ms"] == {"model": 9.0}
    assert shown["counts"]["reprojected"] == 5


def test_what_is_old_is_forgotten_but_counted() -> None:
    clock = Clock()
    figures = Figures(clock)
    figures.answered(How.GENERATED, 900.0, {"model": 900.0})
    clock.now_ns = int((WINDOW_S + 1) * 1e9)
    shown = figures.snapshot()
    assert shown["latency_ms"] is None and shown["counts"]["generated"] == 1
