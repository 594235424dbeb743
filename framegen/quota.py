"""What a container lets this process have of the machine: Linux control groups, version 2 and 1.

A limit holds for a group and for all below it, so the least on the way up counts. Where nothing can be read there is no
limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

PROCESS = Path("/proc/self")


@dataclass(frozen=True)
class Quota:
    """``cores``: of processor time, 1.5 is one and a half; ``memory_bytes``. None: no limit of its own."""

    cores: float | None = None
    memory_bytes: int | None = None


def read(process: Path = PROCESS) -> Quota:
    """The limits of the process with this folder of ``/proc``."""
    cores = [_cores(folder) for folder in _groups(process, "cpu")]
    memory = [_memory_bytes(folder) for folder in _groups(process, "memory")]
    return Quota(
        min((limit for limit in cores if limit is not None), default=None),
        min((limit for limit in memory if limit is not None), default=None),
    )


def _cores(group: Path) -> float | None:
    quota, period = (*_words(group / "cpu.max"), "", "")[:2]
    if not quota:
        quota, period = (" ".join(_words(group / name)) for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
    if quota.isdecimal() and period.isdecimal() and int(quota) and int(period):  # neither "max" nor -1
        return int(quota) / int(period)
    return None


def _memory_bytes(group: Path) -> int | None:
    for name in ("memory.max", "memory.limit_in_bytes"):
        for word in _words(group / name):
            if word.isdecimal():
                return int(word)
    return None


def _groups(process: Path, controller: str) -> Iterator[Path]:
    """The process's group of a controller, and those above it, as far as they are to be seen."""
    member: dict[str, str] = {}
    for line in _lines(process / "cgroup"):
        _, kinds, place = (*line.split(":", 2), "", "")[:3]
        member |= dict.fromkeys(kinds.split(","), place)
    for line in _lines(process / "mountinfo"):
        left, _, right = line.partition(" - ")
        fields, (kind, _, options) = left.split(), (*right.split(), "", "", "")[:3]
        if len(fields) < 5 or not (kind == "cgroup2" or (kind == "cgroup" and controller in options.split(","))):
            continue
        group = member.get("" if kind == "cgroup2" else controller)
        if group is not None:
            yield from _upwards(Path(fields[4]), PurePosixPath(fields[3]), PurePosixPath(group))


def _upwards(mounted: Path, top: PurePosixPath, place: PurePosixPath) -> Iterator[Path]:
    """Folders from a group up to where ``top`` is mounted. A group that lies elsewhere is seen as ``top`` itself."""
    below = place.relative_to(top) if place.is_relative_to(top) else PurePosixPath()
    yield mounted / below
    yield from (mounted / parent for parent in below.parents)


def _words(path: Path) -> list[str]:
    return [word for line in _lines(path) for word in line.split()]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
