"""What the demo's processes say to each other, over the pipes that the parent made.

A child's life hangs on its pipe: when the parent goes, however it goes, the pipe ends and so
does the child. Nothing of this is part of the protocol; the frames themselves travel over it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Protocol


def ignore_interrupts() -> None:
    """A child leaves Ctrl-C to its parent, which then ends it in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def listen(pipe: Connection, on_message: Callable[[str, Any], None], on_end: Callable[[], None]) -> threading.Thread:
    """Hear (kind, value) messages in a thread of their own until the other end goes, then call ``on_end``."""

    def run() -> None:
        try:
            while True:
                kind, value = pipe.recv()
                on_message(kind, value)
        except (EOFError, OSError):
            on_end()

    thread = threading.Thread(target=run, name="framegen-pipe", daemon=True)
    thread.start()
    return thread


class Tell(Protocol):
    """Where an engine says how things go."""

    def send(self, kind: str, value: Any = None) -> None:
        """A message that must arrive."""
        ...

    def newest(self, kind: str, value: Any) -> None:
        """A message that displaces an older one of its kind."""
        ...

    def drain(self, most: int) -> None:
        """Wait until at most ``most`` messages are on their way."""
        ...


class Outbox:
    """Sends (kind, value) messages from any thread without ever waiting for the reader.

    Of messages sent with :meth:`newest`, only the last of a kind is kept while the pipe is busy.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Condition()
        self._queue: list[tuple[str, Any]] = []
        self._closed = self._gone = False
        self._thread = threading.Thread(target=self._run, name="framegen-outbox", daemon=True)
        self._thread.start()

    def send(self, kind: str, value: Any = None) -> None:
        """A message that must arrive."""
        with self._lock:
            self._queue.append((kind, value))
            self._lock.notify_all()

    def newest(self, kind: str, value: Any) -> None:
        """A message that displaces an older one of its kind."""
        with self._lock:
            self._queue = [entry for entry in self._queue if entry[0] != kind]
            self._queue.append((kind, value))
            self._lock.notify_all()

    def drain(self, most: int) -> None:
        """Wait until at most ``most`` messages are on their way (or the other end is gone)."""
        with self._lock:
            self._lock.wait_for(lambda: len(self._queue) <= most or self._gone)

    def close(self, timeout_s: float = 1.0) -> None:
        """Send what waits, then stop."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._lock:
                while not self._queue and not self._closed:
                    self._lock.wait()
                if not self._queue:
                    break
                entry = self._queue.pop(0)
                self._lock.notify_all()
            try:
                self._pipe.send(entry)
            except (OSError, ValueError):
                break
        with self._lock:
            self._gone = True
            self._queue.clear()
            self._lock.notify_all()
