"""Snow that lies on what faces up, fast; see :mod:`framegen.ops.snow_reference`."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import snow_reference as reference
from framegen.ops.anchors import Anchors
from framegen.ops.clouds import TILE_PX, cloud_tile
from framegen.ops.duet import Ranges
from framegen.ops.facing import facing
from framegen.ops.kernels import snow as kernels
from framegen.ops.kernels import snow_cells as cells
from framegen.ops.kernels.jit import ready
from framegen.ops.ramp import ramp

_NO_SHIFT = np.empty((0, 0, 3), np.float32)


def color_of(
    picture: U8, latent: F32, label: NDArray[np.int32], through: F32, air: F32, geometry: ft.CellGeometry, snow: float
) -> tuple[F32, float] | None:
    """See :func:`framegen.ops.snow_reference.color_of`."""
    if lies(label, geometry) <= 0:
        return None
    h, w = latent.shape[:2]
    up = geometry.features[ft.NORMAL_UP]
    whiter = np.float32(reference.WHITER[0] + reference.WHITER[1] * (1 - snow))
    light, sums = np.empty((h, w, 4), np.float32), np.empty(5)
    planes = ready(label, np.int32), cells.KINDS, ready(through, np.float32), ready(air, np.float32)
    sky = np.float32(reference.is_open(geometry))
    cells.weigh(ready(picture, np.uint8), ready(latent, np.float32), *planes, up, sky, whiter, light, sums)
    sure = ramp(float(sums[3] / max(sums[4], 1e-6)), reference.SURE)
    if sums[3] < reference.LEAST * h * w or sure <= 0:
        return None
    near, around = np.empty_like(light), np.empty_like(light)
    for into, size in ((near, reference.NEAR_CELLS), (around, reference.AROUND_CELLS)):
        cv2.blur(light, (size, size), into)
    out = np.empty((h, w, 3), np.float32)
    cells.mix(near, around, sums, out)
    return out, sure


def off_walls(latent: F32, label: NDArray[np.int32], geometry: ft.CellGeometry, snow: float) -> F32:
    """See :func:`framegen.ops.snow_reference.off_walls`."""
    up, codes = geometry.features[ft.NORMAL_UP], ready(label, np.int32)
    normals = geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1]
    mean, out = np.empty_like(normals), np.array(latent, np.float32, order="C")
    for plane, into in zip(normals, mean, strict=True):
        cv2.blur(plane, (3, 3), into)
    room, part = np.float32(in_a_room(codes, geometry)), np.float32(reference.WALLS * snow)
    cells.off_walls(out, mean, up, codes, cells.KINDS, room, part)
    return out


def in_a_room(label: NDArray[np.int32], geometry: ft.CellGeometry) -> float:
    """See :func:`framegen.ops.snow_reference.in_a_room`."""
    faces, _, rooms = cells.facing_up(ready(label, np.int32), cells.KINDS, geometry.features[ft.NORMAL_UP])
    return (1 - reference.is_open(geometry)) * ramp(rooms / max(faces, 1), reference.OUTDOORS)


def lies(label: NDArray[np.int32], geometry: ft.CellGeometry) -> float:
    """See :func:`framegen.ops.snow_reference.lies`."""
    faces, ground, rooms = cells.facing_up(ready(label, np.int32), cells.KINDS, geometry.features[ft.NORMAL_UP])
    alone, pier = (ramp(count / max(faces, 1), reference.OUTDOORS) for count in (ground, ground + rooms))
    return alone + reference.is_open(geometry) * (pier - alone)


def layer(
    picture: U8,
    label: U8,
    bears: F32,
    depth_m: F32,
    through: F32,
    color: F32,
    air: F32,
    rays: ft.Rays,
    sun: F32,
    snow: float,
    share: float,
    anchors: Anchors | None = None,
) -> Ranges:
    """What lays snow over rows of a composed picture, in place.

    Args:
        picture: ``[H, W, 3]`` uint8. label: ``[H, W]`` uint8; bears: ``[256]`` float32 0..1, how much of the snow stays
            on each label's things. depth_m, through: ``[H, W]`` float32, metres and the share of light that passes.
        color: ``[h, w, 3]`` float32 of :func:`color_of`. air: ``[h, w, 3]`` float32, sRGB-encoded.
        rays: of the same frame. sun: ``[3]`` float32 towards it, times how clear it shines.
        snow: 0..1, how much has fallen. share: 0..1, how much of it is laid over.
        anchors: of what moves on its own, and its patches with it.
    """
    labels, depth, clear = ready(label, np.uint8), ready(depth_m, np.float32), ready(through, np.float32)
    x, y, z = rays.position.tolist()
    lean_x, lean_z = reference.LEAN
    texels = TILE_PX / reference.NOISE_M
    texel_x, texel_z = ((x + lean_x * y) * texels) % TILE_PX, ((z + lean_z * y) * texels) % TILE_PX

    planes = ready(color, np.float32), ready(air, np.float32), ready(sun, np.float32)
    stays, noise = ready(bears, np.float32), cloud_tile().reshape(-1)
    columns, rows = ready(rays.columns, np.float32), ready(rays.rows, np.float32)
    ahead = np.zeros(3, np.float32) if rays.perspective else rays.forward.astype(np.float32)
    shift = _NO_SHIFT if anchors is None else ready(anchors.shift_m, np.float32)

    faces = facing(depth, rays)

    def band(first: int, end: int) -> None:
        kernels.lay(
            first, end, picture, labels, stays, depth, faces.flat, faces.turn, faces.across, faces.down, faces.deep,
            clear, columns, rows, ahead, shift, noise, texel_x, texel_z, *planes, np.float32(snow), np.float32(share),
        )  # fmt: skip

    return band


__all__ = ["color_of", "in_a_room", "layer", "lies", "off_walls"]
