"""The client's connection: says hello, sends, receives, says hello again.

A thread of its own receives and minds the clock. Frames are sent by the thread that has them, under the lock that
guards the socket: waking another one costs a fifth of a millisecond, and up to five where the interpreter is busy.
The rules of a session are :class:`~framegen.wire.peer.ClientPeer`'s; what becomes of events is the caller's.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import zmq

from framegen.client.mailbox import in_place_of, size_bytes
from framegen.client.transport import Address, Event, Socket, Transport
from framegen.errors import (
    ConnectionLost,
    FramegenError,
    InvalidSettings,
    ProtocolError,
    Unauthorized,
    UnknownModel,
    UnsupportedCodec,
    UnsupportedProtocol,
)
from framegen.frame import Frame
from framegen.sharing import Arena
from framegen.wire import codec, events
from framegen.wire import messages as m
from framegen.wire.peer import ClientPeer, ClientState, error_message

FINAL = (Unauthorized, UnsupportedProtocol, InvalidSettings, UnknownModel, UnsupportedCodec)
"""Refusals that another try would only meet again."""
RETRY_MS = (100, 2_000)
"""Pause before the next hello where the server turned us away, doubling up to two seconds."""
POLL_MS = 200
"""The loop looks at the clock at least this often."""
STALLED_S = 1.0
"""A full window holds frames back for this long at most: answers may have been lost."""
LOCAL_SILENCE_MS = 60_000
"""A server on this machine may be silent for so long: if it were gone, the system would have closed the connection.
A machine that swaps, or a model that is compiled, can hold it up for longer than a server far away may be silent."""
LINGER_MS = 200
WINDOW_BYTES = 64 << 20
"""Frames on their way hold no more than this, but two may always be: it is the server's memory."""

log = logging.getLogger(__name__)


class Link:
    """A connection that heals itself. Methods may be called from any thread; events come in the link's own."""

    def __init__(
        self,
        address: Address,
        hello: m.Hello,
        on_event: Callable[[events.ClientEvent, int], None],
        on_failure: Callable[[FramegenError], None],
        *,
        color_codec: str,
        jpeg_quality: int,
        max_in_flight: int,
        arena: Arena | None = None,
    ) -> None:
        """Begin to connect. ``arena``: memory that ``hello`` offers; it is closed with the link."""
        self.failure: FramegenError | None = None
        """Why the link has given up for good; None while it has not."""
        self.complaint = ""
        """The last that is known of why there is no connection, for a hint."""
        self.refusal: ProtocolError | None = None
        """Why the server that answers opened no session; None where none answered, or it did."""
        self._address = address
        self._on_event, self._on_failure = on_event, on_failure
        self._color_codec, self._jpeg_quality = color_codec, jpeg_quality
        self._max_in_flight = max_in_flight
        self._lock = threading.Lock()
        self._peer = ClientPeer(hello, LOCAL_SILENCE_MS if address.is_local else None)
        self._mailbox: Frame | None = None
        self._begins_anew = False
        self._news: list[events.ClientEvent] = []
        self._outgoing: deque[m.Message] = deque()
        self._up = False
        self._retry_ms, self._retry_at_ns = RETRY_MS[0], 0
        self._last_sent_ns = 0
        self._closing = self._woken = False
        self._context: zmq.Context[Socket] = zmq.Context()
        self._bell, self._ear = (self._context.socket(zmq.PAIR) for _ in range(2))
        self._ear.bind("inproc://wake")
        self._bell.connect("inproc://wake")
        self._transport = Transport(self._context, address)
        self._arena = arena
        self._thread = threading.Thread(target=self._run, name="framegen-client", daemon=True)
        self._thread.start()

    @property
    def is_own_thread(self) -> bool:
        """Whether the caller is a callback."""
        return threading.current_thread() is self._thread

    @property
    def peer(self) -> ClientPeer:
        """For reading only."""
        return self._peer

    def offer(self, frame: Frame) -> None:
        """Send ``frame`` as soon as the network takes it; of frames that wait, the newest wins."""
        with self._lock:
            if self._begins_anew:
                frame, self._begins_anew = dataclasses.replace(frame, reset=True), False
            older = self._mailbox
            if older is not None:
                # no more of it than this: a callback that takes its time would else hold the frames of all that time
                self._news.append(events.FrameSuperseded(older.frame_id, older.timestamp_ns, frame.frame_id))
                frame = in_place_of(older, frame)
            self._mailbox = frame
            self._push()

    def update_settings(self, changes: Mapping[str, Any]) -> int:
        """Returns the number that the answer will carry. Said again after a reconnect until it is answered."""
        with self._lock:
            request, step = self._peer.update_settings(changes)
            self._outgoing.extend(step.send)
            self._push()
        return request

    def reset(self) -> None:
        """Let the next frame begin without history. Where one offered before it has yet to leave, or there is no
        session, the next one says so itself: a message would overtake the first, or be for nobody."""
        with self._lock:
            if self._mailbox is not None or self._peer.state is not ClientState.OPEN:
                self._begins_anew = True
            else:
                self._outgoing.extend(self._peer.reset().send)
                self._push()

    def close(self) -> None:
        """Say bye and end the thread. What is in flight is lost, and said so."""
        with self._lock:
            self._closing = True
            self.failure = self.failure or ConnectionLost("The client is closed.")
            self._wake()
        if not self.is_own_thread:
            self._thread.join()

    def _push(self) -> None:
        """Send what can be sent from here, and leave the rest to the link's thread. The lock is held."""
        if self._bell.closed:
            return
        if self._codec == "raw":
            if self._say():
                step = self._take()
                self._send(step)
                self._news += step.events
            if not (self._mailbox or self._outgoing or self._news or self._transport.readable):
                return
        self._wake()

    def _wake(self) -> None:
        if not self._woken and not self._bell.closed:
            self._woken = True
            self._bell.send(b"", zmq.NOBLOCK)

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._ear, zmq.POLLIN)
        poller.register(self._transport.monitor, zmq.POLLIN)
        poller.register(self._transport.fd, zmq.POLLIN)
        try:
            while not self._closing:
                self._turn(poller)
            self._leave()
        except Exception:
            log.exception("The client's connection failed.")
            self._give_up(ConnectionLost("The client's connection failed.", hint="The log says why."))
        finally:
            with self._lock:
                self._bell.close(0)
                self._transport.close(LINGER_MS)
                if self._arena is not None:
                    self._arena.close()
            self._ear.close(0)
            self._context.term()

    def _turn(self, poller: zmq.Poller) -> None:
        with self._lock:
            waits = self._transport.readable  # sending may have taken the descriptor's notice of it
        ready = dict(poller.poll(0 if waits else max(1, min(POLL_MS, self._peer.limits.heartbeat_ms // 2))))
        if self._ear in ready:
            with self._lock:
                self._ear.recv(zmq.NOBLOCK)
                self._woken = False
        happened = self._transport.events() if self._transport.monitor in ready else []
        self._drain()  # what arrived before the connection went down counts
        for event in happened:
            self._transport_event(event)
        self._tell_news()
        self._tell(self._guarded(self._peer.tick))
        turned_away = self._up and self._peer.state is ClientState.CLOSED and self.failure is None
        if turned_away and time.perf_counter_ns() >= self._retry_at_ns:
            self._tell(self._guarded(self._peer.connect))
        self._flush()

    def _leave(self) -> None:
        """Say bye, for which a moment is waited where much is on its way: else the server keeps the session until it
        has been silent for too long."""
        self._tell(self._guarded(lambda _now: self._peer.bye("closed")))
        until_ns = time.perf_counter_ns() + LINGER_MS * 1_000_000
        with self._lock:
            while not self._say() and self._up and time.perf_counter_ns() < until_ns:
                self._transport.socket.poll(10, zmq.POLLOUT)

    def _transport_event(self, event: Event) -> None:
        where = self._address.endpoint
        if event is Event.UP:
            self._up, self.complaint = True, ""
            if self._peer.state is ClientState.OPEN:
                self._tell(self._guarded(lambda _now: self._peer.lose(ConnectionLost("Another connection took over."))))
            self._tell(self._guarded(self._peer.connect))
        elif event is Event.DOWN:
            was_up, self._up, self.refusal = self._up, False, None
            with self._lock:
                self._outgoing.clear()
            self._tell(self._guarded(lambda _now: self._peer.lose(ConnectionLost(f"The connection to {where} broke."))))
            guess = "is it still running" if was_up else "does it want a token or a key"
            self.complaint = self.complaint or f"It closed the connection; {guess}?"
        elif event is Event.REFUSED:
            self._give_up(Unauthorized(f"The server at {where} refused the token or key."))
        else:
            hint = "Does it want a token (PLAIN) or a key (CURVE)?"
            self._give_up(Unauthorized(f"What answers at {where} speaks another mechanism.", hint=hint))

    def _drain(self) -> None:
        while True:
            with self._lock:
                parts = self._transport.receive() if self._transport.readable else None
            if parts is None:
                return
            try:
                message = codec.decode(parts, m.Limits())
            except ProtocolError as error:
                log.warning("Unreadable message from %s: %s", self._address.endpoint, error)
                with self._lock:
                    self._outgoing.append(error_message(error))
                    step = self._peer.refuse(error)
                self._tell(step)
                continue
            self._tell(self._guarded(functools.partial(self._peer.receive, message)))

    def _sendable(self) -> bool:
        if self._mailbox is None or self._peer.state is not ClientState.OPEN:
            return False
        stalled = time.perf_counter_ns() - self._last_sent_ns > STALLED_S * 1e9
        window = min(self._max_in_flight, max(2, WINDOW_BYTES // max(1, size_bytes(self._mailbox))))
        return len(self._peer.in_flight) < window or stalled

    def _flush(self) -> None:
        with self._lock:
            step = self._take() if self._say() else events.ClientStep()
            quick = self._codec == "raw"
            if quick:
                self._send(step)
        if not quick:  # coding takes milliseconds; as long as it is asked for, only this thread uses the socket
            self._send(step)
        self._tell(step)

    def _say(self) -> bool:
        """Send the small messages; whether all are gone. The lock is held."""
        while self._outgoing and self._transport.send(codec.encode(self._outgoing[0])):
            self._outgoing.popleft()
        return not self._outgoing

    def _take(self) -> events.ClientStep:
        """The frame that waits, if it may go now. The lock is held."""
        if not self._sendable() or not self._transport.writable:
            return events.ClientStep()
        frame, self._mailbox = self._mailbox, None
        assert frame is not None
        self._last_sent_ns = time.perf_counter_ns()
        try:
            return self._peer.send_frame(frame, self._last_sent_ns)
        except ProtocolError as error:
            self._begins_anew |= frame.reset  # the cut happened, seen or not
            return events.ClientStep([], [events.FrameFailed(frame.frame_id, error)])

    def _send(self, step: events.ClientStep) -> None:
        """Send the frame in ``step``. One that cannot be encoded has failed, and the next may go."""
        for message in step.send:
            assert isinstance(message, m.SendFrame)
            try:
                parts = codec.encode(
                    message,
                    color_codec=self._codec,
                    jpeg_quality=self._jpeg_quality,
                    place=self._place(message),
                )
            except Exception as error:
                log.exception("Frame %d cannot be encoded.", message.frame.frame_id)
                step.events.append(self._peer.take_back(message.frame.frame_id, error))
                self._begins_anew |= message.frame.reset
            else:
                self._transport.send(parts)

    def _place(self, message: m.SendFrame) -> codec.Place | None:
        """Where a frame's planes may lie instead of going through the socket."""
        welcome = self._peer.welcome
        if self._arena is None or welcome is None or m.SHARED_MEMORY not in welcome.capabilities:
            return None
        self._arena.keep(self._peer.in_flight)
        return functools.partial(self._arena.place, message.frame.frame_id)

    @property
    def _codec(self) -> str:
        """Of the colour of frames: the one asked for where the server has it."""
        offered = self._peer.welcome.codecs if self._peer.welcome else ("raw",)
        return self._color_codec if self._color_codec in offered else "raw"

    def _guarded(self, action: Callable[[int], events.ClientStep]) -> events.ClientStep:
        with self._lock:
            step = action(time.perf_counter_ns())
            self._outgoing.extend(step.send)
        return step

    def _tell(self, step: events.ClientStep) -> None:
        for event in step.events:
            if isinstance(event, events.Connected):
                self._retry_ms, self.refusal = RETRY_MS[0], None
            elif isinstance(event, events.Disconnected):
                self._retry_at_ns = time.perf_counter_ns() + self._retry_ms * 1_000_000
                self._retry_ms = min(2 * self._retry_ms, RETRY_MS[1])
                self.refusal = event.cause if isinstance(event.cause, ProtocolError) else None
                if isinstance(event.cause, FINAL) and not self._closing:
                    self.failure = event.cause
            self._on_event(event, time.perf_counter_ns())
        if self.failure is not None and not self._closing:
            self._on_failure(self.failure)

    def _tell_news(self) -> None:
        """Of what other threads did."""
        with self._lock:
            news, self._news = self._news, []
        self._tell(events.ClientStep([], news))

    def _give_up(self, error: FramegenError) -> None:
        self.failure = error
        step = self._guarded(lambda _now: self._peer.lose(error))
        if not any(isinstance(event, events.Disconnected) for event in step.events):
            step.events.append(events.Disconnected(error.message, error))
        self._tell(step)
