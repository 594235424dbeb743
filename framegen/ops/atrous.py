"""The network's coefficients averaged along surfaces, on two threads; see :mod:`framegen.ops.atrous_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops.duet import DUET
from framegen.ops.kernels.atrous import smooth as smooth_rows
from framegen.ops.kernels.jit import ready


def smooth(latent: F32, guide: F32) -> F32:
    """``[h, w, LATENT]`` and ``[GUIDE, h, w]`` float32; a new array like ``latent``."""
    source, surfaces = ready(latent, np.float32), ready(guide, np.float32)
    out = np.empty(source.shape, np.float32)
    DUET.split(len(source), min(2, len(source)), lambda first, end: smooth_rows(source, surfaces, first, end, out))
    return out
