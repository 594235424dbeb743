"""``index.tsv``: the folders of a set with kind, seed, number of targets and a checksum over their files."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HEADER = "folder\tkind\tseed\ttargets\tsha256"


@dataclass(frozen=True)
class Entry:
    """One complete folder."""

    folder: str
    kind: str
    seed: int
    targets: int
    sha256: str

    def line(self) -> str:
        """As a line of the index."""
        return f"{self.folder}\t{self.kind}\t{self.seed}\t{self.targets}\t{self.sha256}"


def checksum(folder: Path) -> str:
    """SHA-256 over the names and contents of a folder's files, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def entries(root: Path) -> list[Entry]:
    """All complete folders of a set, by name. Raises ValueError where one is damaged."""
    return [_entry(folder) for folder in _folders(root)]


def _folders(root: Path) -> list[Path]:
    return [path.parent for path in sorted(root.glob("[0-9]*_[0-9]*/meta.json"))]


def _entry(folder: Path) -> Entry:
    try:
        meta = json.loads((folder / "meta.json").read_text())
        return Entry(folder.name, meta["kind"], int(meta["seed"]), len(meta["targets"]), checksum(folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder} is damaged: {error!r}") from error


def write_index(root: Path) -> int:
    """Write ``index.tsv`` into a set; the number of folders comes back. Raises ValueError where one is damaged."""
    found = entries(root)
    fresh = root / ".index.tsv"
    fresh.write_text("\n".join([HEADER, *(e.line() for e in found)]) + "\n", newline="\n")
    fresh.replace(root / "index.tsv")  # a run that is stopped here leaves the index that was
    return len(found)


def wrong_folders(root: Path, index: Path | None = None) -> list[str]:
    """Folders whose files differ from what an index (of the set itself: ``index.tsv``) says, or are missing."""
    now = {}
    for folder in _folders(root):
        with suppress(ValueError):  # a damaged one is as good as missing
            now[folder.name] = _entry(folder).line()
    listed = (index or root / "index.tsv").read_text().splitlines()[1:]
    return [line.split("\t")[0] for line in listed if now.get(line.split("\t")[0]) != line]
