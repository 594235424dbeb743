"""MessagePack and little-endian pixels, written byte by byte with nothing but ``struct``.

The vectors must not be made by the code that they test, so this shares nothing with the ``framegen`` package. It also
writes what a tidy encoder would not: wider integers than needed, float32, extension types, lies about lengths.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any


class Literal(bytes):
    """Bytes that stand in a header as they are."""


def pack(value: Any) -> bytes:
    """A value as MessagePack in its shortest form; :class:`Literal` bytes as they are."""
    if isinstance(value, Literal):
        return bytes(value)
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return _head(len(value), 0x80, 15, 0xDE) + b"".join(pack(k) + pack(v) for k, v in value.items())
    if isinstance(value, Sequence):
        return _head(len(value), 0x90, 15, 0xDC) + b"".join(map(pack, value))
    raise TypeError(type(value).__name__)


def _integer(value: int) -> bytes:
    if 0 <= value < 128 or -32 <= value < 0:
        return struct.pack(">b", value)
    for code, form, low, high in (
        (0xCC, ">B", 0, 1 << 8),
        (0xCD, ">H", 0, 1 << 16),
        (0xCE, ">I", 0, 1 << 32),
        (0xCF, ">Q", 0, 1 << 64),
        (0xD0, ">b", -(1 << 7), 0),
        (0xD1, ">h", -(1 << 15), 0),
        (0xD2, ">i", -(1 << 31), 0),
        (0xD3, ">q", -(1 << 63), 0),
    ):
        if low <= value < high:
            return bytes([code]) + struct.pack(form, value)
    raise OverflowError(value)


def _text(value: str) -> bytes:
    data = value.encode()
    if len(data) < 32:
        return bytes([0xA0 | len(data)]) + data
    if len(data) < 256:
        return bytes([0xD9, len(data)]) + data
    return b"\xda" + struct.pack(">H", len(data)) + data


def _head(count: int, short: int, longest_short: int, code: int) -> bytes:
    return bytes([short | count]) if count <= longest_short else bytes([code]) + struct.pack(">H", count)


def int64(value: int) -> Literal:
    """An integer as int64, whatever its size."""
    return Literal(b"\xd3" + struct.pack(">q", value))


def float32(value: float) -> Literal:
    """A number as float32."""
    return Literal(b"\xca" + struct.pack(">f", value))


def str16(value: str) -> Literal:
    """Text with a 16-bit length."""
    data = value.encode()
    return Literal(b"\xda" + struct.pack(">H", len(data)) + data)


def u8(values: Sequence[int]) -> bytes:
    """uint8."""
    return bytes(values)


def u16(values: Sequence[int]) -> bytes:
    """uint16, little-endian."""
    return struct.pack(f"<{len(values)}H", *values)


def f16(values: Sequence[float]) -> bytes:
    """float16, little-endian."""
    return struct.pack(f"<{len(values)}e", *values)


def f32(values: Sequence[float]) -> bytes:
    """float32, little-endian."""
    return struct.pack(f"<{len(values)}f", *values)


def container(parts: Sequence[bytes]) -> bytes:
    """The parts of one message as a ``.bin`` file: u32 count, then u32 length and bytes of each; little-endian."""
    return struct.pack("<I", len(parts)) + b"".join(struct.pack("<I", len(part)) + part for part in parts)
