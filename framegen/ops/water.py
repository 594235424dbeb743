"""Water and wet floors that mirror what stands around them, fast; see :mod:`framegen.ops.water_reference`."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from framegen.frame import F32, U8
from framegen.ops import falls_reference
from framegen.ops import features as ft
from framegen.ops import water_reference as reference
from framegen.ops.clouds import TILE_PX, cloud_tile
from framegen.ops.duet import DUET, Later
from framegen.ops.kernels import water as kernels
from framegen.ops.kernels.jit import ready
from framegen.ops.water_reference import FLOOR, WATER, Light, sky_of

_BANDS = 8


def levels(kind: U8, depth_m: F32, geometry: ft.CellGeometry) -> F32:
    """See :func:`framegen.ops.water_reference.levels`; both planes are C-contiguous."""
    rays, up = geometry.rays, ready(geometry.features[ft.NORMAL_UP], np.float32)
    assert rays is not None
    columns, rows = (ready(plane[1], np.float32) for plane in (rays.columns, rays.rows))
    out = np.empty((2, *up.shape), np.float32)
    kernels.levels(kind, depth_m, up, columns, rows, np.float32(rays.forward[1]), bool(rays.perspective), out)
    return out


@dataclass(frozen=True, eq=False)
class Still:
    """What of a frame's water depends on depth and labels alone.

    Attributes:
        kind: ``[H, W]`` uint8, without what is seen from below. rows: the first that has any, and the one after the
            last. level, falls: of :func:`levels` and :func:`framegen.ops.falls_reference.falling`.
    """

    kind: U8
    rows: tuple[int, int]
    level: F32
    falls: F32


def find(kind: U8, depth_m: F32, geometry: ft.CellGeometry) -> Still | None:
    """Where water and wet floors are; None: there are none, or places are not known."""
    if geometry.rays is None:
        return None
    kind = ready(reference.from_above(kind, geometry), np.uint8)
    mirrors = np.flatnonzero(((kind == WATER) | (kind == FLOOR)).any(1))
    if not mirrors.size:
        return None
    level = levels(kind, ready(depth_m, np.float32), geometry)
    return Still(kind, (int(mirrors[0]), int(mirrors[-1]) + 1), level, falls_reference.falling(geometry))


def soften(mirrored: F32, first: int, end: int) -> F32:
    """:func:`framegen.ops.water_reference.soften` of what has still water in rows ``first`` to ``end`` alone, in place;
    itself."""
    rows = mirrored[first:end]
    inside = np.empty(rows.shape[:2], np.float32)
    kernels.mark(rows, inside)
    across, down = (np.asarray(weights, np.float32) for weights in (reference.ACROSS, reference.DOWN))
    summed = cv2.sepFilter2D(rows, cv2.CV_32F, across, down, borderType=cv2.BORDER_CONSTANT)
    kernels.average(np.asarray(summed, np.float32), inside, rows)
    return mirrored


def lay(
    picture: U8,
    kind: U8,
    color: U8,
    depth_m: F32,
    through: F32,
    air: F32,
    geometry: ft.CellGeometry,
    light: Light,
    sky: F32,
    share: float,
    found: Later[Still | None] | None = None,
) -> None:
    """Lays water over a composed picture, and what wet floors mirror, in place.

    Args:
        picture, color: ``[H, W, 3]`` uint8, the composed one and the engine's. kind: ``[H, W]`` uint8, WATER,
            FLOOR or 0.
        depth_m, through: ``[H, W]`` float32, metres and the share of light that passes the air.
        air: ``[h, w, 3]`` float32, sRGB-encoded. geometry: of the same frame; without a camera nothing is done.
        sky: ``[3]`` float32, see :func:`framegen.ops.water_reference.sky_of`. share: 0..1, how much of it is laid over.
        found: of :func:`find`, if something has begun it.
    """
    rays, still = geometry.rays, find(kind, depth_m, geometry) if found is None else found.result()
    if rays is None or still is None:
        return
    height, width = kind.shape
    kind, level, falls, (top, bottom) = still.kind, still.level, still.falls, still.rows
    upper, lower = top // reference.BLOCK_PX, -(-bottom // reference.BLOCK_PX)
    depth = ready(depth_m, np.float32)
    seen = ready(color, np.uint8), depth, ready(through, np.float32), ready(air, np.float32)
    texel_x, texel_z = (np.mod(rays.position[::2] / reference.PUDDLES_M, 1) * TILE_PX).tolist()
    inverse, corner = ft.pixel_from_world(rays)
    ahead = np.zeros(3, np.float32) if rays.perspective else rays.forward.astype(np.float32)
    sky, sun = ready(sky, np.float32), ready(light.sun, np.float32)
    columns, rows, noise = ready(rays.columns, np.float32), ready(rays.rows, np.float32), cloud_tile()
    waves, at = reference.waves(rays.position, light), falls_reference.place_of(rays.position, light.seconds)
    foam = falls_reference.foam(sky, light.sunny if sun.any() else 0.0)
    mirrored = np.zeros((height // reference.BLOCK_PX, width // reference.BLOCK_PX, 4), np.float32)
    mirrored[..., 3] = -1  # nothing is still where nothing mirrors

    def trace(first: int, end: int) -> None:
        kernels.mirror(
            upper + first, upper + end, picture, kind, depth, level, columns, rows, ahead, inverse, corner,
            np.float32(rays.pixel_m), waves, sky * sky, sun, np.float32(light.sunny), np.float32(light.rain), noise,
            texel_x, texel_z, mirrored,
        )  # fmt: skip

    def blend(first: int, end: int) -> None:
        kernels.lay(
            top + first, top + end, soft, kind, *seen, columns, rows, ahead, noise, *at, sky, foam, falls,
            np.float32(share), picture,
        )  # fmt: skip

    DUET.split(lower - upper, min(_BANDS, lower - upper), trace)
    soft = soften(mirrored, upper, lower)
    DUET.split(bottom - top, min(_BANDS, bottom - top), blend)


__all__ = ["FLOOR", "WATER", "Light", "Still", "find", "lay", "levels", "sky_of", "soften"]
