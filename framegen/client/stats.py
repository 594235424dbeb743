"""What a client knows of its own traffic: counts, rates, latencies."""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass

from framegen.frame import How, Restyled

WINDOW = 600
"""Latencies that the percentiles are of."""
RATE_S = 2.0
"""The time over which ``fps`` is counted, seconds."""


@dataclass(frozen=True)
class Stats:
    """A snapshot. ``sent`` = ``answered`` + ``superseded`` + ``failed`` + ``lost`` + ``in_flight``.

    Attributes:
        connected: whether a session is open.
        sent: frames given to :meth:`Client.send` and its like.
        answered: pictures that came back. generated, reprojected, reused: how they were made.
        superseded: frames that a newer one displaced, at the server or before they left this client.
        failed: frames that the server answered with an error.
        lost: frames that will never be answered, because a connection broke.
        in_flight: not decided yet.
        reconnects: sessions after the first.
        fps: pictures that came back per second, over the last two seconds, whichever way they were made.
        latency_ms_p50, latency_ms_p95, latency_ms_p99: from ``send`` to the picture's arrival, of the last 600;
            NaN: none.
        clock_offset_ns: the server's clock minus ours (``time.perf_counter_ns``); None: not known yet.
        round_trip_ms: the network's share: the shortest ping of late; None: not known yet.
    """

    connected: bool = False
    sent: int = 0
    answered: int = 0
    generated: int = 0
    reprojected: int = 0
    reused: int = 0
    superseded: int = 0
    failed: int = 0
    lost: int = 0
    in_flight: int = 0
    reconnects: int = 0
    fps: float = 0.0
    latency_ms_p50: float = math.nan
    latency_ms_p95: float = math.nan
    latency_ms_p99: float = math.nan
    clock_offset_ns: int | None = None
    round_trip_ms: float | None = None


class Tally:
    """Counts as they come; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        ends = ("sent", "superseded", "failed", "lost", "answered")
        self._counts = dict.fromkeys((*ends, *(how.value for how in How)), 0)
        self._latencies_ms: deque[float] = deque(maxlen=WINDOW)
        self._answered_ns: deque[int] = deque()

    def add(self, what: str, count: int = 1) -> None:
        """``count`` more of ``what``, a name among the counts of :class:`Stats`."""
        with self._lock:
            self._counts[what] += count

    def answered(self, result: Restyled, latency_ns: int, now_ns: int) -> None:
        """A picture came, ``latency_ns`` after its frame was given to us."""
        with self._lock:
            self._counts["answered"] += 1
            self._answered_ns.append(now_ns)
            self._trim(now_ns)
            self._counts[result.how.value] += 1
            self._latencies_ms.append(latency_ns * 1e-6)

    def snapshot(self, now_ns: int, *, connected: bool, reconnects: int) -> Stats:
        """Everything but the clock."""
        with self._lock:
            self._trim(now_ns)
            counts = dict(self._counts)
            span_s = (now_ns - self._answered_ns[0]) * 1e-9 if self._answered_ns else 0.0
            fps = len(self._answered_ns) / max(span_s, 1e-3) if len(self._answered_ns) > 1 else 0.0
            ordered = sorted(self._latencies_ms)
        decided = counts["answered"] + counts["superseded"] + counts["failed"] + counts["lost"]
        return Stats(
            connected=connected,
            reconnects=reconnects,
            in_flight=counts["sent"] - decided,
            fps=fps,
            latency_ms_p50=percentile(ordered, 0.50),
            latency_ms_p95=percentile(ordered, 0.95),
            latency_ms_p99=percentile(ordered, 0.99),
            **counts,
        )

    def _trim(self, now_ns: int) -> None:
        while self._answered_ns and now_ns - self._answered_ns[0] > RATE_S * 1e9:
            self._answered_ns.popleft()


def percentile(ordered: list[float], share: float) -> float:
    """The smallest value that at least ``share`` of ``ordered`` do not exceed; NaN of nothing."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan
