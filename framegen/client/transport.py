"""The client's socket: where to, by which security mechanism, and what its monitor tells of the connection."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import zmq
from zmq.utils.monitor import parse_monitor_message

from framegen.errors import ConfigError
from framegen.loopback import is_this_machine, unpace
from framegen.wire.credentials import check_key, check_token
from framegen.wire.messages import Limits

Socket = zmq.Socket[bytes]

USER = "framegen"
SEND_HWM = 4
"""Messages handed to libzmq ahead of the network; frames beyond wait in the client, newest wins."""
RECEIVE_HWM = 64
RECONNECT_MS = (50, 1_000)
"""libzmq tries again after so long, doubling up to the second."""
HEARTBEAT_MS, SILENCE_MS = 1_000, 8_000
"""ZMTP heartbeats find out a connection to another machine whose other end is gone without a word. Inside one machine
the system tells, and who does not answer there is only slow."""


@dataclass(frozen=True)
class Address:
    """Where a server is and how to enter.

    Attributes:
        endpoint: ``tcp://HOST:PORT``, or ``ipc://PATH`` on the same POSIX machine.
        token: enter by PLAIN with this token.
        server_key: enter by CURVE; the server's Z85 public key (``framegen serve`` prints it).
        secret_key: this client's own Z85 secret key, where the server admits known clients alone; else one is made up.
    """

    endpoint: str = "tcp://127.0.0.1:5555"
    token: str | None = None
    server_key: str | None = None
    secret_key: str | None = None

    def __post_init__(self) -> None:
        if not self.endpoint.startswith(("tcp://", "ipc://")):
            raise ConfigError(f"'{self.endpoint}' is no server's address.", hint="Write tcp://127.0.0.1:5555.")
        if self.token is not None and self.server_key is not None:
            raise ConfigError("A connection enters by token or by key, not by both.")
        if self.token is not None:
            check_token(self.token)
        for key, whose in ((self.server_key, "server's"), (self.secret_key, "client's secret")):
            if key is not None:
                check_key(key, whose)
        if self.server_key is not None and not zmq.has("curve"):
            raise ConfigError("This pyzmq was built without CURVE.", hint="Install pyzmq from PyPI: pip install pyzmq")

    @property
    def is_local(self) -> bool:
        """Whether the server can be nowhere but on this machine."""
        return self.endpoint.startswith("ipc://") or is_this_machine(self.endpoint[len("tcp://") :].rpartition(":")[0])


class Event(enum.Enum):
    """What became of the connection."""

    UP = "up"
    DOWN = "down"
    REFUSED = "refused"
    """The token or key is wrong: libzmq does not try again."""
    MISUNDERSTOOD = "misunderstood"
    """The other end speaks another mechanism, or not ZMTP at all; libzmq does not try again."""


_EVENTS = {
    zmq.Event.HANDSHAKE_SUCCEEDED: Event.UP,
    zmq.Event.DISCONNECTED: Event.DOWN,
    zmq.Event.HANDSHAKE_FAILED_AUTH: Event.REFUSED,
    zmq.Event.HANDSHAKE_FAILED_PROTOCOL: Event.MISUNDERSTOOD,
}


class Transport:
    """A DEALER that connects, and connects again, by itself. One thread at a time may use it."""

    def __init__(self, context: zmq.Context[Socket], address: Address) -> None:
        self.socket = context.socket(zmq.DEALER)
        self.socket.immediate = True  # nothing is queued for a server that is not there
        self.socket.sndhwm, self.socket.rcvhwm = SEND_HWM, RECEIVE_HWM
        self.socket.maxmsgsize = Limits().max_message_bytes
        self.socket.reconnect_ivl, self.socket.reconnect_ivl_max = RECONNECT_MS
        if not address.is_local:
            self.socket.heartbeat_ivl, self.socket.heartbeat_timeout = HEARTBEAT_MS, SILENCE_MS
        self.socket.ipv6 = "[" in address.endpoint
        if address.token is not None:
            self.socket.plain_username = USER.encode()
            self.socket.plain_password = address.token.encode()
        elif address.server_key is not None:
            if address.secret_key is None:
                public, secret = zmq.curve_keypair()
            else:
                secret = address.secret_key.encode()
                public = zmq.curve_public(secret)
            self.socket.curve_serverkey = address.server_key.encode()
            self.socket.curve_publickey, self.socket.curve_secretkey = public, secret
        events = zmq.EVENT_CONNECTED
        for event in _EVENTS:
            events |= event
        self.monitor = self.socket.get_monitor_socket(events)
        try:
            self.socket.connect(address.endpoint)
        except zmq.ZMQError as error:
            self.close(0)
            raise ConfigError(f"Cannot connect to '{address.endpoint}': {error.strerror}.") from error

    def events(self) -> list[Event]:
        """What happened since the last call, in order."""
        happened: list[Event] = []
        while True:
            try:
                message = parse_monitor_message(self.monitor.recv_multipart(zmq.NOBLOCK))
            except zmq.Again:
                return happened
            if message["event"] == zmq.EVENT_CONNECTED:
                unpace(message["value"])
            else:
                happened.append(_EVENTS[zmq.Event(message["event"])])

    @property
    def fd(self) -> int:
        """To be polled for input in place of the socket, which another thread may be sending with. It tells of changes
        alone: after any other call here, ask :attr:`readable`."""
        return int(self.socket.getsockopt(zmq.FD))

    @property
    def readable(self) -> bool:
        """Whether a message waits."""
        return bool(int(self.socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN)

    @property
    def writable(self) -> bool:
        """Whether a message can be handed over."""
        return bool(int(self.socket.getsockopt(zmq.EVENTS)) & zmq.POLLOUT)

    def receive(self) -> list[memoryview]:
        """The parts of the message that waits."""
        return [frame.buffer for frame in self.socket.recv_multipart(zmq.NOBLOCK, copy=False)]

    def send(self, parts: Sequence[bytes | memoryview]) -> bool:
        """Hand a message over; large parts are sent from where they lie. False: not now."""
        try:
            self.socket.send_multipart(parts, zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return False
        return True

    def close(self, linger_ms: int) -> None:
        """Close; messages on their way get ``linger_ms``."""
        self.socket.disable_monitor()
        self.monitor.close(0)
        self.socket.close(linger_ms)
