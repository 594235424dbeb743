"""Colours that go in the dark, fast; see :mod:`framegen.ops.scotopic_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops.kernels import gains
from framegen.ops.kernels import scotopic as kernels
from framegen.ops.kernels.jit import ready


def gone(latent: F32, guide: F32, cover: float, share: float, outdoors: float) -> F32:
    """A latent ``[h, w, c]`` whose dark surfaces have less colour; their luma stays.

    Args:
        guide: ``[GUIDE, h, w]`` of :mod:`framegen.ops.atrous_reference`. cover: 0..1, what composing will leave of the
            paint. share: 0..1, how much of the look is night.
        outdoors: 0..1, how surely no lamps of a room light the frame.
    """
    out = np.array(latent, np.float32, order="C")
    gain, times = (np.empty((*out.shape[:2], 3), np.float32) for _ in range(2))
    gains.take(out, gain)
    np.exp(gain, out=gain)  # of a whole array, NumPy's are many times as fast as one by one
    shares = np.float32(cover), np.float32(share), np.float32(outdoors)
    kernels.changes(out, gain, ready(guide, np.float32), *shares, times)
    gains.color(out, np.log(times, out=gain), times)
    return out


__all__ = ["gone"]
