"""How a program tells a person what went wrong: what, what to do about it, and an exit code. No traceback."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from framegen.errors import FramegenError
from framegen.interrupts import INTERRUPTED

FAILED, USAGE = 1, 2
"""Exit codes beside 0, done, and 130, interrupted."""


def tell(error: FramegenError) -> None:
    """Print an error to stderr: its message, and below it its hint."""
    print(f"framegen: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"          {error.hint}", file=sys.stderr)


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Ends a program whose block fails in a line or two and with an exit code, where there would be a traceback::

        with plain_errors(), Client() as client:
            client.restyle(client.frame(color))

    Raises:
        SystemExit: 1 after a FramegenError, which is printed; 130 after Ctrl-C. Other errors pass as they are.
    """
    try:
        yield
    except FramegenError as error:
        tell(error)
        raise SystemExit(FAILED) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
