"""Lights mirrored in wet ground, fast; see :mod:`framegen.ops.wet_reference`."""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import wet_reference as reference
from framegen.ops.kernels import wet as kernels
from framegen.ops.kernels.jit import ready


def mirrored(light: F32, light_m: F32, depth_m: F32, geometry: ft.CellGeometry) -> F32:
    """See :func:`framegen.ops.wet_reference.mirrored`, but for ``depth_m``: it is ``[H, W]``, that of the pixels."""
    rays, h, w = geometry.rays, *light_m.shape
    out = np.zeros((h, w, 3), np.float32)
    if rays is None:
        return out
    columns, rows, depth = (ready(plane, np.float32) for plane in (rays.columns, rays.rows, depth_m))
    ahead, deep = rays.forward.astype(np.float32), bool(rays.perspective)
    heights, found = np.empty((h, w), np.float32), np.empty(h * w, np.float32)
    up = ready(geometry.features[ft.NORMAL_UP], np.float32)
    count = kernels.floors(depth, up, columns[1], rows[1], ahead[1], deep, heights, found)
    if not count:
        return out
    level = np.float32(reference.level_of(found[:count]))
    inverse, corner = ft.pixel_from_world(rays)
    bright, far = ready(light, np.float32), ready(light_m, np.float32)
    kernels.scatter(bright, far, columns, rows, ahead, deep, level, inverse, corner, out)
    if not out.any():
        return out
    for long in reference.LONG:
        cv2.blur(out, (reference.WIDE, long), out, borderType=cv2.BORDER_CONSTANT)
    kernels.keep(out, heights, level, np.float32(reference.GAIN), np.float32(reference.MOST))
    return out


__all__ = ["mirrored"]
