"""The demo as a video: engine's frame and restyled frame side by side, the prompt below."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from framegen.frame import U8
from framegen.video.sheet import draw_text, measure
from framegen.video.sink import VideoFormat, VideoSink

PROMPTS: tuple[str, ...] = (
    "golden hour, low warm sun, summer",
    "overcast, soft light",
    "heavy rain at dusk, wet streets",
    "thick morning fog",
    "winter morning, deep snow, clear sky",
    "night, rain, wet streets",
)
"""What a video goes through where no prompt is given."""

_GROUND = (17, 19, 23)
_QUIET = (141, 150, 165)
_BRIGHT = (236, 238, 241)


def schedule(frames: int, fps: float, prompts: Sequence[str] = PROMPTS, shortest_s: float = 2.5) -> dict[int, str]:
    """Frame number -> prompt: as many of ``prompts`` as fit with at least ``shortest_s`` each, evenly."""
    count = max(1, min(len(prompts), int(frames / fps / shortest_s)))
    return {round(frames * k / count): prompts[k] for k in range(count)}


class Film:
    """A video file being written; :meth:`close` gives it its name, :meth:`abandon` leaves nothing."""

    def __init__(self, path: Path, width: int, height: int, fps: float, *, overwrite: bool) -> None:
        """``width``, ``height``: of one frame, pixels. Raises MediaError."""
        self._bar = max(28, 2 * round(height * 0.055))
        self._size = (height, width)
        rate = Fraction(fps).limit_denominator(1001)
        self._sheet = np.empty((height + height % 2 + self._bar, 2 * width, 3), np.uint8)
        self._step = 90_000 / rate
        self._count = 0
        self._sink = VideoSink(
            path,
            VideoFormat(self._sheet.shape[1], self._sheet.shape[0], rate=rate),
            metadata={"title": "framegen demo", "comment": "Restyled by framegen: engine's frame and restyled frame."},
            overwrite=overwrite,
        )

    def add(self, source: U8, restyled: U8, prompt: str) -> None:
        """One pair, each ``[height, width, 3]`` uint8."""
        height, width = self._size
        self._sheet[:] = _GROUND
        self._sheet[:height, :width] = source
        self._sheet[:height, width:] = restyled
        size_px = round(self._bar * 0.46)
        baseline = self._sheet.shape[0] - round(self._bar * 0.34)
        margin = round(self._bar * 0.5)
        draw_text(self._sheet, "engine", (margin, baseline), size_px, _QUIET)
        room = width - 2 * margin
        while len(prompt) > 1 and measure(prompt, size_px) > room:
            prompt = prompt[:-2].rstrip(" ,") + "…"
        draw_text(self._sheet, prompt, (width + margin, baseline), size_px, _BRIGHT)
        pts = round(self._count * self._step)
        self._count += 1
        self._sink.write(self._sheet, pts, round(self._count * self._step) - pts)

    def close(self) -> Path:
        """Finish the file; returns where it is."""
        return self._sink.close()

    def abandon(self) -> None:
        """Throw away what was written."""
        self._sink.abandon()
