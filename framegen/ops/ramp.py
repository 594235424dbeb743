"""A decision that comes softly: what is made for a whole frame would else pop as the view moves."""

from __future__ import annotations


def ramp(value: float, ends: tuple[float, float]) -> float:
    """0 up to the first of ``ends``, 1 from the second on, straight between."""
    return min(max((value - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0)
