"""A client that sends faster than any model restyles, for minutes: does latency or memory grow, is a frame lost?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from framegen.bench.tally import Summary, percentiles

WINDOW_S = 10.0


@dataclass(frozen=True)
class MemorySample:
    """What the server held in RAM ``at_s`` seconds after measuring began, bytes."""

    at_s: float
    resident_bytes: int


def windows(summary: Summary, memory: Sequence[MemorySample], window_s: float = WINDOW_S) -> list[dict[str, Any]]:
    """The run in slices of ``window_s`` by time of answer: ``latency_ms``, ``fps``, ``memory_mib`` each.

    Memory is the largest sample of the slice, None where there is none (the tail after the last frame sent).
    """
    if not summary.answers:
        return []
    begin_ns = summary.first_ns
    slices: dict[int, list[Any]] = {}
    for answer in summary.answers:
        slices.setdefault(int((answer.received_ns - begin_ns) / 1e9 // window_s), []).append(answer)
    rows = []
    for index in sorted(slices):
        answers = slices[index]
        held = [sample.resident_bytes for sample in memory if sample.at_s // window_s == index]
        rows.append(
            {
                "from_s": index * window_s,
                "latency_ms": {k: round(v, 2) for k, v in percentiles([a.latency_ms for a in answers]).items()},
                "fps": round(len(answers) / min(window_s, summary.seconds - index * window_s), 2),
                "memory_mib": round(max(held) / 2**20, 1) if held else None,
            }
        )
    return rows


def growth(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Last third against first third: ``latency_ms`` (of the windows' p50) and ``memory_mib``; medians, so that one
    disturbed window does not decide. Zeros for fewer than three windows."""
    rows = [row for row in rows if row["memory_mib"] is not None]
    third = len(rows) // 3
    if not third:
        return {"latency_ms": 0.0, "memory_mib": 0.0}

    def change(values: list[float]) -> float:
        return round(float(np.median(values[-third:]) - np.median(values[:third])), 2)

    return {
        "latency_ms": change([row["latency_ms"]["p50"] for row in rows]),
        "memory_mib": change([row["memory_mib"] for row in rows]),
    }
