"""Packed parts come back byte for byte, whatever they are."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from framegen.errors import MediaError
from framegen.recording.packing import pack, unpack


@given(st.binary(max_size=300), st.integers(0, 20), st.integers(1, 3))
def test_any_bytes_come_back(data: bytes, row: int, channels: int) -> None:
    assert bytes(unpack(pack(data, row, channels))) == data


@settings(deadline=None)
@given(hnp.arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 3))))
def test_any_plane_comes_back(values: np.ndarray) -> None:
    row, channels = values.shape[1] * values.shape[2], values.shape[2]
    assert bytes(unpack(pack(values.tobytes(), row, channels))) == values.tobytes()


@settings(deadline=None)
@given(hnp.arrays(np.int16, (5, 6, 2)), st.integers(0, 9))
def test_multiples_of_a_step_come_back(codes: np.ndarray, shift: int) -> None:
    values = (codes.astype(np.float64) * 2.0**-shift).astype(np.float16)
    assert bytes(unpack(pack(values.tobytes(), 12, 2))) == values.tobytes()


def test_smooth_planes_become_small() -> None:
    y, x = np.mgrid[:100, :160].astype(np.float32)
    motion = (np.round(np.stack([x * 0.05, y * -0.02 + 3], -1) * 16) / 16).astype(np.float16) + np.float16(0)
    packed = pack(motion.tobytes(), 320, 2)
    assert len(packed) < motion.nbytes / 20
    assert bytes(unpack(packed)) == motion.tobytes()


@given(st.binary(max_size=60))
def test_damage_is_an_error_and_no_crash(data: bytes) -> None:
    with contextlib.suppress(MediaError):
        unpack(data)


@pytest.mark.parametrize("data", [b"", b"\x09abc", b"\x01no", b"\x02\0"])
def test_what_is_no_packed_part_is_refused(data: bytes) -> None:
    with pytest.raises(MediaError):
        unpack(data)


def test_the_documented_bytes_mean_what_the_document_says() -> None:
    """Two rows of two values, written by hand from protocol/RECORDING.md."""
    # Residuals 5, 1, -2, 3 -> zigzag 10, 2, 3, 6; low bytes, then high bytes. Values: 5, 6 / 3, 7.
    content = bytes([10, 2, 3, 6, 0, 0, 0, 0])
    frame = zstandard.ZstdCompressor().compress(content)
    shape = bytes([2, 0, 0, 0, 1])
    assert bytes(unpack(b"\x02" + shape + frame)) == np.array([5, 6, 3, 7], "<u2").tobytes()
    fixed = np.array([5, 6, 3, 7]) / 4
    assert bytes(unpack(b"\x03\x02" + shape + frame)) == fixed.astype("<f2").tobytes()
    assert bytes(unpack(b"\x00abc")) == b"abc"
    assert bytes(unpack(b"\x01" + zstandard.ZstdCompressor().compress(b"abc"))) == b"abc"
