"""Waiting that counts only the time in which the program ran, with a clock that stands still on demand."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable

import pytest

from framegen.client import patience


class Clock:
    """In place of the module ``time``."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(patience, "time", clock)
    return clock


def nothing(clock: Clock, takes_s: Callable[[float], float] = lambda slice_s: slice_s) -> Callable[[float], bool]:
    """What is waited for and never happens; each wait takes as long as ``takes_s`` says."""

    def wait(slice_s: float) -> bool:
        clock.now_s += takes_s(slice_s)
        return False

    return wait


def test_a_wait_takes_the_time_it_was_given(clock: Clock) -> None:
    assert not patience.wait(nothing(clock), 3.1)
    assert clock.now_s == pytest.approx(3.1)
    assert not patience.wait(nothing(clock), 0.0)
    assert clock.now_s == pytest.approx(3.1)


def test_what_happened_already_needs_no_time(clock: Clock) -> None:
    assert patience.wait(lambda _: True, 0.0)


def test_a_program_that_stood_still_has_not_waited(clock: Clock) -> None:
    stops = iter([20.0, 40.0])
    assert not patience.wait(nothing(clock, lambda slice_s: slice_s + next(stops, 0.0)), 1.0)
    assert clock.now_s == pytest.approx(61.0)


def test_a_slow_machine_does_not_wait_for_ever(clock: Clock) -> None:
    assert not patience.wait(nothing(clock, lambda slice_s: slice_s + 0.2), 4.5)
    assert clock.now_s < 5.0


def test_results_and_errors_of_futures_come_through() -> None:
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    with pytest.raises(concurrent.futures.TimeoutError):
        patience.result(future, 0.01)
    future.set_result(3)
    assert patience.result(future, 0.0) == 3
    failed: concurrent.futures.Future[int] = concurrent.futures.Future()
    failed.set_exception(KeyError("x"))
    with pytest.raises(KeyError):
        patience.result(failed, 1.0)


def test_awaiting_ends_by_result_error_or_time() -> None:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        late: asyncio.Future[int] = loop.create_future()
        with pytest.raises(asyncio.TimeoutError):
            await patience.awaited(late, 0.01)
        assert late.cancelled()
        soon: asyncio.Future[int] = loop.create_future()
        loop.call_later(0.01, soon.set_result, 5)
        assert await patience.awaited(soon, 60.0) == 5
        failed: asyncio.Future[int] = loop.create_future()
        failed.set_exception(KeyError("x"))
        with pytest.raises(KeyError):
            await patience.awaited(failed, 60.0)

    asyncio.run(play())
