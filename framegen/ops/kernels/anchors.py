"""Carrying anchors from frame to frame; see :mod:`framegen.temporal.anchors`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64
from framegen.ops.kernels import latent
from framegen.ops.kernels.jit import kernel

_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)
_SAME_SURFACE = np.float32(0.05)
"""Neighbouring cells whose depths differ by less than this share are taken for one surface."""
_SAME_THING = np.float32(0.1)
"""What moves towards the camera by more than this share of its depth in one frame is taken for something else."""
_REACH = 2
"""Cells to either side in which a cell without history looks for its own thing."""


@kernel
def _place(matrix: F64, axis: int, x: float, y: float, depth: float) -> Any:
    """World coordinate ``axis`` of a point at NDC x, y and depth (metres); ``matrix`` ``[3, 6]``."""
    row = matrix[axis]
    return (row[0] * x + row[1] * y + row[2]) * depth + (row[3] * x + row[4] * y + row[5])


@kernel
def _depth_at(before_m: F32, x: np.float32, y: np.float32) -> Any:
    """Depth of the surface seen at a fractional cell: bilinear among neighbours that lie on the nearest one's."""
    height, width = before_m.shape
    left, top = math.floor(x), math.floor(y)
    u, v = x - np.float32(left), y - np.float32(top)
    column = min(max(left + (1 if u >= _HALF else 0), 0), width - 1)
    row = min(max(top + (1 if v >= _HALF else 0), 0), height - 1)
    nearest = before_m[row, column]
    total = weights = _ZERO
    for dy in range(2):
        for dx in range(2):
            found = before_m[min(max(top + dy, 0), height - 1), min(max(left + dx, 0), width - 1)]
            if abs(found - nearest) < _SAME_SURFACE * nearest:
                weight = (u if dx else _ONE - u) * (v if dy else _ONE - v)
                total += weight * found
                weights += weight
    return total / weights if weights > _ZERO else nearest


@kernel
def _own(before_m: F32, x: np.float32, y: np.float32, expected: np.float32) -> int:
    """Flat index of the cell around a place that showed the surface expected there, if the nearest one showed what lies
    behind it; else -1. See :func:`framegen.ops.temporal_reference.anchor_sources`."""
    height, width = before_m.shape
    if not (x > -_ONE and y > -_ONE and x < width and y < height):
        return -1
    column, row = min(max(math.floor(x + _HALF), 0), width - 1), min(max(math.floor(y + _HALF), 0), height - 1)
    if not before_m[row, column] > expected * (_ONE + _SAME_SURFACE):
        return -1
    best, least = -1, expected * _SAME_SURFACE
    left, top = math.floor(x), math.floor(y)
    for dy in range(2):
        for dx in range(2):
            i, j = min(max(top + dy, 0), height - 1), min(max(left + dx, 0), width - 1)
            off = abs(before_m[i, j] - expected)
            if off < least:
                best, least = i * width + j, off
    return best


@kernel
def carry(
    depth_m: F32, expected_m: F32, before_m: F32, now: F64, before: F64, x: F32, y: F32, moving: NDArray[np.bool_],
    trust: F32, shift_before: F32, weight_before: F32, rise: float, fall: float, shift: F32, weight: F32,
    held: NDArray[np.bool_],
) -> None:  # fmt: skip
    """``shift`` ``[h, w, 3]``, ``weight`` and ``held`` ``[h, w]`` of this frame; see :func:`..temporal.anchors.carry`.

    ``now``, ``before`` ``[3, 6]``: world place from (x·d, y·d, d, x, y, 1). ``held``: the chain did not break.
    ``shift_before`` is empty where nothing has moved yet.
    """
    height, width = depth_m.shape
    known = shift_before.size > 0
    for row in range(height):
        for column in range(width):
            kept = trust[row, column] > _ZERO
            moves = moving[row, column]
            held[row, column] = kept
            shift[row, column, 0] = shift[row, column, 1] = shift[row, column, 2] = _ZERO
            weight[row, column] = _ONE
            if not (moves or known):
                continue
            place_x, place_y = latent.held(x[row, column], width), latent.held(y[row, column], height)
            source_x = min(max(math.floor(place_x + _HALF), 0), width - 1)
            source_y = min(max(math.floor(place_y + _HALF), 0), height - 1)
            if not (moves or kept):
                own = _own(before_m, place_x, place_y, expected_m[row, column])
                if own < 0:
                    continue
                source_y, source_x = own // width, own % width
                held[row, column] = kept = True
            depth = _ZERO
            if moves:
                # trust forgives much of what moves: at its edges the place may still be something else's
                depth = _depth_at(before_m, place_x, place_y)
                kept &= abs(depth - expected_m[row, column]) < _SAME_THING * depth
                held[row, column] = kept
            faded = weight_before[source_y, source_x] if known else _ONE
            weight[row, column] = min(faded + np.float32(rise), _ONE) if kept else max(faded - np.float32(fall), _ZERO)
            if known and kept:
                for axis in range(3):
                    shift[row, column, axis] = shift_before[source_y, source_x, axis]
            if moves and kept:
                here_x, here_y = (column + 0.5) * (2.0 / width) - 1.0, 1.0 - (row + 0.5) * (2.0 / height)
                there_x, there_y = (place_x + 0.5) * (2.0 / width) - 1.0, 1.0 - (place_y + 0.5) * (2.0 / height)
                for axis in range(3):
                    was = _place(before, axis, there_x, there_y, depth)
                    moved = was - _place(now, axis, here_x, here_y, depth_m[row, column])
                    shift[row, column, axis] += np.float32(moved)


@kernel
def join(depth_m: F32, moving: NDArray[np.bool_], held: NDArray[np.bool_], shift: F32, weight: F32) -> Any:
    """Cells of movers whose chain broke take the mean shift of the held ones beside them; returns the greatest."""
    height, width = depth_m.shape
    greatest = _ZERO
    for row in range(height):
        for column in range(width):
            if moving[row, column] and not held[row, column]:
                count, best = 0, _ZERO
                total_x = total_y = total_z = _ZERO
                for i in range(max(row - _REACH, 0), min(row + _REACH + 1, height)):
                    for j in range(max(column - _REACH, 0), min(column + _REACH + 1, width)):
                        near = abs(depth_m[i, j] - depth_m[row, column]) < _SAME_SURFACE * depth_m[row, column]
                        if near and moving[i, j] and held[i, j]:
                            count += 1
                            best = max(best, weight[i, j])
                            total_x += shift[i, j, 0]
                            total_y += shift[i, j, 1]
                            total_z += shift[i, j, 2]
                if count > 0:
                    share = _ONE / np.float32(count)
                    shift[row, column, 0], shift[row, column, 1] = total_x * share, total_y * share
                    shift[row, column, 2], weight[row, column] = total_z * share, best
            for axis in range(3):
                greatest = max(greatest, abs(shift[row, column, axis]))
    return greatest


def warm_up() -> None:
    """Compile all of this module."""
    plane, shift, matrix = np.ones((2, 2), np.float32), np.zeros((2, 2, 3), np.float32), np.ones((3, 6))
    mask = np.zeros((2, 2), np.bool_)
    carry(plane, plane, plane, matrix, matrix, plane, plane, mask, plane, shift, plane, 0.1, 0.1, shift, plane, mask)
    join(plane, mask, mask, shift, plane)
