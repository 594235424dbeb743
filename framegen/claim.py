"""Files that one process writes alone: who else would write there hears of it, and what a crash left stays as it is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

_BEYOND = 1 << 62
"""Where Windows locks a byte: behind all that is written, for what is locked there cannot be read."""


class Taken(OSError):
    """Somebody is writing that file now."""


def claim(wanted: Path) -> tuple[BinaryIO, Path]:
    """A new file, open for writing and locked while it is: ``wanted``, or where a crash left that, the first of
    ``NAME.2.part``, ``NAME.3.part`` ... that is free. Locks of a process that crashed are gone with it.

    Raises:
        Taken: another process, or this one, has it open. OSError: it cannot be made.
    """
    number, path = 1, wanted
    while True:
        try:
            file = open(path, "xb")  # noqa: SIM115 - the caller's
        except FileExistsError:
            if _is_locked(path):
                raise Taken(f"{path} is being written.") from None
            number += 1
            path = wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}")
            continue
        _lock(file.fileno())
        return file, path


def _is_locked(path: Path) -> bool:
    try:
        with open(path, "r+b") as file:
            return not _lock(file.fileno())
    except OSError:  # a folder, or not ours to write: nobody's lock, and no place for us
        return False


def _lock(descriptor: int) -> bool:
    """Lock a file until it is closed; False where somebody else has. File systems without locks lock nothing."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
