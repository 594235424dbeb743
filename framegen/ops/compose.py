"""The embedded model's composition at full size, fast: a frame's planes handed to :mod:`framegen.ops.kernels.compose`.

Matches :mod:`framegen.ops.reference` within two 8-bit levels (float32 rounding, 8-bit colour floor).
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.anchors import Anchors
from framegen.ops.duet import DUET
from framegen.ops.fields import FieldAtlas
from framegen.ops.kernels import compose as kernels
from framegen.ops.kernels.clouds import Clouds
from framegen.ops.kernels.jit import ready

MIN_FOG_PER_M = 1.2e-4
"""Clearest air: the sky, at :data:`~framegen.ops.features.FAR_M`, is then hidden but for 6 parts in a million."""
_NONE = np.empty((0, 0), np.float32)
_NO_SHIFT = np.empty((0, 0, 3), np.float32)
_NO_PLANE = np.empty((0, 0), np.uint8)
_LINES = np.zeros((3, 1), np.float32)
_BANDS = 4
"""Bands of rows that two threads take in turns: one that is held up then leaves more of them to the other."""


class Composer:
    """Composition with the detail fields of one atlas, on two threads. Keeps nothing of a frame."""

    def __init__(self, atlas: FieldAtlas) -> None:
        self._atlas = atlas
        self._words = kernels.words(atlas.pixels)
        self._clouds = Clouds()

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
        anchors: Anchors | None = None,
        clouds: tuple[float, float] = (0.0, 0.0),
    ) -> U8:
        """``[H, W, 3]`` uint8, a new array; see :func:`framegen.ops.reference.compose`.

        ``depth_m`` ``[H, W]`` float32 or None. ``anchors``: of what moves on its own.
        ``clouds``: cover and gloom of :func:`framegen.ops.clouds.cloudy_air`, laid over the latent's air.
        """
        latent, color = ready(latent, np.float32), ready(color, np.uint8)
        shift = _NO_SHIFT if anchors is None else ready(anchors.shift_m, np.float32)
        weight = _NONE if anchors is None else ready(anchors.weight, np.float32)
        rays, atlas = geometry.rays, self._atlas
        depth, stretch, plane, footprint = _NONE, _NONE, _NO_PLANE, _NONE
        columns = rows = _LINES
        ahead, tiles = np.zeros(3, np.float32), np.zeros((3, atlas.count))
        if depth_m is not None:
            depth = ready(depth_m, np.float32)
            stretch = np.ones_like(depth) if rays is None else ready(rays.stretch, np.float32)
            if rays is not None and geometry.plane is not None and geometry.footprint_m is not None and contrast > 0:
                plane, columns, rows = geometry.plane, rays.columns, rays.rows
                footprint = ready(geometry.footprint_m, np.float32)
                tiles = rays.position[:, None] / atlas.tile_m
                tiles -= np.floor(tiles)
                if not rays.perspective:
                    ahead = rays.forward.astype(np.float32)
        clear = latent[..., layout.AIR].copy()
        fog_per_m, height, sky = max(fog_per_m, MIN_FOG_PER_M), latent.shape[0], geometry.features[ft.SKY]
        cloudy = rays is not None and rays.perspective and max(clouds) > 0
        air = np.empty_like(clear) if cloudy else clear
        out = np.empty(color.shape, np.uint8)

        def band(first: int, end: int) -> None:
            if rays is not None and cloudy:
                # with the rows that the band's edges are blended with
                self._clouds.lay(clear, sky, rays, *clouds, max(first - 1, 0), min(end + 1, height), air)
            kernels.compose_band(
                first, end, latent, air, shift, weight, cover, contrast, color, depth,
                stretch, fog_per_m, plane, footprint, atlas.tile_m, tiles, atlas.size_px, atlas.origin_px, columns,
                rows, ahead, self._words, atlas.pixels.shape[1], out,
            )  # fmt: skip

        DUET.split(height, min(_BANDS, height), band)
        return out
