"""A file that gets its name when it is whole: whatever goes wrong, the final name never holds half of one."""

from __future__ import annotations

import abc
import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from framegen.errors import MediaError

_Own = TypeVar("_Own", bound="UnfinishedFile")


class UnfinishedFile(abc.ABC):
    """A file being written under another name beside the final one. As a context manager it is finished at the end of
    the block, and thrown away where the block fails.

    Attributes:
        path: the final name. temporary: the name until then.
        overwrite: replace a file that has the final name at the end.
    """

    def __init__(self, path: Path, temporary: Path, *, overwrite: bool) -> None:
        self.path = path
        self.temporary = temporary
        self.overwrite = overwrite
        self._settled = False

    @abc.abstractmethod
    def _finish(self) -> None:
        """Write the end and close the file. Raises MediaError."""

    @abc.abstractmethod
    def _let_go(self) -> None:
        """Close the file, whatever is in it. What it raises is ignored: a full disk complains once more."""

    def close(self) -> Path:
        """Finish the file and give it its name; returns that. Again: nothing happens. Raises MediaError."""
        if not self._settled:
            self._finish()
            self._settled = True
            hint = f"What was written is in {self.temporary}."
            if not self.overwrite and self.path.exists():
                raise MediaError(f"{self.path} was made meanwhile by somebody else.", hint=hint)
            try:
                os.replace(self.temporary, self.path)
            except OSError as error:
                raise MediaError(f"Cannot write {self.path}: {error.strerror}.", hint=hint) from error
        return self.path

    def abandon(self) -> None:
        """Throw away what was written so far; nothing happens once the file is finished."""
        if not self._settled:
            self._settled = True
            with contextlib.suppress(Exception):
                self._let_go()
            self.temporary.unlink(missing_ok=True)

    def __enter__(self: _Own) -> _Own:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()
