"""Values of options, for argparse's ``type``: what makes no sense is wrong usage, and it is said what is expected."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from typing import Any, TypeVar

from framegen.config import Settings
from framegen.errors import FramegenError

_Value = TypeVar("_Value")


def checked(read: Callable[[str], _Value]) -> Callable[[str], _Value]:
    """What ``read`` makes of a word; the FramegenError that it raises becomes argparse's own."""

    def value(text: str) -> _Value:
        try:
            return read(text)
        except FramegenError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return value


def setting(key: str, read: Callable[[str], Any] = str) -> Callable[[str], Any]:
    """A value of the session's setting ``key``, by :class:`~framegen.config.Settings`' own rules."""

    def value(text: str) -> Any:
        number = _read(read, text) if read is not str else text
        Settings().updated({key: number})
        return number

    return checked(value)


def known_model(text: str) -> str:
    """The name of a model that there is, options after a colon."""
    from framegen.engines.specs import spec

    checked(spec)(text)
    return text


def endpoint(text: str) -> str:
    """The address of a server."""
    match = re.fullmatch(r"tcp://.+:(\d{1,5})|ipc://.+", text)
    if match is None or int(match[1] or 0) > 65535:
        raise argparse.ArgumentTypeError(f"an address such as tcp://127.0.0.1:5555 is expected, not {text!r}")
    return text


def number(least: float, most: float) -> Callable[[str], float]:
    """A number from ``least`` to ``most``; neither may be passed over, and infinity is no number."""

    def value(text: str) -> float:
        found = float(_read(float, text))
        if not least <= found <= most or math.isinf(found):
            limits = f"from {least:g} to {most:g}" if math.isfinite(most) else f"of {least:g} or more"
            raise argparse.ArgumentTypeError(f"a number {limits} is expected, not {text!r}")
        return found

    return value


def positive(text: str) -> float:
    """A finite number more than 0."""
    found = float(_read(float, text))
    if not 0 < found < math.inf:
        raise argparse.ArgumentTypeError(f"a number more than 0 is expected, not {text!r}")
    return found


def whole(least: int) -> Callable[[str], int]:
    """A whole number of ``least`` or more."""

    def value(text: str) -> int:
        found = int(_read(int, text))
        if found < least:
            raise argparse.ArgumentTypeError(f"a whole number of {least} or more is expected, not {text!r}")
        return found

    return value


def _read(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError as error:
        kind = "a whole number" if read is int else "a number"
        raise argparse.ArgumentTypeError(f"{kind} is expected, not {text!r}") from error
