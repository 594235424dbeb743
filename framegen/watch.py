"""Where the time of a frame goes."""

from __future__ import annotations

import time


class Watch:
    """Wall time per stage, in milliseconds."""

    def __init__(self) -> None:
        self.stages_ms: dict[str, float] = {}
        self._since_ns = time.perf_counter_ns()

    def lap(self, stage: str) -> None:
        """The time since the last lap belongs to ``stage``."""
        now_ns = time.perf_counter_ns()
        self.stages_ms[stage] = self.stages_ms.get(stage, 0.0) + (now_ns - self._since_ns) / 1e6
        self._since_ns = now_ns

    def skip(self) -> None:
        """The time since the last lap belongs to no stage."""
        self._since_ns = time.perf_counter_ns()

    def report(self, model_ms: float | None) -> dict[str, float]:
        """Stages that sum to the wall time; ``model`` is the network alone, ``decode`` has the rest of ``denoise``."""
        stages = dict(self.stages_ms)
        if model_ms is not None:
            wall = stages.pop("denoise") + stages["encode"] + stages["decode"]
            stages["encode"] = min(stages["encode"], max(0.0, wall - model_ms))
            stages["decode"] = max(0.0, wall - model_ms - stages["encode"])
            stages["model"] = min(model_ms, wall)
        return stages
