"""How fast the processor itself was during a run: on a shared machine it varies by half and more from second to second,
and every figure with it."""

from __future__ import annotations

import hashlib
import time
from statistics import median

_WORK = bytes(256 << 10)


class Yardstick:
    """The same small piece of work, timed again and again beside a measurement."""

    def __init__(self) -> None:
        self._took_ms: list[float] = []

    def lay(self) -> None:
        """Time the work once more: a third of a millisecond or so."""
        began_ns = time.perf_counter_ns()
        hashlib.blake2b(_WORK)
        self._took_ms.append((time.perf_counter_ns() - began_ns) / 1e6)

    def figures(self) -> dict[str, float]:
        """``best`` and ``median`` of what it took, milliseconds; zeros before the first time."""
        if not self._took_ms:
            return {"best": 0.0, "median": 0.0}
        return {"best": round(min(self._took_ms), 3), "median": round(median(self._took_ms), 3)}
