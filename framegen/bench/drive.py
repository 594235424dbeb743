"""Sends frames at a scenario's pace and notes what becomes of each. Knows a link, not a socket."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from framegen.bench.tally import Summary, Tally
from framegen.errors import ConnectionLost
from framegen.frame import Frame, Restyled

ANSWER_WITHIN_S = 60.0
"""A frame of which nothing is heard for so long is lost. A machine that stands still for a while loses none."""
MAX_BEHIND_NS = 100_000_000
"""A sender that fell this far behind its schedule begins a new one, in place of a burst."""


@dataclasses.dataclass(frozen=True)
class Event:
    """Something came back: a result, or (``restyled`` is None) the notice that ``frame_id`` was superseded.

    ``received_ns`` is ``time.monotonic_ns()`` when the client's user had it.
    """

    frame_id: int
    received_ns: int
    restyled: Restyled | None = None


class Link(Protocol):
    """A connected client, as little of it as is needed here."""

    def send(self, frame: Frame) -> None:
        """Give the frame away; returns without waiting for an answer."""
        ...

    def poll(self, timeout_s: float) -> Event | None:
        """The next thing that came back, or None after ``timeout_s``."""
        ...


def drive(
    link: Link,
    frames: Iterator[Frame],
    *,
    sending_fps: float | None,
    seconds: float,
    warmup_frames: int = 20,
    every_second: Callable[[float], None] | None = None,
) -> Summary:
    """Warm up, send for ``seconds``, wait for the last answers.

    Args:
        frames: endless; ids grow by one.
        sending_fps: None sends the next frame when the last is answered.
        every_second: called about once a second with the seconds since measuring began.

    Raises:
        ConnectionLost: not one frame of the warm-up was answered.
    """
    for _ in range(warmup_frames):
        if not _send_and_wait(link, next(frames), Tally()):
            raise ConnectionLost("The server did not answer a frame of the warm-up.", hint="Look at its output.")
    tally = Tally()
    start_ns = time.monotonic_ns()
    end_ns = start_ns + int(seconds * 1e9)
    tick = _Ticks(start_ns, every_second)
    if sending_fps is None:
        while time.monotonic_ns() < end_ns:
            _send_and_wait(link, next(frames), tally)
            tick()
    else:
        _send_by_the_clock(link, frames, tally, sending_fps, end_ns, tick)
    _drain(link, tally)
    return tally.summary()


def _send_and_wait(link: Link, frame: Frame, tally: Tally) -> bool:
    """Closed loop: True when the frame was answered in time."""
    _send(link, frame, tally)
    deadline_ns = time.monotonic_ns() + int(ANSWER_WITHIN_S * 1e9)
    while (left_ns := deadline_ns - time.monotonic_ns()) > 0:
        event = link.poll(left_ns / 1e9)
        if event is not None:
            _note(tally, event)
            if event.frame_id == frame.frame_id:
                return True
    return False


def _send_by_the_clock(
    link: Link, frames: Iterator[Frame], tally: Tally, fps: float, end_ns: int, tick: Callable[[], None]
) -> None:
    """Open loop: a frame each period, whatever comes back."""
    period_ns = int(1e9 / fps)
    due_ns = time.monotonic_ns()
    while (now_ns := time.monotonic_ns()) < end_ns:
        if now_ns >= due_ns:
            _send(link, next(frames), tally)
            due_ns = due_ns + period_ns if now_ns - due_ns < MAX_BEHIND_NS else now_ns + period_ns
            tick()
            continue
        event = link.poll((due_ns - now_ns) / 1e9)
        if event is not None:
            _note(tally, event)


def _drain(link: Link, tally: Tally) -> None:
    deadline_ns = time.monotonic_ns() + int(ANSWER_WITHIN_S * 1e9)
    while tally.pending and (left_ns := deadline_ns - time.monotonic_ns()) > 0:
        event = link.poll(left_ns / 1e9)
        if event is not None:
            _note(tally, event)


def _send(link: Link, frame: Frame, tally: Tally) -> None:
    now_ns = time.monotonic_ns()
    tally.sent(frame.frame_id, now_ns)
    link.send(dataclasses.replace(frame, timestamp_ns=now_ns))


def _note(tally: Tally, event: Event) -> None:
    if event.restyled is None:
        tally.superseded(event.frame_id)
    else:
        tally.answered(event.frame_id, event.received_ns, event.restyled.how, event.restyled.stages_ms)


class _Ticks:
    """Calls back about once a second."""

    def __init__(self, start_ns: int, callback: Callable[[float], None] | None) -> None:
        self._start_ns = start_ns
        self._next_ns = start_ns
        self._callback = callback

    def __call__(self) -> None:
        now_ns = time.monotonic_ns()
        if self._callback is not None and now_ns >= self._next_ns:
            self._next_ns = now_ns + 1_000_000_000
            self._callback((now_ns - self._start_ns) / 1e9)
