"""The meaning of panes and car paint that mirror, in plain NumPy: what the fast form must match.

Windows by day are dark rooms behind glass that mirrors what stands opposite, which a frame hardly ever shows; cars
mirror it in their clear coat. So what they mirror is made up of what is known: the sky's colour above a skyline, below
it what is seen in the frame, in patches, and the sun. Skyline and patches are noise over directions, fixed in the
world: what a pane mirrors moves as the view does, as it does on real ones.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops.clouds import tile_at

Index = NDArray[np.intp]

PANE, COAT = 3, 4
"""The kinds of what mirrors so, beside those of :mod:`framegen.ops.water_reference`: panes, and car paint."""
STRAIGHT = {PANE: 0.2, COAT: 0.06}
"""Reflectance seen straight on, of a double pane's four surfaces, and of the lacquer."""
BODY = {PANE: 0.7, COAT: 0.0}
"""How much of what lies behind is lost, squared from sRGB-encoded: the room behind the glass is darker than the glass
that engines draw."""
SKYLINE_RISE, SKYLINE_SOFT = 0.9, 0.1
"""Height of a direction that noise may raise the skyline to, and how soft it is."""
TURN_TEXELS, PATCH_TEXELS = 60.0, 150.0
"""Texels of noise for a direction of length one over the ground: of the skyline, and of what stands below it."""
SHADED, PATCHES, LOWER = 0.4, 0.8, 0.75
"""Brightness of that over what is seen in the frame, at least, and how much patches add to it; and of the ground below
the horizon over that."""
ZENITH = 0.55
"""Brightness of the sky straight up over that at the horizon, sRGB-encoded."""
SKYLIGHT = 1.3
"""How much brighter, squared from sRGB-encoded, what is mirrored is than it is shown: pictures clip the sky."""
GLINT, GLINT_SHARP, SUNLIGHT = 3.0, 120.0, (1.0, 0.85, 0.62)
"""The sun in a pane: its brightness, how sharp it is, and its colour, squared from sRGB-encoded."""
AROUND_CELLS = 5
"""Width of the box of cells whose normals are averaged: those of cells at frames and edges are of neither side."""
INSIDE, TOUCHED = 1e-2, 1e-4
"""What a cell that is wholly of the kind counts there, over one that lies among such, and what one counts that is not
wholly so."""
AGREES = 0.6, 0.9
"""Length of a cell's mean normal up to which it counts for nothing, and from which on wholly."""
LEAST_FACING = 1e-3
"""Length of the mean below which the normal is not known."""


def skyline(way: F32) -> F32:
    """``[...]`` float32, height of a direction below which something stands. ``way``: ``[..., 3]`` unit vectors."""
    x, z = (way[..., i].astype(np.float64) * TURN_TEXELS for i in (0, 2))
    return np.asarray(SKYLINE_RISE * tile_at(x, z), np.float32)


def opposite(way: F32) -> F32:
    """``[...]`` float32, brightness of what stands in a direction below the skyline, over what is seen in the frame."""
    x, y, z = (way[..., i].astype(np.float64) * PATCH_TEXELS for i in range(3))
    bright = SHADED + PATCHES * tile_at(x + z, y)
    return np.asarray(bright * np.where(way[..., 1] < 0, LOWER, 1), np.float32)


def facing(kind: U8, which: int, geometry: ft.CellGeometry) -> F32:
    """``[h, w, 3]`` float32, mean normals of what is of ``which`` kind around each cell, along the world's axes.

    Nearer to 0 than :data:`LEAST_FACING` where none is known; 0 but for cells that show it and those beside them.
    ``kind``: ``[H, W]``. ``geometry``: with a camera.
    """
    assert geometry.rays is not None
    normal = np.moveaxis(geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1], 0, -1) @ geometry.rays.level
    height, width = normal.shape[:2]
    part = cv2.resize((kind == which).astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
    among = cv2.erode(part, np.ones((3, 3), np.uint8))
    length = np.linalg.norm(normal, axis=-1)
    agrees = np.clip((length - AGREES[0]) / (AGREES[1] - AGREES[0]), 0, 1)
    weight = (part > 0) * agrees * (among**4 + INSIDE * part**4 + TOUCHED)
    size = AROUND_CELLS, AROUND_CELLS
    border = cv2.BORDER_CONSTANT
    total = cv2.blur(weight.astype(np.float32), size, borderType=border)[..., None]
    summed = cv2.blur((normal * weight[..., None]).astype(np.float32), size, borderType=border)
    near = cv2.dilate((part > 0).astype(np.uint8), np.ones((3, 3), np.uint8))[..., None] > 0
    return np.where(near & (total > 0), summed / np.where(total > 0, total, 1), 0).astype(np.float32)


def shown(picture: U8, depth_m: F32) -> F32:
    """``[3]`` float32 0..1, mean colour of what is no sky, by a sample of each cell: black where all is sky."""
    place = slice(ft.SAMPLE_PX, None, ft.CELL_PX)
    ground = ft.solid(depth_m[place, place])
    seen = picture[place, place][ground]
    return np.asarray(seen.mean(0) / 255 if seen.size else np.zeros(3), np.float32)


def laid(
    picture: U8,
    kind: U8,
    depth_m: F32,
    through: F32,
    geometry: ft.CellGeometry,
    sky: F32,
    sun: F32,
    share: dict[int, float],
) -> U8:
    """``picture`` ``[H, W, 3]`` uint8 with what panes and coats mirror, a new array.

    Args:
        kind: ``[H, W]`` uint8, PANE, COAT or others. depth_m, through: ``[H, W]`` float32, metres and the share of
            light that passes the air. geometry: of the same frame, with a camera. sky: ``[3]`` float32, sRGB-encoded.
        sun: ``[3]`` float32 towards the sun, times how clear it shines. share: of each kind 0..1, how much of it is
            laid over.
    """
    rays = geometry.rays
    assert rays is not None
    out: U8 = picture.copy()
    around = shown(picture, depth_m)
    strength = float(np.linalg.norm(sun))
    for which in (PANE, COAT):
        rows, columns = np.nonzero((kind == which) & ft.solid(depth_m))
        ray = (rays.columns[:, columns] + rays.rows[:, rows]).T
        way = ray if rays.perspective else np.broadcast_to(rays.forward.astype(np.float32), ray.shape)
        way = way / np.linalg.norm(way, axis=-1, keepdims=True)
        normal = _between(facing(kind, which, geometry), rows, columns)
        length = np.linalg.norm(normal, axis=-1, keepdims=True)
        normal = normal / np.maximum(length, 1e-6)
        cosine = np.maximum(-(way * normal).sum(-1), 0)
        mirrored = way + 2 * cosine[:, None] * normal
        clear = np.clip((mirrored[:, 1] - skyline(mirrored)) / SKYLINE_SOFT * 0.5 + 0.5, 0, 1)[:, None]
        above = 1 - (1 - ZENITH) * np.maximum(mirrored[:, 1:2], 0)
        bright = clear * above * sky + (1 - clear) * opposite(mirrored)[:, None] * around
        toward = mirrored @ (sun / strength if strength else sun)
        shine = np.where(toward > 0.5, GLINT * strength * np.maximum(toward, 0.5) ** GLINT_SHARP * clear[:, 0], 0)
        light = SKYLIGHT * bright**2 + shine[:, None] * np.asarray(SUNLIGHT)
        reflectance = (STRAIGHT[which] + (1 - STRAIGHT[which]) * (1 - cosine) ** 5)[:, None]
        old, t = picture[rows, columns].astype(np.float64), through[rows, columns][:, None]
        seen = (old / 255) ** 2
        # what the air lets pass of it: the rest of what is seen is the air
        left = (1 - BODY[which]) * (1 - reflectance)
        value = 255 * np.sqrt(np.clip(seen + t * (reflectance * light - (1 - left) * seen), 0, 1))
        mixed = np.where(length > LEAST_FACING, old + share[which] * (value - old), old)
        out[rows, columns] = (mixed + 0.5).astype(np.uint8)
    return out


def _between(cells: F32, rows: Index, columns: Index) -> F32:
    """``[n, 3]`` of ``cells`` ``[h, w, 3]`` at pixels, bilinear between their middles, at borders the outermost."""
    last = np.asarray(cells.shape[:2]) - 1
    place = (np.stack([rows, columns], -1) + 0.5) / ft.CELL_PX - 0.5
    first = np.floor(place).astype(int)
    down, right = (place - first).astype(np.float32).T[..., None]

    def at(y: int, x: int) -> F32:
        corner = np.clip(first + np.array((y, x)), 0, last)
        return np.asarray(cells[corner[:, 0], corner[:, 1]], np.float32)

    above, below = at(0, 0) + right * (at(0, 1) - at(0, 0)), at(1, 0) + right * (at(1, 1) - at(1, 0))
    return np.asarray(above + down * (below - above), np.float32)
