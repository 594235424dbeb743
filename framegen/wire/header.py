"""The first part of a message: one MessagePack map with text keys, read within limits.

What is checked here holds for every message: size, nesting, no extension types, no NaN, text keys only.
:class:`Fields` then takes single fields out and says which one is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgpack

from framegen.errors import MalformedMessage, MessageTooLarge, ProtocolError
from framegen.wire.messages import Limits

MAX_ITEMS = 1024
"""Of one array or map in a header. Keeps what a decoder allocates ahead of the data small."""

MAX_CONTAINERS = 4096
"""Arrays and maps in a header, so that a header of nothing else is not walked to its end."""

INT64 = (-(1 << 63), (1 << 63) - 1)
UINT64 = (0, (1 << 64) - 1)
UINT32 = (0, (1 << 32) - 1)


def pack(header: Mapping[str, Any]) -> bytes:
    """One MessagePack map, text as UTF-8, floats as float64."""
    packed: bytes = msgpack.packb(header, use_bin_type=True)
    return packed


def unpack(part: memoryview, limits: Limits) -> dict[str, Any]:
    """The header's map.

    Raises:
        MessageTooLarge: more bytes or deeper than the limits.
        MalformedMessage: anything else that is not a header.

    What was read and is not allowed carries the ``frame_id`` or ``request`` that it is about.
    """
    if part.nbytes > limits.max_header_bytes:
        raise MessageTooLarge(f"The header has {part.nbytes} bytes, at most {limits.max_header_bytes} are taken.")
    if not part.nbytes:
        raise MalformedMessage(
            "The first part is empty.", hint="It is the header: no empty delimiter before it, as REQ sockets send one."
        )
    try:
        header = msgpack.unpackb(
            part,
            raw=False,
            strict_map_key=True,
            ext_hook=_refuse_extension,
            max_ext_len=0,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_ITEMS,
        )
    except (msgpack.StackError, RecursionError) as error:
        raise MessageTooLarge("The header is nested too deeply.") from error
    except (ValueError, TypeError, OverflowError, msgpack.UnpackException) as error:
        if "strict_map_key" in str(error):
            raise _keys_are_text() from error
        raise MalformedMessage(
            f"The first part is not one MessagePack map ({error}).",
            hint="It is MessagePack, one map, and nothing after it.",
        ) from error
    if not isinstance(header, dict):
        raise MalformedMessage(f"The header is {_kind(header)}, not a map.")
    try:
        _check_values(header, limits.max_header_depth)
    except ProtocolError as error:
        tell_subject(error, header)
        raise
    return header


def tell_subject(error: ProtocolError, header: Mapping[Any, Any]) -> None:
    """Let ``error`` carry the ``frame_id`` or ``request`` of the message it is about, and whether that is a cut."""
    error.frame_id = _known(header.get("frame_id"), UINT64)
    error.request = _known(header.get("request"), UINT32)
    error.cut = header.get("reset") is True


def _known(value: Any, within: tuple[int, int]) -> int | None:
    return value if type(value) is int and within[0] <= value <= within[1] else None


def _keys_are_text() -> MalformedMessage:
    return MalformedMessage(
        "Keys of a header are text.", hint="MessagePack's str, not bin; numbers as their digits, also those of labels."
    )


def _kind(value: Any) -> str:
    """What a value is, in the words of MessagePack."""
    if type(value) is list:
        return f"an array of {len(value)}"
    return _KINDS.get(type(value), type(value).__name__)


def _refuse_extension(code: int, _data: bytes) -> None:
    raise ValueError(f"extension type {code}")


def _check_values(header: dict[Any, Any], max_depth: int) -> None:
    level: list[Any] = [header]
    depth = containers = 0
    while level:
        depth += 1
        if depth > max_depth:
            raise MessageTooLarge(f"The header is nested more than {max_depth} deep.")
        below: list[Any] = []
        for container in level:
            items = container
            if type(container) is dict:
                if not _TEXT.issuperset(map(type, container)):
                    raise _keys_are_text()
                items = container.values()
            kinds = set(map(type, items))
            if float in kinds:
                numbers = items if kinds <= _NUMBERS else [item for item in items if type(item) is float]
                if any(map(math.isnan, numbers)):
                    raise MalformedMessage("A header holds no NaN.")
            if not _CONTAINERS.isdisjoint(kinds):
                below += [item for item in items if type(item) in _CONTAINERS]
            if containers + len(below) > MAX_CONTAINERS:
                raise MalformedMessage(f"A header holds at most {MAX_CONTAINERS} arrays and maps.")
        containers += len(below)
        level = below


_TEXT = frozenset({str})
_INTEGER = frozenset({int})
_NUMBERS = frozenset({float, int})
_CONTAINERS = frozenset({dict, list})


_KINDS: dict[type, str] = {
    type(None): "nil",
    bool: "a flag",
    int: "an integer",
    float: "a float",
    str: "text",
    bytes: "binary",
    dict: "a map",
}


_REQUIRED: Any = object()


class Fields:
    """The fields of one map of a header, each read once with its type and range.

    Every method takes the field's name and, where the field is optional, the ``default`` that stands for it when it
    is absent or nil, and raises MalformedMessage naming the field.
    """

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values = values
        self._where = where

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def _wrong(self, name: str, wanted: str) -> MalformedMessage:
        value = self._values.get(name)
        if value is None:
            return MalformedMessage(f"{self._where}.{name} is missing.", hint=f"It must be {wanted}.")
        return MalformedMessage(f"{self._where}.{name} must be {wanted}, not {_kind(value)}.")

    def _wrong_item(self, name: str, wanted: str, index: int) -> MalformedMessage:
        item = self._values[name][index]
        is_a = repr(item) if type(item) is float else _kind(item)
        return MalformedMessage(f"{self._where}.{name} must be {wanted}, but item {index} is {is_a}.")

    def _get(self, name: str, default: Any, wanted: str) -> Any:
        value = self._values.get(name)
        if value is None:
            if default is _REQUIRED:
                raise self._wrong(name, wanted)
            return default
        return value

    def integer(self, name: str, default: Any = _REQUIRED, *, within: tuple[int, int] = UINT64) -> Any:
        """An integer inside ``within``; floats are refused even where they are whole."""
        value = self._get(name, default, "an integer")
        if value is default:
            return value
        if type(value) is not int:
            raise self._wrong(name, "an integer")
        if not within[0] <= value <= within[1]:
            raise MalformedMessage(f"{self._where}.{name} is {value}, outside {within[0]}..{within[1]}.")
        return value

    def number(self, name: str, default: Any = _REQUIRED, *, infinite: bool = False) -> float:
        """A float or integer; ``infinite`` allows infinity."""
        value = self._get(name, default, "a number")
        if type(value) is not float and type(value) is not int:
            raise self._wrong(name, "a number")
        if not infinite and math.isinf(value):
            raise MalformedMessage(f"{self._where}.{name} must be finite.")
        return float(value)

    def vector(self, name: str, length: int, default: Any = _REQUIRED) -> Any:
        """``length`` finite numbers as a tuple of floats."""
        wanted = f"an array of {length} finite numbers"
        value = self._get(name, default, wanted)
        if value is default:
            return value
        if type(value) is not list or len(value) != length:
            raise self._wrong(name, wanted)
        if not (_NUMBERS.issuperset(map(type, value)) and all(map(math.isfinite, value))):
            wrong = (i for i, item in enumerate(value) if type(item) not in _NUMBERS or not math.isfinite(item))
            raise self._wrong_item(name, wanted, next(wrong))
        return tuple(map(float, value))

    def text(self, name: str, default: Any = _REQUIRED) -> str:
        """A string."""
        value = self._get(name, default, "text")
        if type(value) is not str:
            raise self._wrong(name, "text")
        return value

    def texts(self, name: str, default: Any = _REQUIRED) -> tuple[str, ...]:
        """An array of strings."""
        value = self._get(name, default, "an array of text")
        if value is default:
            return tuple(value)
        if type(value) is not list:
            raise self._wrong(name, "an array of text")
        if not _TEXT.issuperset(map(type, value)):
            wrong = (i for i, item in enumerate(value) if type(item) is not str)
            raise self._wrong_item(name, "an array of text", next(wrong))
        return tuple(value)

    def flag(self, name: str, default: Any = _REQUIRED) -> bool:
        """True or false; 0 and 1 are refused."""
        value = self._get(name, default, "true or false")
        if type(value) is not bool:
            raise self._wrong(name, "true or false")
        return value

    def mapping(self, name: str, default: Any = _REQUIRED) -> dict[str, Any]:
        """A map as it is."""
        value = self._get(name, default, "a map")
        if type(value) is not dict:
            raise self._wrong(name, "a map")
        return value

    def integers(self, name: str, default: Any = _REQUIRED, *, within: tuple[int, int] = UINT64) -> dict[str, int]:
        """A map whose values are all integers inside ``within``."""
        values = self.mapping(name, default)
        if values and not (
            _INTEGER.issuperset(map(type, values.values()))
            and within[0] <= min(values.values())
            and max(values.values()) <= within[1]
        ):
            raise MalformedMessage(f"{self._where}.{name} must hold integers from {within[0]} to {within[1]}.")
        return values

    def numbers(self, name: str, default: Any = _REQUIRED) -> dict[str, float]:
        """A map whose values are all finite numbers."""
        values = self.mapping(name, default)
        if not (_NUMBERS.issuperset(map(type, values.values())) and all(map(math.isfinite, values.values()))):
            raise MalformedMessage(f"{self._where}.{name} must hold finite numbers.")
        return dict(zip(values, map(float, values.values()), strict=True))

    def inner(self, name: str, default: Any = _REQUIRED) -> Fields:
        """A map, to be read field by field."""
        return Fields(self.mapping(name, default), f"{self._where}.{name}")
