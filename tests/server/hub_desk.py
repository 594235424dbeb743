"""A hub and a worker without sockets, run by hand."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from stand_in_server import InvertEngine

from framegen.config import Settings
from framegen.frame import Restyled
from framegen.server.hub import Hub, Observer
from framegen.server.session import Route
from framegen.server.worker import Job, Worker
from framegen.wire import codec
from framegen.wire import messages as m
from framegen.wire.events import Job as FrameJob

A, B, C = Route(0, b"a"), Route(0, b"b"), Route(0, b"c")
SECOND_NS = 1_000_000_000


class Notes(Observer):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def opened(self, session: str, client: str) -> None:
        self.lines.append(f"opened {client}")

    def applied(self, session: str, settings: Settings, understood: tuple[str, ...], ignored: tuple[str, ...]) -> None:
        self.lines.append(f"applied {settings.prompt}")

    def made(self, job: FrameJob, result: Restyled) -> None:
        self.lines.append(f"made {result.frame_id}")

    def closed(self, session: str) -> None:
        self.lines.append("closed")


class Desk:
    """A hub and a worker, run by hand."""

    def __init__(self, **options: Any) -> None:
        self.engine = InvertEngine()
        self.worker = Worker(options.pop("load", lambda _name: self.engine), options.pop("models", ["invert"]))
        self.notes = Notes()
        self.now_ns = 0
        options.setdefault("max_sessions", 8)
        options.setdefault("limits", m.Limits())
        self.hub = Hub(models=self.worker.models, forget=self.worker.forget, observer=self.notes, **options)
        self.heard: dict[Route, list[m.Message]] = defaultdict(list)

    def say(self, route: Route, *messages: m.Message, connection: bytes = b"") -> list[m.Message]:
        """Send; returns what comes back at once."""
        for message in messages:
            self.raw(route, codec.encode(message), connection)
        return self.hear(route)

    def raw(self, route: Route, parts: Any, connection: bytes = b"") -> None:
        self.hub.receive(route, parts, self.now_ns, connection)

    def greet(self, route: Route, connection: bytes = b"", **hello: Any) -> m.Welcome:
        (welcome,) = self.say(route, m.Hello(**hello), connection=connection)
        assert isinstance(welcome, m.Welcome)
        return welcome

    def hear(self, route: Route) -> list[m.Message]:
        """What was sent to ``route`` since the last call."""
        while self.hub.outbox:
            to, parts = self.hub.outbox.popleft()
            self.heard[to].append(codec.decode(parts))
        return self.heard.pop(route, [])

    def work(self, jobs: int = 1000) -> list[Job]:
        """Do up to so many jobs."""
        done = []
        while len(done) < jobs and (job := self.hub.next_job()) is not None:
            self.hub.finished(self.worker.run(job))
            done.append(job)
        return done


def kinds(messages: list[m.Message]) -> list[str]:
    return [message.type for message in messages]


def error_of(messages: list[m.Message]) -> m.Error:
    (error,) = messages
    assert isinstance(error, m.Error)
    return error
