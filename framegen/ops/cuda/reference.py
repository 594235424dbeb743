"""What ``pictures.cu`` means, in NumPy.

``lift.cu`` is :mod:`framegen.ops.lift_reference`, ``reproject.cu`` :mod:`framegen.ops.temporal_reference`.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8


def unpack(rgb: U8) -> F32:
    """``[H, W, 3 or 4]`` -> ``[3, H, W]``, -1..1."""
    return np.asarray(np.moveaxis(rgb[..., :3], -1, 0) / np.float32(255) * np.float32(2) - np.float32(1), np.float32)


def pack(planes: F32) -> U8:
    """``[3, H, W]``, -1..1 -> ``[H, W, 3]`` uint8, rounded to the nearest, halves to even."""
    levels = np.clip(planes * np.float32(0.5) + np.float32(0.5), 0, 1) * np.float32(255)
    return np.asarray(np.rint(np.moveaxis(levels, 0, -1)), np.uint8)
