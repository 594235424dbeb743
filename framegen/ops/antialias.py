"""Edges of things without stairs: pictures antialiased as games do it, on two threads.

A renderer that is asked for plain, quick frames draws stairs, and a model that keeps the engine's edges keeps them.
Photographs have none.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import U8
from framegen.ops.duet import DUET
from framegen.ops.kernels.antialias import smooth
from framegen.ops.kernels.jit import ready

_BANDS = 8


def antialias(picture: U8, share: float = 1.0) -> U8:
    """``[H, W, 3]`` uint8, a new array; see :func:`framegen.ops.antialias_reference.antialias`."""
    source = ready(picture, np.uint8)
    out = np.empty(source.shape, np.uint8)

    def band(first: int, end: int) -> None:
        smooth(source, first, end, np.float32(share), out)

    DUET.split(len(source), min(_BANDS, len(source)), band)
    return out
