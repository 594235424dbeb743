"""The march towards the sun through the depth buffer, compiled; see :func:`framegen.ops.features.sun_shadow`."""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops.kernels.jit import kernel

_ZERO, _ONE = np.float32(0), np.float32(1)
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


def march(points: F32, sampled: F32, rays: ft.Rays, sun: F32) -> F32:
    """1 where something on the screen hides the sun, for every other cell: ``[ceil(h / 2), ceil(w / 2)]`` float32.

    ``points`` ``[3, h, w]``, ``sampled`` ``[h, w]`` (sky inf), ``sun`` ``[3]``; all float32 and C-contiguous.
    """
    h, w = sampled.shape
    inverse, corner = ft._pixel_from_world(rays)
    shade = np.empty(((h + 1) // 2, (w + 1) // 2), np.float32)
    slope = np.asarray(inverse @ sun, np.float32)
    _march(points, sampled, inverse, corner, slope, _STEPS, np.float32(rays.perspective), shade)
    return shade


def soften(shade: F32, sampled: F32, out: F32) -> None:
    """``out`` ``[h, w]``: the shade with soft edges at the cells' own resolution, none on the sky."""
    h, w = sampled.shape
    soft = cv2.resize(cv2.blur(shade, (3, 3)), (w, h), interpolation=cv2.INTER_LINEAR)
    np.multiply(soft, np.isfinite(sampled), out=out)
