"""What is prepared of rendered folders, kept on disk: preparing a folder takes seconds, reading it again none."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

CACHE_VERSION = 4


def cache_folder() -> Path:
    """Where prepared samples are kept: ``FRAMEGEN_CACHE`` or the user's cache directory."""
    base = os.environ.get("FRAMEGEN_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "framegen" / "pairs"


def kept(folder: Path, about: object, prepare: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The arrays that ``prepare`` makes of ``folder``, from the cache where they are there, whole, and newer than it.

    ``about``: what they depend on besides the folder.
    """
    key = hashlib.sha1(f"{folder.resolve()}|{CACHE_VERSION}|{about}".encode()).hexdigest()[:16]
    path = cache_folder() / f"{folder.name}-{key}.npz"
    with suppress(OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        if path.stat().st_mtime > max(file.stat().st_mtime for file in (folder, *folder.iterdir())):
            return _read(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part.npz")
    try:
        np.savez(part, **prepare())
        os.replace(part, path)
    finally:  # of a full disk nothing may be kept that nobody reads
        part.unlink(missing_ok=True)
    return _read(path)


def _read(path: Path) -> dict[str, Any]:
    with np.load(path) as data:
        return {name: data[name] for name in data.files}
