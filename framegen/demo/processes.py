"""The demo's child processes: the server and the engine, started together, ended in order."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from framegen.demo import engine
from framegen.demo.link import Outbox, ignore_interrupts, listen
from framegen.errors import FramegenError

STOP_S = 0.6
"""How long a child may take to end by itself."""

Message = tuple[str, str, Any]
"""Who (``server`` or ``engine``), what, and the value; what ``ended`` means is that the process is gone."""


class Child:
    """A process with a pipe. Its messages, and its end, come to one queue."""

    def __init__(self, name: str, target: Callable[..., None], argument: Any, inbox: queue.Queue[Message]) -> None:
        self.name = name
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        self._process = spawn.Process(target=target, args=(argument, theirs), name=f"framegen {name}", daemon=True)
        with interrupts_held():
            self._process.start()
        # Ours of the two ends alone keeps it open: the pipe ends with the process.
        theirs.close()
        self._pipe = ours
        self.tell = Outbox(ours)
        listen(
            ours, lambda kind, value: inbox.put((name, kind, value)), lambda: inbox.put((name, "ended", self._why()))
        )

    def _why(self) -> str:
        """What to do about an end without a word."""
        self._process.join(1.0)
        code = self._process.exitcode
        if code is not None and code < 0:
            return f"Signal {-code} ended it, sent by somebody or, for want of memory, by the system. Start it again."
        return "'framegen doctor' shows what is missing."

    def ask_to_stop(self) -> None:
        """Returns at once."""
        self.tell.send("stop")

    def end(self, deadline: float) -> None:
        """Wait until ``deadline`` (``time.monotonic``), then by force."""
        self._process.join(max(0.0, deadline - time.monotonic()))
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(0.3)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(0.3)
        self._pipe.close()


class Crew:
    """Server and engine, working side by side. As a context manager it leaves no process behind."""

    def __init__(self, options: engine.EngineOptions, device: str) -> None:
        """Start both; the server's address is passed on when it is known."""
        self.inbox: queue.Queue[Message] = queue.Queue()
        self._children = [
            Child("server", run_server, device, self.inbox),
            Child("engine", engine.run_child, options, self.inbox),
        ]

    def __enter__(self) -> Crew:
        return self

    def begin_to_stop(self) -> None:
        """Ask both to end; returns at once."""
        for child in reversed(self._children):
            child.ask_to_stop()

    def __exit__(self, *_: object) -> None:
        self.begin_to_stop()
        deadline = time.monotonic() + STOP_S
        for child in reversed(self._children):
            child.end(deadline)

    def tell_engine(self, kind: str, value: Any) -> None:
        """Returns at once."""
        self._children[1].tell.send(kind, value)

    def next(self, timeout_s: float) -> Message | None:
        """The next message, or None after ``timeout_s``.

        Raises FramegenError: a process failed, in its own words, or ended without any.
        """
        try:
            who, kind, value = self.inbox.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if kind == "failed":
            raise FramegenError(value[0], hint=value[1])
        if kind == "ended":
            raise FramegenError(f"The demo's {who} process ended unexpectedly.", hint=value)
        if (who, kind) == ("server", "ready"):
            self.tell_engine("address", value["address"])
        return who, kind, value


def run_server(device: str, pipe: Connection) -> None:
    """The server process: says ``ready`` or ``failed`` on ``pipe``, and before it ``notice`` where that takes long;
    serves until it hears ``stop`` or the pipe ends."""
    ignore_interrupts()
    tell = Outbox(pipe)
    from framegen.engines.specs import SPECS, load_engine
    from framegen.ops.kernels.compiling import NOTICE, compiling
    from framegen.ops.tuning import tune_process
    from framegen.server.app import Server
    from framegen.server.options import Endpoint, ServerOptions

    tune_process()
    options = ServerOptions(endpoints=(Endpoint("tcp://127.0.0.1:*"),), stop_grace_s=0.3)
    try:
        with compiling(lambda: tell.send("notice", NOTICE)):
            server = Server(options, lambda name: load_engine(name, device), [SPECS[0].name])
    except FramegenError as error:
        tell.send("failed", (error.message, error.hint))
        tell.close()
        return
    gc.freeze()
    listen(pipe, lambda _kind, _value: server.stop(), server.stop)
    about = {"address": server.addresses[0], "model": SPECS[0].name, "device": server.worker.default_device}
    tell.send("ready", about)
    server.run()
    tell.close(0.1)


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """A child that starts now is born deaf to Ctrl-C, so that it cannot fall over it while it imports. This process
    hears of one at the end of the block, on Windows never.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    posix = sys.platform != "win32"
    before = signal.signal(signal.SIGINT, (lambda number, _frame: heard.append(number)) if posix else signal.SIG_IGN)
    try:
        with _blocked():
            yield
    finally:
        signal.signal(signal.SIGINT, before)
    if heard:
        signal.raise_signal(signal.SIGINT)


@contextlib.contextmanager
def _blocked() -> Iterator[None]:
    """Processes that start from this thread inherit that it takes no interrupts; other threads may take them."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # else it starts with the child, and unblocks them
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
