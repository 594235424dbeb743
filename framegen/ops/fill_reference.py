"""The meaning of filling what history does not know, in plain NumPy: what the fast form must match.

Where a latent is carried to a frame without a pass of the network, cells that come out from behind an edge or from
beyond the border have no history. They take what cells around them have that are trusted and look alike: the first
rings around a cell that bring :data:`ENOUGH` of these are averaged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32
from framegen.ops.atrous_reference import FALL, SOFT

KNOWN = 0.5
"""Trust from which on a cell is taken as it is."""
RINGS = ((1, 1), (2, 1), (3, 1), (4, 1), (6, 2), (9, 3), (15, 5), (21, 7))
"""Square rings of cells around a cell that are searched, and the distance from one cell of a ring to the next; beyond
them it keeps what was there before."""
ENOUGH = 0.5
"""Sum of likeness (1: the same surface) at which no further ring is asked."""
LEAST = 1e-4
"""Likeness of any cell: where no other is near, one of another surface is better than none."""


def ring_offsets() -> list[NDArray[np.int64]]:
    """Of each ring its cells ``[n, 2]``: rows down, columns right; row by row."""
    found = []
    for ring, step in RINGS:
        along = range(-ring, ring + 1, step)
        found.append(np.array([(y, x) for y in along for x in along if max(abs(y), abs(x)) == ring], np.int64))
    return found


def fill(latent: F32, trust: F32, guide: F32, index_channels: int = 0) -> F32:
    """``latent`` with a value for every cell of which history is not to be trusted; a new array like it.

    Args:
        latent: ``[h, w, c]`` float32, reprojected. trust: ``[h, w]`` float32 0..1.
        guide: ``[GUIDE, h, w]``, see :func:`framegen.ops.atrous_reference.guide`.
        index_channels: this many channels at the end are numbers of things, taken from the likeliest cell (of equal
            ones the first, ring by ring, row by row).
    """
    height, width = trust.shape
    out: F32 = latent.copy()
    sharp = latent.shape[2] - index_channels
    for y, x in np.argwhere(trust < KNOWN):
        total, count, most = np.zeros(sharp, np.float32), np.float32(0), np.float32(0)
        for offsets in ring_offsets():
            for y2, x2 in offsets + np.array((y, x)):
                if not (0 <= y2 < height and 0 <= x2 < width and trust[y2, x2] >= KNOWN):
                    continue
                apart = np.float32(np.square(guide[:, y, x] - guide[:, y2, x2]).sum())
                alike = max(np.float32((1 + apart / SOFT) ** -FALL), np.float32(LEAST))
                total += alike * latent[y2, x2, :sharp]
                count += alike
                if alike > most:
                    most = alike
                    out[y, x, sharp:] = latent[y2, x2, sharp:]
            if count >= ENOUGH:
                break
        if count > 0:
            out[y, x, :sharp] = total / count
    return out
