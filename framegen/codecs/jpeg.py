"""JPEG colour pictures (ITU-T T.81), read strictly: the header is checked before a pixel is decoded.

A JPEG of a few bytes can claim 65535 x 65535 pixels, or make a decoder pass over a picture thousands
of times (progressive scans). So the size in the header must be the declared one, the number of scans
is bounded, and only the sequential and progressive Huffman processes are taken.
"""

from __future__ import annotations

import numpy as np

from framegen.errors import InvalidFrame, UnsupportedCodec
from framegen.frame import U8

MAX_SCANS = 16
"""More than usual encoders write (libjpeg's progressive script has ten)."""
MAX_SEGMENTS = 256
"""Before the first scan."""
MAX_EXTRA_BYTES = 64 << 10
"""A JPEG may be so much larger than four bytes a pixel (tables, colour profiles)."""

_SOI = b"\xff\xd8"
_EOI = b"\xff\xd9"
_SOS = 0xDA
_DHT, _JPG, _DAC = 0xC4, 0xC8, 0xCC
_TAKEN_SOF = (0xC0, 0xC1, 0xC2)
_WITHOUT_LENGTH = frozenset((0x00, 0x01, 0xFF, *range(0xD0, 0xDA)))


def check(data: bytes, width: int, height: int) -> None:
    """Read the markers up to the first scan and compare them with what the frame declares.

    Raises:
        InvalidFrame: not a whole JPEG, another size than ``width`` x ``height``, or too many scans.
        UnsupportedCodec: a JPEG of another kind (lossless, arithmetic, 12 bit, CMYK).
    """
    if not data.startswith(_SOI) or not data.endswith(_EOI):
        raise InvalidFrame("The colour plane is not a whole JPEG.", hint="It begins with FF D8 and ends with FF D9.")
    if len(data) > 4 * width * height + MAX_EXTRA_BYTES:
        raise InvalidFrame(f"A JPEG of {len(data)} bytes is too long for {width}x{height} pixels.")
    at, sized = 2, False
    for _ in range(MAX_SEGMENTS):
        marker = data[at + 1] if at + 4 <= len(data) and data[at] == 0xFF else 0
        if marker in _WITHOUT_LENGTH:  # a decoder that steps over these differently would see another size
            raise InvalidFrame("The JPEG's markers are damaged.")
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            raise InvalidFrame("The JPEG's markers are damaged.")
        if marker == _SOS:
            break
        if 0xC0 <= marker <= 0xCF and marker not in (_DHT, _JPG, _DAC):
            if sized:
                raise InvalidFrame("The JPEG declares its size twice.")
            _check_frame_header(marker, data[at + 4 : at + 2 + length], width, height)
            sized = True
        at += 2 + length
    else:
        raise InvalidFrame(f"The JPEG has more than {MAX_SEGMENTS} segments before its first scan.")
    if not sized:
        raise InvalidFrame("The JPEG does not declare its size.")
    scans = data.count(b"\xff\xda", at)  # inside entropy-coded data every FF is followed by 00 or a restart marker
    if scans > MAX_SCANS:
        raise InvalidFrame(f"The JPEG has {scans} scans, at most {MAX_SCANS} are taken.")


def _check_frame_header(marker: int, body: bytes, width: int, height: int) -> None:
    if marker not in _TAKEN_SOF:
        raise UnsupportedCodec(f"JPEG process {marker:#x} is not taken.", hint="Send baseline or progressive Huffman.")
    if len(body) < 6:
        raise InvalidFrame("The JPEG's frame header is cut short.")
    if body[0] != 8 or body[5] not in (1, 3):
        raise UnsupportedCodec(f"A JPEG of {body[0]} bits and {body[5]} components is not taken.")
    size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
    if size != (width, height):
        raise InvalidFrame(f"The JPEG is {size[0]}x{size[1]}, the message says {width}x{height}.")


def decode(payload: memoryview, width: int, height: int) -> U8:
    """``[height, width, 3]`` uint8 sRGB. Raises as :func:`check` does; orientation tags are ignored."""
    import cv2

    data = bytes(payload)
    check(data, width, height)
    try:
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise InvalidFrame("The JPEG cannot be decoded.") from error
    if bgr is None or bgr.shape != (height, width, 3):
        raise InvalidFrame("The JPEG cannot be decoded.")
    rgb = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=bgr), np.uint8)
    rgb.flags.writeable = False
    return rgb


def encode(image: U8, quality: int) -> memoryview:
    """``[H, W, 3 or 4]`` uint8 sRGB (alpha is dropped) -> JPEG bytes. ``quality``: 1..100."""
    import cv2

    code = cv2.COLOR_RGBA2BGR if image.shape[2] == 4 else cv2.COLOR_RGB2BGR
    done, data = cv2.imencode(".jpg", cv2.cvtColor(image, code), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise UnsupportedCodec("This picture cannot be written as JPEG.", hint="A side is at most 65535 pixels.")
    return data.reshape(-1).data.toreadonly()
