"""Numbers of 16 bits at twice the width, as NumPy widens them."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.ops.kernels.half import single

_LEAST = 2.0**-14


def test_every_float16_is_widened() -> None:
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    wanted = np.where(np.abs(every) < _LEAST, np.copysign(np.float32(0), every), every).astype(np.float32)
    np.testing.assert_array_equal(single(every), wanted)


@pytest.mark.parametrize("shape", [(0, 2), (3, 5), (2, 3, 2)])
def test_shape_and_layout_do_not_matter(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=shape).astype(np.float16)
    for given in (values, np.asfortranarray(values), values[::-1]):
        found = single(given)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, given.astype(np.float32))


def test_float32_passes_untouched() -> None:
    values = np.zeros((2, 2), np.float32)
    assert single(values) is values
