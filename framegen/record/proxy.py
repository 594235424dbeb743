"""Stands between clients and a server and passes every message on.

Each client gets a connection of its own to the server, so that sessions stay apart.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import zmq

from framegen.errors import ConfigError, ProtocolError
from framegen.recording import TO_CLIENT, TO_SERVER
from framegen.server.options import check_free, is_local, to_zmq
from framegen.wire import codec
from framegen.wire.credentials import check_token

IDLE_S = 60.0
"""A client that says nothing for so long has left: heartbeats come every two seconds."""
MAX_CLIENTS = 64
MAX_MESSAGE_BYTES = 192 << 20
MAX_QUEUED = 16
"""Messages that libzmq holds each way for a client; beyond, the sender is held back as without us."""
PATIENCE_MS = 2_000
"""A server that takes nothing for so long is gone: what was for it is dropped, as a broken connection would."""
POLL_MS = 200

Socket = zmq.Socket[bytes]


@dataclass
class _Client:
    number: int
    upstream: Socket
    heard_s: float
    since_s: float
    answered: bool = False


class Proxy:
    """Passes messages between clients at ``listen`` and the server at ``server``. Belongs to one thread.

    Args:
        listen: where clients connect, loopback only: this door asks for no token.
        server: the server's address. ``token``: the server's token, where it asks for one.
        on_message: called with direction, parts (without routing) and the client's number.

    Raises:
        ConfigError: an address makes no sense, is taken, or is open to other machines; or the token makes none.
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
            raise ConfigError(f"'{listen}' would be open to other machines.", hint="Listen at tcp://127.0.0.1:5565.")
        check_free(listen)
        if token is not None:
            check_token(token)
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
        self._front.router_handover = True  # else an engine that is started again under its identity goes unheard
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

    @property
    def unanswered_s(self) -> float:
        """For how long a client has spoken without one answer of the server; 0: there is none such."""
        now_s = time.monotonic()
        return max((now_s - client.since_s for client in self._clients.values() if not client.answered), default=0.0)

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
                client = self._clients[identity] = _Client(self._count, self._connect(), now_s, now_s)
                self._poller.register(client.upstream, zmq.POLLIN)
                self._count += 1
            client.heard_s = now_s
            if len(parts) == 1:
                parts = [_spoken(parts[0])]
            self._on_message(TO_SERVER, parts, client.number)
            _pass_on(client.upstream, parts)

    def _from_server(self, identity: bytes, client: _Client) -> None:
        for parts in _waiting(client.upstream):
            client.answered = True
            self._on_message(TO_CLIENT, parts, client.number)
            _pass_on(self._front, [identity, *parts])

    def _connect(self) -> Socket:
        upstream = self._context.socket(zmq.DEALER)
        try:
            return self._connected(upstream)
        except BaseException:
            upstream.close(0)  # the context cannot end while it is open
            raise

    def _connected(self, upstream: Socket) -> Socket:
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


def _spoken(header: zmq.Frame) -> zmq.Frame:
    """A message without an offer of shared memory: what went there would pass by unheard."""
    with contextlib.suppress(ProtocolError):
        plain = codec.without_offer(header.buffer)
        if plain is not None:
            return zmq.Frame(plain)
    return header


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
