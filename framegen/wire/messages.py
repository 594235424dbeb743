"""The messages of protocol 1.0 as types. What they mean is in ``protocol/SPEC.md``.

``codec`` turns them into ZeroMQ parts and back; ``peer`` holds the rules of who may say
what when. Neither opens a socket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from framegen.frame import Frame, Restyled

PROTOCOL_VERSION = "1.0"

CAPABILITIES = ("color_grid", "depth_u16_log")
"""What a server of this package offers; see ``protocol/registry.md``."""

REPROJECTED = "reprojected"
"""The capability of a client that takes results which the network did not run for."""

SHARED_MEMORY = "shared_memory"
"""The capability of a session whose client's offer of memory was taken."""


@dataclass(frozen=True)
class Limits:
    """What a server takes. A client that keeps to them is never refused for size.

    Attributes:
        max_message_bytes: all parts of one message together.
        max_pixels: width x height of one plane.
        max_side_px: width or height.
        max_header_bytes, max_header_depth: of the MessagePack header.
        max_parts: ZeroMQ parts of one message, the header included.
        idle_timeout_ms: a session that says nothing for longer is closed.
        heartbeat_ms: a client that has nothing to say sends a ping this often.
    """

    max_message_bytes: int = 192 << 20
    max_pixels: int = 3840 * 2160
    max_side_px: int = 8192
    max_header_bytes: int = 256 << 10
    max_header_depth: int = 8
    max_parts: int = 16
    idle_timeout_ms: int = 30_000
    heartbeat_ms: int = 2_000


@dataclass(frozen=True)
class Hello:
    """Client -> server, first. ``protocols``: versions it speaks, best first."""

    type: ClassVar[str] = "hello"
    protocols: tuple[str, ...] = (PROTOCOL_VERSION,)
    client: str = ""
    codecs: tuple[str, ...] = ("raw",)
    capabilities: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings to begin with, as in :class:`UpdateSettings`."""
    memory: Mapping[str, Any] = field(default_factory=dict)
    """Memory that the client would share, as ``protocol/SPEC.md`` says; empty: none."""


@dataclass(frozen=True)
class Welcome:
    """Server -> client, the answer to hello. ``session`` is the server's own id for this client."""

    type: ClassVar[str] = "welcome"
    protocol: str
    server: str
    session: str
    models: tuple[str, ...]
    codecs: tuple[str, ...]
    capabilities: tuple[str, ...]
    limits: Limits
    settings: Mapping[str, Any]
    """The settings in force, every key."""
    settings_revision: int = 0


@dataclass(frozen=True)
class UpdateSettings:
    """Client -> server: the keys that change. Answered by :class:`SettingsApplied` or an error."""

    type: ClassVar[str] = "settings"
    changes: Mapping[str, Any]
    request: int = 0
    """Chosen by the client; comes back with the answer."""


@dataclass(frozen=True)
class SettingsApplied:
    """Server -> client. ``understood`` and ``ignored``: words of the prompt the model knows and does not."""

    type: ClassVar[str] = "settings_applied"
    request: int
    revision: int
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SendFrame:
    """Client -> server: one frame."""

    type: ClassVar[str] = "frame"
    frame: Frame


@dataclass(frozen=True, eq=False)
class SendResult:
    """Server -> client: the answer to one frame."""

    type: ClassVar[str] = "result"
    result: Restyled


@dataclass(frozen=True)
class Superseded:
    """Server -> client: this frame will get no picture, because a newer one came first."""

    type: ClassVar[str] = "superseded"
    frame_id: int
    timestamp_ns: int
    by_frame_id: int


@dataclass(frozen=True)
class Reset:
    """Client -> server: forget the whole session's history."""

    type: ClassVar[str] = "reset"


@dataclass(frozen=True)
class Ping:
    """Either way. ``sent_ns`` is the sender's clock."""

    type: ClassVar[str] = "ping"
    sent_ns: int


@dataclass(frozen=True)
class Pong:
    """The answer to a ping; offset = ((received - sent) + (replied - arrival)) / 2, as in NTP."""

    type: ClassVar[str] = "pong"
    sent_ns: int
    received_ns: int
    replied_ns: int


@dataclass(frozen=True)
class Error:
    """Either way. ``fatal``: the session is over. ``frame_id`` or ``request``: what it is about, if known."""

    type: ClassVar[str] = "error"
    code: str
    message: str
    hint: str = ""
    fatal: bool = False
    frame_id: int | None = None
    request: int | None = None


@dataclass(frozen=True)
class Bye:
    """Either way: the session ends now."""

    type: ClassVar[str] = "bye"
    reason: str = ""


ClientMessage = Hello | UpdateSettings | SendFrame | Reset | Ping | Pong | Error | Bye
ServerMessage = Welcome | SettingsApplied | SendResult | Superseded | Ping | Pong | Error | Bye
Message = ClientMessage | ServerMessage
