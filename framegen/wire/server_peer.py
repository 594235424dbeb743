"""The server's side of one session. See :mod:`framegen.wire.peer`."""

from __future__ import annotations

import dataclasses
import enum
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from framegen.config import Settings
from framegen.errors import (
    InvalidSettings,
    OutOfOrder,
    ProtocolError,
    ServerStopping,
    UnknownModel,
    UnknownSession,
    UnsupportedCodec,
)
from framegen.frame import Frame, Restyled
from framegen.wire import messages as m
from framegen.wire.codec import Memory
from framegen.wire.events import (
    FrameWaiting,
    HistoryCleared,
    Job,
    PeerComplained,
    ServerStep,
    SessionClosed,
    SessionOpened,
    SettingsChanged,
)
from framegen.wire.versions import agree_on_version

Words = Sequence[str]


class SessionState(enum.Enum):
    """Of :class:`ServerPeer`."""

    NEW = "new"
    """No hello yet."""
    OPEN = "open"
    CLOSED = "closed"
    """Expired, said bye, or stopped. A hello opens a new session."""


MAX_ERROR_CHARS = 500
"""Of an error's message and hint, which may quote what the other side sent."""


def error_message(error: ProtocolError, *, fatal: bool = False) -> m.Error:
    """The message that tells the other side of an error."""
    return m.Error(error.code, _short(error.message), _short(error.hint), fatal, error.frame_id, error.request)


def unknown_session(frame_id: int | None = None, request: int | None = None) -> UnknownSession:
    """What anything but a hello is told outside a session."""
    error = UnknownSession("There is no session for this connection.", hint="Say hello first, or again.")
    error.frame_id, error.request = frame_id, request
    return error


def _short(text: str) -> str:
    return text if len(text) <= MAX_ERROR_CHARS else text[: MAX_ERROR_CHARS - 1] + "…"


def _on_every_frame(settings: Settings) -> Settings:
    return dataclasses.replace(settings, temporal=dataclasses.replace(settings.temporal, stride=1))


class ServerPeer:
    """One client as the server sees it. Not thread-safe: the thread that owns the socket owns the peers.

    Attributes:
        state: see :class:`SessionState`.
        session: the server's id of the session; changes with every hello that is welcomed.
        client: the name that the client gave itself.
        initial: settings of a session that asks for none.
        reprojects: whether the client takes results that the network did not run for.
        settings: in force; frames taken from now on are made with them.
        codecs: colour codecs that both sides have. memory: what the client shares, while the session is open.
        last_received_ns: when the client last said something.
    """

    def __init__(
        self,
        *,
        limits: m.Limits,
        models: Sequence[str],
        server_name: str,
        codecs: Sequence[str] = ("raw", "jpeg"),
        capabilities: Sequence[str] = m.CAPABILITIES,
        apply_settings: Callable[[Settings], tuple[Words, Words] | None] = lambda _settings: ((), ()),
        compose: Callable[[Frame, Frame], Frame] = lambda _displaced, frame: frame,
        settings: Settings = Settings(),  # noqa: B008 - frozen
        new_session: Callable[[], str] = lambda: secrets.token_hex(8),
        attach: Callable[[Mapping[str, Any]], Memory | None] = lambda _offer: None,
    ) -> None:
        """Make the peer of one routing id.

        Args:
            limits, models, server_name, codecs, capabilities: as the welcome says them; the first model is the default.
            apply_settings: called with new settings before they come into force; returns the words of the prompt that
                the model understands and those it ignores, or None where that takes longer: the caller then answers
                the update itself, after :class:`SettingsChanged`. A ProtocolError it raises refuses the settings.
            compose: (displaced frame, newer frame) -> the newer frame, with motion vectors that reach as far back as
                the displaced one's did.
            settings: to begin with.
            new_session: makes session ids that cannot be guessed.
            attach: takes a client's offer of memory, or does not.
        """
        self.state = SessionState.NEW
        self.session = ""
        self.client = ""
        self.settings = self.initial = settings
        self._offered, self.reprojects = settings, False
        self.codecs: tuple[str, ...] = ("raw",)
        self.memory: Memory | None = None
        self.last_received_ns = self._last_tick_ns = 0
        self._limits = limits
        self._models = tuple(models)
        self._server_name = server_name
        self._server_codecs = tuple(codecs)
        self._capabilities = tuple(capabilities)
        self._apply_settings = apply_settings
        self._compose = compose
        self._new_session = new_session
        self._attach = attach
        self._last_frame_id = -1
        self._waiting: tuple[Frame, int] | None = None
        self._at_work: Job | None = None

    @property
    def waiting_frame_id(self) -> int | None:
        """The frame that :meth:`take` would give."""
        return self._waiting[0].frame_id if self._waiting else None

    def receive(self, message: m.Message, now_ns: int) -> ServerStep:
        """Take one decoded message of the client."""
        if isinstance(message, m.Hello):
            return self._hello(message, now_ns)
        if self.state is not SessionState.OPEN:
            return self._without_session(message, now_ns)
        self.last_received_ns = now_ns
        try:
            return self._in_session(message, now_ns)
        except ProtocolError as error:
            return ServerStep([error_message(error)])

    def refuse(self, error: ProtocolError, now_ns: int) -> ServerStep:
        """Answer a message that could not be decoded, or a hello that the server cannot take now.

        Inside a session the session goes on; outside one the error is fatal.
        """
        if self.state is SessionState.OPEN:
            self.last_received_ns = now_ns
            if error.frame_id is not None:
                self._last_frame_id = max(self._last_frame_id, error.frame_id)
        return ServerStep([error_message(error, fatal=self.state is not SessionState.OPEN)])

    def change_settings(self, changes: Mapping[str, Any]) -> ServerStep:
        """Settings that someone else than the client changes, such as who runs the server. Raises ProtocolError."""
        if self.state is not SessionState.OPEN:
            return ServerStep()
        return self._update_settings(m.UpdateSettings(changes))

    def with_changes(self, settings: Settings, changes: Mapping[str, Any]) -> Settings:
        """``settings`` with an update. Raises ProtocolError where it makes no sense, or this server cannot have it."""
        settings = settings.updated(changes)
        self._check_offer(settings, self.codecs, self.reprojects)
        return settings

    def take(self) -> Job | None:
        """The waiting frame, to be restyled; None if there is none or one is still at work."""
        if self._waiting is None or self._at_work is not None:
            return None
        frame, received_ns = self._waiting
        self._waiting = None
        self._at_work = Job(self.session, frame, self.settings, received_ns)
        return self._at_work

    def finish(self, job: Job, result: Restyled) -> ServerStep:
        """The answer to a job. Nothing is sent if its session is over."""
        return self._answer(job, m.SendResult(result))

    def fail(self, job: Job, error: ProtocolError) -> ServerStep:
        """A job that gave no picture. The session goes on."""
        return self._answer(job, dataclasses.replace(error_message(error), frame_id=job.frame.frame_id))

    def tick(self, now_ns: int) -> ServerStep:
        """Close the session if it has been idle for too long.

        To be called more often than once a heartbeat: of a longer pause, in which this program stood still and could
        not have heard the client, only a heartbeat counts.
        """
        stood_still_ns = max(0, now_ns - self._last_tick_ns - self._limits.heartbeat_ms * 1_000_000)
        self.last_received_ns = min(now_ns, self.last_received_ns + stood_still_ns)
        self._last_tick_ns = now_ns
        idle_ms = (now_ns - self.last_received_ns) // 1_000_000
        if self.state is not SessionState.OPEN or idle_ms < self._limits.idle_timeout_ms:
            return ServerStep()
        return self._close(f"idle for {idle_ms} ms", [m.Bye("idle")])

    def stop(self) -> ServerStep:
        """The server shuts down: frames not answered yet will not be."""
        if self.state is not SessionState.OPEN:
            return ServerStep()
        error = ServerStopping("The server is shutting down.", hint="Connect again when it is back.")
        return self._close("the server stops", [error_message(error, fatal=True)])

    def _answer(self, job: Job, message: m.Message) -> ServerStep:
        if job is not self._at_work:
            return ServerStep()
        self._at_work = None
        return ServerStep([message])

    def let_go(self) -> None:
        """Of the client's memory: nothing of it is wanted any more."""
        if self.memory is not None:
            self.memory.close()
            self.memory = None

    def _close(self, reason: str, send: list[m.Message] | None = None) -> ServerStep:
        self.state = SessionState.CLOSED
        self._waiting = self._at_work = None
        self.let_go()
        return ServerStep(send or [], [SessionClosed(self.session, reason)])

    def _without_session(self, message: m.Message, now_ns: int) -> ServerStep:
        if isinstance(message, (m.Bye, m.Error, m.Pong)):
            return ServerStep()  # never an answer to a goodbye or an answer
        frame_id = message.frame.frame_id if isinstance(message, m.SendFrame) else None
        request = message.request if isinstance(message, m.UpdateSettings) else None
        return self.refuse(unknown_session(frame_id, request), now_ns)

    def _hello(self, hello: m.Hello, now_ns: int) -> ServerStep:
        codecs = tuple(name for name in self._server_codecs if name == "raw" or name in hello.codecs)
        try:
            protocol = agree_on_version(hello.protocols)
            reprojects = m.REPROJECTED in hello.capabilities
            settings = initial = self._offered if reprojects else _on_every_frame(self._offered)
            if hello.settings:
                settings = self._checked(settings.updated(hello.settings), codecs, reprojects)
        except ProtocolError as error:
            return ServerStep([error_message(error, fatal=True)])
        step = ServerStep()
        if self.state is SessionState.OPEN:
            step = self._close("a new hello on the same connection")
        self.state = SessionState.OPEN
        self.session = self._new_session()
        self.client = hello.client
        self.memory = self._attach(hello.memory) if hello.memory else None
        self.settings, self.initial, self.codecs, self.reprojects = settings, initial, codecs, reprojects
        self.last_received_ns = self._last_tick_ns = now_ns
        self._last_frame_id = -1
        step.send.append(
            m.Welcome(
                protocol=protocol,
                server=self._server_name,
                session=self.session,
                models=self._models,
                codecs=codecs,
                capabilities=self._capabilities + ((m.SHARED_MEMORY,) if self.memory else ()),
                limits=self._limits,
                settings=settings.to_wire(),
                settings_revision=settings.revision,
            )
        )
        step.events.append(SessionOpened(self.session, self.client, settings))
        return step

    def _in_session(self, message: m.Message, now_ns: int) -> ServerStep:
        if isinstance(message, m.SendFrame):
            return self._frame(message.frame, now_ns)
        if isinstance(message, m.UpdateSettings):
            return self._update_settings(message)
        if isinstance(message, m.Reset):
            return ServerStep([], [HistoryCleared()])
        if isinstance(message, m.Ping):
            return ServerStep([m.Pong(message.sent_ns, now_ns, now_ns)])
        if isinstance(message, m.Pong):
            return ServerStep()
        if isinstance(message, m.Bye):
            return self._close(message.reason or "the client said bye")
        if isinstance(message, m.Error):
            if message.fatal:
                return self._close(f"the client gave up: {message.code}")
            return ServerStep([], [PeerComplained(message)])
        raise OutOfOrder(f"A client does not send '{message.type}'.")

    def _frame(self, frame: Frame, now_ns: int) -> ServerStep:
        if frame.frame_id <= self._last_frame_id:
            error = OutOfOrder(
                f"Frame {frame.frame_id} came after frame {self._last_frame_id}.", hint="Frame ids only ever grow."
            )
            error.frame_id = frame.frame_id
            raise error
        if frame.motion_px is not None and frame.motion_from_frame_id is None and self._last_frame_id >= 0:
            frame = dataclasses.replace(frame, motion_from_frame_id=self._last_frame_id)
        self._last_frame_id = frame.frame_id
        step = ServerStep()
        displaced = self._waiting[0] if self._waiting else None
        if displaced is not None:
            step.send.append(m.Superseded(displaced.frame_id, displaced.timestamp_ns, frame.frame_id))
            if not frame.reset:
                frame = self._compose(displaced, frame)
                if displaced.reset:
                    frame = dataclasses.replace(frame, reset=True)  # the cut happened, seen or not
        self._waiting = frame, now_ns
        step.events.append(FrameWaiting(frame.frame_id, displaced.frame_id if displaced else None))
        return step

    def _update_settings(self, message: m.UpdateSettings) -> ServerStep:
        try:
            settings = self.with_changes(self.settings, message.changes)
            words = self._apply_settings(settings)
        except ProtocolError as error:
            error.request = message.request
            raise
        self.settings = settings
        changed = SettingsChanged(settings, message.request, message.changes)
        if words is None:
            return ServerStep([], [changed])
        understood, ignored = words
        applied = m.SettingsApplied(message.request, settings.revision, tuple(understood), tuple(ignored))
        return ServerStep([applied], [changed])

    def _checked(self, settings: Settings, codecs: Sequence[str], reprojects: bool) -> Settings:
        self._check_offer(settings, codecs, reprojects)
        self._apply_settings(settings)
        return settings

    def _check_offer(self, settings: Settings, codecs: Sequence[str], reprojects: bool) -> None:
        """What only this server can judge: its models, its limits, this client's codecs and capabilities."""
        if not reprojects and settings.temporal.stride != 1:
            raise InvalidSettings(
                f"temporal.stride cannot be {settings.temporal.stride} for a client that takes no reprojected results.",
                hint=f"Name the capability '{m.REPROJECTED}' in the hello.",
            )
        if settings.model and settings.model not in self._models:
            raise UnknownModel(
                f"This server has no model '{settings.model}'.", hint="It has " + ", ".join(self._models) + "."
            )
        if settings.output_codec not in codecs:
            raise UnsupportedCodec(
                f"Both sides must have the codec '{settings.output_codec}'.", hint="Name it in the hello."
            )
        width, height, limits = settings.output_width, settings.output_height, self._limits
        if max(width, height) > limits.max_side_px or width * height > limits.max_pixels:
            raise InvalidSettings(
                f"An output of {width}x{height} is too large.",
                hint=f"At most {limits.max_side_px} pixels a side and {limits.max_pixels} in all.",
            )
