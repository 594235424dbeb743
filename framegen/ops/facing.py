"""What kernels need to work out how pixels face: depth and rays, laid out for :mod:`framegen.ops.kernels.normals`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops.duet import DUET
from framegen.ops.kernels import normals
from framegen.ops.kernels.jit import ready
from framegen.ops.kernels.normals import MARGIN, REACH

_NEXT, _LAST = [1, 2, 0], [2, 0, 1]


@dataclass(frozen=True, eq=False)
class Facing:
    """Arguments of :func:`framegen.ops.kernels.normals.face`, which says what they are."""

    flat: F32
    turn: F32
    across: F32
    down: F32
    deep: bool


def facing(depth_m: F32, rays: ft.Rays) -> Facing:
    """Of a frame's ``[H, W]`` float32 depth in metres, on two threads."""
    depth, deep = ready(depth_m, np.float32), bool(rays.perspective)
    height, width = depth.shape
    flat = np.empty((height + 2 * MARGIN, width + 2 * MARGIN), np.float32)
    flat[:MARGIN] = flat[-MARGIN:] = np.nan
    DUET.split(height, 2, lambda first, end: normals.flatten_rows(first, end, depth, deep, flat))
    return Facing(flat, *_turn(rays), deep)


def _turn(rays: ft.Rays) -> tuple[F32, F32, F32]:
    """``turn``, ``across`` and ``down`` of :func:`framegen.ops.kernels.normals.face`.

    On a plane, what it calls flat goes on evenly: a ray is ``across`` times one step of a row of rays, ``down`` times
    one of a column, and the view axis, so the inverse of these three turns steps of flat to the plane's normal.
    """
    columns, rows = rays.columns.astype(np.float64), rays.rows.astype(np.float64)
    x, y = (REACH * (line[:, -1] - line[:, 0]) / max(line.shape[1] - 1, 1) for line in (columns, rows))
    first, second = np.array([y, rays.forward, x]), np.array([rays.forward, x, y])
    with np.errstate(all="ignore"):  # of cameras that look nowhere no normal is known
        # all three products of one with another at once: np.cross takes ten times as long
        turn = first[:, _NEXT] * second[:, _LAST] - first[:, _LAST] * second[:, _NEXT]
        turn /= turn[0] @ x
        across, down = turn[0] @ columns, turn[1] @ rows
    if rays.perspective:
        return _f32(-turn), _f32(across), _f32(down)
    turn[2] = -turn[2]
    return _f32(turn), np.zeros(len(across), np.float32), np.zeros(len(down), np.float32)


def _f32(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> F32:
    return ready(values, np.float32)
