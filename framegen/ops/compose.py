"""The embedded model's composition at full size, fast: strips that stay in the cache, preallocated planes.

Matches :mod:`framegen.ops.reference` within two 8-bit levels (exact mathematics; float32 rounding, 8-bit colour floor,
and bilinear weights of ``cv2.remap`` in 1/32 texel).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.ops.fields import LEVELS, PLANE_GROUND, PLANE_WALL_X, UNITS_PER_LOG, FieldAtlas, levels_of
from framegen.ops.reference import DETAIL_CLIP, FLOOR

STRIP_CELLS = 18
"""Cell rows that are composed together: their planes fit the second-level cache."""
MIN_DETAIL = 0.02
"""Strips whose detail is weaker than this everywhere skip the lookup."""


class Lookup:
    """Which texel each pixel of a frame reads, given the field that each cell picked."""

    def __init__(self, atlas: FieldAtlas) -> None:
        self.atlas = atlas
        self._per_metre = (1.0 / atlas.tile_m).astype(np.float32)

    def cells(self, latent: F32, geometry: ft.CellGeometry) -> tuple[F32, U8, U8]:
        """``[6, h, w]`` float32 (tiles per metre, column and row at the camera in tiles, side and origin of the
        level's tile in texels) and the masks of walls facing X and of ground, ``[h, w]`` uint8."""
        rays, plane, footprint = geometry.rays, geometry.plane, geometry.footprint_m
        assert rays is not None and plane is not None and footprint is not None
        atlas = self.atlas
        choice = latent[..., layout.CHOICE].argmax(-1)
        tiles = rays.position[:, None] / atlas.tile_m
        x, y, z = tiles - np.floor(tiles)
        column = np.stack([x, -z, x]).astype(np.float32)
        row = np.stack([z, -y, -y]).astype(np.float32)
        level = levels_of(footprint, choice, atlas)
        at = plane.astype(np.intp) * atlas.count + choice
        out = np.empty((6, *plane.shape), np.float32)
        self._per_metre.take(choice, out=out[0])
        column.take(at, out=out[1])
        row.take(at, out=out[2])
        atlas.size_px.take(level, out=out[3])
        origin = choice * (LEVELS + 1) + level
        np.subtract(atlas.origin_px[..., 0].take(origin), 0.5, out=out[4])
        np.subtract(atlas.origin_px[..., 1].take(origin), 0.5, out=out[5])
        return out, (plane == PLANE_WALL_X).view(np.uint8), (plane == PLANE_GROUND).view(np.uint8)


class Composer:
    """Composition for one frame size (multiples of 4 pixels), with its buffers. Not thread-safe."""

    def __init__(self, width: int, height: int, atlas: FieldAtlas) -> None:
        self.width, self.height = width, height
        self._lookup = Lookup(atlas)
        self._pixels = atlas.pixels
        rows = 4 * STRIP_CELLS
        self._planes = np.empty((16, rows, width), np.float32)
        self._padded = np.empty((12, rows + 8, width), np.float32)
        self._bytes = np.empty((4, rows, width), np.uint8)

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
    ) -> U8:
        """``[H, W, 3]`` uint8, a new array; see :func:`framegen.ops.reference.compose`.

        ``depth_m`` ``[H, W]`` float32 or None. ``still`` ``[h, w]`` scales each cell's detail: 0 on what moves by itself.
        """
        h, w = latent.shape[:2]
        out = np.empty((self.height, self.width, 3), np.uint8)
        cells = np.empty((10, h, w), np.float32)
        planar = np.ascontiguousarray(np.moveaxis(latent[..., : layout.DETAIL + 1], -1, 0))
        np.exp(planar[layout.GAIN], out=cells[0:3])
        cells[0:3] *= 1.0 - cover * planar[layout.COVER]
        np.multiply(planar[layout.AIR], 255.0, out=cells[6:9])
        np.multiply(planar[layout.PAINT], 255.0 * cover, out=cells[3:6])
        if depth_m is not None:
            cells[3:6] -= cells[6:9]
        np.multiply(planar[layout.DETAIL], contrast, out=cells[9])
        if still is not None:
            cells[9] *= still
        textured = depth_m is not None and geometry.plane is not None and contrast > 0
        maps = self._lookup.cells(latent, geometry) if textured else None
        floor = round(FLOOR * 255)
        for top in range(0, h, STRIP_CELLS):
            end = min(h, top + STRIP_CELLS)
            n = 4 * (end - top)
            pixel_rows = slice(4 * top, 4 * end)
            bright = cv2.max(color[pixel_rows], (floor, floor, floor, 0))
            source = cv2.split(bright)
            share = None
            if depth_m is not None:
                share = self._through(depth_m[pixel_rows], geometry.rays, fog_per_m, pixel_rows, n)
            factor = None
            if maps is not None and depth_m is not None and float(cells[9, top:end].max()) > MIN_DETAIL:
                factor = self._factor(maps, cells[9], depth_m[pixel_rows], geometry, top, end)
            done = []
            for c in range(3):
                lit = self._grown(cells[c], top, end, 10)
                value = self._planes[10, :n]
                cv2.multiply(lit, source[c], dst=value, dtype=cv2.CV_32F)
                if factor is not None:
                    np.multiply(value, factor, out=value)
                np.add(value, self._grown(cells[3 + c], top, end, 11), out=value)
                if share is not None:
                    np.multiply(value, share, out=value)
                    np.add(value, self._grown(cells[6 + c], top, end, 11), out=value)
                done.append(cv2.convertScaleAbs(cv2.max(value, 0.0), dst=self._bytes[c, :n]))
            cv2.merge(done, dst=out[pixel_rows])
        return out

    def _grown(self, cells: F32, top: int, end: int, slot: int) -> F32:
        """Bilinear enlargement of cell rows ``top`` to ``end``: their neighbours' rows are grown too and cut off."""
        first, last = max(0, top - 1), min(cells.shape[0], end + 1)
        grown = self._padded[slot, : 4 * (last - first)]
        cv2.resize(cells[first:last], (self.width, grown.shape[0]), dst=grown, interpolation=cv2.INTER_LINEAR)
        skip = 4 * (top - first)
        return np.asarray(grown[skip : skip + 4 * (end - top)])

    def _through(self, depth_m: F32, rays: ft.Rays | None, fog_per_m: float, rows: slice, n: int) -> F32:
        out = self._planes[0, :n]
        np.minimum(depth_m, np.float32(ft.FAR_M), out=out)
        sky = cv2.compare(out, ft.FAR_M, cv2.CMP_GE)
        if rays is not None:
            np.multiply(out, rays.stretch[rows], out=out)
        np.multiply(out, np.float32(-fog_per_m), out=out)
        cv2.exp(out, dst=out)
        out[sky.view(bool)] = 0.0
        return np.asarray(out)

    def _factor(
        self,
        maps: tuple[F32, U8, U8],
        strength: F32,
        depth_m: F32,
        geometry: ft.CellGeometry,
        top: int,
        end: int,
    ) -> F32:
        """``exp(strength * detail)`` of the strip, ``[n, W]``."""
        rays = geometry.rays
        assert rays is not None
        n = 4 * (end - top)
        size = (self.width, n)
        cells, wall_x, ground = maps
        p = self._planes

        def spread(i: int, slot: int) -> F32:
            return np.asarray(cv2.resize(cells[i, top:end], size, dst=p[slot, :n], interpolation=cv2.INTER_NEAREST))

        near = np.minimum(depth_m, np.float32(ft.FAR_M), out=p[1, :n])
        rows = rays.rows[:, 4 * top : 4 * end]
        column = self._offset(rays, 0, rows, near, 2)
        row = self._offset(rays, 1, rows, near, 3)
        np.negative(row, out=row)
        ahead = self._offset(rays, 2, rows, near, 4)
        mask = cv2.resize(ground[top:end], size, dst=self._bytes[3, :n], interpolation=cv2.INTER_NEAREST)
        cv2.copyTo(ahead, mask, row)
        walls = wall_x[top:end]
        if walls.any():
            np.negative(ahead, out=ahead)
            mask = cv2.resize(walls, size, dst=self._bytes[3, :n], interpolation=cv2.INTER_NEAREST)
            cv2.copyTo(ahead, mask, column)
        per_metre, side, scratch = spread(0, 5), spread(3, 6), p[7, :n]
        for at, base, origin in ((column, 1, 4), (row, 2, 5)):
            np.multiply(at, per_metre, out=at)
            np.add(at, spread(base, 8), out=at)
            np.floor(at, out=scratch)
            np.subtract(at, scratch, out=at)
            np.multiply(at, side, out=at)
            np.add(at, spread(origin, 8), out=at)
        found = cv2.remap(self._pixels, column, row, cv2.INTER_LINEAR, dst=self._bytes[3, :n])
        detail = p[9, :n]
        np.subtract(found, np.float32(128), out=detail)
        np.multiply(detail, self._grown(strength, top, end, 9), out=detail)
        limit = DETAIL_CLIP * UNITS_PER_LOG
        np.clip(detail, -limit, limit, out=detail)
        np.multiply(detail, np.float32(1 / UNITS_PER_LOG), out=detail)
        return np.asarray(cv2.exp(detail, dst=detail))

    def _offset(self, rays: ft.Rays, axis: int, rows: NDArray[np.float32], near: F32, slot: int) -> F32:
        """Metres from the camera along a world axis at every pixel of the strip."""
        out = self._planes[slot, : rows.shape[1]]
        np.add(rays.columns[axis][None], rows[axis][:, None], out=out)
        if rays.perspective:
            return np.asarray(np.multiply(out, near, out=out))
        np.add(out, near * np.float32(rays.forward[axis]), out=out)
        return np.asarray(out)
