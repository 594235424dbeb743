"""``framegen serve``: the server, and with ``--viewer`` a live page on which each session is a channel."""

from __future__ import annotations

import argparse
import time

from framegen.config import Settings
from framegen.frame import Restyled
from framegen.server import command
from framegen.server.hub import Observer
from framegen.viewer import Figures, Pair, ViewerBridge
from framegen.wire.events import Job

VIEWER_PORT = 8080
FIGURES_EVERY_NS = 500_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``framegen serve``."""
    command.add_arguments(parser)
    parser.add_argument(
        "--viewer",
        nargs="?",
        type=int,
        const=VIEWER_PORT,
        metavar="PORT",
        help=f"show the sessions on a live page, on this machine only (default port: {VIEWER_PORT})",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted. Returns 0 after a graceful stop."""
    if args.viewer is None:
        return command.run(args)
    with ViewerBridge(port=args.viewer, title="framegen serve") as bridge:
        return command.run(args, OnPage(bridge), bridge.url)


class OnPage(Observer):
    """Shows what a server does: a channel for each session."""

    def __init__(self, bridge: ViewerBridge) -> None:
        self._bridge = bridge
        self._figures: dict[str, tuple[Figures, int]] = {}

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

    def closed(self, session: str) -> None:
        del self._figures[session]
        self._bridge.drop(session)
