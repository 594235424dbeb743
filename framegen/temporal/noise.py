"""Noise that sticks to surfaces.

Where depth and camera are exact the noise of a cell is looked up by its place in the world: no
history, no drift, variance exactly that of the table. Elsewhere it is carried along by motion,
nearest neighbour (interpolation would lower its variance), each old value to one cell only
(copies would be correlated); the rest is fresh.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, F64, Camera
from framegen.ops.anchors import Anchors
from framegen.ops.kernels import noise
from framegen.ops.kernels.jit import ready
from framegen.ops.warp import nearest_index
from framegen.temporal.geometry import SKY_M, Grid, spans_m, world_from_features

_ROWS = 1 << 14
_NO_SHIFT = np.zeros((0, 0, 3), np.float32)

# The golden-ratio-like offset and a rotation by irrational angles: no floor, wall or slope that people build
# lies along the lattice's cell borders, where rounding would decide about the cell.
_OFFSET = np.array([0.7548776662466927, 0.5698402909980532, 0.4301597090019468])


def _rotation() -> F64:
    a, b, c = 1.0, 2.0**0.5, 3.0**0.5
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(x @ y @ z, np.float64)


LATTICE_AXES = _rotation()
"""``[3, 3]``: rows are the axes of the lattice in the world."""


@lru_cache(maxsize=8)
def table(seed: int, channels: int) -> F32:
    """``[16384, channels]`` float32 of normal noise, each channel of mean 0 and variance 1 exactly; not to be
    written."""
    values = np.random.default_rng(seed).standard_normal((_ROWS, channels))
    values -= values.mean(axis=0)
    values /= values.std(axis=0)
    return np.asarray(values.astype(np.float32), np.float32)


def fresh(cells: NDArray[np.integer], channels: int, seed: int, frame_id: int) -> F32:
    """``[n, channels]`` float32 of unit variance for the cells of index ``cells`` (``[n]``): another for every frame,
    the same for the same arguments."""
    salt = np.full(1, (frame_id * 0x9E3779B1 + 0x85EBCA6B) & 0xFFFFFFFF, np.uint32)
    rows = _mix(cells.astype(np.uint32) * np.uint32(0x27D4EB2F) ^ _mix(salt)) & np.uint32(_ROWS - 1)
    return np.asarray(table(seed, channels).take(rows, axis=0), np.float32)


def by_position(positions_m: F64, footprint_m: F32, channels: int, seed: int) -> F32:
    """``[h, w, channels]`` float32 of unit variance: the noise of places in the world.

    A hash of the cell of a cubic lattice, turned by irrational angles, that the place lies in. Two octaves,
    whose cells are at most as wide as the footprint (so that neighbours seldom share one, at grazing angles
    too: there they only lie further apart) are blended by weights of which the squares sum to one.

    Args:
        positions_m: ``[3, h, w]`` float64, absolute, metres, along :data:`LATTICE_AXES`.
        footprint_m: ``[h, w]`` float32: width of a cell there, metres.
    """
    values = np.empty((*footprint_m.shape, channels), np.float32)
    noise.by_position(
        ready(positions_m, np.float64), ready(footprint_m, np.float32), _OFFSET, table(seed, channels), values
    )
    return values


def at_surfaces(depth_m: F32, camera: Camera, grid: Grid, channels: int, seed: int) -> F32:
    """:func:`by_position` of what each cell shows, where it is: ``[h, w, channels]`` float32.

    ``depth_m``: ``[h, w]`` float32, metres, of the cells' centres.
    """
    values = np.empty((*depth_m.shape, channels), np.float32)
    _fill(depth_m, camera, grid, seed, _NO_SHIFT, values)
    return values


def follow(values: F32, anchors: Anchors, depth_m: F32, camera: Camera, grid: Grid, seed: int) -> None:
    """Gives what moves on its own the noise of the place that it is anchored to, in :func:`at_surfaces`' result."""
    _fill(depth_m, camera, grid, seed, anchors.shift_m, values)


def _fill(depth_m: F32, camera: Camera, grid: Grid, seed: int, shift_m: F32, values: F32) -> None:
    noise.at_surfaces(
        ready(depth_m, np.float32),
        LATTICE_AXES @ world_from_features(camera),
        spans_m(camera, grid),
        LATTICE_AXES,
        shift_m,
        SKY_M,
        _OFFSET,
        table(seed, values.shape[-1]),
        0,
        grid.height,
        values,
    )


def sources(x: F32, y: F32, rest: F32) -> tuple[NDArray[np.intp], F32]:
    """Which cell's noise each one is to have, as flat index, and its rest.

    Noise moves by whole cells. Rounded anew in every frame, a picture that moves by less than half a cell would slide
    through it; so what rounding left out is remembered.

    Args:
        x, y: ``[h, w]`` float32, columns and rows of the last frame that the cells come from.
        rest: ``[h, w, 2]`` float32: how far from the centre of its cell the last frame's noise belongs, in cells.
    """
    height, width = x.shape
    flat = rest.reshape(-1, 2)
    off = flat[nearest_index(x, y, width, height)]
    source = nearest_index(x - off[..., 0], y - off[..., 1], width, height)
    row, column = np.divmod(source, width)
    return source, np.asarray(flat[source] + np.stack((column - x, row - y), -1), np.float32)


def carried(before: F32, source: NDArray[np.intp], trusted: NDArray[np.bool_], new: F32) -> NDArray[np.intp]:
    """Puts old values into ``new`` where they are trusted; each old value goes to one cell at most.

    Args:
        before: ``[m, c]``, the last frame's noise. source: ``[n]``, which row of it each cell is to have.
        trusted: ``[n]``. new: ``[n, c]``, written.

    Returns:
        which cells have an old value.
    """
    wanting = np.flatnonzero(trusted)
    wanted = source[wanting]
    owner = np.full(len(before), -1)
    owner[wanted] = wanting
    kept = np.asarray(wanting[owner[wanted] == wanting], np.intp)
    new[kept] = before[source[kept]]
    return kept


def _mix(key: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The finaliser of MurmurHash3 (Appleby): every bit of the key moves every bit of the result."""
    key = key ^ (key >> np.uint32(16))
    key = key * np.uint32(0x85EBCA6B)
    key = key ^ (key >> np.uint32(13))
    key = key * np.uint32(0xC2B2AE35)
    return np.asarray(key ^ (key >> np.uint32(16)), np.uint32)
