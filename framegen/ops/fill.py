"""Cells without history filled from those around them, on two threads; see :mod:`framegen.ops.fill_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops.duet import DUET
from framegen.ops.kernels.fill import fill as fill_rows
from framegen.ops.kernels.jit import ready

_BANDS = 8


def fill(latent: F32, trust: F32, guide: F32, index_channels: int = 0) -> F32:
    """``[h, w, c]``, ``[h, w]`` and ``[GUIDE, h, w]`` float32; a new array like ``latent``."""
    source, known = ready(latent, np.float32), ready(trust, np.float32)
    surfaces = ready(np.moveaxis(guide, 0, -1), np.float32)
    out, sharp = np.empty(source.shape, np.float32), source.shape[2] - index_channels
    bands = min(_BANDS, len(source))
    DUET.split(len(source), bands, lambda first, end: fill_rows(source, known, surfaces, sharp, first, end, out))
    return out
