"""What the session states tell the program around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from framegen.config import Settings
from framegen.errors import FramegenError, ProtocolError
from framegen.frame import Frame, Restyled
from framegen.wire.messages import Error, Message, SettingsApplied, Welcome


@dataclass(frozen=True)
class SessionOpened:
    """Server: a client said hello and was welcomed. ``client``: the name it gave itself."""

    session: str
    client: str
    settings: Settings


@dataclass(frozen=True)
class SessionClosed:
    """Server: the session is over. Its history, waiting frame and work are worth nothing now."""

    session: str
    reason: str


@dataclass(frozen=True)
class SettingsChanged:
    """Server: the settings of every frame taken from now on. ``request``, ``changes``: the update that made them."""

    settings: Settings
    request: int = 0
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FrameWaiting:
    """Server: :meth:`ServerPeer.take` has a frame now. ``displaced``: the one it took the place of."""

    frame_id: int
    displaced: int | None = None


@dataclass(frozen=True)
class HistoryCleared:
    """Server: the client asks that the session's history be forgotten."""


@dataclass(frozen=True)
class Connected:
    """Client: the server's welcome."""

    welcome: Welcome


@dataclass(frozen=True)
class Disconnected:
    """Client: there is no session any more; ``cause`` is None after a bye without a fault.

    ``lost``: ids of the frames that will not be answered, in order.
    """

    reason: str
    cause: FramegenError | None = None
    lost: tuple[int, ...] = ()


@dataclass(frozen=True)
class SettingsConfirmed:
    """Client: the server applied an update."""

    applied: SettingsApplied


@dataclass(frozen=True)
class SettingsRefused:
    """Client: the server refused an update; nothing of it was applied."""

    request: int
    error: ProtocolError


@dataclass(frozen=True, eq=False)
class ResultArrived:
    """Client: a picture. ``round_trip_ns``: from sending the frame to now, on the client's clock."""

    result: Restyled
    round_trip_ns: int


@dataclass(frozen=True)
class FrameSuperseded:
    """Client: this frame gets no picture, because a newer one came first."""

    frame_id: int
    timestamp_ns: int
    by_frame_id: int


@dataclass(frozen=True)
class FrameFailed:
    """Client: no picture of this frame: it could not be sent, restyled or read; the session goes on."""

    frame_id: int
    error: ProtocolError


@dataclass(frozen=True)
class FramesLost:
    """Client: frames whose answers did not arrive although a later one's did."""

    frame_ids: tuple[int, ...]


@dataclass(frozen=True)
class PeerComplained:
    """Either: an error message of the other side about nothing that is still open here."""

    error: Error


@dataclass(frozen=True)
class Job:
    """Server: one frame to restyle.

    Attributes:
        session: the session it belongs to.
        frame: ``motion_from_frame_id`` is filled in where there is motion and a frame before; ``reset`` is also
            True when a displaced frame had it.
        settings: those in force when it was taken.
        received_ns: the server's clock when the frame arrived.
    """

    session: str
    frame: Frame
    settings: Settings
    received_ns: int


ServerEvent = SessionOpened | SessionClosed | SettingsChanged | FrameWaiting | HistoryCleared | PeerComplained
ClientEvent = (
    Connected
    | Disconnected
    | SettingsConfirmed
    | SettingsRefused
    | ResultArrived
    | FrameSuperseded
    | FrameFailed
    | FramesLost
    | PeerComplained
)


@dataclass
class ServerStep:
    """What to send, in order, and what happened."""

    send: list[Message] = field(default_factory=list)
    events: list[ServerEvent] = field(default_factory=list)


@dataclass
class ClientStep:
    """What to send, in order, and what happened."""

    send: list[Message] = field(default_factory=list)
    events: list[ClientEvent] = field(default_factory=list)
