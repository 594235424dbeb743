"""Points, normals and what follows from them, compiled; see :mod:`framegen.ops.features`.

One result per loop: a loop that writes many arrays is not turned into vector code, because the compiler gives up on
checking that they do not overlap.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops.fields import PLANE_GROUND, PLANE_WALL_X, PLANE_WALL_Z
from framegen.ops.kernels.jit import kernel

_ZERO, _ONE = np.float32(0), np.float32(1)
_INF = np.float32(np.inf)
_FAR = np.float32(ft.FAR_M)
_TINY = np.float32(1e-12)
_LEAST_FACING = np.float32(0.15)
_GROUND, _WALL_X, _WALL_Z = np.uint8(PLANE_GROUND), np.uint8(PLANE_WALL_X), np.uint8(PLANE_WALL_Z)
_RIGHT, _FACING_SUN, _FOG = ft.NORMAL_RIGHT, ft.FACING_SUN, ft.FOG


@kernel
def fill_points(columns: F32, rows: F32, sampled: F32, axis: F32, fan: np.float32, points: F32) -> None:
    """:func:`framegen.ops.features.cell_points`."""
    h, w = sampled.shape
    for k in range(3):
        for i in range(h):
            column, across, depth, out = columns[k], rows[k, i], sampled[i], points[k, i]
            if fan > _ZERO:
                for j in range(w):
                    out[j] = (column[j] + across) * min(depth[j], _FAR)
            else:
                for j in range(w):
                    out[j] = column[j] + across + axis[k] * min(depth[j], _FAR)


@kernel
def _shorter(a: F32, b: F32, longer: F32, out: F32) -> None:
    """Per column of ``[3, w]`` the shorter vector of both, ``a`` where they are equally long."""
    w = longer.size
    for j in range(w):
        square = a[0, j] * a[0, j] + a[1, j] * a[1, j] + a[2, j] * a[2, j]
        longer[j] = b[0, j] * b[0, j] + b[1, j] * b[1, j] + b[2, j] * b[2, j] - square
    for k in range(3):
        for j in range(w):
            out[k, j] = b[k, j] if longer[j] < _ZERO else a[k, j]


@kernel
def fill_normals(points: F32, sampled: F32, axis: F32, fan: np.float32, normal: F32) -> None:
    """:func:`framegen.ops.features.cell_normals`, zero in the sky."""
    h, w = sampled.shape
    before, after, length = np.empty((3, w), np.float32), np.empty((3, w), np.float32), np.empty(w, np.float32)
    across, along = np.empty((3, w), np.float32), np.empty((3, w), np.float32)
    for i in range(h):
        up, down = max(i, 1), min(i + 1, h - 1)
        for k in range(3):
            row = points[k, i]
            for j in range(w - 1):
                after[k, j] = row[j + 1] - row[j]
            for j in range(w - 1):
                before[k, j + 1] = row[j + 1] - row[j]
            after[k, w - 1], before[k, 0] = before[k, w - 1], after[k, 0]
        _shorter(before, after, length, across)
        for k in range(3):
            row, next_row = points[k, up - 1], points[k, up]
            for j in range(w):
                before[k, j] = next_row[j] - row[j]
            row, next_row = points[k, down - 1], points[k, down]
            for j in range(w):
                after[k, j] = next_row[j] - row[j]
        _shorter(before, after, length, along)
        for k in range(3):
            one, two, row = (k + 1) % 3, (k + 2) % 3, normal[k, i]
            for j in range(w):
                row[j] = along[one, j] * across[two, j] - along[two, j] * across[one, j]
        nx, ny, nz = normal[0, i], normal[1, i], normal[2, i]
        x, y, z, depth = points[0, i], points[1, i], points[2, i], sampled[i]
        ax, ay, az = axis[0], axis[1], axis[2]
        if fan > _ZERO:
            for j in range(w):
                length[j] = nx[j] * x[j] + ny[j] * y[j] + nz[j] * z[j]
        else:
            for j in range(w):
                length[j] = nx[j] * ax + ny[j] * ay + nz[j] * az
        for j in range(w):
            scale = _ONE / (np.sqrt(nx[j] * nx[j] + ny[j] * ny[j] + nz[j] * nz[j]) + _TINY)
            scale = -scale if length[j] > _ZERO else scale
            length[j] = scale if depth[j] < _INF else _ZERO
        for k in range(3):
            row = normal[k, i]
            for j in range(w):
                row[j] *= length[j]


@kernel
def fill_surfaces(
    normal: F32,
    points: F32,
    sampled: F32,
    length: F32,
    level: F32,
    sun: F32,
    axis: F32,
    fan: np.float32,
    pixel_m: np.float32,
    fog_per_m: np.float32,
    out: F32,
    plane: U8,
    footprint: F32,
) -> None:
    """What follows from the normals; ``out[FOG]`` is left as the exponent of what the air lets through."""
    h, w = sampled.shape
    sx, sy, sz = sun[0], sun[1], sun[2]
    facing = np.empty(w, np.float32)
    for i in range(h):
        nx, ny, nz = normal[0, i], normal[1, i], normal[2, i]
        for k in range(3):
            row, lx, ly, lz = out[_RIGHT + k, i], level[k, 0], level[k, 1], level[k, 2]
            for j in range(w):
                row[j] = lx * nx[j] + ly * ny[j] + lz * nz[j]
        row = out[_FACING_SUN, i]
        for j in range(w):
            row[j] = max(sx * nx[j] + sy * ny[j] + sz * nz[j], _ZERO)
        depth, stretch, row = sampled[i], length[i], out[_FOG, i]
        for j in range(w):
            row[j] = -fog_per_m * min(depth[j], _FAR) * stretch[j]
        # a perspective ray is the point over its depth; orthographic rays all run along the axis
        x, y, z = points[0, i], points[1, i], points[2, i]
        ax, ay, az = axis[0], axis[1], axis[2]
        if fan > _ZERO:
            for j in range(w):
                facing[j] = (nx[j] * x[j] + ny[j] * y[j] + nz[j] * z[j]) / min(depth[j], _FAR)
        else:
            for j in range(w):
                facing[j] = nx[j] * ax + ny[j] * ay + nz[j] * az
        row = footprint[i]
        for j in range(w):
            spread = min(depth[j], _FAR) if fan > _ZERO else _ONE
            row[j] = pixel_m * spread / np.sqrt(max(abs(facing[j]) / stretch[j], _LEAST_FACING))
        codes = plane[i]
        for j in range(w):
            x_, y_, z_ = abs(nx[j]), abs(ny[j]), abs(nz[j])
            wall = _WALL_X if x_ > z_ else _WALL_Z
            codes[j] = _GROUND if y_ > max(x_, z_) else wall
