"""What of a session's earlier frames the embedded model goes by, besides the latent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framegen.frame import F64
from framegen.ops.lamp_memory import Recall


@dataclass(frozen=True)
class Decision:
    """What is decided for a whole frame, 0..1, and how many seconds it takes to go from 0 to 1, and back."""

    what: str
    rises_s: float
    falls_s: float


OUTDOORS = Decision("it shows the open", 0.5, 4.0)
"""Sky is sure to be seen there alone, while a wall close ahead may stand anywhere."""
LIT = Decision("the engine draws it as lit by day", 2.0, 2.0)
"""What comes into view may be bright or dark."""
DRAWN = Decision("the engine has drawn the sun's shadows itself", 1.5, 1.5)
"""It does so at all times, or never."""
SNOWED = Decision("snow lies", 0.7, 0.7)
"""A view may turn to a wall."""
JUMPS_M = 20.0
"""A camera that is so much farther from one frame to the next is in another place, whatever it shows."""


class Recollection:
    """On its way through one frame.

    Args:
        labels: what the frame's label codes mean. position_m: ``[3]`` of its camera in the world; None: not known.

    Attributes:
        lamps: those of the session. settled: whether a frame that shows the same again would decide the same.
    """

    def __init__(self, labels: object, position_m: F64 | None = None) -> None:
        self.position_m = position_m
        self.lamps = Recall(labels)
        self.settled = True
        self._decided: dict[Decision, float] = {}
        self._before: dict[Decision, float] = {}
        self._passed_s = 0.0

    def follow(self, last: Recollection, passed_s: float) -> None:
        """Lets ``last``, of ``passed_s`` before, be what is known, unless that was elsewhere."""
        here, there = self.position_m, last.position_m
        if here is not None and there is not None and np.linalg.norm(here - there) > JUMPS_M:
            return
        self.lamps.follow(last.lamps, passed_s)
        self._before, self._passed_s = last._decided, passed_s

    def steadied(self, what: Decision, seen: float) -> float:
        """A decision 0..1 on the way to what this frame alone says; asked once a frame."""
        now, before = seen, self._before.get(what)
        if before is not None:
            low, high = before - self._passed_s / what.falls_s, before + self._passed_s / what.rises_s
            now = min(max(seen, low), high)
        self._decided[what] = now
        self.settled &= now == seen
        return now

    @property
    def fades(self) -> bool:
        """Whether a frame that shows the same again would have another picture."""
        return not self.settled or (self.lamps.after is not None and self.lamps.after.fade)
