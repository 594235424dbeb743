"""The client's side of one session. See :mod:`framegen.wire.peer`."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

from framegen.config import Settings
from framegen.errors import (
    ConnectionLost,
    FramegenError,
    InvalidFrame,
    InvalidSettings,
    MessageTooLarge,
    OutOfOrder,
    ProtocolError,
    protocol_error,
)
from framegen.frame import Frame
from framegen.wire import messages as m
from framegen.wire.clock import ClockFilter
from framegen.wire.events import (
    ClientStep,
    Connected,
    Disconnected,
    FrameFailed,
    FramesLost,
    FrameSuperseded,
    PeerComplained,
    ResultArrived,
    SettingsConfirmed,
    SettingsRefused,
)

SILENT_HEARTBEATS = 4
"""A server that says nothing for so many heartbeats (it owes a pong for each) is taken to be gone."""

JUDGED_BY_SERVER = frozenset(("model", "output_codec", "output_width", "output_height"))
"""Settings that are in order here and may yet be refused: what a server offers and allows is its own affair."""


class ClientState(enum.Enum):
    """Of :class:`ClientPeer`."""

    NEW = "new"
    GREETING = "greeting"
    """Hello is sent, no welcome yet."""
    OPEN = "open"
    CLOSED = "closed"
    """Said bye, refused, or the server is gone; :meth:`ClientPeer.connect` begins again."""


class ClientPeer:
    """One session as the client sees it. Not thread-safe.

    Settings that the server confirmed are said again in the hello of a reconnect, and updates it has not answered
    are sent again after the welcome: the caller changes a prompt once.

    Attributes:
        state: see :class:`ClientState`.
        welcome: the server's last welcome: its limits, models, codecs, settings.
        in_flight: id of every frame without an answer -> when it was sent.
        settings_revision: of the last settings the server confirmed.
        clock: how far the server's clock is from ours.
    """

    def __init__(self, hello: m.Hello = m.Hello(), silence_ms: int | None = None) -> None:  # noqa: B008 - frozen
        """``silence_ms``: how long the server may say nothing before it is taken to be gone; None: as long as
        :data:`SILENT_HEARTBEATS` says."""
        self.state = ClientState.NEW
        self.welcome: m.Welcome | None = None
        self.in_flight: dict[int, int] = {}
        self.settings_revision = 0
        self.clock = ClockFilter()
        self._hello = hello
        self._pending: dict[int, Mapping[str, Any]] = {}
        self._unsaid: int | None = None
        self._requests = 0
        self._last_frame_id = -1
        self._last_ping_ns = self._last_heard_ns = self._last_tick_ns = 0
        self._silence_ms = silence_ms

    @property
    def limits(self) -> m.Limits:
        """The server's, or the protocol's defaults before the welcome."""
        return self.welcome.limits if self.welcome else m.Limits()

    def connect(self, now_ns: int) -> ClientStep:
        """Say hello (again)."""
        self.state = ClientState.GREETING
        self.clock = ClockFilter()
        self._last_ping_ns = self._last_heard_ns = self._last_tick_ns = now_ns
        return ClientStep([self._hello])

    def send_frame(self, frame: Frame, now_ns: int) -> ClientStep:
        """Send one frame.

        Raises:
            OutOfOrder: no session is open, or the frame id does not grow.
            MessageTooLarge: more pixels than the server takes.
        """
        self._need_session()
        if frame.frame_id <= self._last_frame_id:
            raise OutOfOrder(
                f"Frame {frame.frame_id} after frame {self._last_frame_id}.", hint="Frame ids only ever grow."
            )
        if max(frame.width, frame.height) > self.limits.max_side_px or (
            frame.width * frame.height > self.limits.max_pixels
        ):
            raise MessageTooLarge(
                f"The server does not take {frame.width}x{frame.height}.",
                hint=f"At most {self.limits.max_side_px} pixels a side and {self.limits.max_pixels} in all.",
            )
        self._last_frame_id = frame.frame_id
        self.in_flight[frame.frame_id] = now_ns
        return ClientStep([m.SendFrame(frame)])

    def take_back(self, frame_id: int, error: Exception) -> FrameFailed:
        """The frame that :meth:`send_frame` gave could not be made a message: ``error`` says why."""
        self.in_flight.pop(frame_id, None)
        if not isinstance(error, ProtocolError):
            error = InvalidFrame(f"Frame {frame_id} cannot be sent: {error}.")
        error.frame_id = frame_id
        return FrameFailed(frame_id, error)

    def update_settings(self, changes: Mapping[str, Any]) -> tuple[int, ClientStep]:
        """Change some settings; returns the number that the answer will carry. Needs no open session.

        What is changed while there is none is said in one message, so that a program that changes settings every frame
        does not pile them up: it then gets the same number again.
        """
        joins = self.state is not ClientState.OPEN and _cannot_be_refused(changes)
        if joins and self._unsaid is not None:
            self._pending[self._unsaid] = merged(self._pending[self._unsaid], changes)
            return self._unsaid, ClientStep()
        self._requests = self._requests % 0xFFFFFFFF + 1
        self._pending[self._requests] = changes
        self._unsaid = self._requests if joins else None
        send: list[m.Message] = [m.UpdateSettings(changes, self._requests)] if self.state is ClientState.OPEN else []
        return self._requests, ClientStep(send)

    def reset(self) -> ClientStep:
        """Ask the server to forget the session's history. Raises OutOfOrder without a session."""
        self._need_session()
        return ClientStep([m.Reset()])

    def bye(self, reason: str = "") -> ClientStep:
        """End the session."""
        send: list[m.Message] = [m.Bye(reason)] if self.state in (ClientState.OPEN, ClientState.GREETING) else []
        step = self._disconnect(reason or "bye", None)
        step.send = send
        return step

    def lose(self, cause: FramegenError) -> ClientStep:
        """The transport says that the connection is gone; :meth:`connect` begins again."""
        return self._disconnect(cause.message, cause)

    def receive(self, message: m.Message, now_ns: int) -> ClientStep:
        """Take one decoded message of the server. Answers to frames that are not in flight are left out."""
        self._last_heard_ns = now_ns
        if self.state in (ClientState.NEW, ClientState.CLOSED):
            return ClientStep()
        if isinstance(message, m.Welcome):
            return self._welcome(message, now_ns)
        if isinstance(message, m.SendResult):
            return self._result(message, now_ns)
        if isinstance(message, m.Superseded):
            if self.in_flight.pop(message.frame_id, None) is None:
                return ClientStep()
            return ClientStep([], [FrameSuperseded(message.frame_id, message.timestamp_ns, message.by_frame_id)])
        if isinstance(message, m.SettingsApplied):
            return self._settings_applied(message)
        if isinstance(message, m.Ping):
            return ClientStep([m.Pong(message.sent_ns, now_ns, now_ns)])
        if isinstance(message, m.Pong):
            self.clock.pong(message, now_ns)
            return ClientStep()
        if isinstance(message, m.Error):
            return self._error(message)
        if isinstance(message, m.Bye):
            return self._disconnect(message.reason or "the server said bye", None)
        return ClientStep()  # a server does not send the others

    def refuse(self, error: ProtocolError) -> ClientStep:
        """A message that could not be decoded. Where it was a frame's answer, there will be no other."""
        if error.frame_id is None or self.in_flight.pop(error.frame_id, None) is None:
            return ClientStep()
        return ClientStep([], [FrameFailed(error.frame_id, error)])

    def tick(self, now_ns: int) -> ClientStep:
        """Heartbeats; hello again where none was answered; gives up on a server that fell silent.

        To be called more often than once a heartbeat: of a longer pause, in which this program stood still and could
        not have heard anything, only a heartbeat counts towards the server's silence.
        """
        heartbeat_ns = self.limits.heartbeat_ms * 1_000_000
        stood_still_ns = max(0, now_ns - self._last_tick_ns - heartbeat_ns)
        self._last_heard_ns = min(now_ns, self._last_heard_ns + stood_still_ns)
        self._last_tick_ns = now_ns
        if self.state is ClientState.GREETING and now_ns - self._last_ping_ns >= heartbeat_ns:
            self._last_ping_ns = now_ns
            return ClientStep([self._hello])
        if self.state is not ClientState.OPEN:
            return ClientStep()
        silence_ns = SILENT_HEARTBEATS * heartbeat_ns if self._silence_ms is None else self._silence_ms * 1_000_000
        if now_ns - self._last_heard_ns >= silence_ns:
            silent_ms = (now_ns - self._last_heard_ns) // 1_000_000
            return self._disconnect(
                "the server fell silent",
                ConnectionLost(f"The server has said nothing for {silent_ms} ms.", hint="Is it still running?"),
            )
        if now_ns - self._last_ping_ns >= heartbeat_ns:
            self._last_ping_ns = now_ns
            return ClientStep([self.clock.ping(now_ns)])
        return ClientStep()

    def _need_session(self) -> None:
        if self.state is not ClientState.OPEN:
            raise OutOfOrder("There is no session yet.", hint="Wait for the server's welcome.")

    def _welcome(self, welcome: m.Welcome, now_ns: int) -> ClientStep:
        if not welcome.protocol.startswith(m.PROTOCOL_VERSION.split(".")[0] + "."):
            error = protocol_error("unsupported_protocol", f"The server answers in protocol {welcome.protocol}.")
            return self._disconnect("no protocol in common", error)
        if self.state is ClientState.GREETING:
            self._last_frame_id = -1
        self.state = ClientState.OPEN
        self.welcome = welcome
        self.settings_revision = welcome.settings_revision
        self._last_ping_ns = now_ns
        send: list[m.Message] = [self.clock.ping(now_ns)]
        send += [m.UpdateSettings(changes, request) for request, changes in self._pending.items()]
        self._unsaid = None
        return ClientStep(send, [Connected(welcome)])

    def _result(self, message: m.SendResult, now_ns: int) -> ClientStep:
        frame_id = message.result.frame_id
        sent_ns = self.in_flight.pop(frame_id, None)
        if sent_ns is None:
            return ClientStep()
        step = ClientStep([], [ResultArrived(message.result, now_ns - sent_ns)])
        # The server answers in order, so what is older and still open will not be answered any more.
        lost = tuple(older for older in self.in_flight if older < frame_id)
        if lost:
            step.events.append(FramesLost(lost))
            for older in lost:
                del self.in_flight[older]
        return step

    def _settings_applied(self, message: m.SettingsApplied) -> ClientStep:
        changes = self._pending.pop(message.request, None)
        if changes is not None:
            self._hello = dataclasses.replace(self._hello, settings=merged(self._hello.settings, changes))
        self.settings_revision = message.revision
        return ClientStep([], [SettingsConfirmed(message)])

    def _error(self, message: m.Error) -> ClientStep:
        error = protocol_error(message.code, message.message, message.hint)
        error.frame_id, error.request = message.frame_id, message.request
        if message.fatal:
            return self._disconnect(message.message, error)
        if message.frame_id is not None and self.in_flight.pop(message.frame_id, None) is not None:
            return ClientStep([], [FrameFailed(message.frame_id, error)])
        if message.request is not None and self._pending.pop(message.request, None) is not None:
            return ClientStep([], [SettingsRefused(message.request, error)])
        return ClientStep([], [PeerComplained(message)])

    def _disconnect(self, reason: str, cause: FramegenError | None) -> ClientStep:
        if self.state in (ClientState.NEW, ClientState.CLOSED):
            self.state = ClientState.CLOSED
            return ClientStep()
        self.state = ClientState.CLOSED
        lost = tuple(self.in_flight)
        self.in_flight.clear()
        return ClientStep([], [Disconnected(reason, cause, lost)])


def merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Two updates as one: ``temporal`` and ``labels`` are partial, a label of None is forgotten."""
    both = {**settings, **changes}
    if "temporal" in settings and "temporal" in changes:
        both["temporal"] = {**settings["temporal"], **changes["temporal"]}
    if "labels" in changes:
        labels = dict(settings.get("labels", {}))
        for value, item in changes["labels"].items():
            if item is None:
                labels.pop(value, None)
                continue
            labels[value] = {**_label(labels.get(value, {})), **_label(item)}
        both["labels"] = labels
    return both


def _cannot_be_refused(changes: Mapping[str, Any]) -> bool:
    """Whether an update may be said together with others: it must not take them along where the server refuses it. One
    that forgets a label stands alone: :func:`merged` forgets at once, which is right for settings only."""
    if not JUDGED_BY_SERVER.isdisjoint(changes):
        return False
    try:
        Settings().updated(changes)
    except InvalidSettings:
        return False
    return all(item is not None for item in changes.get("labels", {}).values())


def _label(item: Any) -> dict[str, Any]:
    return {"name": item} if isinstance(item, str) else dict(item)
