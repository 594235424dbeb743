"""The embedded model's composition at full size, fast: a frame's planes handed to :mod:`framegen.ops.kernels.compose`.

Matches :mod:`framegen.ops.reference` within two 8-bit levels (float32 rounding, 8-bit colour floor).
"""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.fields import FieldAtlas
from framegen.ops.kernels import compose as kernels
from framegen.ops.kernels.jit import ready

MIN_FOG_PER_M = 1.2e-4
"""Clearest air: the sky, at :data:`~framegen.ops.features.FAR_M`, is then hidden but for 6 parts in a million."""
_NONE = np.empty((0, 0), np.float32)
_NO_PLANE = np.empty((0, 0), np.uint8)


class Composer:
    """Composition for one frame size (multiples of 4 pixels), with its buffers. Not thread-safe.

    It runs on the calling thread: a second one was no faster while the engine, or the network's own threads, want the
    other core.
    """

    def __init__(self, width: int, height: int, atlas: FieldAtlas) -> None:
        self.width, self.height = width, height
        self._atlas = atlas
        h, w = height // ft.CELL_PX, width // ft.CELL_PX
        self._cells = np.empty((kernels.CELL_PLANES, h, w), np.float32)
        self._maps = np.empty((kernels.MAP_PLANES, h, w), np.float32)
        self._unstretched = np.ones((height, width), np.float32)

    def compose(
        self,
        latent: F32,
        color: U8,
        depth_m: F32 | None,
        geometry: ft.CellGeometry,
        fog_per_m: float,
        *,
        cover: float = 1.0,
        contrast: float = 1.0,
        still: F32 | None = None,
        air: F32 | None = None,
    ) -> U8:
        """``[H, W, 3]`` uint8, a new array; see :func:`framegen.ops.reference.compose`.

        ``depth_m`` ``[H, W]`` float32 or None. ``still`` ``[h, w]`` scales each cell's detail: 0 on what moves on its
        own. ``air`` ``[h, w, 3]`` stands in for the latent's own (clouds).
        """
        latent = ready(latent, np.float32)
        air = ready(latent[..., layout.AIR] if air is None else air, np.float32)
        kept = _NONE if still is None else ready(still, np.float32)
        kernels.coefficients(latent, air, kept, depth_m is not None, cover, contrast, self._cells)
        depth, stretch, maps, plane = _NONE, _NONE, _NONE[None], _NO_PLANE
        columns = rows = _NONE
        ahead = np.zeros(3, np.float32)
        rays = geometry.rays
        if depth_m is not None:
            depth = ready(depth_m, np.float32)
            stretch = self._unstretched if rays is None else rays.stretch
            if rays is not None and geometry.plane is not None and geometry.footprint_m is not None and contrast > 0:
                plane, columns, rows = geometry.plane, rays.columns, rays.rows
                maps = self._look_up(latent, geometry.footprint_m, plane, rays)
                if not rays.perspective:
                    ahead = rays.forward.astype(np.float32)
        red, green, blue = (np.asarray(channel, np.uint8) for channel in cv2.split(color))
        fog_per_m = max(fog_per_m, MIN_FOG_PER_M)

        kernels.compose_rows(
            0, self.height, self._cells, red, green, blue, depth, stretch, fog_per_m, maps, plane, columns, rows, ahead,
            self._atlas.pixels,
        )  # fmt: skip
        return np.asarray(cv2.merge([red, green, blue]), np.uint8)

    def _look_up(self, latent: F32, footprint_m: F32, plane: U8, rays: ft.Rays) -> F32:
        atlas = self._atlas
        tiles = rays.position[:, None] / atlas.tile_m
        kernels.lookup_maps(
            latent,
            ready(footprint_m, np.float32),
            plane,
            atlas.tile_m,
            tiles - np.floor(tiles),
            atlas.size_px,
            atlas.origin_px,
            self._maps,
        )
        return self._maps
