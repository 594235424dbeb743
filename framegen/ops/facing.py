"""What kernels need to work out how pixels face: depth and rays, laid out for :mod:`framegen.ops.kernels.normals`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops.duet import DUET
from framegen.ops.kernels import normals
from framegen.ops.kernels.jit import ready
from framegen.ops.kernels.normals import MARGIN


@dataclass(frozen=True, eq=False)
class Facing:
    """Arguments of :func:`framegen.ops.kernels.normals.face`, which says what they are."""

    flat: F32
    columns: F32
    rows: F32
    deep: bool


def facing(depth_m: F32, rays: ft.Rays) -> Facing:
    """Of a frame's ``[H, W]`` float32 depth in metres, on two threads."""
    depth, deep = ready(depth_m, np.float32), bool(rays.perspective)
    columns = np.pad(rays.columns.astype(np.float32, copy=False), ((0, 0), (MARGIN, MARGIN)))
    # in the margins nothing is known, so what is there is never used
    rows = np.zeros((len(depth) + 2 * MARGIN, 6), np.float32)
    rows[MARGIN:-MARGIN, :3] = rays.rows.T
    rows[:, 3:] = 0 if deep else rays.forward
    flat = np.empty((len(depth) + 2 * MARGIN, columns.shape[1]), np.float32)
    flat[:MARGIN] = flat[-MARGIN:] = np.nan
    DUET.split(len(depth), 2, lambda first, end: normals.flatten_rows(first, end, depth, deep, flat))
    return Facing(flat, columns, rows, deep)
