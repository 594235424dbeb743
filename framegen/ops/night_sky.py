"""Stars and the moon in a night's sky, fast; see :mod:`framegen.ops.night_sky_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import night_sky_reference as reference
from framegen.ops.kernels import night_sky as kernels
from framegen.ops.kernels.jit import ready, sealed
from framegen.ops.night_sky_reference import WHOLE, NightSky, Part, halo


def lay(picture: U8, depth_m: F32, rays: ft.Rays, open_sky: F32, night: NightSky, part: Part = WHOLE) -> None:
    """Lays stars and moon over the sky of a picture, in place; see :func:`framegen.ops.night_sky_reference.lay`."""
    if not rays.perspective:
        return
    if night.stars > 0:
        inverse, _ = ft.pixel_from_world(rays)
        depth, seen = sealed(depth_m, np.float32), ready(open_sky, np.float32)
        wide, reach = reference.spot(len(depth))
        per_px = np.asarray(reference.cells_per_px(depth, seen, part), np.float32)
        given = *reference.catalogue(), inverse, np.float32(night.stars), np.float32(-0.5 / wide**2), reach
        kernels.stars(picture, depth, seen, per_px, *given)
    reference.lay_moon(picture, depth_m, rays, open_sky, night, part)  # one small disc, if it is in view


__all__ = ["WHOLE", "NightSky", "Part", "halo", "lay"]
