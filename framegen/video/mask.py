"""What of footage stays as it is: score, map and other things drawn over a game's picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from framegen.errors import ConfigError, MediaError
from framegen.frame import U8

SOFT_PX = 6
"""Pixels around a rectangle over which the restyled picture comes in."""
_ASPECT = 0.02
"""How far the shape of a mask may be from the footage's."""


@dataclass(frozen=True)
class Rectangle:
    """Pixels of the upright picture, from its upper left corner."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Rectangle:
        """``X,Y,WIDTH,HEIGHT``. Raises ConfigError."""
        numbers = re.fullmatch(r"(\d{1,5}),(\d{1,5}),(\d{1,5}),(\d{1,5})", text.replace(" ", ""))
        if numbers is None or int(numbers[3]) < 1 or int(numbers[4]) < 1:
            raise ConfigError(f"'{text}' is no rectangle in pixels: X,Y,WIDTH,HEIGHT, such as 520,10,110,60.")
        return cls(*(int(number) for number in numbers.groups()))


@dataclass(frozen=True)
class Kept:
    """What the user wants to keep: the black of a picture (None: no such), and rectangles."""

    picture: Path | None = None
    rectangles: Sequence[Rectangle] = ()

    def mask(self, width: int, height: int) -> U8 | None:
        """``[height, width]`` uint8 as :attr:`framegen.frame.Frame.intensity_mask`; None: all is restyled.

        Raises MediaError: the picture cannot be read or has another shape, or a rectangle lies outside.
        """
        if self.picture is None and not self.rectangles:
            return None
        mask = np.full((height, width), 255, np.uint8) if self.picture is None else _read(self.picture, width, height)
        for each in self.rectangles:
            if each.left >= width or each.top >= height:
                text = f"{each.left},{each.top},{each.width},{each.height}"
                raise MediaError(
                    f"The rectangle {text} lies outside of the picture, which has {width}x{height} pixels."
                )
            np.minimum(mask, _around(each, width, height), out=mask)
        return mask


NOTHING = Kept()
"""All is restyled."""


def _around(each: Rectangle, width: int, height: int) -> U8:
    """0 inside, 255 from :data:`SOFT_PX` on, straight between."""

    def away(first: int, size: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        at = np.arange(count)
        return np.maximum(np.maximum(first - at, at - (first + size - 1)), 0).astype(np.float64)

    far = np.hypot(away(each.left, each.width, width)[None], away(each.top, each.height, height)[:, None])
    return np.minimum(far * (255 / SOFT_PX), 255).astype(np.uint8)


def _read(path: Path, width: int, height: int) -> U8:
    from framegen.video.stills import read_still

    still = read_still(path)
    grey = cv2.cvtColor(still.rgb, cv2.COLOR_RGB2GRAY)
    if still.alpha is not None:  # nothing is painted there, and what is stored beneath is black as a rule
        grey = 255 - cv2.multiply(255 - grey, still.alpha, scale=1 / 255)
    rows, columns = grey.shape
    if abs(columns * height / (rows * width) - 1) > _ASPECT:
        raise MediaError(
            f"The mask {path} has {columns}x{rows} pixels, which is not the shape of the picture: {width}x{height}.",
            hint="Paint it over a picture of the footage: black stays, white is restyled.",
        )
    return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
