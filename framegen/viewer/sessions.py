"""A server's sessions on the live page, each a channel of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from framegen.config import Settings
from framegen.frame import Restyled
from framegen.server.hub import Observer
from framegen.viewer.board import Pair
from framegen.viewer.bridge import ViewerBridge
from framegen.viewer.figures import Figures
from framegen.wire.events import Job

FIGURES_EVERY_NS = 500_000_000


class OnPage(Observer):
    """Shows what a server does, and lets a page change a session's look.

    Pictures are handed over only while somebody watches.
    """

    def __init__(self, bridge: ViewerBridge) -> None:
        self._bridge = bridge
        self._figures: dict[str, tuple[Figures, int]] = {}
        self._change: Callable[[str, Mapping[str, Any]], None] | None = None

    def serving(self, change: Callable[[str, Mapping[str, Any]], None]) -> None:
        self._change = change

    def change(self, channel: str, changes: Mapping[str, Any]) -> None:
        """A page changed a session's settings. From any thread."""
        if self._change is not None:
            self._change(channel, changes)

    def opened(self, session: str, client: str) -> None:
        self._figures[session] = Figures(), 0
        self._bridge.name(client or f"session {session[:6]}", session)
        self._bridge.state("waiting", channel=session)

    def applied(self, session: str, settings: Settings, understood: tuple[str, ...], ignored: tuple[str, ...]) -> None:
        self._bridge.settings(settings, understood, ignored, session)

    def made(self, job: Job, result: Restyled) -> None:
        figures, told_ns = self._figures[job.session]
        now_ns = time.perf_counter_ns()
        figures.answered(result.how, (now_ns - job.received_ns) * 1e-6, result.stages_ms)
        if now_ns - told_ns >= FIGURES_EVERY_NS:
            self._bridge.state("live", channel=job.session, model=result.model)
            self._bridge.figures(figures.snapshot(), job.session)
            self._figures[job.session] = figures, now_ns
        if self._bridge.watched:
            pair = Pair(job.frame.color, result.image, result.frame_id, result.how.value, result.model)
            self._bridge.publish(pair, job.session)

    def superseded(self, session: str) -> None:
        self._figures[session][0].superseded()

    def closed(self, session: str) -> None:
        del self._figures[session]
        self._bridge.drop(session)
