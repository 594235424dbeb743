"""Ctrl-C while a program still imports what it is made of: nothing runs that could be cleaned up, so it just ends.

An exception would surface in the middle of somebody's import, as a traceback. Imports little itself: it comes first.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

INTERRUPTED = 130
"""The exit code after Ctrl-C."""


def end_at_once() -> None:
    """From here on Ctrl-C ends the process with a word. Where it is ignored or handled already it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        with contextlib.suppress(ValueError):  # only a main thread may say so
            signal.signal(signal.SIGINT, _end)


def raise_as_usual() -> None:
    """From here on Ctrl-C raises KeyboardInterrupt again."""
    if signal.getsignal(signal.SIGINT) is _end:
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGINT, signal.default_int_handler)


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
