"""Raw planes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from framegen.codecs import raw
from framegen.errors import InvalidFrame

ANY16 = arrays(np.uint16, (2, 3)).map(lambda bits: bits.view(np.float16))
ANY32 = arrays(np.uint32, (2, 3)).map(lambda bits: bits.view(np.float32))


@given(ANY16 | ANY32)
def test_valid_depth_is_that_without_nan_or_negative_values(depth):
    assert raw.depth_is_valid(depth) == bool((depth >= 0).all())


@given(ANY16 | ANY32)
def test_finite_is_what_numpy_calls_finite(plane):
    assert raw.is_finite(plane) == bool(np.isfinite(plane).all())


def test_negative_zero_is_no_fault():
    for dtype in (np.float16, np.float32):
        assert raw.depth_is_valid(np.array([[-0.0, 1.0, np.inf]], dtype))


@given(st.floats(1e-3, 10), st.floats(1.5, 1e6), arrays(np.uint16, (2, 3)))
def test_log_depth_follows_its_formula(near_m, ratio, codes):
    far_m = near_m * ratio
    depth = raw.depth_from_log(codes, near_m, far_m)
    wanted = [math.inf if c == 0 else near_m * (far_m / near_m) ** ((c - 1) / 65534) for c in codes.ravel().tolist()]
    np.testing.assert_allclose(depth.ravel(), wanted, rtol=1e-6)
    assert not depth.flags.writeable


@given(st.floats(0.06, 900))
def test_a_depth_written_as_registry_says_comes_back_within_a_thousandth(depth_m):
    near_m, far_m = 0.05, 1000.0
    code = 1 + round(65534 * math.log(depth_m / near_m) / math.log(far_m / near_m))
    read = float(raw.depth_from_log(np.array([[code]], np.uint16), near_m, far_m)[0, 0])
    assert abs(read / depth_m - 1) < 1e-4


@pytest.mark.parametrize("near_m, far_m", [(0.0, 1.0), (1.0, 1.0), (-1.0, 1.0), (1.0, math.inf), (1e-300, 1e300)])
def test_log_depth_needs_a_range(near_m, far_m):
    with pytest.raises(InvalidFrame):
        raw.depth_from_log(np.zeros((1, 1), np.uint16), near_m, far_m)


def test_arrays_with_strides_are_made_contiguous():
    plane = np.arange(24, dtype=np.uint16).reshape(4, 6)[::2, ::3]
    assert bytes(raw.to_bytes(plane)) == np.array([0, 3, 12, 15], "<u2").tobytes()


def test_contiguous_arrays_are_not_copied():
    plane = np.zeros((4, 6), np.float16)
    assert np.shares_memory(np.frombuffer(raw.to_bytes(plane), np.uint8), plane)
