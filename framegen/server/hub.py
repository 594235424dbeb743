"""All sessions of a server, without sockets: messages come in, messages and jobs go out. The time is an argument."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framegen import __version__
from framegen.config import Settings
from framegen.errors import MalformedMessage, ProtocolError, TooManySessions
from framegen.frame import Restyled
from framegen.server.chain import MotionChain
from framegen.server.pace import TokenBucket
from framegen.server.scheduler import Scheduler, Work
from framegen.server.session import Route, Session
from framegen.server.worker import Job, Made, Make, Outcome, Parts, Prepare
from framegen.wire import codec, events
from framegen.wire import messages as m
from framegen.wire.events import Job as FrameJob
from framegen.wire.peer import ServerPeer, error_message, unknown_session

STRANGER_ERRORS_PER_S = 20.0
"""Answers a second to all that stand outside a session together; what is more is dropped."""
SESSION_ERRORS_PER_S = 100.0
"""Answers a second to one session's unreadable messages."""
LOGGED_COMPLAINTS = 10
"""Errors that one client sends and that are logged; a client that never stops must not fill a disk."""
LOGGED_CHARS = 200

log = logging.getLogger(__name__)


class Observer:
    """Hears what happens, for a live page or a log. In the router's thread: every method must return at once."""

    def serving(self, change: Callable[[str, Mapping[str, Any]], None]) -> None:
        """``change(session, changes)`` changes a session's settings, from any thread, as long as the server runs."""

    def opened(self, session: str, client: str) -> None:
        """A client was welcomed; ``client`` is the name it gave itself."""

    def applied(self, session: str, settings: Settings, understood: tuple[str, ...], ignored: tuple[str, ...]) -> None:
        """Settings took effect; the words of their prompt that the model knows, and those it does not."""

    def made(self, job: FrameJob, result: Restyled) -> None:
        """A picture is on its way."""

    def superseded(self, session: str) -> None:
        """A newer frame displaced one."""

    def closed(self, session: str) -> None:
        """A session is over."""


@dataclass
class Counts:
    """What the server did since it started."""

    sessions: int = 0
    frames: int = 0
    answered: int = 0
    superseded: int = 0
    failed: int = 0
    refused: int = 0
    """Messages that could not be read or were not allowed."""


class Hub:
    """Sessions by route and by id, whose turn it is, and what is to be sent."""

    def __init__(
        self,
        *,
        limits: m.Limits,
        models: Sequence[str],
        max_sessions: int,
        forget: Callable[[str], None],
        observer: Observer | None = None,
        attach: Callable[[Mapping[str, Any]], codec.Memory | None] = lambda _offer: None,
    ) -> None:
        """Make a hub without sessions.

        Args:
            limits, models: as the welcome says them; the first model is the default.
            max_sessions: open at once.
            forget: told the id of a session that is over.
            observer: see :class:`Observer`.
            attach: takes a client's offer of memory, or does not.
        """
        self.outbox: deque[tuple[Route, Parts]] = deque()
        self.counts = Counts()
        self._limits = limits
        self._models = tuple(models)
        self._max_sessions = max_sessions
        self._forget = forget
        self._attach = attach
        self._observer = observer or Observer()
        self._routes: dict[Route, Session] = {}
        self._keys: dict[str, Session] = {}
        self._buckets: dict[str, TokenBucket] = {}
        self._strangers = TokenBucket(STRANGER_ERRORS_PER_S)
        self._at_the_door: dict[Route, tuple[bytes, m.Hello]] = {}
        self._scheduler = Scheduler()

    @property
    def sessions(self) -> int:
        """Open now."""
        return len(self._keys)

    def receive(self, route: Route, parts: Sequence[memoryview | bytes], now_ns: int, connection: bytes = b"") -> None:
        """Take one message in. ``connection`` tells apart two clients that share a routing id."""
        session = self._routes.get(route)
        if session is not None and session.connection != connection:
            session = None
        message: m.Message | None = None
        try:
            message = codec.decode(parts, self._limits, None if session is None else session.peer.memory)
            if session is None:
                self._stranger(route, connection, message, now_ns)
                return
            if isinstance(message, m.SendFrame):
                self.counts.frames += 1
            step = session.peer.receive(message, now_ns)
        except ProtocolError as error:
            self._refuse(route, session, error, now_ns)
            return
        except Exception:  # a bug here must not end the other sessions
            log.exception("The server failed on a message.")
            failure = MalformedMessage("The server failed on this message.")
            if isinstance(message, m.SendFrame):
                failure.frame_id = message.frame.frame_id
            elif isinstance(message, m.UpdateSettings):
                failure.request = message.request
            self._refuse(route, session, failure, now_ns)
            return
        self._act(session, step)

    def admit(self, now_ns: int) -> None:
        """Let in who said hello while the server was full, as far as there is room by now; tell the others.

        Called after :attr:`outbox` is sent: the pings in it find out sessions whose client has vanished.
        """
        waiting, self._at_the_door = self._at_the_door, {}
        for route, (connection, hello) in waiting.items():
            if self.sessions < self._max_sessions:
                self._open(route, connection, hello, now_ns)
            else:
                error = TooManySessions(
                    f"The server has its {self._max_sessions} sessions.",
                    hint="Try again later, or raise --max-sessions.",
                )
                self._send(route, error_message(error, fatal=True))

    def change_settings(self, session: str, changes: Mapping[str, Any]) -> None:
        """Settings that who runs the server changes; the client is told as of its own, with request 0."""
        changed = self._keys.get(session)
        if changed is None:
            return
        try:
            self._act(changed, changed.peer.change_settings(changes))
        except ProtocolError as error:
            log.warning("Session %s cannot have these settings: %s", session, error.message)

    def next_job(self, allowed: Callable[[str], bool] = lambda _: True) -> Job | None:
        """What an idle worker shall do now, for a session that is ``allowed``."""
        while (turn := self._scheduler.next(allowed)) is not None:
            session = self._keys[turn.session]
            if turn.work is Work.SETTINGS:
                return Prepare(session.key, session.begin_settings())
            frame = session.peer.take()
            if frame is not None:
                session.chain.taken()
                return Make(session.key, frame, session.begins_anew(frame.frame.frame_id))
            self._scheduler.done(session.key)
        return None

    def finished(self, outcome: Outcome) -> None:
        """A worker is done with a job. Jobs of sessions that are over by now are forgotten."""
        self._scheduler.done(outcome.session)
        session = self._keys.get(outcome.session)
        if session is None:
            self._forget(outcome.session)
            return
        if isinstance(outcome, Made):
            self._made(session, outcome)
        elif outcome.error is None:
            words = outcome.understood, outcome.ignored
            self._tell(lambda: self._observer.applied(session.key, outcome.settings, *words))
            for answer in session.settings_prepared(outcome.settings, outcome.understood, outcome.ignored):
                self._send(session.route, answer)
            if session.apart:
                self._scheduler.wants(session.key, Work.SETTINGS)
        else:
            for answer in session.settings_failed(outcome.settings, outcome.error):
                self._send(session.route, answer)
            untried = not session.taken_in and session.peer.settings != outcome.settings
            if session.unanswered or untried:
                self._scheduler.wants(session.key, Work.SETTINGS)

    def tick(self, now_ns: int) -> None:
        """Close sessions that have been idle for too long."""
        for session in list(self._keys.values()):
            self._act(session, session.peer.tick(now_ns))

    def session_at(self, route: Route) -> str:
        """The id of the session that is open at this route; empty: none is."""
        session = self._routes.get(route)
        return "" if session is None else session.key

    def vanished(self, route: Route) -> None:
        """There is nobody at this route any more (or nobody who reads)."""
        session = self._routes.get(route)
        if session is not None:
            session.peer.let_go()
            self._close(session, session.key, "the client vanished")

    def stop(self) -> None:
        """Tell every session that the server stops."""
        for session in list(self._keys.values()):
            self._act(session, session.peer.stop())

    def _refuse(self, route: Route, session: Session | None, error: ProtocolError, now_ns: int) -> None:
        if session is not None:
            if error.cut and error.frame_id is not None:
                session.cut_failed(error.frame_id)
            step = session.peer.refuse(error, now_ns)
            about_one = error.frame_id is not None or error.request is not None
            if self._buckets[session.key].take(now_ns) or about_one:
                self._act(session, step)  # which counts it
                return
        elif self._strangers.take(now_ns):
            if error.frame_id is not None or error.request is not None:
                # a frame or an update: whatever is wrong with it, what it lacks is a session (and its memory)
                error = unknown_session(error.frame_id, error.request)
            self._send(route, error_message(error, fatal=True))
        self.counts.refused += 1

    def _stranger(self, route: Route, connection: bytes, message: m.Message, now_ns: int) -> None:
        if not isinstance(message, m.Hello):
            step = self._new_peer(MotionChain()).receive(message, now_ns)  # knows what a stranger is to be told
            if step.send and self._strangers.take(now_ns):
                self.counts.refused += 1
                for answer in step.send:
                    self._send(route, answer)
            return
        if self.sessions < self._max_sessions:
            self._open(route, connection, message, now_ns)
            return
        if route not in self._at_the_door and not self._strangers.take(now_ns):
            self.counts.refused += 1  # no answer, and no pings: those of a flood would fill the clients' queues
            return
        if not self._at_the_door:
            for session in self._keys.values():
                self._send(session.route, m.Ping(now_ns))
        self._at_the_door[route] = connection, message

    def _open(self, route: Route, connection: bytes, hello: m.Hello, now_ns: int) -> None:
        older = self._routes.get(route)
        if older is not None:
            older.peer.let_go()
            self._close(older, older.key, "another client took over its socket identity")
        chain = MotionChain()
        peer = self._new_peer(chain)
        self._act(Session(route, connection, peer, chain, peer.settings), peer.receive(hello, now_ns))

    def _new_peer(self, chain: MotionChain) -> ServerPeer:
        return ServerPeer(
            limits=self._limits,
            models=self._models,
            server_name=f"framegen {__version__}",
            apply_settings=lambda _settings: None,
            compose=chain.join,
            attach=self._attach,
        )

    def _act(self, session: Session, step: events.ServerStep) -> None:
        for message in step.send:
            if isinstance(message, m.Superseded):
                self.counts.superseded += 1
                self._tell(lambda: self._observer.superseded(session.key))
            elif isinstance(message, m.Error):
                self.counts.refused += 1
            self._send(session.route, message)
        for event in step.events:
            if isinstance(event, events.FrameWaiting):
                session.frame_came(event.frame_id)
                self._scheduler.wants(session.key, Work.FRAME)
            elif isinstance(event, events.SettingsChanged):
                session.settings_changed(event.settings, event.request, event.changes)
                self._scheduler.wants(session.key, Work.SETTINGS)
            elif isinstance(event, events.HistoryCleared):
                session.history_cleared()
            elif isinstance(event, events.SessionOpened):
                self._opened(session, event)
            elif isinstance(event, events.SessionClosed):
                self._close(session, event.session, event.reason)
            elif isinstance(event, events.PeerComplained):
                session.complaints += 1
                if session.complaints <= LOGGED_COMPLAINTS:
                    log.warning("Session %s complains: %s", session.key, _printable(event.error.message))

    def _opened(self, session: Session, event: events.SessionOpened) -> None:
        log.info("Session %s opened: %s", event.session, _printable(event.client) or "a client without a name")
        self.counts.sessions += 1
        fresh = Session(session.route, session.connection, session.peer, session.chain, event.settings)
        self._routes[session.route] = fresh
        self._keys[event.session] = fresh
        self._buckets[event.session] = TokenBucket(SESSION_ERRORS_PER_S)
        self._scheduler.add(event.session)
        self._scheduler.wants(event.session, Work.SETTINGS)
        self._tell(lambda: self._observer.opened(event.session, event.client))

    def _close(self, session: Session, key: str, reason: str) -> None:
        log.info("Session %s closed: %s", key, _printable(reason))
        del self._keys[key], self._buckets[key], self._routes[session.route]
        self._scheduler.remove(key)
        self._forget(key)
        self._tell(lambda: self._observer.closed(key))

    def _made(self, session: Session, made: Made) -> None:
        if made.error is not None:
            self.counts.failed += 1
            if made.frame.frame.reset:
                session.cut_failed(made.frame.frame.frame_id)
            step = session.peer.fail(made.frame, made.error)
            self._act(session, step)
            return
        result, parts = made.result, made.parts
        assert result is not None and parts is not None
        if session.peer.finish(made.frame, result).send:
            self.counts.answered += 1
            self.outbox.append((session.route, parts))
            self._tell(lambda: self._observer.made(made.frame, result))

    def _tell(self, what: Callable[[], None]) -> None:
        """An observer that fails is no reason to end sessions."""
        try:
            what()
        except Exception:
            log.exception("Who watches the server failed.")

    def _send(self, route: Route, message: m.Message) -> None:
        self.outbox.append((route, codec.encode(message)))


def _printable(text: str) -> str:
    """What a client said, fit for one line of a terminal: no escapes, no line ends, not long."""
    return "".join(c if c.isprintable() else "?" for c in text[:LOGGED_CHARS])
