"""A decision that comes softly: what is made for a whole frame would else pop as the view moves."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32


def ramp(value: float, ends: tuple[float, float]) -> float:
    """0 up to the first of ``ends``, 1 from the second on, straight between."""
    return min(max((value - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0)


def smooth_ramp(values: F32, ends: tuple[float, float]) -> F32:
    """The same of each value, without corners at the ends (smoothstep)."""
    t = np.clip((values - ends[0]) / (ends[1] - ends[0]), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
