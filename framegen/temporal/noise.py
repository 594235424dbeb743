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

from framegen.frame import F32, F64

_ROWS = 1 << 14

# The golden-ratio-like offset and a rotation by irrational angles: no floor, wall or slope that people build
# lies along the lattice's cell borders, where rounding would decide about the cell.
_OFFSET = np.array([0.7548776662466927, 0.5698402909980532, 0.4301597090019468])


def _rotation() -> F64:
    a, b, c = 1.0, 2.0**0.5, 3.0**0.5
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(x @ y @ z, np.float64)


_ROTATION = _rotation()


@lru_cache(maxsize=8)
def table(seed: int, channels: int) -> F32:
    """``[16384, channels]`` float32 of normal noise, each channel of mean 0 and variance 1 exactly."""
    values = np.random.default_rng(seed).standard_normal((_ROWS, channels))
    values -= values.mean(axis=0)
    values /= values.std(axis=0)
    frozen = values.astype(np.float32)
    frozen.setflags(write=False)
    return frozen


def fresh(shape: tuple[int, int], channels: int, seed: int, frame_id: int) -> F32:
    """``[h, w, channels]`` float32 of unit variance, another for every frame, the same for the same arguments."""
    cells = np.arange(shape[0] * shape[1], dtype=np.uint32)
    salt = np.uint32((frame_id * 0x9E3779B1 + 0x85EBCA6B) & 0xFFFFFFFF)
    rows = _mix(cells * np.uint32(0x27D4EB2F) ^ _mix(np.full(1, salt))) & np.uint32(_ROWS - 1)
    return np.asarray(table(seed, channels).take(rows, axis=0).reshape(*shape, channels), np.float32)


def by_position(positions_m: F64, footprint_m: F32, channels: int, seed: int) -> F32:
    """``[h, w, channels]`` float32 of unit variance: the noise of places in the world.

    A hash of the cell of a cubic lattice, turned by irrational angles, that the place lies in. Two octaves,
    whose cells are at most as wide as the footprint (so that neighbours seldom share one, at grazing angles
    too: there they only lie further apart) are blended by weights of which the squares sum to one.

    Args:
        positions_m: ``[h, w, 3]`` float64, absolute, metres. footprint_m: ``[h, w]``: width of a cell there, metres.
    """
    octave = np.log2(np.maximum(footprint_m, np.float32(1e-6)))
    coarse = np.floor(octave)
    part = (octave - coarse).ravel()
    turned = _ROTATION.T @ positions_m.reshape(-1, 3).T
    turned *= np.exp2(-coarse, dtype=np.float32).ravel()
    level = coarse.ravel().astype(np.int32)
    values = table(seed, channels)
    low = values.take(_rows(turned, level), axis=0)
    turned *= 2.0
    fine = values.take(_rows(turned, level - 1), axis=0)
    norm = 1.0 / np.sqrt(part * part + (1.0 - part) ** 2)
    low *= (part * norm)[:, None]
    fine *= ((1.0 - part) * norm)[:, None]
    low += fine
    return np.asarray(low.reshape(*footprint_m.shape, channels), np.float32)


def carried(before: F32, source: NDArray[np.intp], trust: F32, new: F32) -> F32:
    """``before`` (``[h, w, c]``) at flat cell indices ``source`` where it is trusted; ``new`` elsewhere.

    Each old value goes to one cell at most.
    """
    flat = source.ravel()
    wanting = np.flatnonzero(trust.ravel() > 0.0)
    owner = np.full(flat.size, -1)
    owner[flat[wanting]] = wanting
    keep = owner[flat] == np.arange(flat.size)
    channels = before.shape[-1]
    moved = np.where(keep[:, None], before.reshape(-1, channels).take(flat, axis=0), new.reshape(-1, channels))
    return np.asarray(moved.reshape(new.shape), np.float32)


def _rows(turned: F64, level: NDArray[np.int32]) -> NDArray[np.uint32]:
    """Row of the table for places ``[3, n]`` in cells of the lattice, ``[n]``."""
    lattice = np.floor(turned + _OFFSET[:, None]).astype(np.int64).astype(np.uint32)
    key = lattice[0] * np.uint32(0x8DA6B343)
    key ^= lattice[1] * np.uint32(0xD8163841)
    key ^= lattice[2] * np.uint32(0xCB1AB31F)
    key ^= level.astype(np.uint32) * np.uint32(0x165667B1)
    return np.asarray(_mix(key) & np.uint32(_ROWS - 1), np.uint32)


def _mix(key: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The finaliser of MurmurHash3 (Appleby): every bit of the key moves every bit of the result."""
    key = key ^ (key >> np.uint32(16))
    key = key * np.uint32(0x85EBCA6B)
    key = key ^ (key >> np.uint32(13))
    key = key * np.uint32(0xC2B2AE35)
    return np.asarray(key ^ (key >> np.uint32(16)), np.uint32)
