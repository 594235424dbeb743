"""An aurora in a night's sky, fast; see :mod:`framegen.ops.aurora_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32
from framegen.ops import aurora_reference as reference
from framegen.ops import features as ft
from framegen.ops.clouds import TILE_PX, cloud_tile
from framegen.ops.duet import DUET
from framegen.ops.kernels import aurora as kernels
from framegen.ops.kernels.jit import ready

_BANDS = 6
_CURTAINS = np.array([(c.away, c.sways, c.light, c.at) for c in reference.CURTAINS])


def light(rays: ft.Rays, sky: F32, seconds: float, share: float) -> F32:
    """``[h, w, 3]`` float32, light that ``share`` 0..1 of it adds to what a cell's sky lacks to white, 0..1.

    Args:
        rays: of the camera, with perspective. sky: ``[h, w]``, share of each cell that is sky: where there is none,
            there is no light either. seconds: of the engine's clock.
    """
    seen = ready(sky, np.float32)
    drift = np.array([(speed * seconds) % TILE_PX for _, speed in reference.WAYS])
    out = np.empty((*seen.shape, 3), np.float32)
    given = rays.columns, rays.rows, seen, cloud_tile(), _CURTAINS, drift, float(share), out
    DUET.split(len(out), min(_BANDS, len(out)), lambda first, end: kernels.light(first, end, *given))
    return out


__all__ = ["light"]
