"""One protocol message as one block of bytes.

A protocol message is a list of ZeroMQ parts. In recordings (and in ``protocol/vectors/*.bin``) it
is stored as ``u32 count`` followed by ``u32 length`` and the bytes of every part, all little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from framegen.errors import MediaError

Bytes = bytes | memoryview

_U32 = struct.Struct("<I")
_MAX_PARTS = 1 << 16


def pack_parts(parts: Sequence[Bytes]) -> bytes:
    """The parts of one message as one block."""
    pieces: list[Bytes] = [_U32.pack(len(parts))]
    for part in parts:
        pieces.append(_U32.pack(memoryview(part).nbytes))
        pieces.append(part)
    return b"".join(pieces)


def unpack_parts(block: Bytes) -> list[memoryview]:
    """The parts of a block as read-only views of it, nothing copied.

    Raises:
        MediaError: the lengths do not add up to the block.
    """
    view = memoryview(block).toreadonly()
    try:
        (count,) = _U32.unpack_from(view, 0)
        if count > _MAX_PARTS:
            raise MediaError(f"A recorded message claims {count} parts.")
        parts: list[memoryview] = []
        at = _U32.size
        for _ in range(count):
            (length,) = _U32.unpack_from(view, at)
            at += _U32.size
            if at + length > len(view):
                raise MediaError("A recorded message ends in the middle of a part.")
            parts.append(view[at : at + length])
            at += length
    except struct.error as error:
        raise MediaError("A recorded message ends in the middle of a length.") from error
    if at != len(view):
        raise MediaError(f"A recorded message has {len(view) - at} bytes after its last part.")
    return parts
