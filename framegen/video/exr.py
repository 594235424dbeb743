"""Reads one channel of an OpenEXR picture: what renderers write depth into.

Takes single-part scan-line files without compression or with RLE, ZIPS or ZIP, which is what
Blender, Houdini and most exporters write. File layout: https://openexr.com/en/latest/OpenEXRFileLayout.html
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framegen.errors import MediaError
from framegen.frame import F32

_MAGIC = 20000630
_TILED, _DEEP, _MULTIPART = 0x200, 0x800, 0x1000
_TYPES = (np.dtype("<u4"), np.dtype("<f2"), np.dtype("<f4"))
_LINES_PER_CHUNK = {0: 1, 1: 1, 2: 1, 3: 16}
_COMPRESSIONS = ("none", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "B44A", "DWAA", "DWAB")
_PREFERRED = ("Z", "V", "DEPTH", "Y", "R")
_MAX_PIXELS = 1 << 28


@dataclass(frozen=True)
class _Header:
    channels: tuple[tuple[str, int], ...]
    compression: int
    width: int
    height: int
    first_row: int
    end: int


def read_exr(path: Path) -> F32:
    """The depth channel, ``[H, W]`` float32, as stored.

    Of several channels the one named Z, V, depth, Y or R (or ending in ``.Z`` and so on) is taken, in this order.

    Raises:
        MediaError: not an OpenEXR file, damaged, or a kind that is not read here.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MediaError(f"Cannot read {path}: {error.strerror}.") from error
    try:
        header = _read_header(data, path)
        return _read_pixels(data, header, _choose(header, path))
    except (struct.error, ValueError, IndexError, zlib.error, UnicodeDecodeError) as error:
        raise MediaError(f"{path} is damaged.", hint=f"({error})") from error


def _read_header(data: bytes, path: Path) -> _Header:
    magic, version = struct.unpack_from("<II", data)
    if magic != _MAGIC:
        raise MediaError(f"{path} is not an OpenEXR file.")
    if version & (_TILED | _DEEP | _MULTIPART):
        raise MediaError(f"{path} is a tiled, deep or multi-part OpenEXR file.", hint="Write a plain scan-line file.")
    attributes: dict[str, bytes] = {}
    at = 8
    while data[at]:
        name, at = _text(data, at)
        _, at = _text(data, at)
        (size,) = struct.unpack_from("<i", data, at)
        attributes[name] = data[at + 4 : at + 4 + size]
        at += 4 + size
    try:
        x0, y0, x1, y1 = struct.unpack("<4i", attributes["dataWindow"])
        channels, compression = attributes["channels"], attributes["compression"][0]
    except KeyError as error:
        raise MediaError(f"{path} is damaged: its header has no {error}.") from error
    if compression not in _LINES_PER_CHUNK:
        name = _COMPRESSIONS[compression] if compression < len(_COMPRESSIONS) else str(compression)
        raise MediaError(f"{path} is compressed with {name}.", hint="Write it with ZIP compression.")
    width, height = x1 - x0 + 1, y1 - y0 + 1
    if width < 1 or height < 1 or width * height > _MAX_PIXELS:
        raise MediaError(f"{path} claims {width}x{height} pixels.")
    return _Header(_read_channels(channels, path), compression, width, height, y0, at + 1)


def _read_channels(block: bytes, path: Path) -> tuple[tuple[str, int], ...]:
    channels = []
    at = 0
    while block[at]:
        name, at = _text(block, at)
        kind, _, x_sampling, y_sampling = struct.unpack_from("<iIii", block, at)
        at += 16
        if (x_sampling, y_sampling) != (1, 1) or not 0 <= kind < len(_TYPES):
            raise MediaError(f"{path} has a channel {name} that is not read here.")
        channels.append((name, kind))
    return tuple(channels)


def _choose(header: _Header, path: Path) -> int:
    last_names = [name.rsplit(".", 1)[-1].upper() for name, _ in header.channels]
    for wanted in _PREFERRED:
        if wanted in last_names:
            return last_names.index(wanted)
    names = ", ".join(name for name, _ in header.channels)
    raise MediaError(f"{path} has no depth channel, only {names}.", hint="Name it Z.")


def _read_pixels(data: bytes, header: _Header, channel: int) -> F32:
    depth = np.full((header.height, header.width), np.inf, np.float32)
    row_bytes = sum(_TYPES[kind].itemsize for _, kind in header.channels) * header.width
    before = sum(_TYPES[kind].itemsize for _, kind in header.channels[:channel]) * header.width
    dtype = _TYPES[header.channels[channel][1]]
    lines = _LINES_PER_CHUNK[header.compression]
    chunks = -(-header.height // lines)
    for offset in struct.unpack_from(f"<{chunks}Q", data, header.end):
        row, size = struct.unpack_from("<ii", data, offset)
        row -= header.first_row
        count = min(lines, header.height - row)
        if not 0 <= row < header.height:
            raise ValueError(f"row {row}")
        block = _unpacked(data[offset + 8 : offset + 8 + size], header.compression, count * row_bytes)
        for line in range(count):
            values = np.frombuffer(block, dtype, header.width, line * row_bytes + before)
            depth[row + line] = values
    return depth


def _unpacked(block: bytes, compression: int, wanted: int) -> bytes:
    if compression == 0 or len(block) == wanted:  # what did not shrink is stored as it is
        return block
    plain = _run_lengths(block) if compression == 1 else zlib.decompressobj().decompress(block, wanted)
    if len(plain) != wanted:
        raise ValueError(f"{len(plain)} bytes, not {wanted}")
    # The predictor: differences of neighbouring bytes, even bytes first, odd bytes behind.
    steps = np.frombuffer(plain, np.uint8).astype(np.int64)
    steps[1:] -= 128
    halves = np.cumsum(steps).astype(np.uint8)
    joined = np.empty_like(halves)
    middle = (wanted + 1) // 2
    joined[0::2], joined[1::2] = halves[:middle], halves[middle:]
    return joined.tobytes()


def _run_lengths(block: bytes) -> bytes:
    plain = bytearray()
    at = 0
    while at < len(block):
        count = struct.unpack_from("<b", block, at)[0]
        if count < 0:
            plain += block[at + 1 : at + 1 - count]
            at += 1 - count
        else:
            plain += block[at + 1 : at + 2] * (count + 1)
            at += 2
    return bytes(plain)


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode(), end + 1
