"""What of the engine's own sky, and of land that it painted on it, is to be seen."""

from __future__ import annotations

import cv2
import numpy as np

from framegen.engines.embedded import taste
from framegen.engines.embedded.encoded import Encoded
from framegen.frame import F32
from framegen.ops import backdrop
from framegen.ops import features as ft
from framegen.ops.atrous_reference import SAME_COLOR
from framegen.ops.compose import Survey
from framegen.ops.duet import Later


def land(guide: F32, features: F32, told: Later[None], clear: float) -> F32:
    """How much is to be seen in each cell of what the sky shows of land; ``told`` fills the planes."""
    told.result()
    found = backdrop.land(guide[:3] * np.float32(255 * SAME_COLOR), features)
    found *= np.float32(clear)
    return found


def kept(encoded: Encoded) -> F32:
    """``[h, w]`` float32 0..1, how much of either shows through."""
    out = np.full(encoded.material.shape, encoded.own_sky, np.float32)
    if encoded.land is not None:
        out += (1 - out) * encoded.land.result()
    return out


def shown(latent: F32, encoded: Encoded, depth: Survey) -> F32:
    """The latent, and in ``depth`` what passes the air, where the engine's own sky or land painted on it is kept."""
    share = kept(encoded)
    if not share.any():
        return latent
    sky, size = ~ft.solid(depth.depth_m), encoded.color.shape[1::-1]
    depth.through[sky] = cv2.resize(share, size, interpolation=cv2.INTER_LINEAR)[sky]
    return taste.own_sky(latent, encoded.color, encoded.geometry.features[ft.SKY], share, encoded.grade)
