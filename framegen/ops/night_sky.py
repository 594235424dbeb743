"""Stars and the moon in a night's sky, fast; see :mod:`framegen.ops.night_sky_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import night_sky_reference as reference
from framegen.ops.kernels import night_sky as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.night_sky_reference import NightSky, halo


def lay(picture: U8, depth_m: F32, through: F32, rays: ft.Rays, veil: F32, night: NightSky) -> None:
    """Lays stars and moon over the sky of a picture, in place; see :func:`framegen.ops.night_sky_reference.lay`."""
    if not rays.perspective:
        return
    if night.stars > 0:
        seen = ready(depth_m, np.float32), ready(through, np.float32), ready(veil, np.float32)
        inverse, _ = ft.pixel_from_world(rays)
        kernels.stars(picture, *seen, *reference.catalogue(), inverse, np.float32(night.stars))
    reference.lay_moon(picture, depth_m, through, rays, veil, night)  # one small disc, if it is in view


__all__ = ["NightSky", "halo", "lay"]
