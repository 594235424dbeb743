"""How many crops and whole pictures training sees; without torch, so that ``framegen train --help`` needs none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mix:
    """What the steps of a training see.

    Attributes:
        crops, pictures: a step's batch, of crops or of whole pictures. crop: height and width in pixels.
        whole: share of the steps that see whole pictures. Exposure and white balance are of the whole picture: a crop
            does not show what they were set by.
    """

    crops: int = 12
    pictures: int = 8
    whole: float = 0.6
    crop: tuple[int, int] = (192, 256)
