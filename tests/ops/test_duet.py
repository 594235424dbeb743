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
    begun = threading.Event()
    later = Duet().beside(lambda: (begun.set(), threading.current_thread())[1])
    assert begun.wait(5)
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


def test_another_thread_that_finds_it_taken_works_alone() -> None:
    both, gate, seen = Duet(), threading.Event(), []
    held = both.beside(gate.wait)

    def other() -> None:
        seen.append(both.beside(threading.current_thread).result() is threading.current_thread())

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(5)
    gate.set()
    assert held.result()
    assert seen == [True]


def test_what_was_not_begun_is_done_by_who_asks_and_split_waits_for_nobody() -> None:
    both, gate = Duet(), threading.Event()
    held = both.beside(gate.wait)
    assert both.beside(threading.current_thread).result() is threading.current_thread()
    seen: list[tuple[int, int]] = []
    both.split(10, 3, lambda first, end: seen.append((first, end)))
    assert seen == [(0, 3), (3, 7), (7, 10)]
    gate.set()
    assert held.result()


def test_tasks_of_one_thread_are_done_in_their_order() -> None:
    both, order = Duet(), []
    gate = threading.Event()
    both.beside(gate.wait)
    tasks = [both.beside(lambda i=i: order.append(i)) for i in range(5)]  # type: ignore[misc]
    last = both.beside(threading.Event().is_set)
    gate.set()
    while tasks[-1]._work or last._work:
        pass
    assert order == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("count", "parts"), [(1, 1), (7, 2), (72, 4), (3, 3)])
def test_split_covers_every_row_once(count: int, parts: int) -> None:
    rows: list[int] = []
    Duet().split(count, parts, lambda first, end: rows.extend(range(first, end)))
    assert sorted(rows) == list(range(count))


def test_a_result_that_another_thread_has_begun_to_work_out_is_waited_for() -> None:
    both, gate, begun = Duet(), threading.Event(), threading.Event()

    def work() -> int:
        begun.set()
        gate.wait(5)
        return 7

    taken = threading.Event()
    thread = threading.Thread(target=lambda: both.beside(lambda: taken.wait(5)))
    thread.start()
    thread.join(5)
    alone = both.beside(work)
    assert not begun.wait(0.05), "the second thread is taken"
    taken.set()
    other = threading.Thread(target=alone.result)
    other.start()
    assert begun.wait(5)
    threading.Timer(0.05, gate.set).start()
    assert alone.result() == 7
    other.join(5)


def test_an_error_in_a_band_reaches_the_caller() -> None:
    def work(first: int, end: int) -> None:
        raise ValueError(f"{first}")

    with pytest.raises(ValueError, match=r"\d"):
        Duet().split(10, 4, work)


def test_a_work_that_is_held_begins_nothing_more_and_is_finished_once() -> None:
    both, gate, begun = Duet(), threading.Event(), threading.Event()
    done: list[tuple[int, int]] = []

    def work(first: int, end: int) -> None:
        done.append((first, end))
        begun.set()
        gate.wait(5)

    turns = duet.Turns(both, 100, 7, work)
    assert begun.wait(5)
    threading.Timer(0.05, gate.set).start()
    turns.hold()
    assert len(done) == 1, "it waits for the range that is worked on"
    turns.hold()
    turns.go_on()
    turns.finish()
    assert sorted(done) == [(round(100 * i / 7), round(100 * (i + 1) / 7)) for i in range(7)]
    turns.finish()
    assert len(done) == 7


@pytest.mark.parametrize("cores", [1, 2])
def test_an_error_of_a_work_is_raised_by_who_finishes_it(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duet, "_cores", lambda: cores)

    def fail(first: int, end: int) -> None:
        raise ValueError(f"{first} to {end}")

    both = Duet()
    turns = duet.Turns(both, 4, 2, fail)
    for _ in range(2):
        with pytest.raises(ValueError, match="to"):
            turns.finish()
    assert both.beside(lambda: 5).result() == 5


def test_a_work_that_failed_while_it_was_held_stays_failed() -> None:
    both, begun = Duet(), threading.Event()

    def fail(first: int, end: int) -> None:
        begun.set()
        raise ValueError(f"{first} to {end}")

    turns = duet.Turns(both, 8, 4, fail)
    assert begun.wait(5)
    with pytest.raises(ValueError, match="0 to 2"):
        turns.hold()
    turns.go_on()
    with pytest.raises(ValueError, match="0 to 2"):
        turns.finish()


def test_a_work_that_nobody_else_has_begun_is_done_by_who_finishes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duet, "_cores", lambda: 1)
    seen: list[threading.Thread] = []
    turns = duet.Turns(Duet(), 3, 3, lambda first, end: seen.append(threading.current_thread()))
    turns.hold()
    assert seen == []
    turns.finish()
    assert seen == [threading.current_thread()] * 3
