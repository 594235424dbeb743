"""How the rendered targets are developed before the network sees them.

The generator exposes and balances each picture like a camera left on automatic: a night with a clear sky comes out as
a blue hour, and a golden hour loses much of its gold. The targets get the look back that people mean by these words.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from framegen.frame import F32, U8


@dataclass(frozen=True)
class Grade:
    """Gains on sRGB-encoded red, green, blue of the ground and of the sky."""

    ground: tuple[float, float, float]
    sky: tuple[float, float, float]


_GRADES: dict[tuple[str, str], Grade] = {
    ("golden_hour", "fog"): Grade((1.05, 1.0, 0.88), (1.05, 1.0, 0.86)),
    ("golden_hour", ""): Grade((1.11, 0.98, 0.82), (1.08, 0.95, 0.8)),
    ("dusk", "rain"): Grade((0.84, 0.9, 0.93), (0.57, 0.62, 0.67)),
    ("dusk", ""): Grade((0.84, 0.89, 0.92), (0.64, 0.66, 0.71)),
    ("night", "rain"): Grade((0.9, 0.92, 0.98), (0.55, 0.57, 0.6)),
    ("night", ""): Grade((0.82, 0.88, 0.98), (0.2, 0.22, 0.26)),
}
"""By time of day and weather; an empty weather stands for all others. Times that are not named stay as rendered."""


def develop(picture: U8, sky: U8, time_of_day: str, weather: str) -> U8:
    """``[3, H, W]`` uint8 as rendered -> as learned. ``sky`` is ``[H, W]`` uint8, 255 where there is only sky."""
    grade = _GRADES.get((time_of_day, weather)) or _GRADES.get((time_of_day, ""))
    if grade is None:
        return picture
    # a pixel beyond its edge: antialiasing and glow carry the bright sky over onto what stands before it
    wide = cv2.blur(cv2.dilate(sky, np.ones((3, 3), np.uint8)), (3, 3))
    share: F32 = np.multiply(wide, 1 / 255, dtype=np.float32)
    ground = np.asarray(grade.ground, np.float32)[:, None, None]
    gain = ground + share * (np.asarray(grade.sky, np.float32)[:, None, None] - ground)
    return np.asarray(np.clip(np.rint(picture * gain), 0, 255), np.uint8)
