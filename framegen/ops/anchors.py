"""Where the texture of things that move on their own is looked up."""

from __future__ import annotations

from dataclasses import dataclass

from framegen.frame import F32


@dataclass(frozen=True, eq=False)
class Anchors:
    """For every cell, where what it shows was when it was first seen.

    Attributes:
        shift_m: ``[h, w, 3]`` float32, metres in world axes: the place at which texture and noise of a cell are looked
            up, less the place where it is now. Zero for what has stood still all the time.
        weight: ``[h, w]`` float32 0..1: how far that can be relied on; texture fades with it.
    """

    shift_m: F32
    weight: F32
