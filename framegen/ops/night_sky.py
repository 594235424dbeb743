"""Stars and the moon in a night's sky, fast; see :mod:`framegen.ops.night_sky_reference`."""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import night_sky_reference as reference
from framegen.ops.clouds import cloud_tile
from framegen.ops.duet import DUET
from framegen.ops.kernels import night_sky as kernels
from framegen.ops.kernels.jit import ready, sealed
from framegen.ops.night_sky_reference import WHOLE, NightSky, Part, halo

_BANDS = 8


def lay(picture: U8, depth_m: F32, rays: ft.Rays, open_sky: F32, night: NightSky, part: Part = WHOLE) -> None:
    """Lays stars and moon over the sky of a picture, in place; see :func:`framegen.ops.night_sky_reference.lay`."""
    if not rays.perspective:
        return
    depth, seen = sealed(depth_m, np.float32), ready(open_sky, np.float32)
    per_px = np.asarray(reference.cells_per_px(depth, seen, part), np.float32)
    if night.stars > 0:
        inverse, _ = ft.pixel_from_world(rays)
        wide, reach = reference.spot(len(depth))
        given = *reference.catalogue(), inverse, np.float32(night.stars), np.float32(-0.5 / wide**2), reach
        kernels.stars(picture, depth, seen, per_px, *given)
    first, end, left, right = reference.moon_within(rays, night, *depth.shape)
    if first < end and left < right:  # a small disc, but of a view through a telescope it is all
        toward, share = np.asarray(night.toward, np.float32), np.float32(night.moon)
        disc = left, right, depth, seen, per_px, rays.columns, rays.rows, toward, cloud_tile(), share, picture
        count = end - first
        DUET.split(count, min(_BANDS, count), lambda top, below: kernels.moon(first + top, first + below, *disc))


__all__ = ["WHOLE", "NightSky", "Part", "halo", "lay"]
