"""What is done to a latent before it becomes a picture: a golden hour's gold, tinted surfaces, the engine's own sky.

None of it enters history: the next frame begins with what the network said.
"""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F32, U8
from framegen.ops import layout

GOLD = (1.07, 0.995, 0.87)
"""Gains on sRGB-encoded red, green, blue at golden hour: the rendered scenes that the network learned from are white
balanced, which takes half of the gold away that people mean."""
_SKY_BLUR_CELLS = 31


def sky_kept(strength: float) -> float:
    """How much of the engine's own sky shows through, 0..1: all at strength 0, none from 0.5."""
    return max(0.0, 1.0 - 2.0 * strength)


def colored(latent: F32, gain: F32) -> F32:
    """A latent ``[h, w, c]`` whose surfaces are ``gain`` (``[h, w, 3]`` or ``[3]``, sRGB-encoded) times as bright."""
    out: F32 = latent.copy()
    out[..., layout.GAIN] += np.log(gain)
    out[..., layout.PAINT] *= gain
    return out


def golden(latent: F32, share: float) -> F32:
    """A latent with ``share`` 0..1 of :data:`GOLD` on surfaces and air."""
    gain = np.asarray(GOLD, np.float32) ** np.float32(share)
    out = colored(latent, gain)
    out[..., layout.AIR] *= gain
    return out


def own_sky(latent: F32, color: U8, sky: F32) -> F32:
    """A latent that develops the engine's own sky, clouds and all, to the colour of the air.

    Args:
        latent: ``[h, w, c]``. color: ``[4h, 4w, 3]`` uint8. sky: ``[h, w]``, share of each cell that is sky.
    """
    height, width = sky.shape
    means = cv2.resize(color, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    size = (_SKY_BLUR_CELLS, _SKY_BLUR_CELLS)
    around = cv2.blur(means * sky[..., None], size) / np.maximum(cv2.blur(sky, size), 1e-3)[..., None]
    gain = np.log(np.maximum(latent[..., layout.AIR], 0.01) / np.maximum(around, 0.05))
    out: F32 = latent.copy()
    part = sky[..., None]
    ground = 1 - part
    limited = np.clip(gain, -layout.GAIN_LIMIT, layout.GAIN_LIMIT)
    out[..., layout.GAIN] = ground * latent[..., layout.GAIN] + part * limited
    out[..., layout.PAINT] *= ground
    out[..., layout.COVER] *= ground[..., 0]
    out[..., layout.DETAIL] *= ground[..., 0]
    return out
