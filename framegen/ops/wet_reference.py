"""The meaning of lights mirrored in wet ground, at the size of the cells, in plain NumPy: the fast form must match it.

Ground that is wet mirrors what is bright, drawn out towards the viewer because it is rough. A light has its mirror
image as far below the floor as it stands above it, so its place on the screen is one projection; the screen need not
be searched for it.
"""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F32
from framegen.ops import features as ft

FACING_UP = 0.9
"""Cosine of a floor's normal and up."""
LEVEL_M = 0.35
"""How far a floor may lie above or below the one that mirrors."""
GAIN = 9.0
MOST = 0.5
"""Of a mirrored light, sRGB-encoded."""
WIDE, LONG = 3, (7, 9)
"""Cells that a mirrored light is spread over: across, and twice up and down."""


def level_of(heights: F32) -> float:
    """Of a floor's cells ``[n]``: of a street rather than of the tops of what stands in it."""
    ordered = np.sort(heights)  # takes a fraction of what two medians do
    return _middle(ordered[: np.searchsorted(ordered, _middle(ordered), "right")])


def _middle(ordered: F32) -> float:
    """The median of what is in order."""
    half = len(ordered) // 2
    return float(ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) * np.float32(0.5))


def mirrored(light: F32, light_m: F32, depth_m: F32, geometry: ft.CellGeometry) -> F32:
    """What the floor of a frame mirrors: ``[h, w, 3]`` float32, sRGB-encoded.

    Args:
        light: ``[h, w, 3]`` float32, what shines of each cell. light_m: ``[h, w]`` float32, the depth of that.
        depth_m: ``[h, w]`` float32, that of the cells' samples. What is no distance (not above 0, not finite) mirrors
            nothing and is not mirrored.
        geometry: of the same frame; without a camera nothing is mirrored.
    """
    rays, features = geometry.rays, geometry.features
    h, w = depth_m.shape
    floor = (features[ft.NORMAL_UP] > FACING_UP) & np.isfinite(depth_m) & (depth_m > 0)
    lit = (light[..., 0] > 0) | (light[..., 1] > 0) | (light[..., 2] > 0)  # any(-1) takes ten times as long
    shining = np.flatnonzero(lit & np.isfinite(light_m) & (light_m > 0))
    if rays is None or not shining.size or not floor.any():
        return np.zeros_like(light)
    points = ft.cell_points(np.where(floor, depth_m, 0).astype(np.float32), rays)
    level = np.float32(level_of(points[1][floor]))
    image = ft.cell_points(light_m, rays).reshape(3, -1)[:, shining].copy()
    image[1] = 2 * level - image[1]
    inverse, corner = ft.pixel_from_world(rays)
    x, y, z = inverse @ (image - corner[:, None])
    ahead = z > np.float32(0.05)
    scale = np.float32(1 / ft.CELL_PX) / (np.where(ahead, z, 1) if rays.perspective else np.float32(1))
    column, row = np.floor(x * scale).astype(np.int64), np.floor(y * scale).astype(np.int64)
    seen = ahead & (column >= 0) & (column < w) & (row >= 0) & (row < h)
    out = np.zeros((h * w, 3), np.float32)
    np.add.at(out, row[seen] * w + column[seen], light.reshape(-1, 3)[shining[seen]])
    spread = out.reshape(h, w, 3)
    for long in LONG:
        spread = np.asarray(cv2.blur(spread, (WIDE, long), borderType=cv2.BORDER_CONSTANT), np.float32)
    level_ground = floor & (np.abs(points[1] - level) < LEVEL_M)
    spread *= np.float32(GAIN)
    np.minimum(spread, np.float32(MOST), out=spread)
    spread[~level_ground] = 0
    return spread
