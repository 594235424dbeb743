"""Settings of the process that restyles: called once by its program, never by a library on import."""

from __future__ import annotations

import ctypes
import sys

import cv2

# glibc's mallopt parameters (malloc.h).
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
_KEEP_BYTES = 128 << 20
_MMAP_BYTES = 32 << 20
_PAD_BYTES = 16 << 20


def tune_process() -> None:
    """Make this process steady at many short operations on arrays of a few megabytes.

    - OpenCV runs on the calling thread: its operations here take tens of microseconds, and waiting for a second
      thread costs more than that as soon as the engine keeps the other core busy.
    - glibc keeps freed memory: by default it gives a megabyte back to the system after each array and takes a page
      fault per 4 KB of the next one. Other allocators do not, so elsewhere there is nothing to do.
    """
    cv2.setNumThreads(1)
    if sys.platform.startswith("linux"):
        try:
            mallopt = ctypes.CDLL(None).mallopt
        except (OSError, AttributeError):
            return  # not glibc (musl has no mallopt)
        mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)
        mallopt(_TRIM_THRESHOLD, _KEEP_BYTES)
        mallopt(_TOP_PAD, _PAD_BYTES)
