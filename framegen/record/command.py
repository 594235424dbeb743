"""The command line of ``framegen record``."""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import zmq

from framegen.record.proxy import Proxy
from framegen.record.tape import Counts, Tape
from framegen.recording import TO_SERVER, RecordingWriter
from framegen.server.options import is_local, read_token
from framegen.values import checked, endpoint, positive
from framegen.wire.messages import PROTOCOL_VERSION

if TYPE_CHECKING:
    from rich.console import Console

TOKEN_VARIABLE = "FRAMEGEN_TOKEN"
DEFAULT_SERVER = "tcp://127.0.0.1:5555"
DEFAULT_LISTEN = "tcp://127.0.0.1:5565"
SILENT_S = 3.0
"""A server that answers nothing for so long is missing: a welcome takes milliseconds."""
SHOWN_S = 0.5
"""How often the counts are shown anew."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``framegen record`` takes."""
    parser.add_argument("output", type=Path, metavar="OUT.mcap", help="the recording to write")
    parser.add_argument(
        "--endpoint", type=endpoint, default=DEFAULT_SERVER, metavar="ADDRESS", help=f"the server ({DEFAULT_SERVER})"
    )
    parser.add_argument(
        "--listen",
        type=_here,
        default=DEFAULT_LISTEN,
        metavar="ADDRESS",
        help=f"where your engine connects ({DEFAULT_LISTEN})",
    )
    parser.add_argument(
        "--token-file", type=Path, metavar="FILE", help=f"holds the server's token (default: ${TOKEN_VARIABLE})"
    )
    parser.add_argument("--seconds", type=positive, metavar="N", help="stop by itself after so long")
    parser.add_argument("--overwrite", action="store_true", help="replace OUT.mcap if it exists")


def _here(text: str) -> str:
    if not checked(is_local)(text):
        raise argparse.ArgumentTypeError(f"{text!r} would be open to other machines; {DEFAULT_LISTEN} is not")
    return text


def run(args: argparse.Namespace) -> int:
    """Record until Ctrl-C, or for ``--seconds``. Raises FramegenError."""
    from rich.console import Console

    console = Console(stderr=True, markup=False)  # names of files may have brackets
    token = os.environ.get(TOKEN_VARIABLE) or None
    if args.token_file is not None:
        token = read_token(args.token_file)
    counts = Counts()
    writer = RecordingWriter(args.output, overwrite=args.overwrite, protocol=PROTOCOL_VERSION)
    if (left := args.output.with_name(args.output.name + ".part")) != writer.temporary:
        console.print(f"{left} is of a recording that broke off; it is kept.", highlight=False, soft_wrap=True)
    try:
        tape = Tape(writer, counts)
        proxy = Proxy(args.listen, args.endpoint, _counting(tape, counts), token=token)
    except BaseException:
        writer.abandon()
        raise
    console.print(
        f"Connect your engine to {proxy.address} instead of {args.endpoint}; Ctrl-C stops.",
        highlight=False,
        soft_wrap=True,
    )
    try:
        with console.status("waiting for an engine") as status:
            told = _Told(console, args.endpoint)
            _pump(proxy, tape, args.seconds, lambda: told.turn(proxy, counts, status.update))
    finally:
        counts.clients = proxy.clients
        proxy.close()
        tape.close()  # whatever ended it, what was recorded by then is kept
    size = args.output.stat().st_size
    clients = "1 client" if counts.clients == 1 else f"{counts.clients} clients"
    left_out = f" {counts.left_out} were too fast for the disk and are missing." if counts.left_out else ""
    console.print(
        f"{args.output}: {counts.to_server} messages to the server, {counts.to_client} back, "
        f"{clients}, {size / 1e6:.1f} MB.{left_out}",
        highlight=False,
        soft_wrap=True,
    )
    return 0


class _Told:
    """What who records sees meanwhile: how much came, and once that the server does not answer."""

    def __init__(self, console: Console, server: str) -> None:
        self._console, self._server = console, server
        self._silent, self._shown_s = False, 0.0

    def turn(self, proxy: Proxy, counts: Counts, show: Callable[[str], None]) -> None:
        now_s = time.monotonic()
        if now_s - self._shown_s < SHOWN_S:
            return
        self._shown_s = now_s
        if counts.to_server:
            show(f"{counts.to_server} messages to the server, {counts.to_client} back, {counts.bytes / 1e6:.0f} MB")
        if proxy.unanswered_s > SILENT_S and not self._silent:
            self._silent = True
            self._console.print(
                f"{self._server} does not answer your engine. Is 'framegen serve' running there, with this token?",
                highlight=False,
                soft_wrap=True,
            )


def _counting(tape: Tape, counts: Counts) -> Callable[[str, Sequence[zmq.Frame], int], None]:
    def on_message(direction: str, parts: Sequence[zmq.Frame], peer: int) -> None:
        if direction == TO_SERVER:
            counts.to_server += 1
        else:
            counts.to_client += 1
        tape.put(direction, parts, peer)

    return on_message


def _pump(proxy: Proxy, tape: Tape, seconds: float | None, tell: Callable[[], None]) -> None:
    """Turn until interrupted (Ctrl-C and SIGTERM both end a recording well), the time is over or the disk fails;
    ``tell`` is called after each."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)} if main else {}
    ends_s = None if seconds is None else time.monotonic() + seconds
    try:
        while not stopped.is_set() and tape.failure is None and (ends_s is None or time.monotonic() < ends_s):
            proxy.turn()
            tell()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
