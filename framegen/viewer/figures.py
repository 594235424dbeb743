"""Live figures of a stream of results: rates, latencies, stages and counts over the last seconds."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from framegen.frame import How

WINDOW_S = 3.0


class Figures:
    """Thread-safe. Feed it every answer; :meth:`snapshot` is what the page and the status line show."""

    def __init__(self, clock_ns: Callable[[], int] = time.perf_counter_ns) -> None:
        self._clock_ns = clock_ns
        self._lock = threading.Lock()
        self._recent: deque[tuple[int, How, float, Mapping[str, float]]] = deque()
        self._counts = {**{how.value: 0 for how in How}, "superseded": 0, "lost": 0}

    def answered(self, how: How, latency_ms: float, stages_ms: Mapping[str, float]) -> None:
        """One picture came back, ``latency_ms`` after its frame was sent."""
        now_ns = self._clock_ns()
        with self._lock:
            self._counts[how.value] += 1
            self._recent.append((now_ns, how, latency_ms, stages_ms))
            self._forget(now_ns)

    def superseded(self, count: int = 1) -> None:
        """Frames that a newer one displaced."""
        with self._lock:
            self._counts["superseded"] += count

    def lost(self, count: int = 1) -> None:
        """Frames that will never be answered."""
        with self._lock:
            self._counts["lost"] += count

    def snapshot(self) -> dict[str, Any]:
        """``fps`` (pictures made a second, reused ones left out), ``latency_ms`` {p50, p95} or None, ``stages_ms``
        (means of generated ones), ``counts``."""
        now_ns = self._clock_ns()
        with self._lock:
            self._forget(now_ns)
            recent = list(self._recent)
            counts = dict(self._counts)
        made = [entry for entry in recent if entry[1] is not How.REUSED]
        fps = 0.0
        if len(made) > 1:
            fps = (len(made) - 1) / max((made[-1][0] - made[0][0]) * 1e-9, 1e-3)
        stages: dict[str, list[float]] = {}
        for stages_ms in (entry[3] for entry in made if entry[1] is How.GENERATED):
            for name, milliseconds in stages_ms.items():
                stages.setdefault(name, []).append(milliseconds)
        latencies = sorted(entry[2] for entry in recent)
        return {
            "fps": round(fps, 1),
            "latency_ms": None
            if not latencies
            else {"p50": round(_quantile(latencies, 0.5), 1), "p95": round(_quantile(latencies, 0.95), 1)},
            "stages_ms": {name: round(sum(values) / len(values), 2) for name, values in stages.items()},
            "counts": counts,
        }

    def _forget(self, now_ns: int) -> None:
        while self._recent and now_ns - self._recent[0][0] > WINDOW_S * 1e9:
            self._recent.popleft()


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
