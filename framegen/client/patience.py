"""Waiting that counts only the time in which this program ran.

A machine that swaps, or a laptop that slept, is no server that does not answer: its answer may lie there unread. So a
wait is made of short ones, and of each that took much longer than it should only the short time counts.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from collections.abc import Callable
from typing import TypeVar

SLICE_S = 0.25

T = TypeVar("T")


def wait(happened: Callable[[float], bool], timeout_s: float) -> bool:
    """Whether something happened within ``timeout_s`` seconds; ``happened`` waits for it as long as it is told."""
    left_s = timeout_s
    while True:
        slice_s = max(0.0, min(left_s, SLICE_S))
        began_s = time.monotonic()
        if happened(slice_s):
            return True
        left_s -= _counted(time.monotonic() - began_s, slice_s)
        if left_s <= 0.0:
            return False


def result(future: concurrent.futures.Future[T], timeout_s: float) -> T:
    """What ``future`` holds. Raises ``concurrent.futures.TimeoutError``, or what it failed with."""

    def done(slice_s: float) -> bool:
        try:
            future.exception(slice_s)
        except concurrent.futures.TimeoutError:
            return False
        return True

    if wait(done, timeout_s):
        return future.result()
    raise concurrent.futures.TimeoutError


async def awaited(future: asyncio.Future[T], timeout_s: float) -> T:
    """What ``future`` holds. Raises ``asyncio.TimeoutError`` (``future`` is then cancelled), or what it failed with."""
    left_s = timeout_s
    try:
        while not future.done():
            if left_s <= 0.0:
                raise asyncio.TimeoutError
            slice_s = min(left_s, SLICE_S)
            began_s = time.monotonic()
            await asyncio.wait({future}, timeout=slice_s)
            left_s -= _counted(time.monotonic() - began_s, slice_s)
    finally:
        future.cancel()  # nothing happens to one that is done
    return future.result()


def _counted(took_s: float, asked_s: float) -> float:
    """Of a wait that took so long: all of it, unless the program cannot have been running."""
    return took_s if took_s < asked_s + SLICE_S else asked_s
