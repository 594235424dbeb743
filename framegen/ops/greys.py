"""Greys that stay grey by day, fast; see :mod:`framegen.ops.greys_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import greys_reference as reference
from framegen.ops.atrous_reference import SAME_COLOR
from framegen.ops.kernels import gains
from framegen.ops.kernels import greys as kernels
from framegen.ops.kernels.jit import ready


def lit(guide: F32) -> float:
    """0..1, how much a frame is lit as by day, by its ``guide`` as :func:`kept` takes it."""
    return reference.lit(np.moveaxis(guide[:3] * np.float32(SAME_COLOR), 0, -1))


def kept(latent: F32, guide: F32, sky: F32, cover: float, share: float) -> F32:
    """A latent ``[h, w, c]`` whose greys are lit as by day.

    Args:
        guide: ``[GUIDE, h, w]`` of :mod:`framegen.ops.atrous_reference`. sky: ``[h, w]``, share of each cell that is
            sky, which stays. cover: 0..1, what composing will leave of the paint. share: 0..1, of the look that is day.
    """
    out = np.array(latent, np.float32, order="C")
    gain, change = (np.empty((*out.shape[:2], 3), np.float32) for _ in range(2))
    gains.take(out, gain)
    np.exp(gain, out=gain)  # of a whole array, NumPy's are many times as fast as one by one
    guide, sky = ready(guide, np.float32), ready(sky, np.float32)
    kernels.changes(out, gain, guide, np.float32(cover), change)
    np.log(change, out=change)
    kernels.hold(change, guide, sky, np.float32(share))
    gains.color(out, change, np.exp(change, out=gain))
    return out


__all__ = ["kept", "lit"]
