"""The meaning of a ray through the depth buffer, in plain NumPy: what :mod:`framegen.ops.kernels.trace` must match.

It goes in even steps on the screen, not in the world (McGuire and Mara, *Efficient GPU Screen-Space Ray Tracing*,
2014), and is stopped by what it passed behind, unless that is so far in front that it may have passed behind its back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framegen.frame import F32, F64
from framegen.ops import features as ft

HALVINGS = 4
"""Of the step that went behind something."""
NEAR_M = 0.05
"""How near to the camera's plane rays go."""


@dataclass(frozen=True)
class March:
    """How a ray goes.

    Attributes:
        reach_m: how far. steps: places on the screen where it is compared with depth, at most.
        stride_px: how far these are apart, if the steps suffice.
        thick_m, bulk, thick: it is stopped by what it passed behind by no more than this, and this share of the depth
            of that (what is far away and yet seen is large), and this many times the step's change of depth.
    """

    reach_m: float
    steps: int
    stride_px: float
    thick_m: float
    bulk: float
    thick: float


def traced(depth_m: F32, rays: ft.Rays, place: F64, way: F64, march: March) -> tuple[int, int, float] | None:
    """Column and row of the pixel that a ray from ``place`` (world axes, relative to the camera) along ``way`` meets,
    and its distance over the reach; 2 in place of that where it meets nothing: then the pixel is where it ends or
    leaves the screen. None: it is behind something there, or begins before the camera's plane."""
    height, width = depth_m.shape
    inverse, corner = (part.astype(np.float64) for part in ft.pixel_from_world(rays))
    first = inverse @ (place - corner)
    step = inverse @ way
    end_m = march.reach_m
    if rays.perspective and first[2] + end_m * step[2] < NEAR_M:
        end_m = (NEAR_M - first[2]) / step[2]
    last = first + end_m * step
    if first[2] < NEAR_M or end_m <= 0:
        return None

    def screen(p: F64) -> tuple[float, float, float]:
        return (p[0] / p[2], p[1] / p[2], 1 / p[2]) if rays.perspective else (p[0], p[1], p[2])

    start, stop = np.array(screen(first)), np.array(screen(last))
    span = 1.0  # the part of the way that is on the screen
    for axis, size in ((0, width), (1, height)):
        for edge in (0.0, float(size)):
            change = stop[axis] - start[axis]
            if (start[axis] - edge) * (stop[axis] - edge) < 0:
                span = min(span, (edge - start[axis]) / change)

    def look(t: float) -> tuple[int, int, float, float]:
        x, y, w = start + t * (stop - start)
        column, row = min(max(int(x), 0), width - 1), min(max(int(y), 0), height - 1)
        return column, row, (1 / w if rays.perspective else w), float(depth_m[row, column])

    length_px = float(np.hypot(*(stop - start)[:2])) * span
    steps = int(min(max(length_px / march.stride_px + 1, 2), march.steps))
    before, low = look(0.0)[2], 0.0
    for k in range(1, steps + 1):
        t = span * k / steps
        column, row, mine, theirs = look(t)
        change = abs(mine - before)
        if ft.LEAST_M <= theirs < mine <= theirs * (1 + march.bulk) + march.thick_m + march.thick * change:
            high = t
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                _, _, m, d = look(middle)
                if ft.LEAST_M <= d < m:
                    high = middle
                else:
                    low = middle
            column, row, _, theirs = look(high)
            far = high * (stop[2] / (start[2] + high * (stop[2] - start[2])) if rays.perspective else 1)
            return column, row, far * end_m / march.reach_m
        before, low = mine, t
    return None if ft.LEAST_M <= theirs < mine else (column, row, 2.0)
