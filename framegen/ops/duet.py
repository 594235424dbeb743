"""A second thread for one frame: two halves of a picture, or two tasks that need nothing of each other, at once.

Worth it for compiled kernels, which let go of the interpreter's lock; waking the thread takes some 50 microseconds.
There is one such thread a process. Who finds it taken works alone, so nothing ever waits for another frame.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

_T = TypeVar("_T")


class _Task(Generic[_T]):
    """Something the second thread does, and what came of it."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self._done = threading.Lock()
        self._done.acquire()
        self._value: _T | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:  # handed to who asked for it
            self._error = error
        self._done.release()

    def result(self) -> _T:
        self._done.acquire()
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]  # set, since the work ended without an error


class Duet:
    """The calling thread and a second one, which starts at first use and ends with the process."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[_Task[object]] = SimpleQueue()
        self._free = threading.Lock()
        self._started = False

    def beside(self, work: Callable[[], _T]) -> Callable[[], _T]:
        """Start ``work`` on the second thread; calling what is returned waits for its result, or raises its error.

        Call it exactly once. Where the second thread is taken, or there is one processor core, ``work`` runs then.
        """
        if not self._take():
            return work
        task: _Task[_T] = _Task(work)
        self._tasks.put(task)  # type: ignore[arg-type]

        def join() -> _T:
            try:
                return task.result()
            finally:
                self._free.release()

        return join

    def split(self, count: int, parts: int, work: Callable[[int, int], None]) -> None:
        """``work(first, end)`` for ``parts`` ranges that cover 0 to ``count``, on both threads as they get to it."""
        bounds = [round(i * count / parts) for i in range(parts + 1)]
        turns = itertools.count()

        def take_turns() -> None:
            while (i := next(turns)) < parts:
                work(bounds[i], bounds[i + 1])

        join = self.beside(take_turns)
        try:
            take_turns()
        finally:
            join()

    def _take(self) -> bool:
        if _cores() < 2 or not self._free.acquire(blocking=False):
            return False
        if not self._started:
            threading.Thread(target=self._serve, name="framegen-second", daemon=True).start()
            self._started = True
        return True

    def _serve(self) -> None:
        while True:
            self._tasks.get().run()


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows and macOS
        return os.cpu_count() or 1


DUET = Duet()
"""The one of this process."""

if hasattr(os, "register_at_fork"):
    # a forked process has no second thread yet, whatever its parent had
    os.register_at_fork(after_in_child=DUET.__init__)  # type: ignore[misc]
