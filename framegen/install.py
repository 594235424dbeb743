"""Commands that bring what is missing: of the Python that runs, wherever framegen itself came from."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path

_PACKAGES = {"cv2": "opencv-python-headless", "zmq": "pyzmq"}
"""Of modules that are not called as their package is: what an index has under the module's name is something else."""


def command(*packages: str) -> str:
    """The command that installs ``packages`` where this Python looks for them, whatever environment is activated."""
    return " ".join([_quoted(_python()), "-m pip install", *(_quoted(package) for package in packages)])


def command_for(*extras: str) -> str:
    """The command that brings what the install extras name; framegen is not on PyPI, so it names their packages."""
    try:
        declared = importlib.metadata.requires("framegen") or []
    except importlib.metadata.PackageNotFoundError:  # a bare checkout
        return command(f".[{','.join(extras)}]")
    markers = [re.compile(rf"""extra\s*==\s*['"]{re.escape(extra)}['"]""") for extra in extras]
    packages = [line.split(";")[0].strip() for line in declared if any(marker.search(line) for marker in markers)]
    return command(*dict.fromkeys(packages))


def command_for_module(name: str, extra: str = "") -> str:
    """The command that brings the module ``name``, which a part of framegen that has the extra ``extra`` imports."""
    package = _PACKAGES.get(name, name)
    try:
        declared = importlib.metadata.requires("framegen") or []
    except importlib.metadata.PackageNotFoundError:  # a bare checkout: this is not all that it lacks
        return command(f".[{extra}]" if extra else ".")
    for line in declared:
        wanted, _, marker = line.partition(";")
        if "extra" not in marker and re.match(rf"{re.escape(package)}(?![\w.-])", wanted.strip(), re.IGNORECASE):
            return command(wanted.strip())  # comes with framegen itself, but went since
    return command_for(extra) if extra else command(package)


def _python() -> str:
    """The path of this Python, short where it lies in the current folder."""
    path = Path(sys.executable)
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):  # it lies elsewhere, or there is no such folder any more
        return str(path)


def _quoted(word: str) -> str:
    """Safe in the usual shells."""
    return word if re.fullmatch(r"[\w./\\:+-]+", word) else f'"{word}"'
