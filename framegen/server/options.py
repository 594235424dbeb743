"""What a server is started with: addresses, who may enter, limits. Checked before anything is opened."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
import stat
from dataclasses import dataclass, field
from pathlib import Path

from framegen.errors import ConfigError
from framegen.loopback import is_this_machine
from framegen.wire.credentials import check_key, check_token
from framegen.wire.messages import Limits

DEFAULT_ENDPOINT = "tcp://127.0.0.1:5555"

_TCP = re.compile(r"tcp://(?P<host>\[[^\]]+\]|[^:\[\]/]+):(?P<port>\d{1,5}|\*)")


@dataclass(frozen=True)
class Endpoint:
    """One address to listen at.

    Attributes:
        address: ``tcp://HOST:PORT`` (port ``*``: any free one) or, where the system has it, ``ipc://PATH``.
        mechanism: ``null`` (open, for this machine alone), ``plain`` (the token) or ``curve`` (keys).
    """

    address: str
    mechanism: str = "null"


@dataclass(frozen=True)
class ServerOptions:
    """Everything about a server but its model.

    Attributes:
        endpoints: where to listen; each has one mechanism.
        token: the password of PLAIN, at least 8 characters and at most 255 bytes of UTF-8.
        curve_secret_key: the server's own Z85 secret key.
        curve_clients: Z85 public keys of the clients that may enter by CURVE; None: any, on loopback only.
        max_sessions: further clients are told ``too_many_sessions``.
        limits: what clients must keep to.
        stop_grace_s: how long a stopping server waits for the frame in work.
    """

    endpoints: tuple[Endpoint, ...] = (Endpoint(DEFAULT_ENDPOINT),)
    token: str | None = None
    curve_secret_key: str | None = None
    curve_clients: frozenset[str] | None = None
    max_sessions: int = 16
    limits: Limits = field(default_factory=Limits)
    stop_grace_s: float = 1.0

    def __post_init__(self) -> None:
        if not self.endpoints:
            raise ConfigError("A server needs an address to listen at.")
        if self.max_sessions < 1:
            raise ConfigError(f"max_sessions must be at least 1, not {self.max_sessions}.")
        if self.token is not None and len(self.token) < 8:
            raise ConfigError("The token is shorter than 8 characters.", hint="Take a long random one.")
        if self.token is not None:
            check_token(self.token)
        if self.curve_secret_key is not None:
            check_key(self.curve_secret_key, "server's secret")
        for key in self.curve_clients or ():
            check_key(key, "client's")
        for endpoint in self.endpoints:
            self._check(endpoint)

    def _check(self, endpoint: Endpoint) -> None:
        public = not is_local(endpoint.address)
        if endpoint.mechanism == "null":
            if public:
                raise ConfigError(
                    f"Refusing to listen at {endpoint.address} without authentication.",
                    hint="Anyone who reaches it could use the model: give --token, or keep to 127.0.0.1.",
                )
        elif endpoint.mechanism == "plain":
            if self.token is None:
                raise ConfigError(f"{endpoint.address} asks for a token, and none is set.", hint="Give --token.")
        elif endpoint.mechanism == "curve":
            if self.curve_secret_key is None:
                raise ConfigError(f"{endpoint.address} needs the server's key.", hint="Give --curve-secret-key FILE.")
            if public and self.curve_clients is None:
                raise ConfigError(
                    f"Refusing to listen at {endpoint.address} for any CURVE key.",
                    hint="Name the clients' public keys with --curve-clients FILE, one a line.",
                )
        else:
            raise ConfigError(f"There is no mechanism '{endpoint.mechanism}'.", hint="Known: null, plain, curve.")


def is_local(address: str) -> bool:
    """Whether only this machine reaches ``address``. Raises ConfigError for what is no address."""
    if address.startswith("ipc://") and len(address) > len("ipc://"):
        return True
    return is_this_machine(_host(address))


def to_zmq(address: str) -> str:
    """``address`` as libzmq's bind takes it (it knows no ``localhost``)."""
    return address.replace("tcp://localhost:", "tcp://127.0.0.1:", 1)


def check_free(address: str) -> None:
    """Refuse to listen at an ``ipc://`` address where a server listens already, or a file lies. Others pass.

    libzmq removes whatever lies there without a word: a file of somebody's, or the socket of a server that runs on and
    that no new client finds any more.

    Raises:
        ConfigError: something would be lost.
    """
    path = address[len("ipc://") :] if address.startswith("ipc://") else ""
    if path in ("", "*") or path.startswith("@") or not hasattr(socket, "AF_UNIX"):
        return  # no file at all, or libzmq chooses one
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise ConfigError(f"What lies at {path} is no socket, and would be lost.", hint="Choose another path.")
        probe.setblocking(False)
        if probe.connect_ex(path) in (0, errno.EAGAIN):  # EAGAIN: so many connect that it has yet to accept them
            hint = "Is a framegen server running already? Choose another path, or stop it."
            raise ConfigError(f"The address {address} is in use.", hint=hint)


def _host(address: str) -> str:
    match = _TCP.fullmatch(address)
    if match is None or (match["port"] != "*" and int(match["port"]) > 65535):
        raise ConfigError(f"'{address}' is no address to listen at.", hint="Write tcp://127.0.0.1:5555.")
    return match["host"]


def read_token(path: Path) -> str:
    """The token in a file, without the white space around it."""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"The token file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The token file {path} is no UTF-8 text.", hint="Take letters and digits.") from error
    if not token:
        raise ConfigError(f"The token file {path} is empty.")
    return token
