"""Makes the parts of a message small for keeping: Zstandard, and a predictor for 16-bit planes.

For recordings that ship; a live recording is not packed (it costs a good part of a second a frame). Lossless.
Each packed part begins with one byte that says how:

===  ======================================================================================
0    the bytes as they are
1    Zstandard
2    16-bit planes: ``u32`` elements per row, ``u8`` channels, then Zstandard of the residuals
3    as 2, but of float16 values that are whole multiples of ``2 ** -k``: ``u8 k`` comes first
===  ======================================================================================

Residuals: each channel of a row-major plane on its own, ``x - left - above + above_left`` modulo
2**16, zigzag-coded (0, -1, 1, -2 ... become 0, 1, 2, 3 ...), all low bytes, then all high bytes.
"""

from __future__ import annotations

import contextlib
import math
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from framegen.codecs.raw import FORMATS
from framegen.errors import MediaError, ProtocolError
from framegen.recording.container import Bytes
from framegen.wire import header
from framegen.wire.header import Fields
from framegen.wire.messages import Limits

_PLAIN, _ZSTD, _PLANES, _FIXED = range(4)
_MAX_PART_BYTES = 1 << 28
_LEVEL = 19
_MAX_SHIFT = 8


def pack(part: Bytes, row: int = 0, channels: int = 1) -> bytes:
    """A small packed form of a part.

    Args:
        part: its bytes.
        row: elements per row (all channels together) if the part is a plane of 16-bit values, else 0.
        channels: interleaved channels of that plane.
    """
    import zstandard

    data = bytes(part)
    forms = [(bytes([_ZSTD]), data)]
    if row and len(data) % (2 * row) == 0 and row % channels == 0:
        values = np.frombuffer(data, "<u2").reshape(-1, row // channels, channels)
        shape = struct.pack("<IB", row, channels)
        forms.append((bytes([_PLANES]) + shape, _residuals(values)))
        shift = _shift(values)
        if shift is not None:
            fixed = (values.view("<f2").astype(np.float64) * 2.0**shift).astype(np.int16).view(np.uint16)
            forms.append((bytes([_FIXED, shift]) + shape, _residuals(fixed)))
    # A quick try tells which form is best; only that one is squeezed hard.
    quick = zstandard.ZstdCompressor(level=1)
    start, body = min(forms, key=lambda form: len(quick.compress(form[1])))
    packed = start + zstandard.ZstdCompressor(level=_LEVEL).compress(body)
    return packed if len(packed) <= len(data) else bytes([_PLAIN]) + data


def unpack(packed: Bytes) -> Bytes:
    """The part again. Raises MediaError where ``packed`` is damaged."""
    import zstandard

    view = memoryview(packed)
    if not view:
        raise MediaError("A packed part of a recording is empty.")
    method = view[0]
    if method == _PLAIN:
        return view[1:]
    try:
        if method == _ZSTD:
            return _expand(view[1:])
        if method in (_PLANES, _FIXED):
            at = 1 if method == _PLANES else 2
            row, channels = struct.unpack_from("<IB", view, at)
            values = _values(_expand(view[at + 5 :]), row, channels)
            if method == _PLANES:
                return values.astype("<u2").tobytes()
            floats: bytes = (values.view(np.int16) * 2.0 ** -view[1]).astype("<f2").tobytes()
            return floats
    except (struct.error, ValueError, IndexError, ZeroDivisionError, zstandard.ZstdError) as error:
        raise MediaError(f"A packed part of a recording is damaged ({error}).") from error
    raise MediaError(f"A part of the recording is packed by method {method}.", hint="A newer framegen may read it.")


def pack_message(parts: Sequence[Bytes]) -> list[bytes]:
    """:func:`pack` for every part of a protocol message; its header says which parts are 16-bit planes."""
    shapes = _plane_shapes(parts)
    return [pack(part, *shapes.get(index, (0, 1))) for index, part in enumerate(parts)]


def _plane_shapes(parts: Sequence[Bytes]) -> dict[int, tuple[int, int]]:
    """Part -> (elements per row, channels), for parts that are one raw 16-bit plane and nothing else."""
    shapes: dict[int, tuple[int, int]] = {}
    with contextlib.suppress(ProtocolError):
        fields = Fields(header.unpack(memoryview(parts[0]), Limits()), "recorded")
        for name in fields.mapping("planes", {}):
            plane = fields.inner("planes").inner(name)
            about = FORMATS.get(plane.text("format"))
            if about is not None and about.dtype.itemsize == 2 and plane.text("codec", "raw") == "raw":
                channels = math.prod(about.tail)
                shapes[plane.integer("part")] = fields.integer("width") * channels, channels
    return shapes


def _expand(data: memoryview) -> bytes:
    import zstandard

    size = zstandard.frame_content_size(data)
    if not 0 <= size <= _MAX_PART_BYTES:
        raise MediaError(f"A packed part of a recording claims {size} bytes.")
    expanded: bytes = zstandard.ZstdDecompressor().decompress(data, max_output_size=max(size, 1))
    return expanded


def _residuals(values: NDArray[np.uint16]) -> bytes:
    """``[H, W, C]`` uint16 -> the residual bytes."""
    planes = np.moveaxis(values, -1, 0).astype(np.uint16)
    across = planes.copy()
    across[:, :, 1:] -= planes[:, :, :-1]
    both = across.copy()
    both[:, 1:] -= across[:, :-1]
    signed = both.view(np.int16)
    zigzag = (both << 1) ^ (signed >> 15).view(np.uint16)
    halves: NDArray[np.uint8] = np.stack([zigzag & 255, zigzag >> 8]).astype(np.uint8)
    return halves.tobytes()


def _values(residuals: bytes, row: int, channels: int) -> NDArray[np.uint16]:
    """``[H, W, C]`` uint16 from the residual bytes."""
    halves = np.frombuffer(residuals, np.uint8).reshape(2, channels, -1, row // channels).astype(np.uint16)
    zigzag = halves[0] | halves[1] << 8
    both = (zigzag >> 1) ^ (np.uint16(0) - (zigzag & 1))
    across = np.cumsum(both, axis=1, dtype=np.uint16)
    planes = np.cumsum(across, axis=2, dtype=np.uint16)
    return np.ascontiguousarray(np.moveaxis(planes, 0, -1))


def _shift(values: NDArray[np.uint16]) -> int | None:
    """The least ``k`` for which all float16 values are whole multiples of ``2 ** -k`` within 16 bits, or None."""
    floats = values.view("<f2").astype(np.float64)
    if not np.isfinite(floats).all() or (values == 0x8000).any():  # a negative zero would lose its sign
        return None
    for shift in range(_MAX_SHIFT + 1):
        scaled = floats * 2.0**shift
        if np.abs(scaled).max(initial=0.0) > 32767:
            return None
        if (scaled == np.rint(scaled)).all():
            return shift
    return None
