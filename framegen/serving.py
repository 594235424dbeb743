"""``framegen serve``: the server, and with ``--viewer`` a live page on which each session is a channel.

A page may change a session's look, as its client may: who comes last is right, until the client connects again.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from framegen.loopback import port
from framegen.server import command

VIEWER_PORT = 8080


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``framegen serve``."""
    command.add_arguments(parser)
    parser.add_argument(
        "--viewer",
        nargs="?",
        type=port,
        const=VIEWER_PORT,
        metavar="PORT",
        help=f"show the sessions on a live page, on this machine only (default port: {VIEWER_PORT})",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted. Returns 0 after a graceful stop."""
    if args.viewer is None:
        return command.run(args)
    from framegen.viewer import ViewerBridge
    from framegen.viewer.sessions import OnPage

    def change(channel: str, changes: Mapping[str, Any]) -> None:
        page.change(channel, changes)

    bridge = ViewerBridge(change, port=args.viewer, title="framegen serve")
    page = OnPage(bridge)
    with bridge:
        return command.run(args, page, bridge.url)
