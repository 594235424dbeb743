"""Where jobs run: in the router's own thread, or in a thread beside it. A process or a cluster can be a further one.

Which is better was measured on two cores with the embedded model and a client sending 120 frames a second: with
``thread``, reading frames and joining their motion takes time from the model while it runs, and frames took twice as
long as with ``inline``, where that is done between two frames. A slow model, or one that runs on other hardware, is
better off with ``thread``.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from framegen.server.worker import Job, Outcome, Worker


class Executor(Protocol):
    """Runs jobs one after another and tells when one is done. Used from the router's thread alone."""

    @property
    def idle(self) -> bool:
        """Whether :meth:`submit` may be called now."""
        ...

    def start(self, notify: Callable[[], None]) -> None:
        """``notify`` is called, from another thread, when :meth:`collect` has something that it had not before."""
        ...

    def submit(self, job: Job) -> None:
        """Run ``job``; only while :attr:`idle`."""
        ...

    def collect(self) -> list[Outcome]:
        """What is done since the last call. Never blocks."""
        ...

    def close(self, timeout_s: float) -> None:
        """Wait at most ``timeout_s`` for the job in work, then let go of it."""
        ...


class InlineExecutor:
    """Runs each job in the router's own thread: no hand-over, but nobody is heard while the model runs.

    Messages that come meanwhile wait in libzmq and are read after it: a frame's ``received`` stamp is when it was read.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._done: list[Outcome] = []

    @property
    def idle(self) -> bool:
        return not self._done

    def start(self, notify: Callable[[], None]) -> None:
        pass

    def submit(self, job: Job) -> None:
        self._done.append(self._worker.run(job))

    def collect(self) -> list[Outcome]:
        done, self._done = self._done, []
        return done

    def close(self, timeout_s: float) -> None:
        pass


class ThreadExecutor:
    """One thread beside the router's. The model runs outside the interpreter's lock, so sockets are served meanwhile:
    a frame that comes too late is named superseded at once, and pings measure the network, not the model.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._done: deque[Outcome] = deque()
        self._out = 0
        self._thread: threading.Thread | None = None

    @property
    def idle(self) -> bool:
        return self._out == 0

    def start(self, notify: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=self._work, args=(notify,), name="framegen-worker", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        self._out += 1
        self._jobs.put(job)

    def collect(self) -> list[Outcome]:
        done = []
        while self._done:
            done.append(self._done.popleft())
        self._out -= len(done)
        return done

    def close(self, timeout_s: float) -> None:
        self._jobs.put(None)
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _work(self, notify: Callable[[], None]) -> None:
        while (job := self._jobs.get()) is not None:
            self._done.append(self._worker.run(job))
            notify()


EXECUTORS: dict[str, Callable[[Worker], Executor]] = {"thread": ThreadExecutor, "inline": InlineExecutor}


def choose(name: str, worker: Worker) -> Executor:
    """The executor of that name; ``auto``: ``inline`` for the embedded model, ``thread`` for every other."""
    if name == "auto":
        name = "inline" if worker.default_spec.family == "embedded" else "thread"
    return EXECUTORS[name](worker)
