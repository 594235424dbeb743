"""Prompts that wait to be encoded, and models to be loaded, beside the frames: at most one of each session."""

from __future__ import annotations

import threading

from framegen.server.worker import Prepare


class PromptQueue:
    """Between the thread that takes settings in and the one that encodes. Thread-safe.

    A session without a look waits for its first, so it comes before those that only change theirs. Of these the newest
    settings count: a look that nobody would see any more is not encoded. It takes the older one's place in the line.
    """

    def __init__(self) -> None:
        self._something = threading.Condition()
        self._first: dict[str, Prepare] = {}
        self._changes: dict[str, Prepare] = {}
        self._closed = False

    def __len__(self) -> int:
        return len(self._first) + len(self._changes)

    def put(self, job: Prepare, waiting: bool) -> None:
        """``waiting``: the settings are answered only when their prompt is encoded, and so are never left out."""
        with self._something:
            if waiting:
                self._changes.pop(job.session, None)  # the look of settings that these replace
                self._first[job.session] = job
            else:
                self._changes[job.session] = job
            self._something.notify()

    def take(self) -> tuple[Prepare, bool] | None:
        """Wait for the next, and whether it is waited for; None: the queue is closed."""
        with self._something:
            self._something.wait_for(lambda: self._closed or len(self) > 0)
            if self._closed:
                return None
            line = self._first or self._changes
            return line.pop(next(iter(line))), line is self._first

    def forget(self, session: str) -> None:
        """The session is over."""
        with self._something:
            self._first.pop(session, None)
            self._changes.pop(session, None)

    def close(self) -> None:
        """Let :meth:`take` end; what waits is given up."""
        with self._something:
            self._closed = True
            self._something.notify_all()
