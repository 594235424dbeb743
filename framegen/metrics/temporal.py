"""What temporal reuse is worth: steadiness beside edit strength, ghosting, flicker, and how soon a new prompt shows.

A model that changes nothing is perfectly steady, so ``evaluate`` gives the input's own error as the floor and the
edit strength beside the output's. All errors are float L1 on 0..255 levels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol, TypedDict

import numpy as np

from framegen.config import Settings
from framegen.frame import U8, Frame, Restyled
from framegen.metrics.warp import pixel_motion, warp_error
from framegen.ops.fit import rgb


class Session(Protocol):
    """What restyles: :class:`framegen.restyle.Restyler` is one."""

    def begin(self, settings: Settings) -> None:
        """Forget the session and start a new one."""
        ...

    def update(self, settings: Settings) -> None:
        """New settings from the next frame on."""
        ...

    def __call__(self, frame: Frame, now_ns: int | None = None) -> Restyled:
        """Restyle one frame; the result has its size."""
        ...


class Steadiness(TypedDict):
    """Result of :func:`evaluate`; errors in levels of 255."""

    frames: int
    generated: int
    input_warp_error: float
    output_warp_error: float
    ratio: float
    edit_strength: float


def evaluate(frames: Iterable[Frame], restyler: Session, settings: Settings) -> Steadiness:
    """Restyle a moving sequence and measure how steady the result is.

    Args:
        frames: in order, of one size; engine motion, or depth and camera, or else optical flow tells what moved.
        restyler: its session is begun anew. settings: of the run; the result must have the frames' size.

    Returns:
        mean engine-flow warp error of input and output (disocclusions masked), their ratio, and the edit strength,
        the mean of ``|output - input|``.
    """
    restyler.begin(settings)
    errors_in: list[float] = []
    errors_out: list[float] = []
    strengths: list[float] = []
    generated = 0
    before: tuple[Frame, U8] | None = None
    for frame in frames:
        restyled = restyler(frame)
        generated += restyled.how.value == "generated"
        strengths.append(difference(restyled.image, rgb(frame.color)))
        if before is not None and not frame.reset:
            motion, known = pixel_motion(frame, before[0])
            errors_in.append(warp_error(rgb(frame.color), rgb(before[0].color), motion, known))
            errors_out.append(warp_error(restyled.image, before[1], motion, known))
        before = frame, restyled.image
    floor, error = _mean(errors_in), _mean(errors_out)
    return Steadiness(
        frames=len(strengths),
        generated=generated,
        input_warp_error=floor,
        output_warp_error=error,
        ratio=error / max(floor, 1e-6),
        edit_strength=_mean(strengths),
    )


def flicker(images: Sequence[U8]) -> float:
    """Mean ``|difference|`` of successive pictures of a camera that stands still, levels of 255."""
    return _mean([difference(a, b) for a, b in pairwise(images)])


def ghosting(frames: Sequence[Frame], restyler: Session, settings: Settings) -> tuple[float, float]:
    """Error of a running session against a fresh one, in levels of 255: (just disoccluded pixels, all others).

    The second is what accumulation smooths on purpose; ghosts are what the first has beyond it.
    """
    restyler.begin(settings)
    images = [restyler(frame).image for frame in frames]
    revealed: list[float] = []
    others: list[float] = []
    for index in range(1, len(frames)):
        _, known = pixel_motion(frames[index], frames[index - 1])
        restyler.begin(settings)
        fresh = restyler(frames[index]).image
        error = np.abs(images[index].astype(np.float32) - fresh).mean(axis=-1)
        if not known.all():
            revealed.append(float(error[~known].mean()))
        if known.any():
            others.append(float(error[known].mean()))
    return _mean(revealed), _mean(others)


def prompt_change_ms(
    frames: Sequence[Frame], restyler: Session, before: Settings, after: Settings, change_at: int, share: float = 0.9
) -> float:
    """Milliseconds, by the frames' timestamps, until the picture has gone ``share`` of the way to a new look.

    Counted from the last frame of the old look, ``frames[change_at - 1]``. The way is measured against sessions that
    had either look all along. ``inf`` if it never gets there within ``frames``.
    """
    restyler.begin(before)
    old = [restyler(frame).image for frame in frames]
    restyler.begin(after)
    new = [restyler(frame).image for frame in frames]
    restyler.begin(before)
    for frame in frames[:change_at]:
        restyler(frame)
    restyler.update(after)
    for index in range(change_at, len(frames)):
        image = restyler(frames[index]).image
        if difference(image, new[index]) <= (1.0 - share) * difference(old[index], new[index]):
            return (frames[index].timestamp_ns - frames[change_at - 1].timestamp_ns) / 1e6
    return float("inf")


def difference(a: U8, b: U8) -> float:
    """Mean ``|a - b|`` in levels of 255."""
    return float(np.abs(a.astype(np.float32) - b.astype(np.float32)).mean(dtype=np.float64))


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
