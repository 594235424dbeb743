"""The march towards the sun through the depth buffer, compiled; see :func:`framegen.ops.features.sun_shadow`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops.kernels.jit import kernel

_ZERO, _ONE, _HALF, _NINTH = np.float32(0), np.float32(1), np.float32(0.5), np.float32(1 / 9)
_INF = np.float32(np.inf)
_FAR = np.float32(ft.FAR_M)
_BEHIND_EYE = np.float32(0.05)
_BIAS, _THIN, _THICK = np.float32(0.985), np.float32(0.4), np.float32(0.35)
_PER_CELL = np.float32(1 / (2 * ft.CELL_PX))
_LANES = 8
_COUNT = -(-ft.SHADOW_STEPS // _LANES) * _LANES
_STEPS: F32 = (0.03 * 1.42 ** np.minimum(np.arange(_COUNT), ft.SHADOW_STEPS - 1)).astype(np.float32)
"""Lengths of the steps over the start's depth; the last is repeated until they fill whole vector registers."""


@kernel
def _march(
    points: F32, sampled: F32, inverse: F32, corner: F32, slope: F32, steps: F32, fan: np.float32, shade: F32
) -> None:
    """``shade`` ``[ceil(h / 2), ceil(w / 2)]``: 1 where the march from every other cell meets something."""
    h, w = shade.shape
    depth = np.empty(h * w, np.float32)
    for i in range(h):
        for j in range(w):
            depth[i * w + j] = min(sampled[2 * i, 2 * j], _FAR)
    wide, high = np.float32(w), np.float32(h)
    ux, uy, uz = slope[0], slope[1], slope[2]
    for i in range(h):
        for j in range(w):
            if not sampled[2 * i, 2 * j] < _INF:
                shade[i, j] = _ZERO
                continue
            x = points[0, 2 * i, 2 * j] - corner[0]
            y = points[1, 2 * i, 2 * j] - corner[1]
            z = points[2, 2 * i, 2 * j] - corner[2]
            px = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2] * z
            py = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2] * z
            pz = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2] * z
            here, blocked = depth[i * w + j], 0
            # no early end and nothing written: so the steps run side by side in vector registers
            for n in range(steps.size):
                reach = steps[n] * here
                at_z = pz + reach * uz
                over = at_z if fan > _ZERO else _ONE
                over = over if over > _BEHIND_EYE else _INF
                column = (px + reach * ux) / over * _PER_CELL
                row = (py + reach * uy) / over * _PER_CELL
                inside = (column >= _ZERO) & (column < wide) & (row >= _ZERO) & (row < high) & (over < _INF)
                at = np.int32(row if inside else _ZERO) * w + np.int32(column if inside else _ZERO)
                hit = depth[np.uint32(at)]  # unsigned: a negative index would count from the end
                behind = (hit < at_z * _BIAS) & (hit > at_z - max(_THIN, _THICK * reach))
                blocked |= inside & behind
            shade[i, j] = _ONE if blocked else _ZERO


@kernel
def march(points: F32, sampled: F32, inverse: F32, corner: F32, sun: F32, fan: np.float32) -> F32:
    """1 where something on the screen hides the sun, for every other cell: ``[ceil(h / 2), ceil(w / 2)]`` float32.

    ``points`` ``[3, h, w]``, ``sampled`` ``[h, w]`` (sky inf), ``sun`` ``[3]``; ``inverse`` ``[3, 3]`` and ``corner``
    ``[3]``: world axes to pixels; ``fan``: 1 for perspective, else 0.
    """
    h, w = sampled.shape
    shade = np.empty(((h + 1) // 2, (w + 1) // 2), np.float32)
    slope = np.empty(3, np.float32)
    for k in range(3):
        slope[k] = inverse[k, 0] * sun[0] + inverse[k, 1] * sun[1] + inverse[k, 2] * sun[2]
    _march(points, sampled, inverse, corner, slope, _STEPS, fan, shade)
    return shade


@kernel
def _between(count: int, cells: int, first: NDArray[np.int32], share: F32) -> None:
    """For each of ``cells`` the sample of ``count`` before it and how far it lies towards the next, 0..1."""
    for x in range(cells):
        at = min(max((np.float32(x) + _HALF) * np.float32(count / cells) - _HALF, _ZERO), np.float32(count - 1))
        first[x] = min(int(at), max(count - 2, 0))
        share[x] = at - np.float32(first[x])


@kernel
def soften(shade: F32, sampled: F32, out: F32) -> None:
    """``out`` ``[h, w]``: the shade, blurred 3x3 and brought to all cells bilinearly, none on the sky."""
    count, width = shade.shape
    h, w = sampled.shape
    soft, row = np.empty((count, width), np.float32), np.empty(width, np.float32)
    for i in range(count):
        # beyond the edge the picture is mirrored at the middle of its last cell
        above, below = abs(i - 1) % count, i + 1 if i + 1 < count else max(count - 2, 0)
        for j in range(width):
            row[j] = (shade[above, j] + shade[i, j] + shade[below, j]) * _NINTH
        for j in range(width):
            right = j + 1 if j + 1 < width else max(width - 2, 0)
            soft[i, j] = row[abs(j - 1) % width] + row[j] + row[right]
    left, share_x = np.empty(w, np.int32), np.empty(w, np.float32)
    top, share_y = np.empty(h, np.int32), np.empty(h, np.float32)
    _between(width, w, left, share_x)
    _between(count, h, top, share_y)
    for i in range(h):
        upper, lower, share = soft[top[i]], soft[min(top[i] + 1, count - 1)], share_y[i]
        for j in range(width):
            row[j] = upper[j] + share * (lower[j] - upper[j])
        for j in range(w):
            x = left[j]
            value = row[x] + share_x[j] * (row[min(x + 1, width - 1)] - row[x])
            out[i, j] = value if sampled[i, j] < _INF else _ZERO
