"""How a stored picture lies: the orientation tag of PNG, WebP and TIFF files, and whether a file is animated.

OpenCV obeys the tag for colour, but not where it gives transparency, too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

_PNG = b"\x89PNG\r\n\x1a\n"
_TAG = 0x0112


def orientation(data: bytes) -> int:
    """The orientation tag (TIFF 6.0, page 36), 1 to 8; 1, upright, where there is none."""
    block = data if data[:4] in (b"II*\0", b"MM\0*") else b""
    for name, body in _chunks(data):
        if name in (b"eXIf", b"EXIF"):
            block = body.removeprefix(b"Exif\0\0")
            break
    order = "<" if block[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, start)
        for entry in range(count):
            tag, _, _, value = struct.unpack_from(order + "HHIH", block, start + 2 + 12 * entry)
            if tag == _TAG:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:  # no such block, or a broken one
        pass
    return 1


def turned(stored: NDArray[Any], tag: int) -> NDArray[Any]:
    """``[H, W, ...]`` as stored under an orientation tag -> upright."""
    if tag in (5, 6, 7, 8):
        stored = stored.swapaxes(0, 1)
    if tag in (3, 4, 7, 8):
        stored = stored[::-1]
    return stored[:, ::-1] if tag in (2, 3, 6, 7) else stored


def animated(data: bytes) -> bool:
    """Whether a PNG or WebP file holds more than one picture."""
    return any(name in (b"acTL", b"ANIM") for name, _ in _chunks(data))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of the parts of a PNG or WebP file; none of other files."""
    png = data.startswith(_PNG)
    if not png and not (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return
    at = len(_PNG) if png else 12
    while at + 8 <= len(data):
        first, second = data[at : at + 4], data[at + 4 : at + 8]
        name, size = (second, int.from_bytes(first, "big")) if png else (first, int.from_bytes(second, "little"))
        yield name, data[at + 8 : at + 8 + size]
        # PNG: a checksum follows; WebP: parts begin at even places
        at += 12 + size if png else 8 + size + size % 2
