"""The sender keeps to its pace and accounts for every frame, against links that answer, drop and supersede."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest

from framegen.bench import drive as drive_module
from framegen.bench.drive import Event, drive
from framegen.bench.frames import endless
from framegen.errors import ConnectionLost
from framegen.frame import Frame, How, Restyled

FRAME = Frame(frame_id=0, color=np.zeros((4, 4, 3), np.uint8))


class Clock:
    """In place of the module ``time``: stands still but for who waits, and a microsecond for who looks at it."""

    def __init__(self) -> None:
        self.now_ns = 0

    def monotonic_ns(self) -> int:
        self.now_ns += 1000
        return self.now_ns


time = Clock()


@pytest.fixture(autouse=True)
def no_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, the sender and the server see the same time go by."""
    monkeypatch.setattr(drive_module, "time", time)


class FakeServer:
    """Takes ``service_s`` a frame, keeps one undone frame, the newest; may lose every ``lose``-th."""

    def __init__(self, service_s: float, lose: int = 0) -> None:
        self.service_ns = int(service_s * 1e9)
        self.lose = lose
        self.events: deque[Event] = deque()
        self.working: tuple[Frame, int] | None = None
        self.waiting: Frame | None = None
        self.stamps: list[int] = []

    def send(self, frame: Frame) -> None:
        self.stamps.append(frame.timestamp_ns)
        if self.lose and frame.frame_id % self.lose == 0:
            return
        if self.working is None:
            self.working = frame, time.monotonic_ns() + self.service_ns
            return
        if self.waiting is not None:
            self.events.append(Event(self.waiting.frame_id, time.monotonic_ns()))
        self.waiting = frame

    def poll(self, timeout_s: float) -> Event | None:
        deadline_ns = time.monotonic_ns() + int(timeout_s * 1e9)
        while True:
            if self.events:
                return self.events.popleft()
            now_ns = time.monotonic_ns()
            if self.working is not None and now_ns >= self.working[1]:
                frame = self.working[0]
                self.working = (self.waiting, now_ns + self.service_ns) if self.waiting else None
                self.waiting = None
                result = Restyled(
                    frame.frame_id, frame.timestamp_ns, FRAME.color, How.GENERATED, stages_ms={"model": 1}
                )
                return Event(frame.frame_id, now_ns, result)
            if now_ns >= deadline_ns:
                return None
            time.now_ns = deadline_ns if self.working is None else min(deadline_ns, self.working[1])


def test_closed_loop_is_answered_frame_by_frame() -> None:
    ticks: list[float] = []
    server = FakeServer(0.004)
    summary = drive(server, endless([FRAME]), sending_fps=None, seconds=0.3, warmup_frames=2, every_second=ticks.append)
    assert summary.sent == len(summary.answers) > 3
    assert (summary.superseded, summary.lost) == (0, 0)
    assert summary.latency_ms()["p50"] >= 4.0
    assert summary.fps <= 250.0
    assert ticks, "the caller hears of the time"
    assert server.stamps == sorted(server.stamps)


def test_open_loop_faster_than_the_server_is_superseded_not_queued() -> None:
    summary = drive(FakeServer(0.03), endless([FRAME]), sending_fps=120.0, seconds=0.6, warmup_frames=1)
    assert summary.superseded > 0
    assert summary.lost == 0
    assert summary.sent == len(summary.answers) + summary.superseded


def test_silence_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive_module, "ANSWER_WITHIN_S", 0.05)
    summary = drive(FakeServer(0.0005, lose=5), endless([FRAME]), sending_fps=None, seconds=0.3, warmup_frames=1)
    assert summary.lost > 0
    assert summary.sent == len(summary.answers) + summary.lost


def test_a_server_that_never_answers_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive_module, "ANSWER_WITHIN_S", 0.05)
    with pytest.raises(ConnectionLost):
        drive(FakeServer(0.001, lose=1), endless([FRAME]), sending_fps=None, seconds=0.1)
