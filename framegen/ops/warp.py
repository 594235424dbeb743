"""Fetching planes at fractional places, at the size of the latent: the fast form of ``temporal_reference``.

Each function here has its meaning in plain NumPy under the same name in
:mod:`framegen.ops.temporal_reference`; tests hold them together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32
from framegen.ops.duet import DUET
from framegen.ops.kernels import latent, temporal
from framegen.ops.kernels.jit import ready


def fetch_latent(planes: F32, x: F32, y: F32, index_channels: int = 0) -> F32:
    """A latent at columns x and rows y (``[h, w]`` float32, in cells); beyond the border its edge is repeated.

    The last ``index_channels`` of ``planes`` (``[h, w, c]`` float32) are those of the nearest cell, the others
    bicubic (Keys 1981, a = -0.75). Returns ``[h, w, c]``.
    """
    planes, x, y = ready(planes, np.float32), ready(x, np.float32), ready(y, np.float32)
    fetched, sharp = np.empty((*x.shape, planes.shape[2]), np.float32), planes.shape[2] - index_channels
    DUET.split(len(x), 2, lambda first, end: latent.fetch(planes, x, y, sharp, first, end, fetched))
    return fetched


def nearest_index(x: F32, y: F32, width: int, height: int) -> NDArray[np.intp]:
    """``[h, w]`` flat index of the cell nearest to x, y, held inside a plane of width x height cells."""
    index = np.empty(x.shape, np.int64)
    temporal.nearest_index(ready(x, np.float32), ready(y, np.float32), width, height, index)
    return index.astype(np.intp, copy=False)


def clamped_blend(new: F32, past: F32, weight: F32, slack: float, index_channels: int = 0) -> F32:
    """``new + weight (clamp(past) - new)``, ``[h, w, c]`` float32; ``weight`` is ``[h, w]``.

    The clamp is to the least and greatest value of each channel over the 3x3 neighbourhood in ``new``, widened by
    ``slack`` standard deviations of the channel (of every fourth cell of every fourth row). The last
    ``index_channels`` stay those of ``new``.
    """
    new, past, weight = ready(new, np.float32), ready(past, np.float32), ready(weight, np.float32)
    blended, wider = np.empty_like(new), latent.deviation(new, 4) * np.float32(slack)
    latent.blend(new, past, weight, wider, 0, len(new), blended)
    if index_channels:
        blended[..., -index_channels:] = new[..., -index_channels:]
    return blended
