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
_ONE, _TWO, _THREE, _FOUR, _FIVE, _EIGHT = (np.float32(value) for value in (1, 2, 3, 4, 5, 8))


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
def fetch(planes: F32, x: F32, y: F32, sharp: int, out: F32) -> None:
    """``planes`` at columns ``x`` and rows ``y`` into ``out``: ``sharp`` channels bicubic, others bilinear."""
    height, width, channels = planes.shape
    flat, to = planes.reshape(-1), out.reshape(-1)
    line = width * channels
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            place_x, place_y = held(x[row, column], width), held(y[row, column], height)
            left, top = math.floor(place_x), math.floor(place_y)
            u, v = place_x - np.float32(left), place_y - np.float32(top)
            x0, x1 = min(max(left - 1, 0), width - 1) * channels, min(max(left, 0), width - 1) * channels
            x2, x3 = min(max(left + 1, 0), width - 1) * channels, min(max(left + 2, 0), width - 1) * channels
            y0, y1 = min(max(top - 1, 0), height - 1) * line, min(max(top, 0), height - 1) * line
            y2, y3 = min(max(top + 1, 0), height - 1) * line, min(max(top + 2, 0), height - 1) * line
            u0, u1, u2, u3 = far(_ONE + u), near(u), near(_ONE - u), far(_TWO - u)
            v0, v1, v2, v3 = far(_ONE + v), near(v), near(_ONE - v), far(_TWO - v)
            # Slices, because loops over them become vector instructions; all sixteen taps in one loop, because
            # every loop begins with a test of whether what it writes overlaps what it reads.
            a0, a1 = flat[y0 + x0 : y0 + x0 + sharp], flat[y0 + x1 : y0 + x1 + sharp]
            a2, a3 = flat[y0 + x2 : y0 + x2 + sharp], flat[y0 + x3 : y0 + x3 + sharp]
            b0, b1 = flat[y1 + x0 : y1 + x0 + sharp], flat[y1 + x1 : y1 + x1 + sharp]
            b2, b3 = flat[y1 + x2 : y1 + x2 + sharp], flat[y1 + x3 : y1 + x3 + sharp]
            c0, c1 = flat[y2 + x0 : y2 + x0 + sharp], flat[y2 + x1 : y2 + x1 + sharp]
            c2, c3 = flat[y2 + x2 : y2 + x2 + sharp], flat[y2 + x3 : y2 + x3 + sharp]
            d0, d1 = flat[y3 + x0 : y3 + x0 + sharp], flat[y3 + x1 : y3 + x1 + sharp]
            d2, d3 = flat[y3 + x2 : y3 + x2 + sharp], flat[y3 + x3 : y3 + x3 + sharp]
            here = (row * x.shape[1] + column) * channels
            found = to[here : here + sharp]
            for k in range(sharp):
                found[k] = (
                    v0 * (u0 * a0[k] + u1 * a1[k] + u2 * a2[k] + u3 * a3[k])
                    + v1 * (u0 * b0[k] + u1 * b1[k] + u2 * b2[k] + u3 * b3[k])
                    + v2 * (u0 * c0[k] + u1 * c1[k] + u2 * c2[k] + u3 * c3[k])
                    + v3 * (u0 * d0[k] + u1 * d1[k] + u2 * d2[k] + u3 * d3[k])
                )
            p0, p1 = flat[y1 + x1 + sharp : y1 + x1 + channels], flat[y1 + x2 + sharp : y1 + x2 + channels]
            p2, p3 = flat[y2 + x1 + sharp : y2 + x1 + channels], flat[y2 + x2 + sharp : y2 + x2 + channels]
            w0, w1, w2, w3 = (_ONE - v) * (_ONE - u), (_ONE - v) * u, v * (_ONE - u), v * u
            found = to[here + sharp : here + channels]
            for k in range(channels - sharp):
                found[k] = w0 * p0[k] + w1 * p1[k] + w2 * p2[k] + w3 * p3[k]


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
def blend(latent: F32, past: F32, weight: F32, slack: F32, out: F32) -> None:
    """``latent + weight (clamp(past) - latent)`` into ``out``.

    The clamp is to the 3x3 neighbourhood, widened by ``slack`` (``[c]``): least and greatest value of each column
    of three first, then of three columns.
    """
    height, width, channels = latent.shape
    # One more cell at either end of a row is the repetition of its edge.
    low, high = np.empty((width + 2, channels), np.float32), np.empty((width + 2, channels), np.float32)
    for row in range(height):
        above, here, below = latent[max(row - 1, 0)], latent[row], latent[min(row + 1, height - 1)]
        for column in range(width):
            low_at, high_at = low[column + 1], high[column + 1]
            a, b, c = above[column], here[column], below[column]
            for k in range(channels):
                low_at[k] = min(a[k], c[k], b[k])
                high_at[k] = max(a[k], c[k], b[k])
        low[0], low[width + 1] = low[1], low[width]
        high[0], high[width + 1] = high[1], high[width]
        for column in range(width):
            share = weight[row, column]
            for k in range(channels):
                least = min(low[column, k], low[column + 2, k], low[column + 1, k]) - slack[k]
                most = max(high[column, k], high[column + 2, k], high[column + 1, k]) + slack[k]
                new = here[column, k]
                out[row, column, k] = new + share * (min(max(past[row, column, k], least), most) - new)


def warm_up() -> None:
    """Compile all of this module."""
    planes, plane = np.zeros((2, 2, 3), np.float32), np.ones((2, 2), np.float32)
    fetch(planes, plane, plane, 2, np.empty_like(planes))
    blend(planes, planes, plane, deviation(planes, 1), np.empty_like(planes))
