"""The server's sockets and the loop that serves them. Rules are the hub's, work is the executor's."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

import zmq
from zmq.utils.monitor import parse_monitor_message

from framegen.errors import ConfigError
from framegen.loopback import unpace
from framegen.server.executors import Executor
from framegen.server.hub import Hub
from framegen.server.options import Endpoint, ServerOptions, check_free, is_local, to_zmq
from framegen.server.session import Route
from framegen.server.zap import DOMAIN, Credentials, Gatekeeper

Socket = zmq.Socket[bytes]

SEND_HWM = 64
"""Answers that wait for one client to read them. One that is so far behind is taken to be gone."""
RECEIVE_HWM = 8
"""Messages of one client that wait to be read here while the model runs. A 4K frame with all planes has 75 MB."""
DRAIN = 64
"""Messages read in a row before results are looked after again."""
POLL_MS = 250
"""The loop looks at the clock (and, on Windows, for signals) at least this often."""
FAREWELL_S = 0.2
"""Between the last word to clients and closing: their threads must have read it by then."""
LINGER_MS = 300
LISTENING_MS = 100
"""libzmq says which descriptor it listens with while it binds."""
SILENT_HEARTBEATS = 4
"""ZMTP pings that a connection to another machine may leave unanswered before it is closed. On this machine the system
tells when a client is gone, and one that does not answer only stands still: it has as long as a session may be idle."""


class Router:
    """ROUTER sockets, one per endpoint, in one poll loop. Everything here runs in the thread that calls :meth:`run`,
    but for :meth:`stop` and :meth:`wake`.
    """

    def __init__(self, options: ServerOptions) -> None:
        self._options = options
        self._context: zmq.Context[Socket] = zmq.Context()
        self._sockets: list[Socket] = []
        self._poller = zmq.Poller()
        self._stopping = self._in_a_hurry = False
        self._wake_lock = threading.Lock()
        self._woken = False
        self._calls: deque[Callable[[], None]] = deque()
        self._bell, self._ear = (self._context.socket(zmq.PAIR) for _ in range(2))
        self._ear.bind("inproc://wake")
        self._bell.connect("inproc://wake")
        self._poller.register(self._ear, zmq.POLLIN)
        credentials = Credentials(options.token, options.curve_clients)
        self._gate = Gatekeeper(self._context, credentials)
        self._poller.register(self._gate.socket, zmq.POLLIN)

    def bind(self) -> list[str]:
        """Listen at every endpoint; returns the addresses, with the ports that ``*`` became.

        Raises ConfigError: the address is in use, or cannot be had here.
        """
        try:
            for endpoint in self._options.endpoints:
                self._sockets.append(self._listen(endpoint))
        except ConfigError:
            self.close()
            raise
        return [socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0") for socket in self._sockets]

    def run(self, hub: Hub, executor: Executor) -> None:
        """Serve until :meth:`stop`, then take leave of every session. Sockets are closed at the end."""
        self._hub, self._executor = hub, executor
        self._executor.start(self.wake)
        try:
            while not self._stopping:
                self._turn(dispatch=True)
            self._leave()
        finally:
            self._executor.close(0.2)
            self.close()

    def stop(self) -> None:
        """End :meth:`run` within :data:`POLL_MS`. From any thread or signal handler; takes no lock."""
        self._stopping = True

    def call(self, what: Callable[[], None]) -> None:
        """Let the loop's thread do ``what`` soon, between two jobs. From any thread."""
        self._calls.append(what)
        self.wake()

    def wake(self) -> None:
        """Let the loop look around. From any thread; a second call before it did costs nothing."""
        with self._wake_lock:
            if self._woken or self._bell.closed:
                return
            self._woken = True
            self._bell.send(b"", zmq.NOBLOCK)

    def close(self) -> None:
        """Close the sockets; what is under way to clients gets a moment. Again: nothing happens."""
        if self._context.closed:
            return
        with self._wake_lock:
            for socket in (*self._sockets, self._bell, self._ear):
                socket.close(LINGER_MS if socket in self._sockets else 0)
        self._gate.close()
        self._context.term()

    def _listen(self, endpoint: Endpoint) -> Socket:
        check_free(endpoint.address)
        socket = self._context.socket(zmq.ROUTER)
        limits = self._options.limits
        socket.maxmsgsize = limits.max_message_bytes
        socket.sndhwm, socket.rcvhwm = SEND_HWM, RECEIVE_HWM
        socket.router_mandatory = True
        socket.router_handover = True
        socket.ipv6 = "[" in endpoint.address
        socket.zap_domain = DOMAIN.encode()
        socket.heartbeat_ivl = limits.heartbeat_ms
        far = not is_local(endpoint.address)
        socket.heartbeat_timeout = SILENT_HEARTBEATS * limits.heartbeat_ms if far else limits.idle_timeout_ms
        if endpoint.mechanism == "plain":
            socket.plain_server = True
        elif endpoint.mechanism == "curve":
            socket.curve_server = True
            socket.curve_secretkey = (self._options.curve_secret_key or "").encode()
        try:
            _bind(socket, to_zmq(endpoint.address))
        except zmq.ZMQError as error:
            socket.close(0)
            if error.errno == zmq.EADDRINUSE:
                hint = "Is a framegen server running already? Choose another port with --bind."
                raise ConfigError(f"The address {endpoint.address} is in use.", hint=hint) from error
            raise ConfigError(f"Cannot listen at {endpoint.address}: {error.strerror}.") from error
        self._poller.register(socket, zmq.POLLIN)
        return socket

    def _turn(self, *, dispatch: bool) -> None:
        held_s = self._gate.send_due(time.monotonic())
        timeout_ms = POLL_MS if held_s is None else min(POLL_MS, int(held_s * 1000) + 1)
        if self._in_a_hurry:
            timeout_ms = 0
        ready = dict(self._poller.poll(timeout_ms))
        if self._ear in ready:
            with self._wake_lock:
                self._ear.recv(zmq.NOBLOCK)
                self._woken = False
        if self._gate.socket in ready:
            self._gate.receive(time.monotonic())
        self._finish()
        while self._calls:
            self._calls.popleft()()
        for number, socket in enumerate(self._sockets):
            if socket in ready:
                self._drain(number, socket)
        self._send()
        self._in_a_hurry = dispatch and self._dispatch()
        now_ns = time.perf_counter_ns()
        self._hub.tick(now_ns)
        self._send()
        self._hub.admit(now_ns)
        self._send()

    def _finish(self) -> bool:
        """Send off what the executor has done; whether there was anything."""
        done = self._executor.collect()
        for outcome in done:
            self._hub.finished(outcome)
        self._send()
        return bool(done)

    def _dispatch(self) -> bool:
        """Give the executor work; whether there may be more without any message coming."""
        while self._executor.idle and (job := self._hub.next_job(self._executor.takes)) is not None:
            self._executor.submit(job)
            if self._finish():  # it was done in this thread: look at the sockets before the next
                return True
        self._executor.begin()
        return False

    def _drain(self, number: int, socket: Socket) -> None:
        plain = self._options.endpoints[number].mechanism == "plain"
        for _ in range(DRAIN):
            try:
                routing_id, *frames = socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            connection = str(frames[0].get("User-Id")).encode() if plain and frames else b""
            parts = [frame.buffer for frame in frames]
            self._hub.receive(Route(number, routing_id.bytes), parts, time.perf_counter_ns(), connection)

    def _send(self) -> None:
        while self._hub.outbox:
            gone: dict[Route, str] = {}
            while self._hub.outbox:
                route, parts = self._hub.outbox.popleft()
                socket = self._sockets[route.endpoint]
                try:
                    socket.send_multipart([route.routing_id, *parts], zmq.NOBLOCK, copy=False)
                except zmq.ZMQError as error:
                    if error.errno == zmq.EAGAIN:  # it is there, and does not read
                        self._hub.vanished(route)
                    elif error.errno == zmq.EHOSTUNREACH:
                        gone[route] = self._hub.session_at(route)
                    else:
                        raise
            self._part(gone)

    def _part(self, gone: Mapping[Route, str]) -> None:
        """Of clients that are not there any more. What they said before they went may lie here unread, a goodbye too:
        it counts first."""
        if not any(gone.values()):
            return
        for number, socket in enumerate(self._sockets):
            self._drain(number, socket)
        for route, session in gone.items():
            if self._hub.session_at(route) == session:  # else another client has come by the same identity
                self._hub.vanished(route)
        self._in_a_hurry = True  # frames of others may have come along

    def _leave(self) -> None:
        """Let the frame in work be answered, then tell every session that this is the end."""
        until_s = time.monotonic() + self._options.stop_grace_s
        while self._executor.busy and time.monotonic() < until_s:
            self._turn(dispatch=False)
        self._hub.stop()
        told = bool(self._hub.outbox)
        self._send()
        if told:
            # a closed connection takes along what libzmq holds for a client that has not read it yet
            time.sleep(FAREWELL_S)


def _bind(socket: Socket, address: str) -> None:
    """Listen, with no pacing of what goes to clients on this machine. Raises ZMQError."""
    monitor = socket.get_monitor_socket(zmq.EVENT_LISTENING)
    try:
        socket.bind(address)
        if monitor.poll(LISTENING_MS):
            unpace(parse_monitor_message(monitor.recv_multipart())["value"])
    finally:
        socket.disable_monitor()
        monitor.close(0)
