"""Who may connect, and under which routing id: libzmq asks a ZAP handler (RFC 27) at every handshake.

A libzmq ROUTER silently ignores a second peer that brings a routing id it already knows, and a peer that guesses
another's id could take it over. So the server hands out the ids itself: the reply to a handshake may carry metadata,
and an ``Identity`` there replaces the one the client brought. That needs the client's own READY to be read first:
for CURVE it always is; for NULL, where both sides say READY at once, the reply is held back :data:`NULL_DELAY_S`;
for PLAIN the client speaks last and keeps its id. There the ROUTER lets the newcomer take over (the one before it
goes unheard, so its heartbeats fail; it connects again and is told), and connections that share an id are told apart
by the ``User-Id`` that the reply gives them, which libzmq attaches to every message.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import time
from collections import deque
from dataclasses import dataclass

import zmq
from zmq.utils import z85

from framegen.server.pace import TokenBucket

ADDRESS = "inproc://zeromq.zap.01"
DOMAIN = "framegen"
USER = b"framegen"
"""The user name of PLAIN; the password is the token."""

NULL_DELAY_S = 0.01
"""Once per connection. Loopback peers send READY within a fraction of a millisecond."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Credentials:
    """What is asked of a client.

    Attributes:
        token: the PLAIN password; None: nobody enters by PLAIN.
        curve_clients: Z85 public keys that may enter by CURVE; None: any key (fit for loopback only).
    """

    token: str | None = None
    curve_clients: frozenset[str] | None = frozenset()

    def admit(self, mechanism: bytes, frames: list[bytes]) -> bool:
        """Whether a client with these ZAP credential frames may enter."""
        if mechanism == b"NULL":
            return True
        if mechanism == b"PLAIN" and len(frames) == 2:
            password = (self.token or "").encode()
            right_user = hmac.compare_digest(frames[0], USER)
            return hmac.compare_digest(frames[1], password) and right_user and self.token is not None
        if mechanism == b"CURVE" and len(frames) == 1 and len(frames[0]) == 32:
            return self.curve_clients is None or z85.encode(frames[0]).decode() in self.curve_clients
        return False


class Gatekeeper:
    """The ZAP handler. ``socket`` is polled by the router; one handler serves all endpoints of a context."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], credentials: Credentials) -> None:
        self.socket = context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.bind(ADDRESS)
        self._credentials = credentials
        self._held: deque[tuple[float, list[bytes]]] = deque()
        self._log_pace = TokenBucket(1.0)

    def receive(self, now_s: float) -> None:
        """Read the requests that wait, answer or hold them."""
        while True:
            try:
                message = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            reply = self._reply(message)
            if reply is None:
                continue
            due_s = now_s + (NULL_DELAY_S if _mechanism(message) == b"NULL" else 0.0)
            self._held.append((due_s, reply))

    def send_due(self, now_s: float) -> float | None:
        """Send the replies whose time has come; returns the seconds until the next one, or None."""
        for _ in range(len(self._held)):
            due_s, reply = self._held.popleft()
            if due_s <= now_s:
                self.socket.send_multipart(reply, zmq.NOBLOCK)
            else:
                self._held.append((due_s, reply))
        return min((due_s for due_s, _ in self._held), default=now_s) - now_s if self._held else None

    def close(self) -> None:
        """Unbinds."""
        self.socket.close()

    def _reply(self, message: list[bytes]) -> list[bytes] | None:
        if len(message) < 8 or message[1] != b"" or message[2] != b"1.0":
            return None
        envelope, (version, request_id) = message[:2], message[2:4]
        if self._credentials.admit(message[7], message[8:]):
            name = secrets.token_hex(12).encode()
            return [*envelope, version, request_id, b"200", b"OK", name, _property(b"Identity", b"\0" + name)]
        if self._log_pace.take(time.monotonic_ns()):
            address = message[5].decode(errors="replace")
            log.warning("Refused a connection from %s: its token or key is missing or wrong", address)
        return [*envelope, version, request_id, b"400", b"The token or key is missing or wrong.", b"", b""]


def _mechanism(message: list[bytes]) -> bytes:
    return message[7] if len(message) > 7 else b""


def _property(name: bytes, value: bytes) -> bytes:
    """One ZMTP metadata property (RFC 23)."""
    return bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value
