"""Kernels of noise that sticks to places in the world. Their meaning: :mod:`framegen.ops.temporal_reference`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from framegen.frame import F32, F64
from framegen.ops.kernels.jit import kernel

_MASK = np.uint64(0xFFFFFFFF)
_ONE = np.float32(1.0)
_FIRST_LEVEL = -20
_SCALES = 2.0 ** -np.arange(_FIRST_LEVEL, 108, dtype=np.float64)
_LEAST_M, _MOST_M = np.float32(2.0**_FIRST_LEVEL), np.float32(2.0**107)


@kernel
def world_positions(depth_m: F32, matrix: F64, sky_m: float, positions_m: F64) -> None:
    """Places of the cells' centres: ``matrix`` (``[3, 6]``) times (x·d, y·d, d, x, y, 1)."""
    height, width = depth_m.shape
    sky = np.float32(sky_m)
    for axis in range(3):
        a, b, c = matrix[axis, 0], matrix[axis, 1], matrix[axis, 2]
        d, e, f = matrix[axis, 3], matrix[axis, 4], matrix[axis, 5]
        for row in range(height):
            # Device coordinates are float32, as those that motion is made from.
            y = np.float64(np.float32(1.0 - (row + 0.5) * (2.0 / height)))
            for column in range(width):
                x = np.float64(np.float32((column + 0.5) * (2.0 / width) - 1.0))
                depth = np.float64(min(depth_m[row, column], sky))
                positions_m[axis, row, column] = (a * x + (b * y + c)) * depth + (d * x + (e * y + f))


@kernel
def _row(x: float, y: float, z: float, level: int, rows: int) -> Any:
    """Row of the table for a place in cells of the lattice; the last step is the finaliser of MurmurHash3."""
    key = (np.uint64(np.int64(math.floor(x))) * np.uint64(0x8DA6B343)) & _MASK
    key ^= (np.uint64(np.int64(math.floor(y))) * np.uint64(0xD8163841)) & _MASK
    key ^= (np.uint64(np.int64(math.floor(z))) * np.uint64(0xCB1AB31F)) & _MASK
    key ^= (np.uint64(np.int64(level)) * np.uint64(0x165667B1)) & _MASK
    key ^= key >> np.uint64(16)
    key = (key * np.uint64(0x85EBCA6B)) & _MASK
    key ^= key >> np.uint64(13)
    key = (key * np.uint64(0xC2B2AE35)) & _MASK
    key ^= key >> np.uint64(16)
    return np.int64(key & np.uint64(rows - 1))


@kernel
def _octaves(x: float, y: float, z: float, footprint_m: np.float32, offset: F64, table: F32, out: F32) -> None:
    """The values ``out`` ``[c]`` of one place along the lattice's axes, metres: two octaves, blended."""
    rows, channels = table.shape
    octave = math.log2(min(max(footprint_m, _LEAST_M), _MOST_M))
    coarse = math.floor(octave)
    part = np.float32(octave - coarse)
    scale = _SCALES[coarse - _FIRST_LEVEL]
    x, y, z = x * scale, y * scale, z * scale
    low = _row(x + offset[0], y + offset[1], z + offset[2], int(coarse), rows)
    x, y, z = x + x, y + y, z + z
    fine = _row(x + offset[0], y + offset[1], z + offset[2], int(coarse) - 1, rows)
    norm = _ONE / math.sqrt(part * part + (_ONE - part) * (_ONE - part))
    for k in range(channels):
        out[k] = part * norm * table[low, k] + (_ONE - part) * norm * table[fine, k]


@kernel
def by_position(positions_m: F64, footprint_m: F32, offset: F64, table: F32, out: F32) -> None:
    """Two octaves of ``table`` (``[2^n, c]``), by the cells of the lattice that each place lies in, blended."""
    for row in range(footprint_m.shape[0]):
        for column in range(footprint_m.shape[1]):
            x, y, z = positions_m[0, row, column], positions_m[1, row, column], positions_m[2, row, column]
            _octaves(x, y, z, footprint_m[row, column], offset, table, out[row, column])


@kernel
def at_surfaces(
    depth_m: F32, matrix: F64, spans_m: F32, axes: F64, shift_m: F32, sky_m: float, offset: F64, table: F32,
    first: int, end: int, out: F32,
) -> None:  # fmt: skip
    """:func:`world_positions`, the cells' widths and :func:`by_position` in one, for the rows ``first`` to ``end``.

    ``matrix`` ``[3, 6]`` gives places along ``axes`` ``[3, 3]``. ``shift_m`` ``[h, w, 3]``, in world axes, is added to
    them, and only cells that have one are written; or it is empty. ``spans_m`` ``[2, 2]``: see
    :func:`framegen.temporal.geometry.spans_m`.
    """
    height, width = depth_m.shape
    sky, shifted = np.float32(sky_m), shift_m.size > 0
    place = np.empty(3, np.float64)
    for row in range(first, end):
        y = np.float64(np.float32(1.0 - (row + 0.5) * (2.0 / height)))
        for column in range(width):
            if shifted:
                right, up, back = shift_m[row, column, 0], shift_m[row, column, 1], shift_m[row, column, 2]
                if abs(right) + abs(up) + abs(back) == 0:
                    continue
            x = np.float64(np.float32((column + 0.5) * (2.0 / width) - 1.0))
            near = min(depth_m[row, column], sky)
            depth = np.float64(near)
            for axis in range(3):
                line = matrix[axis]
                place[axis] = (line[0] * x + (line[1] * y + line[2])) * depth + (line[3] * x + (line[4] * y + line[5]))
            if shifted:
                for axis in range(3):
                    place[axis] += axes[axis, 0] * right + axes[axis, 1] * up + axes[axis, 2] * back
            footprint = min(near * spans_m[0, 0] + spans_m[0, 1], near * spans_m[1, 0] + spans_m[1, 1])
            _octaves(place[0], place[1], place[2], footprint, offset, table, out[row, column])


def warm_up() -> None:
    """Compile all of this module."""
    plane, matrix, positions = np.ones((2, 2), np.float32), np.ones((3, 6)), np.empty((3, 2, 2))
    world_positions(plane, matrix, 1e7, positions)
    table, out = np.ones((2, 1), np.float32), np.empty((2, 2, 1), np.float32)
    by_position(positions, plane, np.zeros(3), table, out)
    spans, shift = np.ones((2, 2), np.float32), np.zeros((2, 2, 3), np.float32)
    at_surfaces(plane, matrix, spans, np.eye(3), shift, 1e7, np.zeros(3), table, 0, 2, out)
