"""The meaning of carrying a diffusion latent to a frame that the network does not see, in plain NumPy: what the form in
PyTorch must match.

A trusted cell is its history. What comes out from behind an edge has none, but its source is known: the autoencoder has
seen the frame. Two guesses offer themselves. The mean of the trusted cells around (as of the embedded model,
:mod:`framegen.ops.fill`) knows the look and nothing of what the cell shows: best where restyled and source latent have
nothing to do with each other, as of networks that begin with noise alone. The source's latent plus the mean difference
around knows what the cell shows: exact where the restyle adds the same to all of a neighbourhood. For latents of
variance 1 around their local means, with correlation r, their squared errors are 1 and 2 (1 - r), so that neither is
always the better one. The line that fits the trusted cells best, ``mean of z + slope (E - mean of E)``, has slope r and
error 1 - r², no more than either; they are its ends, slopes 0 and 1. It is fitted for each channel.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32
from framegen.ops.fill_reference import KNOWN

REACHES = (32, 16, 8, 4, 2)
"""Cells that square windows reach to each side, from the widest to the narrowest."""
PRIOR = 0.05
"""Trusted cells that the mean of the wider window counts as in a narrower one: it decides where that has none."""
RIDGE = 1e-4
"""Variance of the source, in units of the latent squared, below which it says nothing: the slope is then 1."""


def carry(past: F32, source: F32, trust: F32) -> F32:
    """``past`` where it is trusted, a guess where not; a new array like it.

    Args:
        past: ``[h, w, c]`` float32, reprojected. source: ``[h, w, c]`` float32, the frame's own latent.
        trust: ``[h, w]`` float32 0..1; :data:`~framegen.ops.fill_reference.KNOWN` and more is trusted.

    With nothing trusted at all it is the source.
    """
    known = trust >= KNOWN
    z, e = local_mean(past, known), local_mean(source, known)
    apart_z, apart_e = (past - z)[known], (source - e)[known]
    count = max(1, len(apart_e))
    slope = ((apart_z * apart_e).sum(0) / count + RIDGE) / (np.square(apart_e).sum(0) / count + RIDGE)
    guess = z + np.clip(slope, 0.0, 1.0) * (source - e)
    return np.where(known[..., None], past, guess).astype(np.float32)


def local_mean(values: F32, known: NDArray[np.bool_]) -> F32:
    """``[h, w, c]`` float32: of each cell the mean of ``values`` over the known cells around it, near ones above all.

    From window to narrower window ``mean = (sum of the known + PRIOR · mean) / (count of the known + PRIOR)``, begun
    with the mean of all (0 where none is known). Its weights are positive, sum to 1 and hang on ``known`` alone.
    """
    taken = np.where(known[..., None], values, np.float32(0))
    mean: F32 = np.broadcast_to(taken.sum((0, 1)) / max(1, np.count_nonzero(known)), values.shape)
    for reach in REACHES:
        count = _sums(known[..., None].astype(np.float32), reach) + np.float32(PRIOR)
        mean = (_sums(taken, reach) + np.float32(PRIOR) * mean) / count
    return mean


def _sums(planes: F32, reach: int) -> F32:
    """``[h, w, c]``: sum over each cell's window; nothing lies beyond the border."""
    padded = np.pad(planes, ((reach, reach), (reach, reach), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * reach + 1, 2 * reach + 1), (0, 1))
    return np.asarray(windows.sum((-2, -1)), np.float32)
