"""Finds the black bars of letterboxed footage, and never mistakes a dark scene for one.

A bar is black in every frame looked at, has its mirror image on the other side, and ends in a
straight edge behind which there is a picture. A night sky fails all three sooner or later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from framegen.frame import U8

_Element = TypeVar("_Element", bound=np.generic)

_BLACK = 24
"""Video black decodes to 0, but poor transfers sit a little above it (0..255)."""
_NOISE = 6
"""Coding noise inside a bar stays below this (0..255)."""
_STEP = 14
"""The picture is this much brighter than its bar (0..255) ..."""
_STEP_SHARE = 0.6
"""... along this share of the edge, all frames together ..."""
_STEP_PX = 4
"""... within this many pixels of the edge: codecs soften it."""


@dataclass(frozen=True)
class Bars:
    """Pixels of bar on each side of a picture."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0

    def __bool__(self) -> bool:
        return any((self.top, self.bottom, self.left, self.right))

    def inside(self, picture: NDArray[_Element]) -> NDArray[_Element]:
        """The view of ``picture``, ``[H, W, ...]``, between the bars."""
        height, width = picture.shape[:2]
        return picture[self.top : height - self.bottom, self.left : width - self.right]

    def __str__(self) -> str:
        sides = ("top", "bottom", "left", "right")
        return ", ".join(f"{side} {getattr(self, side)} px" for side in sides if getattr(self, side))


def find_bars(pictures: Iterable[U8]) -> Bars:
    """The bars that all of some pictures share.

    Args:
        pictures: frames of one video from different places in it, ``[H, W, 3]`` uint8, all of one size.

    Returns:
        The bars; none where the evidence is not clear.
    """
    brightest: NDArray[np.uint8] | None = None
    for picture in pictures:
        luma = picture.max(axis=-1)
        brightest = luma if brightest is None else np.maximum(brightest, luma)
    if brightest is None or min(brightest.shape) < 32:
        return Bars()
    top, bottom = _pair(brightest)
    rows = brightest[top : brightest.shape[0] - bottom]
    left, right = _pair(rows.T)
    return Bars(top, bottom, left, right)


def _pair(brightest: NDArray[np.uint8]) -> tuple[int, int]:
    """Bars at the first and last rows of ``[H, W]``, or (0, 0)."""
    # The 99th percentile forgives a channel logo or a hot pixel, not a line of subtitles.
    level = np.percentile(brightest, 99.0, axis=1)
    height = len(level)
    first, last = _depth(level), _depth(level[::-1])
    if min(first, last) < 2 or first + last > 0.6 * height or abs(first - last) > max(2, 0.01 * height):
        return 0, 0
    if not (_edge(brightest, first) and _edge(brightest[::-1], last)):
        return 0, 0
    return first + _soft(brightest, first), last + _soft(brightest[::-1], last)


def _soft(brightest: NDArray[np.uint8], bar: int) -> int:
    """How many rows behind the bar are its edge, softened by the codec: less than half as bright as the picture."""
    rows = brightest[bar : bar + _STEP_PX].mean(axis=1)
    bright = rows >= 0.5 * rows.max()
    return int(np.argmax(bright))


def _depth(level: NDArray[np.floating]) -> int:
    """How many rows from the first are black."""
    black = float(level[0])
    if black > _BLACK:
        return 0
    bright = np.flatnonzero(level > black + _NOISE)
    return int(bright[0]) if len(bright) else 0


def _edge(brightest: NDArray[np.uint8], bar: int) -> bool:
    """Whether a picture begins all along the bar's edge."""
    black = float(np.median(brightest[:bar]))
    behind = brightest[bar : bar + _STEP_PX].max(axis=0)
    return float(np.mean(behind > black + _STEP)) >= _STEP_SHARE


NO_BARS = Bars()
"""A picture that fills its frame."""
