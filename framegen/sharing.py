"""Memory that two programs of one user on one machine share: a client lays its frames down there, and a server takes
copies of them.

A socket copies every byte into the system and out again, in two threads each way. Here the sender copies once and the
receiver once, and only the header travels. It is a file in Linux's memory file system; other systems send everything
through the socket. A client holds a lock on its file, which the system takes away with the last process that has it
open: a file without one was left by a program that was killed, whatever has its number now, and goes.

Who may open the file could also end the server: it is made for its owner alone, and a server opens no other user's.
"""

from __future__ import annotations

import contextlib
import hmac
import mmap
import os
import re
import secrets
import stat
import sys
import weakref
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path("/dev/shm")
ROOM_BYTES = 128 << 20
"""What a client may lay down at once. Only what is used is taken from the system."""
MOST_BYTES = 256 << 20
"""The largest that a server maps."""
_NAME = re.compile(r"framegen-([0-9]{1,10})-[0-9a-f]{32}")
_PROOF_BYTES = 32
_ALIGNED = 64


def possible() -> bool:
    """Whether this system has such memory."""
    return sys.platform == "linux" and hasattr(os, "posix_fallocate") and os.access(FOLDER, os.W_OK)


class Arena:
    """A client's side: room for the frames on their way. Not thread-safe.

    Raises OSError where the system gives none.
    """

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        _sweep()
        self._room = room_bytes
        self._proof = secrets.token_bytes(_PROOF_BYTES)
        self._fd, self._path = _make()
        # also where the program ends without closing it
        self._unlink = weakref.finalize(self, _unlink, self._path, os.getpid())
        self._taken: dict[int, tuple[int, int]] = {}
        try:
            os.ftruncate(self._fd, room_bytes)
            self._reserved = 0
            self._reserve(_PROOF_BYTES)
            self._map = mmap.mmap(self._fd, room_bytes)
        except OSError:
            self._remove()
            raise
        self._map[:_PROOF_BYTES] = self._proof

    @property
    def offer(self) -> dict[str, Any]:
        """What a hello says of it."""
        return {"name": self._path.name, "bytes": self._room, "proof": self._proof.hex()}

    def place(self, frame_id: int, parts: Sequence[bytes | memoryview]) -> list[tuple[int, int]] | None:
        """Copies of ``parts``, as (offset, length) each; they stay until :meth:`keep` leaves the frame out.

        None: there is no room. Send them as they are.
        """
        sizes = [memoryview(part).nbytes for part in parts]
        size = sum(map(_aligned, sizes))
        start = self._gap(size)
        if start is None or not self._reserve(start + size):
            return None
        self._taken[frame_id] = start, start + size
        places = []
        for part, length in zip(parts, sizes, strict=True):
            self._map[start : start + length] = part if isinstance(part, bytes) else part.cast("B")
            places.append((start, length))
            start += _aligned(length)
        return places

    def keep(self, frame_ids: Collection[int]) -> None:
        """All other frames' room is free again: the server has answered them."""
        for frame_id in [frame_id for frame_id in self._taken if frame_id not in frame_ids]:
            del self._taken[frame_id]

    def close(self) -> None:
        """Give it back. What a server has mapped lasts until that lets go of it."""
        if self._fd >= 0:
            self._map.close()
            self._remove()

    def _gap(self, size: int) -> int | None:
        """The first place with so much room."""
        start = _aligned(_PROOF_BYTES)
        for first, end in sorted(self._taken.values()):
            if first - start >= size:
                return start
            start = end
        return start if start + size <= self._room else None

    def _reserve(self, end: int) -> bool:
        """Have the system provide memory up to ``end``: to write where it has none left would end this program."""
        if end > self._reserved:
            try:
                os.posix_fallocate(self._fd, 0, end)
            except OSError:
                return False
            self._reserved = end
        return True

    def _remove(self) -> None:
        os.close(self._fd)
        self._fd = -1
        self._unlink()


class Shared:
    """A server's side of an :class:`Arena`: read only."""

    def __init__(self, mapped: mmap.mmap) -> None:
        self._map, self.size = mapped, len(mapped)
        # whoever lets go of it last, a session that has been silent for too long or the server at its end
        self._tidy = weakref.finalize(self, _sweep)

    def read(self, offset: int, length: int) -> bytes:
        """A copy, which nobody can change while it is looked at. The range lies inside ``size``."""
        return self._map[offset : offset + length]

    def close(self) -> None:
        """Let go of it. What killed clients left goes, too, this one's and that of others who never came so far."""
        self._map.close()
        self._tidy()


def attach(offer: Mapping[str, Any]) -> Shared | None:
    """What a client offers; None: it is not to be had, or not ours. Never raises, whatever the offer says."""
    name, size, proof = offer.get("name"), offer.get("bytes"), offer.get("proof")
    if not (isinstance(name, str) and isinstance(proof, str) and type(size) is int) or not _NAME.fullmatch(name):
        return None
    if not _PROOF_BYTES <= size <= MOST_BYTES or sys.platform != "linux":
        return None
    try:
        fd = os.open(FOLDER / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        about = os.fstat(fd)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid() or about.st_size != size:
            return None
        mapped = mmap.mmap(fd, size, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    finally:
        os.close(fd)
    if not hmac.compare_digest(mapped[:_PROOF_BYTES].hex().encode(), proof.encode(errors="replace")):
        mapped.close()
        return None
    return Shared(mapped)


def _unlink(path: Path, owner: int) -> None:
    """In the process that made the file alone: a fork ends earlier, and would take it away."""
    if os.getpid() == owner:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _aligned(size: int) -> int:
    return (size + _ALIGNED - 1) // _ALIGNED * _ALIGNED


def _make() -> tuple[int, Path]:
    """A new file, open and locked, and its path."""
    while True:
        path = FOLDER / f"framegen-{os.getpid()}-{secrets.token_hex(16)}"
        fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        _lock(fd, wait=True)
        if os.fstat(fd).st_nlink:
            return fd, path
        os.close(fd)  # somebody swept before it was locked


def _lock(fd: int, wait: bool) -> bool:
    """Whether this process has it locked now."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


def _sweep() -> None:
    """Removes what programs left that were killed."""
    with contextlib.suppress(OSError):
        for path in FOLDER.glob("framegen-*-*"):
            if _NAME.fullmatch(path.name):
                _tidy(path)


def _tidy(path: Path) -> None:
    """Removes a file that nobody has locked."""
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            if stat.S_ISREG(os.fstat(fd).st_mode) and _lock(fd, wait=False):
                path.unlink(missing_ok=True)
        finally:
            os.close(fd)
