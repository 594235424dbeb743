"""JPEG pictures: right pixels, and nothing decoded that was not checked."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.codecs import jpeg
from framegen.errors import InvalidFrame, ProtocolError, UnsupportedCodec


def gradient(height=24, width=40):
    y, x = np.mgrid[:height, :width]
    return np.stack([50 + 4 * x, 40 + 6 * y, np.full_like(x, 90)], axis=-1).astype(np.uint8)


def written(*options, image=None):
    image = gradient() if image is None else image
    done, data = cv2.imencode(".jpg", image[..., ::-1] if image.ndim == 3 else image, list(options))
    assert done
    return data.tobytes()


def test_colours_keep_their_order():
    image = gradient()
    back = jpeg.decode(jpeg.encode(image, 95), 40, 24)
    assert back.shape == image.shape and back.dtype == np.uint8 and not back.flags.writeable
    assert np.abs(back.astype(int) - image).mean() < 2


def test_alpha_is_dropped():
    image = np.dstack([gradient(), np.zeros((24, 40), np.uint8)])
    np.testing.assert_array_equal(
        jpeg.decode(jpeg.encode(image, 90), 40, 24), jpeg.decode(jpeg.encode(image[..., :3].copy(), 90), 40, 24)
    )


@pytest.mark.parametrize("progressive", [0, 1])
def test_baseline_and_progressive_are_taken(progressive):
    data = written(cv2.IMWRITE_JPEG_PROGRESSIVE, progressive)
    assert jpeg.decode(memoryview(data), 40, 24).shape == (24, 40, 3)


def test_grey_pictures_become_rgb():
    image = gradient()[..., 0]
    back = jpeg.decode(memoryview(written(image=image)), 40, 24)
    assert (back[..., 0] == back[..., 1]).all() and np.abs(back[..., 0].astype(int) - image).mean() < 3


def test_orientation_tags_do_not_turn_the_picture():
    data = written()
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x0112, 3, 1, 6) + bytes(4)
    exif = b"Exif\0\0" + tiff
    turned = data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]
    assert cv2.imdecode(np.frombuffer(turned, np.uint8), cv2.IMREAD_COLOR).shape == (40, 24, 3)
    np.testing.assert_array_equal(jpeg.decode(memoryview(turned), 40, 24), jpeg.decode(memoryview(data), 40, 24))


def test_another_size_than_declared_is_refused():
    with pytest.raises(InvalidFrame, match="40x24"):
        jpeg.check(written(), 24, 40)


def test_a_second_size_is_refused():
    data = written()
    at = data.index(b"\xff\xc0")
    length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    with pytest.raises(InvalidFrame, match="twice"):
        jpeg.check(data[:at] + data[at : at + length] + data[at:], 40, 24)


def test_padding_far_beyond_the_pixels_is_refused():
    data = written()
    with pytest.raises(InvalidFrame, match="too long"):
        jpeg.check(data[:-2] + bytes(1 << 20) + data[-2:], 40, 24)


@pytest.mark.parametrize("process", [0xC3, 0xC5, 0xC9, 0xCF])
def test_other_processes_are_refused(process):
    with pytest.raises(UnsupportedCodec):
        jpeg.check(written().replace(b"\xff\xc0", bytes([0xFF, process])), 40, 24)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(0, 255), st.booleans())
def test_a_damaged_jpeg_gives_a_picture_of_the_declared_size_or_an_error(at, value, cut):
    data = bytearray(written(cv2.IMWRITE_JPEG_PROGRESSIVE, at % 2))
    at %= len(data)
    if cut:
        del data[at : at + value]
    else:
        data[at] = value
    try:
        assert jpeg.decode(memoryview(bytes(data)), 40, 24).shape == (24, 40, 3)
    except ProtocolError as error:
        assert error.code in ("invalid_frame", "unsupported_codec")
