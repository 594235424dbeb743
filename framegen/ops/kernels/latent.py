"""Kernels over the latent, ``[h, w, c]`` float32 with its channels innermost: fetching and accumulating.

Their meaning in NumPy is in :mod:`framegen.ops.temporal_reference`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from framegen.frame import F32
from framegen.ops.kernels.jit import kernel

_A = np.float32(-0.75)
_HALF, _ONE, _TWO, _THREE, _FOUR, _FIVE, _EIGHT = (np.float32(value) for value in (0.5, 1, 2, 3, 4, 5, 8))


@kernel
def held(place: np.float32, size: int) -> Any:
    """``place`` where beyond ``size`` cells only the edge is seen, so that its whole part fits any integer; NaN too."""
    if not place > np.float32(-3.0):
        return np.float32(-3.0)
    return min(place, np.float32(size + 2))


@kernel
def near(distance: np.float32) -> Any:
    """Weight of a tap at a distance up to 1 (Keys 1981, eq. 4)."""
    return ((_A + _TWO) * distance - (_A + _THREE)) * distance * distance + _ONE


@kernel
def far(distance: np.float32) -> Any:
    """Weight of a tap at a distance from 1 to 2."""
    return ((_A * distance - _FIVE * _A) * distance + _EIGHT * _A) * distance - _FOUR * _A


@kernel
def fetch(planes: F32, x: F32, y: F32, sharp: int, start: int, end: int, out: F32) -> None:
    """``planes`` at columns ``x`` and rows ``y`` into rows ``start`` to ``end`` of ``out``: ``sharp`` channels
    bicubic, others of the nearest cell.

    All indices are unsigned: numba would ask of signed ones whether they count from the end, and the loops over
    channels would not become vector instructions.
    """
    height, width, channels = planes.shape
    flat, to = planes.reshape(-1), out.reshape(-1)
    line = width * channels
    # Whole vectors of eight: what is too much is written again below.
    cubic = np.uint64(min(channels, (sharp + 7) // 8 * 8))
    first, last = np.uint64(sharp), np.uint64(channels)
    for row in range(start, end):
        for column in range(x.shape[1]):
            place_x, place_y = held(x[row, column], width), held(y[row, column], height)
            left, top = math.floor(place_x), math.floor(place_y)
            u, v = place_x - np.float32(left), place_y - np.float32(top)
            x0 = np.uint64(min(max(left - 1, 0), width - 1) * channels)
            x1 = np.uint64(min(max(left, 0), width - 1) * channels)
            x2 = np.uint64(min(max(left + 1, 0), width - 1) * channels)
            x3 = np.uint64(min(max(left + 2, 0), width - 1) * channels)
            y0 = np.uint64(min(max(top - 1, 0), height - 1) * line)
            y1 = np.uint64(min(max(top, 0), height - 1) * line)
            y2 = np.uint64(min(max(top + 1, 0), height - 1) * line)
            y3 = np.uint64(min(max(top + 2, 0), height - 1) * line)
            u0, u1, u2, u3 = far(_ONE + u), near(u), near(_ONE - u), far(_TWO - u)
            v0, v1, v2, v3 = far(_ONE + v), near(v), near(_ONE - v), far(_TWO - v)
            here = np.uint64((row * x.shape[1] + column) * channels)
            for k in range(cubic):
                a, b, c, d = y0 + k, y1 + k, y2 + k, y3 + k
                to[here + k] = (
                    v0 * (u0 * flat[a + x0] + u1 * flat[a + x1] + u2 * flat[a + x2] + u3 * flat[a + x3])
                    + v1 * (u0 * flat[b + x0] + u1 * flat[b + x1] + u2 * flat[b + x2] + u3 * flat[b + x3])
                    + v2 * (u0 * flat[c + x0] + u1 * flat[c + x1] + u2 * flat[c + x2] + u3 * flat[c + x3])
                    + v3 * (u0 * flat[d + x0] + u1 * flat[d + x1] + u2 * flat[d + x2] + u3 * flat[d + x3])
                )
            nearest = (y2 if v >= _HALF else y1) + (x2 if u >= _HALF else x1)
            for k in range(first, last):
                to[here + k] = flat[nearest + k]


@kernel
def deviation(planes: F32, step: int) -> F32:
    """``[c]``: standard deviation of each channel over every ``step``-th cell of every ``step``-th row."""
    height, width, channels = planes.shape
    count = np.float32(((height + step - 1) // step) * ((width + step - 1) // step))
    mean, spread = np.zeros(channels, np.float32), np.zeros(channels, np.float32)
    for row in range(0, height, step):
        for column in range(0, width, step):
            for k in range(channels):
                mean[k] += planes[row, column, k]
    for k in range(channels):
        mean[k] /= count
    for row in range(0, height, step):
        for column in range(0, width, step):
            for k in range(channels):
                off = planes[row, column, k] - mean[k]
                spread[k] += off * off
    for k in range(channels):
        spread[k] = math.sqrt(spread[k] / count)
    return spread


@kernel
def blend(latent: F32, past: F32, weight: F32, slack: F32, start: int, end: int, out: F32) -> None:
    """``latent + weight (clamp(past) - latent)`` into rows ``start`` to ``end`` of ``out``.

    The clamp is to the 3x3 neighbourhood, widened by ``slack`` (``[c]``): least and greatest value of each column
    of three first, then of three columns.
    """
    height, width, channels = latent.shape
    size = width * channels
    # One more cell at either end of a row is the repetition of its edge.
    low, high = np.empty(size + 2 * channels, np.float32), np.empty(size + 2 * channels, np.float32)
    low_left, low_here, low_right = low[:size], low[channels : channels + size], low[2 * channels :]
    high_left, high_here, high_right = high[:size], high[channels : channels + size], high[2 * channels :]
    wider, share = np.empty(size, np.float32), np.empty(size, np.float32)
    # number by number: for slices numba would compile the words of an error too, seconds at a first start
    for column in range(width):
        for k in range(channels):
            wider[column * channels + k] = slack[k]
    rows, past_rows, out_rows = latent.reshape(height, size), past.reshape(height, size), out.reshape(height, size)
    for row in range(start, end):
        above, here, below = rows[max(row - 1, 0)], rows[row], rows[min(row + 1, height - 1)]
        for i in range(size):
            low_here[i] = min(above[i], below[i], here[i])
            high_here[i] = max(above[i], below[i], here[i])
        for k in range(channels):
            low[k], low[channels + size + k] = low[channels + k], low[size + k]
            high[k], high[channels + size + k] = high[channels + k], high[size + k]
        for column in range(width):
            for k in range(channels):
                share[column * channels + k] = weight[row, column]
        before, to = past_rows[row], out_rows[row]
        for i in range(size):
            least = min(low_left[i], low_right[i], low_here[i]) - wider[i]
            most = max(high_left[i], high_right[i], high_here[i]) + wider[i]
            to[i] = here[i] + share[i] * (min(max(before[i], least), most) - here[i])


def warm_up() -> None:
    """Compile all of this module."""
    planes, plane = np.zeros((2, 2, 3), np.float32), np.ones((2, 2), np.float32)
    fetch(planes, plane, plane, 2, 0, 2, np.empty_like(planes))
    blend(planes, planes, plane, deviation(planes, 1), 0, 2, np.empty_like(planes))
