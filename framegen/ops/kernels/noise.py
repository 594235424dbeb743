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
def by_position(positions_m: F64, footprint_m: F32, offset: F64, table: F32, out: F32) -> None:
    """Two octaves of ``table`` (``[2^n, c]``), by the cells of the lattice that each place lies in, blended."""
    rows, channels = table.shape
    for row in range(footprint_m.shape[0]):
        for column in range(footprint_m.shape[1]):
            octave = math.log2(min(max(footprint_m[row, column], _LEAST_M), _MOST_M))
            coarse = math.floor(octave)
            part = np.float32(octave - coarse)
            scale = _SCALES[coarse - _FIRST_LEVEL]
            x = positions_m[0, row, column] * scale
            y = positions_m[1, row, column] * scale
            z = positions_m[2, row, column] * scale
            low = _row(x + offset[0], y + offset[1], z + offset[2], int(coarse), rows)
            x, y, z = x + x, y + y, z + z
            fine = _row(x + offset[0], y + offset[1], z + offset[2], int(coarse) - 1, rows)
            norm = _ONE / math.sqrt(part * part + (_ONE - part) * (_ONE - part))
            for k in range(channels):
                out[row, column, k] = part * norm * table[low, k] + (_ONE - part) * norm * table[fine, k]


def warm_up() -> None:
    """Compile all of this module."""
    plane, matrix, positions = np.ones((2, 2), np.float32), np.ones((3, 6)), np.empty((3, 2, 2))
    world_positions(plane, matrix, 1e7, positions)
    by_position(positions, plane, np.zeros(3), np.ones((2, 1), np.float32), np.empty((2, 2, 1), np.float32))
