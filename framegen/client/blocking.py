"""The client that a program's own loop talks to."""

from __future__ import annotations

import concurrent.futures
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any

from framegen import sharing
from framegen.client import patience
from framegen.client.ledger import Callbacks, Ledger, Picture, Update
from framegen.client.link import Link
from framegen.client.stats import Stats
from framegen.client.transport import Address
from framegen.config import Settings
from framegen.errors import ConfigError, ConnectionLost, FramegenError, NoPicture
from framegen.frame import U8, Frame, Restyled
from framegen.wire.messages import REPROJECTED, Hello, SettingsApplied, Welcome
from framegen.wire.peer import ClientState
from framegen.wire.planes import COLOR_CODECS

DEFAULT_ADDRESS = "tcp://127.0.0.1:5555"


class Client:
    """A connection to a framegen server. It connects by itself, again and again, and never blocks a frame loop::

        with Client() as client:
            client.set(prompt="night rain")
            restyled = client.restyle(client.frame(color))     # blocking: waits for this picture

        client = Client(on_result=lambda restyled: ...)        # callback: comes when it comes
        client.send(client.frame(color, depth_m=depth))
        restyled = client.latest()                             # or: the newest picture so far

    The arrays of a frame are sent from where they lie: do not write to them before the frame is answered.
    Every ``timeout_s`` counts the time in which the program ran: one that was stopped meanwhile has not waited in vain.
    Callbacks run in the client's own thread; they must return soon, and may call :meth:`send` and :meth:`set` but
    nothing that waits. A main thread that never leaves Python bytecode delays that thread by up to
    ``sys.getswitchinterval()`` (5 ms): ``sys.setswitchinterval(0.0005)`` suits a game loop written in Python.

    Attributes:
        callbacks: may be replaced one by one at any time:
            ``on_result(restyled)``: a picture.
            ``on_superseded(frame_id, by_frame_id)``: a newer frame displaced this one, at the server or here.
            ``on_connected(welcome)``: after every (re)connect.
            ``on_lost(frame_ids, cause)``: the session broke, and these frames will not be answered. The client
            connects again by itself unless ``cause`` is final (see :meth:`wait_connected`).
            ``on_error(error)``: about one frame (``error.frame_id``), one update (``error.request``) or neither.
            ``on_settings(applied)``: an update took effect; the words of the prompt that the model knows, and not.
    """

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        name: str = "",
        token: str | None = None,
        server_key: str | None = None,
        secret_key: str | None = None,
        settings: Mapping[str, Any] | None = None,
        color_codec: str = "raw",
        jpeg_quality: int = 90,
        max_in_flight: int = 8,
        on_result: Callable[[Restyled], None] | None = None,
        on_superseded: Callable[[int, int], None] | None = None,
        on_connected: Callable[[Welcome], None] | None = None,
        on_lost: Callable[[tuple[int, ...], FramegenError], None] | None = None,
        on_error: Callable[[FramegenError], None] | None = None,
        on_settings: Callable[[SettingsApplied], None] | None = None,
    ) -> None:
        """Begin to connect; returns at once.

        Args:
            address: of the server, ``tcp://HOST:PORT``.
            name: of this program, for the server's log.
            token: the server's token, where it asks for one.
            server_key, secret_key: Z85 keys for CURVE; see :class:`~framegen.client.transport.Address`.
            settings: to begin with; keys as in :class:`~framegen.Settings`.
            color_codec: ``raw``, or ``jpeg`` for slow networks, where the server has it.
            jpeg_quality: 1..100.
            max_in_flight: frames on their way before the newest is held back here; bounds the delay on slow networks.
            on_result, on_superseded, on_connected, on_lost, on_error, on_settings: see :attr:`callbacks`.

        Raises:
            ConfigError: the address, a key or another argument makes no sense. InvalidSettings: a setting does.
        """
        _check_sending(color_codec, jpeg_quality, max_in_flight)
        Settings().updated(settings or {})
        self.callbacks = Callbacks(on_result, on_superseded, on_connected, on_lost, on_error, on_settings)
        self._ledger = Ledger(self.callbacks)
        self._address = Address(address, token, server_key, secret_key)
        arena = _arena() if self._address.is_local else None
        hello = Hello(
            client=name.encode(errors="replace").decode(),
            codecs=("raw", "jpeg"),
            capabilities=(REPROJECTED,),
            settings=dict(settings or {}),
            memory={} if arena is None else arena.offer,
        )
        try:
            self._link = Link(
                self._address,
                hello,
                self._ledger.take,
                self._ledger.close,
                color_codec=color_codec,
                jpeg_quality=jpeg_quality,
                max_in_flight=max_in_flight,
                arena=arena,
            )
        except BaseException:
            if arena is not None:
                arena.close()
            raise

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def frame(self, color: U8, **planes: Any) -> Frame:
        """A :class:`~framegen.Frame` with the next ``frame_id`` and the time of now; ``planes``: its other fields."""
        planes.setdefault("frame_id", self._ledger.last_frame_id + 1)
        planes.setdefault("timestamp_ns", time.perf_counter_ns())
        return Frame(color=color, **planes)

    def send(self, frame: Frame) -> None:
        """Send ``frame`` as soon as the network takes it, and return at once.

        While there is no connection, or the network is slower than the frames, the newest waits and displaces older
        ones (``on_superseded``).

        Raises:
            OutOfOrder: the frame id does not grow. FramegenError: the client is closed, or refused for good.
        """
        self._offer(frame, None)

    def submit(self, frame: Frame) -> Picture:
        """Like :meth:`send`; returns a future of the picture. It fails with what :meth:`restyle` raises."""
        picture: Picture = concurrent.futures.Future()
        self._offer(frame, picture)
        return picture

    def restyle(self, frame: Frame, timeout_s: float = 10.0) -> Restyled:
        """Send ``frame`` and wait for its picture; connecting may be part of the wait.

        Raises:
            NoPicture: a newer frame displaced it, or the time is over.
            ConnectionLost: no server answers, or the connection broke meanwhile.
            ProtocolError: the server's answer is an error, such as RestyleFailed.
        """
        self._refuse_in_callback("restyle")
        picture = self.submit(frame)
        try:
            return patience.result(picture, timeout_s)
        except concurrent.futures.TimeoutError:
            if not self.connected:
                raise self.no_server() from None
            raise NoPicture(f"Frame {frame.frame_id} was not answered within {timeout_s:g} s.") from None

    def latest(self) -> Restyled | None:
        """The newest picture so far; None before the first."""
        return self._ledger.latest

    def set(self, *, wait: bool = False, timeout_s: float = 10.0, **changes: Any) -> int:
        """Change settings, such as ``set(prompt="night rain", intensity=0.8)``; keys as in :class:`~framegen.Settings`.

        Takes effect with the next frame that the server begins. Without a connection, it is said when there is one.

        Args:
            wait: wait until the server has applied them; else an error comes to ``on_error``.
            timeout_s: of the wait.

        Returns:
            the number of the request, which ``on_settings`` and ``error.request`` carry.

        Raises:
            InvalidSettings: a key or value makes no sense; nothing was changed.
            ProtocolError, ConnectionLost: with ``wait``, what the server says, or that none answers.
        """
        if wait:
            self._refuse_in_callback("set(wait=True)")
        update = self.update(changes)
        if wait:
            try:
                patience.result(update, timeout_s)
            except concurrent.futures.TimeoutError:
                raise self.no_server() from None
        return update.request

    def update(self, changes: Mapping[str, Any]) -> Update:
        """Like :meth:`set`; returns a future of the server's answer, with the number of its ``request``."""
        if self._link.failure is not None:
            raise self._link.failure
        Settings().updated(changes)
        return self._ledger.updating(lambda: self._link.update_settings(changes))

    def reset(self) -> None:
        """Ask the server to forget the session's history: the next frame begins anew."""
        self._link.reset()

    def wait_connected(self, timeout_s: float = 10.0) -> Welcome:
        """Wait for a session; returns the server's welcome (its models, limits, codecs).

        Raises:
            ConnectionLost: no server answers in time.
            Unauthorized, UnsupportedProtocol, InvalidSettings, UnknownModel: refused for good.
        """
        self._refuse_in_callback("wait_connected")
        opened = patience.wait(self._ledger.opened.wait, timeout_s)
        welcome = self._link.peer.welcome
        if self._link.failure is not None:
            raise self._link.failure
        if not opened or welcome is None:
            raise self.no_server()
        return welcome

    @property
    def connected(self) -> bool:
        """Whether a session is open now."""
        return self._link.peer.state is ClientState.OPEN

    @property
    def failure(self) -> FramegenError | None:
        """Why there will be no session any more: refused for good, or closed. None: there may be."""
        return self._link.failure

    @property
    def stats(self) -> Stats:
        """Counts, rates and latencies up to now."""
        ledger, clock = self._ledger, self._link.peer.clock
        snapshot = ledger.tally.snapshot(
            time.perf_counter_ns(), connected=self.connected, reconnects=max(0, ledger.sessions - 1)
        )
        round_trip_ns = clock.round_trip_ns
        round_trip_ms = None if round_trip_ns is None else round_trip_ns * 1e-6
        return replace(snapshot, clock_offset_ns=clock.offset_ns, round_trip_ms=round_trip_ms)

    def close(self) -> None:
        """Say bye and let go of the connection, within milliseconds. Again: nothing happens."""
        self._link.close()
        self._ledger.close(ConnectionLost("The client is closed."))

    def no_server(self) -> ConnectionLost:
        """The error that says that no server answers, or why the one that does opens no session."""
        refusal = self._link.refusal
        if refusal is not None:
            said = f"The server at {self._address.endpoint} opens no session: {refusal.message}"
            return ConnectionLost(said, hint=refusal.hint)
        hint = self._link.complaint or "Start one: framegen serve"
        return ConnectionLost(f"No framegen server answers at {self._address.endpoint}.", hint=hint)

    def _offer(self, frame: Frame, picture: Picture | None) -> None:
        if self._link.failure is not None:
            raise self._link.failure
        self._ledger.sent(frame, picture)
        self._link.offer(frame)

    def _refuse_in_callback(self, what: str) -> None:
        if self._link.is_own_thread:
            raise ConfigError(f"{what} waits for the thread that runs this callback.", hint="Use send() and set().")


def _check_sending(color_codec: str, jpeg_quality: int, max_in_flight: int) -> None:
    """Raises ConfigError for what would else be another codec, another quality or a frame a second, without a word."""
    if color_codec not in COLOR_CODECS:
        raise ConfigError(f"There is no colour codec '{color_codec}'.", hint="Use raw or jpeg.")
    if not 1 <= jpeg_quality <= 100:
        raise ConfigError(f"jpeg_quality must be from 1 to 100, not {jpeg_quality}.")
    if max_in_flight < 1:
        raise ConfigError(f"max_in_flight must be at least 1, not {max_in_flight}.")


def _arena() -> sharing.Arena | None:
    """Memory to share with a server on this machine; None: the system gives none."""
    if sharing.possible():
        with contextlib.suppress(OSError):
            return sharing.Arena()
    return None
