"""Counts and times of one run: every frame sent ends as answered, superseded or lost.

Knows nothing of sockets, sizes or pacing; all times come from the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from framegen.frame import How


@dataclass(frozen=True)
class Answer:
    """One result as the client got it.

    Attributes:
        frame_id: of the frame.
        received_ns: the client's clock.
        latency_ms: from the call that sends the frame to the decoded result in the caller's hands.
        how: see :class:`~framegen.frame.How`.
        stages_ms: the server's stage times, milliseconds.
    """

    frame_id: int
    received_ns: int
    latency_ms: float
    how: How
    stages_ms: Mapping[str, float]


class Tally:
    """Collects what became of each frame."""

    def __init__(self) -> None:
        self._open: dict[int, int] = {}
        self._answers: list[Answer] = []
        self._sent = 0
        self._superseded = 0
        self._first_ns = 0
        self._last_sent_ns = 0

    def sent(self, frame_id: int, now_ns: int) -> None:
        """The caller is about to send this frame."""
        if not self._sent:
            self._first_ns = now_ns
        self._sent += 1
        self._last_sent_ns = now_ns
        self._open[frame_id] = now_ns

    def answered(self, frame_id: int, now_ns: int, how: How, stages_ms: Mapping[str, float]) -> None:
        """Its result arrived. A frame that this tally did not send (a warm-up's) is not counted."""
        began_ns = self._open.pop(frame_id, None)
        if began_ns is not None:
            self._answers.append(Answer(frame_id, now_ns, (now_ns - began_ns) / 1e6, how, dict(stages_ms)))

    def superseded(self, frame_id: int) -> None:
        """The server named it superseded."""
        if self._open.pop(frame_id, None) is not None:
            self._superseded += 1

    @property
    def pending(self) -> int:
        """Frames sent of which nothing was heard."""
        return len(self._open)

    def summary(self) -> Summary:
        """What happened so far; frames still pending count as lost."""
        end_ns = max(self._last_sent_ns, self._answers[-1].received_ns if self._answers else 0)
        return Summary(
            answers=tuple(self._answers),
            sent=self._sent,
            superseded=self._superseded,
            lost=len(self._open),
            first_ns=self._first_ns,
            seconds=(end_ns - self._first_ns) / 1e9,
            sending_seconds=(self._last_sent_ns - self._first_ns) / 1e9,
        )


@dataclass(frozen=True)
class Summary:
    """One run, done.

    Attributes:
        answers: in order of arrival.
        sent, superseded, lost: frames; ``sent == len(answers) + superseded + lost``.
        first_ns: the client's clock at the first send.
        seconds: from the first send to the last answer.
        sending_seconds: from the first send to the last send.
    """

    answers: tuple[Answer, ...]
    sent: int
    superseded: int
    lost: int
    first_ns: int
    seconds: float
    sending_seconds: float

    @property
    def generated(self) -> tuple[Answer, ...]:
        """Answers that the network ran for."""
        return self._made(How.GENERATED)

    @property
    def reprojected(self) -> tuple[Answer, ...]:
        """Answers that were drawn from its last latent."""
        return self._made(How.REPROJECTED)

    @property
    def fps(self) -> float:
        """New pictures a second; reused images are left out."""
        made = len(self.generated) + len(self.reprojected)
        return made / self.seconds if self.seconds > 0 else 0.0

    @property
    def sending_fps(self) -> float:
        """Frames sent a second."""
        return (self.sent - 1) / self.sending_seconds if self.sending_seconds > 0 else 0.0

    @property
    def stages_ms(self) -> dict[str, float]:
        """Median of each stage over the generated results, milliseconds."""
        made = self.generated
        names = dict.fromkeys(name for answer in made for name in answer.stages_ms)
        return {name: float(np.median([a.stages_ms[name] for a in made if name in a.stages_ms])) for name in names}

    def latency_ms(self) -> dict[str, float]:
        """``p50``, ``p95``, ``p99`` of the latency of all answers, milliseconds."""
        return percentiles([answer.latency_ms for answer in self.answers])

    def _made(self, how: How) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if answer.how is how)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """``p50``, ``p95`` and ``p99``; zeros for no values."""
    if not values:
        return {"p50": 0.0, "p95": 0.0, "p99": 0.0}
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return {"p50": float(p50), "p95": float(p95), "p99": float(p99)}
