"""Choices that a timing makes, kept for :data:`KEPT_S`, so that later starts time nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
import time
from collections.abc import Callable, Collection
from pathlib import Path

KEPT_S = 7 * 24 * 3600.0
"""A machine that was busy when it was measured is measured again after this time."""


def pick(kept: Path, depends_on: object, offered: Collection[str], measure: Callable[[], str]) -> str:
    """One of ``offered``: what was picked before on this machine, else what ``measure`` returns.

    Args:
        kept: file of what was picked before; where it cannot be read or written, every start measures.
        depends_on: what the choice holds for, told by its ``repr``.
    """
    told = (depends_on, platform.node(), platform.processor())
    key = hashlib.sha1(repr(told).encode()).hexdigest()[:16]
    before = _read(kept)
    picked, when = before.get(key, ("", 0.0))
    if picked in offered and 0 <= time.time() - when < KEPT_S:
        return picked
    picked = measure()
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({**before, key: (picked, time.time())}), encoding="utf-8")
    return picked


def stamp(file: Path) -> tuple[int, int]:
    """What tells one version of a file from another: its size in bytes, and when it was written."""
    about = file.stat()
    return about.st_size, about.st_mtime_ns


def _read(path: Path) -> dict[str, tuple[str, float]]:
    """What was picked before, and when in seconds since 1970; nothing where the file is not there or not ours."""
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        read = json.loads(path.read_text(encoding="utf-8"))
        return {str(key): (str(name), float(when)) for key, (name, when) in read.items()}
    return {}
