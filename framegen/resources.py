"""Files that the package ships beside its code, wherever it was installed from.

A wheel and an sdist install carry them in ``framegen/data/``; a clone and an editable install
have them where people look for them (``demos/``, ``shaders/``). Nothing else in the package guesses paths.
"""

from __future__ import annotations

from pathlib import Path

from framegen.errors import MediaError

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE / "data", _PACKAGE.parent / "demos", _PACKAGE.parent / "shaders")


def shipped(name: str) -> Path:
    """The path of a shipped file such as ``town.mcap``. Raises MediaError where the install lacks it."""
    for root in _ROOTS:
        path = root / name
        if path.is_file():
            return path
    raise MediaError(
        f"The shipped file '{name}' is not in this install.",
        hint=f"Looked in {', '.join(str(root) for root in _ROOTS)}; install framegen again.",
    )
