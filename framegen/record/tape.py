"""Writes what passes into a recording, without holding it up."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import zmq

from framegen.errors import FramegenError, MediaError
from framegen.recording import RecordingWriter

QUEUE_BYTES = 256 << 20


@dataclass
class Counts:
    """What passed. ``left_out``: messages that were passed on but not written, for the disk was too slow."""

    to_server: int = 0
    to_client: int = 0
    left_out: int = 0
    clients: int = 0
    bytes: int = 0


class Tape:
    """A :class:`~framegen.recording.RecordingWriter` in a thread of its own, behind a queue bounded in bytes."""

    def __init__(self, writer: RecordingWriter, counts: Counts, max_bytes: int = QUEUE_BYTES) -> None:
        self._writer = writer
        self._counts = counts
        self._max_bytes = max_bytes
        self._waiting = 0
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[tuple[str, list[zmq.Frame], int, int] | None] = queue.SimpleQueue()
        self.failure: FramegenError | None = None
        self._thread = threading.Thread(target=self._write, name="recording", daemon=True)
        self._thread.start()

    def put(self, direction: str, parts: Sequence[zmq.Frame], peer: int) -> None:
        """Write a message down soon, if there is room for it."""
        size = sum(len(part) for part in parts)
        with self._lock:
            if self.failure is not None or (self._waiting and self._waiting + size > self._max_bytes):
                self._counts.left_out += 1
                return
            self._waiting += size
        self._counts.bytes += size
        self._queue.put((direction, list(parts), peer, time.monotonic_ns()))

    def close(self) -> None:
        """Write what waits, and finish the file. Raises what went wrong with it."""
        self._queue.put(None)
        self._thread.join()
        if self.failure is not None:
            raise self.failure
        self._writer.close()

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            direction, parts, peer, at_ns = item
            if self.failure is None:
                try:
                    self._writer.write(direction, [part.buffer for part in parts], peer=peer, at_ns=at_ns)
                except FramegenError as error:
                    self.failure = error
                except Exception as error:  # this thread's end would be silent, and the recording cut short
                    self.failure = MediaError(
                        f"The recording failed ({type(error).__name__}: {error}).",
                        hint=f"What was written is in {self._writer.temporary}.",
                    )
            with self._lock:
                self._waiting -= sum(len(part) for part in parts)
