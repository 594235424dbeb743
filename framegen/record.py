"""``framegen record``: stands between an engine and a server, passes everything on and writes it down.

The engine needs no change but the address. Each client gets a connection of its own to the
server, so that sessions stay apart. Writing happens in a thread of its own behind a bounded
queue: when the disk is slower than the session, what does not fit is left out of the file, never
held back from the engine, and counted.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import zmq

from framegen.errors import ConfigError, FramegenError
from framegen.recording import TO_CLIENT, TO_SERVER, RecordingWriter
from framegen.server.options import is_local, read_token, to_zmq
from framegen.wire.messages import PROTOCOL_VERSION

TOKEN_VARIABLE = "FRAMEGEN_TOKEN"
DEFAULT_SERVER = "tcp://127.0.0.1:5555"
DEFAULT_LISTEN = "tcp://127.0.0.1:5565"
IDLE_S = 60.0
"""A client that says nothing for so long has left: heartbeats come every two seconds."""
MAX_CLIENTS = 64
MAX_MESSAGE_BYTES = 192 << 20
QUEUE_BYTES = 256 << 20
MAX_QUEUED = 16
"""Messages that libzmq holds each way for a client; beyond, the sender is held back as without us."""
PATIENCE_MS = 2_000
"""A server that takes nothing for so long is gone: what was for it is dropped, as a broken connection would."""
POLL_MS = 200

Socket = zmq.Socket[bytes]


@dataclass
class Counts:
    """What passed. ``left_out``: messages that were passed on but not written, for the disk was too slow."""

    to_server: int = 0
    to_client: int = 0
    left_out: int = 0
    clients: int = 0
    bytes: int = 0


class Tape:
    """A :class:`~framegen.recording.RecordingWriter` in a thread of its own, behind a queue bounded in bytes."""

    def __init__(self, writer: RecordingWriter, counts: Counts, max_bytes: int = QUEUE_BYTES) -> None:
        self._writer = writer
        self._counts = counts
        self._max_bytes = max_bytes
        self._waiting = 0
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[tuple[str, list[zmq.Frame], int, int] | None] = queue.SimpleQueue()
        self.failure: FramegenError | None = None
        self._thread = threading.Thread(target=self._write, name="recording", daemon=True)
        self._thread.start()

    def put(self, direction: str, parts: Sequence[zmq.Frame], peer: int) -> None:
        """Write a message down soon, if there is room for it."""
        size = sum(len(part) for part in parts)
        with self._lock:
            if self.failure is not None or (self._waiting and self._waiting + size > self._max_bytes):
                self._counts.left_out += 1
                return
            self._waiting += size
        self._counts.bytes += size
        self._queue.put((direction, list(parts), peer, time.monotonic_ns()))

    def close(self) -> None:
        """Write what waits, and finish the file. Raises what went wrong with it."""
        self._queue.put(None)
        self._thread.join()
        if self.failure is not None:
            raise self.failure
        self._writer.close()

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            direction, parts, peer, at_ns = item
            if self.failure is None:
                try:
                    self._writer.write(direction, [part.buffer for part in parts], peer=peer, at_ns=at_ns)
                except FramegenError as error:
                    self.failure = error
            with self._lock:
                self._waiting -= sum(len(part) for part in parts)


@dataclass
class _Client:
    number: int
    upstream: Socket
    heard_s: float


class Proxy:
    """Passes messages between clients at ``listen`` and the server at ``server``. Belongs to one thread.

    Args:
        listen: where clients connect, loopback only: this door asks for no token.
        server: the server's address. ``token``: the server's token, where it asks for one.
        on_message: called with direction, parts (without routing) and the client's number.

    Raises:
        ConfigError: an address makes no sense, is taken, or is open to other machines.
    """

    def __init__(
        self,
        listen: str,
        server: str,
        on_message: Callable[[str, Sequence[zmq.Frame], int], None],
        *,
        token: str | None = None,
        idle_s: float = IDLE_S,
    ) -> None:
        if not is_local(listen):
            raise ConfigError(f"'{listen}' would be open to other machines.", hint=f"Listen at {DEFAULT_LISTEN}.")
        self._server, self._token, self._idle_s = server, token, idle_s
        self._on_message = on_message
        self._clients: dict[bytes, _Client] = {}
        self._count = 0
        self._context: zmq.Context[Socket] = zmq.Context()
        self._poller = zmq.Poller()
        self._front = self._context.socket(zmq.ROUTER)
        self._front.maxmsgsize = MAX_MESSAGE_BYTES
        self._front.rcvhwm, self._front.sndhwm = MAX_QUEUED, MAX_QUEUED
        self._front.ipv6 = "[" in listen
        self._front.linger = 0
        try:
            self._front.bind(to_zmq(listen))
            self.address = bytes(self._front.getsockopt(zmq.LAST_ENDPOINT)).rstrip(b"\0").decode()
            probe = self._connect()  # a wrong address is better refused now than at the first client
            probe.close(0)
        except zmq.ZMQError as error:
            self.close()
            where = listen if self._front.closed or not getattr(self, "address", "") else server
            raise ConfigError(f"Cannot use the address '{where}': {error.strerror}.") from error
        self._poller.register(self._front, zmq.POLLIN)

    @property
    def clients(self) -> int:
        """How many have connected since the start."""
        return self._count

    def turn(self, timeout_ms: int = POLL_MS) -> None:
        """Pass on what there is; wait for it up to ``timeout_ms``."""
        ready = dict(self._poller.poll(timeout_ms))
        now_s = time.monotonic()
        if self._front in ready:
            self._from_clients(now_s)
        for identity, client in list(self._clients.items()):
            if client.upstream in ready:
                self._from_server(identity, client)
            elif now_s - client.heard_s > self._idle_s:
                self._forget(identity)

    def close(self) -> None:
        """Close every socket."""
        for identity in list(self._clients):
            self._forget(identity)
        self._front.close(0)
        self._context.term()

    def _from_clients(self, now_s: float) -> None:
        for message in _waiting(self._front):
            identity, parts = message[0].bytes, message[1:]
            client = self._clients.get(identity)
            if client is None:
                if len(self._clients) >= MAX_CLIENTS or not parts:
                    continue
                client = self._clients[identity] = _Client(self._count, self._connect(), now_s)
                self._poller.register(client.upstream, zmq.POLLIN)
                self._count += 1
            client.heard_s = now_s
            self._on_message(TO_SERVER, parts, client.number)
            _pass_on(client.upstream, parts)

    def _from_server(self, identity: bytes, client: _Client) -> None:
        for parts in _waiting(client.upstream):
            self._on_message(TO_CLIENT, parts, client.number)
            _pass_on(self._front, [identity, *parts])

    def _connect(self) -> Socket:
        upstream = self._context.socket(zmq.DEALER)
        upstream.linger = 200
        upstream.rcvhwm, upstream.sndhwm = MAX_QUEUED, MAX_QUEUED
        upstream.sndtimeo = PATIENCE_MS
        upstream.maxmsgsize = MAX_MESSAGE_BYTES
        upstream.ipv6 = "[" in self._server
        if self._token is not None:
            upstream.plain_username, upstream.plain_password = b"framegen", self._token.encode()
        upstream.connect(self._server)
        return upstream

    def _forget(self, identity: bytes) -> None:
        client = self._clients.pop(identity)
        self._poller.unregister(client.upstream)
        client.upstream.close(200)


def _waiting(socket: Socket) -> list[list[zmq.Frame]]:
    """What a socket has received, a few messages at a time so that no side starves the other."""
    messages = []
    for _ in range(8):
        try:
            messages.append(socket.recv_multipart(zmq.NOBLOCK, copy=False))
        except zmq.Again:
            break
    return messages


def _pass_on(socket: Socket, parts: Sequence[zmq.Frame | bytes]) -> None:
    with contextlib.suppress(zmq.Again):
        socket.send_multipart(parts, copy=False)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``framegen record`` takes."""
    parser.add_argument("output", type=Path, metavar="OUT.mcap", help="the recording to write")
    parser.add_argument("--endpoint", default=DEFAULT_SERVER, metavar="ADDRESS", help=f"the server ({DEFAULT_SERVER})")
    parser.add_argument(
        "--listen", default=DEFAULT_LISTEN, metavar="ADDRESS", help=f"where your engine connects ({DEFAULT_LISTEN})"
    )
    parser.add_argument(
        "--token-file", type=Path, metavar="FILE", help=f"holds the server's token (default: ${TOKEN_VARIABLE})"
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="stop by itself after so long")
    parser.add_argument("--overwrite", action="store_true", help="replace OUT.mcap if it exists")


def run(args: argparse.Namespace) -> int:
    """Record until Ctrl-C, or for ``--seconds``. Raises FramegenError."""
    from rich.console import Console

    console = Console(stderr=True)
    if args.seconds is not None and args.seconds <= 0:
        raise ConfigError(f"--seconds {args.seconds:g} is no time.")
    token = os.environ.get(TOKEN_VARIABLE) or None
    if args.token_file is not None:
        token = read_token(args.token_file)
    counts = Counts()
    writer = RecordingWriter(args.output, overwrite=args.overwrite, protocol=PROTOCOL_VERSION)
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
        _pump(proxy, tape, args.seconds)
    finally:
        counts.clients = proxy.clients
        proxy.close()
    tape.close()
    size = args.output.stat().st_size
    left_out = f" {counts.left_out} were too fast for the disk and are missing." if counts.left_out else ""
    console.print(
        f"{args.output}: {counts.to_server} messages to the server, {counts.to_client} back, "
        f"{counts.clients} clients, {size / 1e6:.1f} MB.{left_out}",
        highlight=False,
        soft_wrap=True,
    )
    return 0


def _counting(tape: Tape, counts: Counts) -> Callable[[str, Sequence[zmq.Frame], int], None]:
    def on_message(direction: str, parts: Sequence[zmq.Frame], peer: int) -> None:
        if direction == TO_SERVER:
            counts.to_server += 1
        else:
            counts.to_client += 1
        tape.put(direction, parts, peer)

    return on_message


def _pump(proxy: Proxy, tape: Tape, seconds: float | None) -> None:
    """Turn until interrupted (Ctrl-C and SIGTERM both end a recording well), the time is over or the disk fails."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)} if main else {}
    ends_s = None if seconds is None else time.monotonic() + seconds
    try:
        while not stopped.is_set() and tape.failure is None and (ends_s is None or time.monotonic() < ends_s):
            proxy.turn()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
