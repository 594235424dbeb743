"""Ctrl-C and termination where an exception cannot be raised at once.

While a program still imports what it is made of, nothing runs that could be cleaned up, so it just ends: an exception
would surface in the middle of somebody's import, as a traceback. Later it is an exception, but not where Python throws
those away (:func:`interrupt`). Imports little itself: it comes first.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

Handler = Callable[[int, FrameType | None], Any] | int
_USUAL: dict[int, Handler] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


def end_at_once() -> None:
    """From here on Ctrl-C and termination end the process with a word. Where they are ignored or handled already it
    stays so."""
    _replace(_USUAL, dict.fromkeys(_USUAL, _end))


def raise_as_usual() -> None:
    """From here on Ctrl-C raises KeyboardInterrupt again, and termination is the system's affair."""
    _replace(dict.fromkeys(_USUAL, _end), _USUAL)


def _replace(these: dict[int, Handler], others: dict[int, Handler]) -> None:
    for number, handler in these.items():
        if signal.getsignal(number) is handler:
            with contextlib.suppress(ValueError):  # only a main thread may say so
                signal.signal(number, others[number])


@contextlib.contextmanager
def ending_at_once() -> Iterator[None]:
    """:func:`end_at_once` for a block, and :func:`raise_as_usual` after it."""
    end_at_once()
    try:
        yield
    finally:
        raise_as_usual()


def _end(_signal: int, _frame: FrameType | None) -> None:
    os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)


_AGAIN_S = 0.01
_DEAF_FILES = ("weakref.py", "_weakrefset.py")


def interrupt(number: int, frame: FrameType | None) -> None:
    """A signal's handler: raises KeyboardInterrupt, a moment later where nobody would hear of it now.

    Python prints and forgets what is raised in a finalizer, or in a function that a library written in C calls: LLVM
    calls one for every kernel that numba compiles, and without its result the kernel is broken. An object of llvmlite
    that is half made fails when it goes.
    """
    if not _is_deaf(frame):
        raise KeyboardInterrupt
    import _thread
    import threading

    again = threading.Timer(_AGAIN_S, _thread.interrupt_main, (number,))
    again.daemon = True
    again.start()


def _is_deaf(frame: FrameType | None) -> bool:
    """Whether an exception in ``frame`` would pass a finalizer, a weak reference's callback, or one of llvmlite's."""
    while frame is not None:
        name, file = frame.f_code.co_name, frame.f_code.co_filename
        if name == "__del__" or os.path.basename(file) in _DEAF_FILES:
            return True
        if "llvmlite" in file and (name == "__init__" or name.startswith("_raw_object_cache_")):
            return True
        frame = frame.f_back
    return False
