"""The meaning of filling what history does not know, in plain NumPy: what the fast form must match.

Where a latent is carried to a frame without a pass of the network, cells that come out from behind an edge or from
beyond the border have no history. They take what cells around them have that are trusted and look alike: the first
rings around a cell that bring :data:`ENOUGH` of these are averaged.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops.atrous_reference import FALL, SOFT

KNOWN = 0.5
"""Trust from which on a cell is taken as it is."""
REACH = 20
"""Rings around a cell that are searched; beyond them it keeps what was there before."""
ENOUGH = 0.5
"""Sum of likeness (1: the same surface) at which no further ring is asked."""
LEAST = 1e-4
"""Likeness of any cell: where no other is near, one of another surface is better than none."""


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
        for ring in range(1, REACH + 1):
            for y2 in range(max(y - ring, 0), min(y + ring, height - 1) + 1):
                for x2 in range(max(x - ring, 0), min(x + ring, width - 1) + 1):
                    if max(abs(y2 - y), abs(x2 - x)) != ring or trust[y2, x2] < KNOWN:
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
