"""The meaning of the lift to full resolution, in plain NumPy: what fast forms must match."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8


def places(count: int, of: int) -> tuple[NDArray[np.int32], F32]:
    """Where ``count`` samples lie among ``of`` others that cover the same length.

    Returns:
        ``[count]`` int32, the other to the left; ``[count]`` float32 0..1, how far it is from there to the next one.
        Beyond the centres of the first and the last, these alone count.
    """
    at = np.clip((np.arange(count) + 0.5) * (of / count) - 0.5, 0.0, of - 1.0)
    left = np.minimum(at.astype(np.int32), max(0, of - 2)).astype(np.int32)
    return left, (at - left).astype(np.float32)


def enlarged(plane: F32, width: int, height: int) -> F32:
    """``[h, w, c]`` bilinearly at ``width`` and ``height``."""
    for axis, count in ((0, height), (1, width)):
        left, part = places(count, plane.shape[axis])
        right = np.minimum(left + 1, plane.shape[axis] - 1)
        share = part.reshape([-1, 1, 1] if axis == 0 else [1, -1, 1])
        a = plane.take(left, axis)
        plane = np.asarray(a + share * (plane.take(right, axis) - a), np.float32)
    return plane


def lifted(guide: U8, small_in: U8, small_out: U8, gain: F32) -> U8:
    """``[H, W, 3]`` uint8: ``up(gain) · guide + up(small_out - up(gain) · small_in)``, rounded.

    Args:
        guide: ``[H, W, 3]`` uint8. small_in, small_out: ``[h, w, 3]`` uint8. gain: ``[h', w', 3]`` float32.
    """
    size, small = guide.shape[1::-1], small_in.shape[1::-1]
    rest = small_out - enlarged(gain, *small) * small_in
    picture = enlarged(gain, *size) * guide + enlarged(rest, *size)
    return np.asarray(np.rint(np.clip(picture, 0, 255)), np.uint8)
