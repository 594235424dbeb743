"""A frame's depth as the picture that depth control was trained on."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, Frame

NEAREST_SHARE = 0.99
"""Share of a picture's inverse depths that depth control shows below its brightest value."""


def depth_picture(frame: Frame) -> F32:
    """``[H, W]`` float32 0..1: inverse depth, near bright, sky black.

    Scaled by the frame's own nearest percentile; without depth it is black everywhere.
    """
    if frame.depth_m is None:
        return np.zeros((frame.height, frame.width), np.float32)
    depth = np.asarray(frame.depth_m, np.float32)
    near = np.where(np.isfinite(depth) & (depth > 0.0), 1.0 / np.maximum(depth, 1e-3), 0.0).astype(np.float32)
    most = max(float(np.quantile(near[::8, ::8], NEAREST_SHARE)), 1e-6)
    shown: F32 = np.minimum(near / most, 1.0).astype(np.float32)
    return shown
