"""What lamps light around them, fast; see :mod:`framegen.ops.lamplight_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops.duet import DUET
from framegen.ops.kernels import lamplight as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.lamp_memory import Recall
from framegen.ops.lamplight_reference import MOST_LAMPS, normals


def reach(share: F32, lamp_m: F32, depth_m: F32, geometry: ft.CellGeometry, recall: Recall | None = None) -> F32 | None:
    """``[h, w]`` float32, how much lamps light each cell, as the square of a gain; None where none does.

    Args:
        share: ``[h, w]`` float32 0..1, how much of each cell is lamp. lamp_m: ``[h, w]`` float32, the depth of that.
        depth_m: ``[H, W]`` float32 metres. geometry: of the same frame; without a camera places are not known.
        recall: of the session, whose lamps off the screen light it, too, and whose new ones go on slowly.
    """
    rays = geometry.rays
    if rays is None or (recall is None and not share.any()):
        return None
    columns, rows = ready(rays.columns, np.float32), ready(rays.rows, np.float32)
    found = np.empty((MOST_LAMPS, 4), np.float32)
    seen = ready(share, np.float32), ready(lamp_m, np.float32), columns, rows
    count = kernels.gather(*seen, ready(rays.forward, np.float64), bool(rays.perspective), rays.position, found)
    found = found[:count] if recall is None else ready(recall.shining(found[:count], depth_m, rays), np.float32)
    if not len(found):
        return None
    normal = ready(normals(geometry), np.float32)
    ahead = np.zeros(3, np.float32) if rays.perspective else rays.forward.astype(np.float32)
    depth = ready(depth_m, np.float32)
    out = np.empty(share.shape, np.float32)
    DUET.split(
        len(out),
        min(2, len(out)),
        lambda first, end: kernels.light(first, end, found, depth, normal, columns, rows, ahead, out),
    )
    return out


def lit(latent: F32, reached: F32, share: float) -> F32:
    """See :func:`framegen.ops.lamplight_reference.lit`."""
    source = ready(latent, np.float32)
    out: F32 = source.copy()
    light, part = ready(reached, np.float32), np.float32(share)
    DUET.split(len(out), min(2, len(out)), lambda first, end: kernels.add(first, end, source, light, part, out))
    return out
