"""What ``framegen bench temporal`` asks a server for."""

from __future__ import annotations

from typing import Any

import pytest
from moving_scene import Scene

from framegen.bench import temporal
from framegen.config import Settings
from framegen.frame import Frame, Restyled


class Noted:
    """A session that gives every frame back, and notes the settings it was under."""

    asked: list[Settings]

    def __init__(self, server: Any) -> None:
        del server

    def __enter__(self) -> Noted:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def begin(self, settings: Settings) -> None:
        self.asked.append(settings)

    update = begin

    def __call__(self, frame: Frame, now_ns: int | None = None) -> Restyled:
        return Restyled(frame.frame_id, frame.timestamp_ns, frame.color)


def test_the_network_runs_on_every_frame_of_all_that_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what a new prompt takes would depend on the server's machine."""
    Noted.asked = []
    monkeypatch.setattr(temporal, "RemoteSession", Noted)
    scene = Scene(64, 48, speed_m=0.02)
    frames: list[Frame] = [scene.frame(i) for i in range(14)]
    server: Any = None
    temporal.measure(server, frames, Settings(prompt="dawn"))
    assert {(asked.prompt, asked.temporal.reuse) for asked in Noted.asked} == {
        ("dawn", True),
        ("dawn", False),
        (temporal.OTHER_PROMPT, True),
    }
    assert {asked.temporal.stride for asked in Noted.asked} == {1}
