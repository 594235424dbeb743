"""Paint that becomes light, fast; see :mod:`framegen.ops.unveil_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops.kernels import gains
from framegen.ops.kernels import unveil as kernels
from framegen.ops.kernels.jit import ready


def unveiled(latent: F32, guide: F32, sky: F32, cover: float, share: float) -> F32:
    """A latent ``[h, w, c]`` whose paint has in part become light.

    Args:
        guide: ``[GUIDE, h, w]`` of :mod:`framegen.ops.atrous_reference`. sky: ``[h, w]``, share of each cell that is
            sky, whose paint stays. cover: 0..1, what composing will leave of the paint.
        share: 0..1, how much of it is to become light.
    """
    out = np.array(latent, np.float32, order="C")
    gain, brighter = (np.empty((*out.shape[:2], 3), np.float32) for _ in range(2))
    gains.take(out, gain)
    np.exp(gain, out=gain)  # of a whole array, NumPy's are many times as fast as one by one
    planes = ready(guide, np.float32), ready(sky, np.float32)
    kernels.unveil(out, gain, *planes, np.float32(cover), np.float32(share), brighter)
    gains.add(out, np.log(brighter, out=brighter))
    return out


__all__ = ["unveiled"]
