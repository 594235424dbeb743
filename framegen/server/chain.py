"""Motion over frames that were dropped, as long as joining it is worth its time."""

from __future__ import annotations

from framegen.frame import Frame
from framegen.temporal.motion import merge_superseded

LONGEST = 8
"""Frames joined in a row. A join takes about a millisecond, so that a client sending much faster than the model runs
would otherwise slow the model down the more, the slower it is."""


class MotionChain:
    """Of one session: the motion from the frame that waits back to the last one that was taken."""

    def __init__(self) -> None:
        self._length = 0

    def taken(self) -> None:
        """The waiting frame goes to work: a new chain begins."""
        self._length = 0

    def join(self, displaced: Frame, newer: Frame) -> Frame:
        """``newer`` with motion that reaches as far back as that of ``displaced`` did.

        Beyond :data:`LONGEST` it is returned as it is: its motion points to a frame that was not made, which the
        restyler sees by ``motion_from_frame_id`` and then goes by depth and cameras, or by optical flow.
        """
        self._length += 1
        return newer if self._length > LONGEST else merge_superseded(displaced, newer)
