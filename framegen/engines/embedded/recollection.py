"""What of a session's earlier frames the embedded model goes by, besides the latent."""

from __future__ import annotations

from framegen.ops.lamp_memory import Recall

OPENS_S, CLOSES_S = 0.5, 4.0
"""How long it takes for a view to be taken for one of the open that was of a room, and the other way round: sky is sure
to be seen in the open alone, while a wall close ahead may stand anywhere."""


class Recollection:
    """On its way through one frame.

    Args:
        labels: what the frame's label codes mean.

    Attributes:
        lamps: those of the session.
        outdoors: 0..1, how surely the frame shows the open; None: nobody has asked yet. settled: whether a frame that
            shows the same again would say so, too.
    """

    def __init__(self, labels: object) -> None:
        self.lamps = Recall(labels)
        self.outdoors: float | None = None
        self.settled = True
        self._before: float | None = None
        self._passed_s = 0.0

    def follow(self, last: Recollection, passed_s: float) -> None:
        """Lets ``last``, of ``passed_s`` before, be what is known."""
        self.lamps.follow(last.lamps, passed_s)
        self._before, self._passed_s = last.outdoors, passed_s

    def steadied(self, seen: float) -> float:
        """``outdoors``, of what this frame alone says."""
        now = seen
        if self._before is not None:
            up, down = self._passed_s / OPENS_S, self._passed_s / CLOSES_S
            now = min(max(seen, self._before - down), self._before + up)
        self.outdoors, self.settled = now, now == seen
        return now

    @property
    def fades(self) -> bool:
        """Whether a frame that shows the same again would have another picture."""
        return not self.settled or (self.lamps.after is not None and self.lamps.after.fade)
