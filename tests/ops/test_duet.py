"""Two threads for one frame: every range once, errors where they are asked for, never a wait for another frame."""

from __future__ import annotations

import threading

import pytest

from framegen.ops import duet
from framegen.ops.duet import Duet


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duet, "_cores", lambda: 2)


def test_a_result_comes_from_the_second_thread_and_can_be_asked_for_twice() -> None:
    later = Duet().beside(threading.current_thread)
    assert later.result() is not threading.current_thread()
    assert later.result() is later.result()


def test_with_one_core_the_caller_does_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duet, "_cores", lambda: 1)
    calls: list[threading.Thread] = []
    later = Duet().beside(lambda: calls.append(threading.current_thread()))
    assert calls == []
    later.result()
    later.result()
    assert calls == [threading.current_thread()]


def test_an_error_is_raised_where_the_result_is_asked_for_and_the_thread_lives_on() -> None:
    both = Duet()

    def fail() -> None:
        raise ValueError("no")

    later = both.beside(fail)
    with pytest.raises(ValueError, match="no"):
        later.result()
    assert both.beside(lambda: 5).result() == 5


def test_who_finds_the_thread_taken_works_alone() -> None:
    both, gate = Duet(), threading.Event()
    held = both.beside(gate.wait)
    assert both.beside(threading.current_thread).result() is threading.current_thread()
    seen: list[tuple[int, int]] = []
    both.split(10, 3, lambda first, end: seen.append((first, end)))
    assert sorted(seen) == [(0, 3), (3, 7), (7, 10)]
    gate.set()
    assert held.result()


def test_a_task_nobody_asks_for_does_not_keep_the_thread() -> None:
    both, done = Duet(), threading.Event()
    both.beside(done.set)
    assert done.wait(5)
    for _ in range(1000):
        if both.beside(threading.current_thread).result() is not threading.current_thread():
            return
    pytest.fail("the second thread was never free again")


@pytest.mark.parametrize(("count", "parts"), [(1, 1), (7, 2), (72, 4), (3, 3)])
def test_split_covers_every_row_once(count: int, parts: int) -> None:
    rows: list[int] = []
    Duet().split(count, parts, lambda first, end: rows.extend(range(first, end)))
    assert sorted(rows) == list(range(count))


def test_an_error_in_a_band_reaches_the_caller() -> None:
    def work(first: int, end: int) -> None:
        raise ValueError(f"{first}")

    with pytest.raises(ValueError, match=r"\d"):
        Duet().split(10, 4, work)
