"""Numbers of 16 bits at twice the width. NumPy converts one at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32
from framegen.ops.kernels.jit import kernel, ready

_BIAS, _TOP_BIAS = np.int32(0x38000000), np.int32(0x70000000)


@kernel
def widen(half: NDArray[np.uint16], out: NDArray[np.uint32]) -> None:
    """Bits of float16 -> bits of float32: exact, but what is less than 2**-14 becomes zero."""
    # numbers are named int32 again and again, because numba takes the sum of two for an int64
    for i in range(half.size):
        bits = np.int32(half[i])
        exponent = np.int32(bits & 0x7C00)
        # the exponent's offset grows from 15 to 127; infinity and NaN stay at the top, zero at the bottom
        moved = np.int32(np.int32((bits & 0x7FFF) << 13) + (_TOP_BIAS if exponent == 0x7C00 else _BIAS))
        moved = moved if exponent != 0 else np.int32(0)
        out[i] = np.uint32(moved | ((bits & 0x8000) << 16))


def single(array: NDArray[Any]) -> F32:
    """A float16 or float32 array as float32: itself, if it is that."""
    if array.dtype != np.float16:
        return np.asarray(array, np.float32)
    out = np.empty(array.shape, np.float32)
    widen(ready(array, np.float16).view(np.uint16).reshape(-1), out.reshape(-1).view(np.uint32))
    return out


def warm_up() -> None:
    """Compiles all of this module, or loads what an earlier run compiled."""
    single(np.zeros(2, np.float16))
