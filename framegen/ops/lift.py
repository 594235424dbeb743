"""A small restyled picture lifted to the engine's full resolution, with the engine's frame as guide."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops.duet import DUET
from framegen.ops.fit import shrink_color
from framegen.ops.kernels import lift as kernels
from framegen.ops.kernels.jit import ready, sealed
from framegen.ops.lift_reference import places

_WINDOW = 8
"""Pixels of the small picture per cell of the local fit; three cells are one window."""
_RIDGE = 36.0
"""Variance (levels squared) below which the gain is that of the mean colours, not of the contrast."""
_GAIN_MOST = 6.0
_BANDS = 4


def lift(guide: U8, small_in: U8, small_out: U8) -> U8:
    """``small_out`` at the size of ``guide``, with the guide's edges.

    ``out = G · guide + up(small_out - G · small_in)``: a local gain G per channel, fitted over windows
    (fast guided filter: He & Sun 2015, arXiv:1505.00996), puts the guide's fine detail on the restyled
    picture; the difference that it leaves is kept at the small picture's resolution, so what the model
    added stays, and where guide and small frame agree nothing can ring. In flat windows G tends to the ratio of
    the mean colours. Its plain form is :mod:`framegen.ops.lift_reference`, which this equals to the rounding.

    Args:
        guide: ``[H, W, 3]`` uint8, the engine's frame. small_in: ``[h, w, 3]`` uint8, the same scaled down.
        small_out: ``[h, w, 3]`` uint8, its restyled picture.

    Returns:
        ``[H, W, 3]`` uint8.
    """
    source, before, after = (sealed(picture, np.uint8) for picture in (guide, small_in, small_out))
    gain = ready(local_gain(before, after), np.float32)
    size, small, cells = (plane.shape[:2] for plane in (source, before, gain))
    near, far, inner = _places(size, small), _places(size, cells), _places(small, cells)
    out = np.empty(source.shape, np.uint8)

    def band(first: int, end: int) -> None:
        kernels.lift_rows(source, before, after, gain, *near, *far, *inner, first, end, out)

    DUET.split(size[0], min(_BANDS, size[0]), band)
    return out


@lru_cache(maxsize=16)
def _places(size: tuple[int, int], of: tuple[int, int]) -> tuple[NDArray[np.int32], F32, NDArray[np.int32], F32]:
    """Rows and columns of one size among those of another, see :func:`framegen.ops.lift_reference.places`."""
    return *places(size[0], of[0]), *places(size[1], of[1])


def local_gain(small_in: U8, small_out: U8) -> F32:
    """``[h', w', 3]`` float32: the gain of ``small_out`` over ``small_in`` per channel, a cell per 8x8 pixels.

    Least squares with a ridge towards the ratio of the means; between 0 and 6.
    """
    height, width = small_in.shape[:2]
    half = (max(1, width // 2), max(1, height // 2))
    a = shrink_color(small_in, half).astype(np.float32)
    b = shrink_color(small_out, half).astype(np.float32)
    cells = (max(1, width // _WINDOW), max(1, height // _WINDOW))

    def mean(plane: NDArray[np.float32]) -> NDArray[np.float32]:
        pooled = cv2.resize(plane, cells, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.blur(pooled, (3, 3), borderType=cv2.BORDER_REPLICATE), np.float32)

    mean_a, mean_b = mean(a), mean(b)
    covariance = mean(a * b) - mean_a * mean_b
    variance = np.maximum(mean(a * a) - mean_a * mean_a, 0.0)
    ratio = (mean_b + 8.0) / (mean_a + 8.0)
    gain = (covariance + _RIDGE * ratio) / (variance + _RIDGE)
    return np.asarray(np.clip(gain, 0.0, _GAIN_MOST), np.float32)
