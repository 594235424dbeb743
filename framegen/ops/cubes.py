"""The world in cubes: what stands in the same one, or in one beside it, belongs together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F64

_BITS = 21
STEP = np.array([1, 1 << _BITS, 1 << 2 * _BITS], np.int64)
"""Of a cube's number, for one cube along each axis."""
AROUND = (np.indices((3, 3, 3)).reshape(3, -1).T - 1) @ STEP
"""From a cube's number to those of the cubes around it and its own."""


def numbers(place_m: F64, size_m: float) -> NDArray[np.int64]:
    """``[3, ...]`` metres -> ``[...]``, the number of the cube that each place is in; ``size_m``: its width.

    Two cubes that are less than a million apart along every axis differ in it.
    """
    return np.asarray(np.tensordot(STEP, np.floor(place_m / size_m).astype(np.int64), 1), np.int64)
