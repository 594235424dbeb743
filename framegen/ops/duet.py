"""A second thread for one frame: bands of a picture, or two tasks that need nothing of each other, at once.

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
Ranges = Callable[[int, int], None]
"""Work on ``first`` to ``end`` of something, such as rows of a picture."""


class Later(Generic[_T]):
    """A result that the second thread works on, or that is worked out when it is first asked for."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = [work]
        self._value: list[_T] = []
        self._error: BaseException | None = None
        # whoever begins it: both threads may ask for a result that was not handed over
        self._done = threading.Lock()
        self._done.acquire()

    def result(self) -> _T:
        """Waits for it; raises what the work raised. May be called again."""
        self._run()
        with self._done:  # given back by the thread that does the work when it is through
            pass
        if self._error is not None:
            raise self._error
        return self._value[0]

    def cancel(self) -> bool:
        """Whether nobody has begun the work; then nobody will, and its result is not to be asked for."""
        try:
            self._work.pop()
        except IndexError:
            return False
        return True

    def _run(self) -> None:
        """Does the work, unless it was begun: taking it out of the list is one step, which only one thread can do."""
        try:
            work = self._work.pop()
        except IndexError:
            return
        try:
            self._value.append(work())
        except BaseException as error:  # handed to who asks for the result
            self._error = error
        self._done.release()


class Turns:
    """``work(first, end)`` for ``parts`` ranges that cover 0 to ``count``, begun on the second thread of ``duet`` after
    what it was given before. Only the thread that made it calls its methods."""

    def __init__(self, duet: Duet, count: int, parts: int, work: Ranges) -> None:
        self._duet, self._work = duet, work
        self._bounds = [round(i * count / parts) for i in range(parts + 1)]
        self._turns = itertools.count()
        self._held = False
        self._error: BaseException | None = None
        self._other: Later[None] | None = duet.beside(self._take)

    def hold(self) -> None:
        """Let nothing more begin, and wait for the range that is worked on; raises what the work raised."""
        self._held = True
        self._wait()

    def go_on(self) -> None:
        """Begin again on the second thread."""
        if self._held:
            self._held = False
            self._other = self._duet.beside(self._take)

    def finish(self) -> None:
        """Do the rest, on both threads; raises what the work raised, however often it is called."""
        if self._error is not None:
            raise self._error
        self.go_on()
        try:
            self._take()
        finally:
            self._wait()

    def _take(self) -> None:
        # the next number is one step, which only one thread can do
        while not self._held and self._error is None and (i := next(self._turns)) < len(self._bounds) - 1:
            try:
                self._work(self._bounds[i], self._bounds[i + 1])
            except BaseException as error:
                self._error = error  # its range is never done, so neither is the whole
                raise

    def _wait(self) -> None:
        other, self._other = self._other, None
        if other is not None and not other.cancel():
            other.result()


class Duet:
    """The calling thread and a second one, which starts at first use and ends with the process."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Later[object]] = SimpleQueue()
        self._lock = threading.Lock()
        self._owner, self._pending, self._started = 0, 0, False

    def beside(self, work: Callable[[], _T]) -> Later[_T]:
        """Start ``work`` on the second thread, after what this thread has already given to it.

        Where another thread uses it, or there is one processor core, the work is done when its result is asked for; so
        it is if the second thread has not come to it by then.
        """
        task, me = Later(work), threading.get_ident()
        if _cores() < 2:
            return task
        with self._lock:
            if self._pending and self._owner != me:
                return task
            self._owner, self._pending = me, self._pending + 1
            if not self._started:
                threading.Thread(target=self._serve, name="framegen-second", daemon=True).start()
                self._started = True
        self._tasks.put(task)  # type: ignore[arg-type]
        return task

    def split(self, count: int, parts: int, work: Ranges) -> None:
        """``work(first, end)`` for ``parts`` ranges that cover 0 to ``count``, on both threads as they get to it."""
        Turns(self, count, parts, work).finish()

    def _serve(self) -> None:
        while True:
            self._tasks.get()._run()
            with self._lock:
                self._pending -= 1


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
