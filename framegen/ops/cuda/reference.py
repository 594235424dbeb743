"""What ``pictures.cu`` and ``lift.cu`` mean, in NumPy; ``reproject.cu`` is :mod:`framegen.ops.temporal_reference`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8


def unpack(rgb: U8) -> F32:
    """``[H, W, 3 or 4]`` -> ``[3, H, W]``, -1..1."""
    return np.asarray(np.moveaxis(rgb[..., :3], -1, 0) / np.float32(255) * np.float32(2) - np.float32(1), np.float32)


def pack(planes: F32) -> U8:
    """``[3, H, W]``, -1..1 -> ``[H, W, 3]`` uint8, rounded to the nearest, halves to even."""
    levels = np.clip(planes * np.float32(0.5) + np.float32(0.5), 0, 1) * np.float32(255)
    return np.asarray(np.rint(np.moveaxis(levels, 0, -1)), np.uint8)


def enlarged(plane: NDArray[Any], width: int, height: int) -> F32:
    """``[h, w, c]`` -> ``[height, width, c]``, bilinear between pixel centres, the edge repeated."""
    rows, columns = plane.shape[:2]
    x = (np.arange(width, dtype=np.float32) + np.float32(0.5)) * np.float32(columns) / np.float32(width) - np.float32(
        0.5
    )
    y = (np.arange(height, dtype=np.float32) + np.float32(0.5)) * np.float32(rows) / np.float32(height) - np.float32(
        0.5
    )
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = (x - left)[None, :, None], (y - top)[:, None, None]
    xs = [np.clip(left + i, 0, columns - 1) for i in (0, 1)]
    ys = [np.clip(top + i, 0, rows - 1)[:, None] for i in (0, 1)]
    upper = plane[ys[0], xs[0]] * (1 - u) + plane[ys[0], xs[1]] * u
    lower = plane[ys[1], xs[0]] * (1 - u) + plane[ys[1], xs[1]] * u
    return np.asarray(upper * (1 - v) + lower * v, np.float32)


def lift(guide: U8, small_in: U8, small_out: U8, gain: F32) -> U8:
    """``gain · guide + up(small_out - gain · small_in)``; see :func:`framegen.ops.lift.lift`.

    ``gain``: ``[h', w', 3]`` of :func:`framegen.ops.lift.local_gain`.
    """
    rest = small_out - enlarged(gain, small_in.shape[1], small_in.shape[0]) * small_in
    height, width = guide.shape[:2]
    lifted = guide * enlarged(gain, width, height) + enlarged(rest, width, height)
    return np.asarray(np.rint(np.clip(lifted, 0, 255)), np.uint8)
