"""How many sessions' frames are worth making in one pass of the network."""

from __future__ import annotations

GAIN = 0.95
"""A larger batch must take less than this share of the time per frame of a smaller one."""
_KEEP = 0.8
"""Of an older measurement when a new one comes."""
RETRY = 500
"""So many passes after a size was last used its time counts as unknown: what made it slow may be over."""


class BatchPolicy:
    """Learns what batches cost and says how large the next may be. Pure: times are arguments.

    A frame that shares a pass is never later than it would be after its fellows one by one, but the first of them is:
    so no batch may take longer than the deadline, and none is made that brings no throughput.

    Args:
        most: the largest batch. deadline_ms: what a frame may take for the sake of others.
    """

    def __init__(self, most: int = 4, deadline_ms: float = 50.0) -> None:
        self.most, self.deadline_ms = most, deadline_ms
        self._ms: dict[int, float] = {}
        self._used: dict[int, int] = {}
        self._passes = 0

    def observe(self, count: int, took_ms: float) -> None:
        """A batch of ``count`` took so long. The first of its size is forgotten: it paid for buffers and compiling."""
        self._passes += 1
        self._used[count] = self._passes
        for other, used in self._used.items():
            if self._passes - used >= RETRY and other > 1:
                self._ms[other] = -1.0
        if count not in self._ms:
            self._ms[count] = -1.0
        elif self._ms[count] < 0.0:
            self._ms[count] = took_ms
        else:
            self._ms[count] = _KEEP * self._ms[count] + (1.0 - _KEEP) * took_ms

    def known_ms(self, count: int) -> float | None:
        """What a batch of that size takes; None: unknown."""
        known = self._ms.get(count, -1.0)
        return None if known < 0.0 else known

    def largest(self) -> int:
        """How many frames may be made together now."""
        best, one = 1, self.known_ms(1)
        if one is None:
            return 1
        for count in range(2, self.most + 1):
            known, before = self.known_ms(count), self.known_ms(count - 1)
            if known is None:
                # not known yet: worth a trial where even no gain at all would be in time
                guessed = (before or one) + one
                return count if guessed <= self.deadline_ms and best == count - 1 else best
            if known > self.deadline_ms or known / count > GAIN * (self.known_ms(best) or one) / best:
                return best
            best = count
        return best
