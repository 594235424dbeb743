"""The sweep behind the default strengths of temporal reuse: steadiness against sharpness against responsiveness."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

import cv2
import numpy as np

from framegen.config import Settings, TemporalSettings
from framegen.frame import U8, Frame
from framegen.metrics.temporal import Session, evaluate, ghosting, prompt_change_ms

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "defaults": {},
    "reuse off": {"reuse": False},
    "history_input off": {"history_input": False},
    "accumulate off": {"accumulate": False},
    "anchored_noise off": {"anchored_noise": False},
    "alpha 0.3": {"alpha": 0.3},
    "alpha 0.9": {"alpha": 0.9},
    "max_age 2": {"max_age": 2},
    "max_age 4": {"max_age": 4},
    "max_age 16": {"max_age": 16},
    "max_age 32": {"max_age": 32},
    "stride 2": {"stride": 2},
    "stride 3": {"stride": 3},
}
"""Name of the variant -> what it changes of the default temporal settings, with the network on every frame."""


class Row(TypedDict):
    """One variant; errors in levels of 255, ``sharpness`` over that of reuse switched off."""

    variant: str
    ratio: float
    output_warp_error: float
    edit_strength: float
    sharpness: float
    ghosting: float
    prompt_change_ms: float


def sharpness(image: U8) -> float:
    """Standard deviation of the Laplacian of the luma."""
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return float(np.asarray(cv2.Laplacian(luma, cv2.CV_32F)).std())


def sweep(
    frames: Sequence[Frame],
    restyler: Session,
    settings: Settings,
    after: Settings,
    variants: Mapping[str, Mapping[str, Any]] = VARIANTS,
) -> Iterator[Row]:
    """Measure every variant on one moving sequence, in their order.

    Args:
        frames: at least 30, a second or more. settings: of the run; their temporal part is replaced. after: settings of
            another look, for the time that a change of prompt takes.
    """
    middle = len(frames) // 2
    alone = _last_sharpness(frames[: middle + 1], restyler, settings, TemporalSettings(reuse=False))
    for name, changes in variants.items():
        temporal = dataclasses.replace(TemporalSettings(stride=1), **changes)
        now, then = (dataclasses.replace(part, temporal=temporal) for part in (settings, after))
        steadiness = evaluate(frames, restyler, now)
        revealed, _ = ghosting(frames[: min(len(frames), 16)], restyler, now)
        yield Row(
            variant=name,
            ratio=steadiness["ratio"],
            output_warp_error=steadiness["output_warp_error"],
            edit_strength=steadiness["edit_strength"],
            sharpness=_last_sharpness(frames[: middle + 1], restyler, settings, temporal) / alone,
            ghosting=revealed,
            prompt_change_ms=prompt_change_ms(frames, restyler, now, then, middle),
        )


def _last_sharpness(
    frames: Sequence[Frame], restyler: Session, settings: Settings, temporal: TemporalSettings
) -> float:
    restyler.begin(dataclasses.replace(settings, temporal=temporal))
    return sharpness([restyler(frame).image for frame in frames][-1])
