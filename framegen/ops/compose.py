"""The embedded model's composition at full size, fast: strips that stay in the cache, preallocated planes.

Matches :mod:`framegen.ops.reference` within two 8-bit levels (exact mathematics; float32 rounding, 8-bit colour floor,
and bilinear weights of ``cv2.remap`` in 1/32 texel).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

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
MIN_FOG_PER_M = 1.2e-4
"""Clearest air: the sky, at :data:`~framegen.ops.features.FAR_M`, is then hidden but for 6 parts in a million."""
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
        h, w = plane.shape
        chances = np.ascontiguousarray(latent[..., layout.CHOICE]).reshape(h * w, -1)
        choice = np.asarray(cv2.reduceArgMax(chances, 1), np.intp).reshape(h, w)
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
    """Composition for one frame size (multiples of 4 pixels), with its buffers. Not thread-safe.

    Strips are shared out among ``threads``: NumPy and OpenCV let go of Python's lock while they compute.
    """

    def __init__(self, width: int, height: int, atlas: FieldAtlas, threads: int = 2) -> None:
        self.width, self.height = width, height
        self._lookup = Lookup(atlas)
        self._pixels = atlas.pixels
        self._workers = [_Planes(width) for _ in range(threads)]
        self._pool = ThreadPoolExecutor(threads - 1, "compose") if threads > 1 else None
        self._haze: tuple[int, float] = (0, 0.0)
        self._haze_plane = np.empty((height, width), np.float32)
        self._cells = np.empty((10, height // ft.CELL_PX, width // ft.CELL_PX), np.float32)

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
        h = latent.shape[0]
        air = latent[..., layout.AIR] if air is None else air
        cells = self._coefficients(latent, air, depth_m is not None, cover, contrast)
        if still is not None:
            cells[9] *= still
        maps = None
        if depth_m is not None:
            self._set_haze(geometry.rays, max(fog_per_m, MIN_FOG_PER_M))
            if geometry.plane is not None and contrast > 0:
                maps = self._lookup.cells(latent, geometry)
        job = _Job(cells, maps, color, depth_m, geometry.rays, np.empty((self.height, self.width, 3), np.uint8))
        strips = [(top, min(h, top + STRIP_CELLS)) for top in range(0, h, STRIP_CELLS)]
        count = len(self._workers)
        others = []
        if self._pool is not None:
            others = [self._pool.submit(self._run, job, strips[n::count], self._workers[n]) for n in range(1, count)]
        self._run(job, strips[::count], self._workers[0])
        for other in others:
            other.result()
        return job.out

    def _coefficients(self, latent: F32, air: F32, has_depth: bool, cover: float, contrast: float) -> F32:
        """Planes per cell: gain (3), paint less air (3), air (3), in levels of 255, and detail contrast."""
        cells = self._cells
        planar = np.ascontiguousarray(np.moveaxis(latent[..., : layout.DETAIL + 1], -1, 0))
        np.exp(planar[layout.GAIN], out=cells[0:3])
        cells[0:3] *= 1.0 - cover * planar[layout.COVER]
        np.multiply(np.moveaxis(air, -1, 0), 255.0, out=cells[6:9])
        np.multiply(planar[layout.PAINT], 255.0 * cover, out=cells[3:6])
        if has_depth:
            cells[3:6] -= cells[6:9]
        np.multiply(planar[layout.DETAIL], contrast / UNITS_PER_LOG, out=cells[9])
        return cells

    def _set_haze(self, rays: ft.Rays | None, fog_per_m: float) -> None:
        """``-fog * stretch`` per pixel: what depth is multiplied by before the exponential. Kept while it holds."""
        key = (0 if rays is None else id(rays.stretch), fog_per_m)
        if key != self._haze:
            np.multiply(1.0 if rays is None else rays.stretch, np.float32(-fog_per_m), out=self._haze_plane)
            self._haze = key
            self._kept = rays

    def _run(self, job: _Job, strips: list[tuple[int, int]], planes: _Planes) -> None:
        for top, end in strips:
            self._strip(job, top, end, planes)

    def _strip(self, job: _Job, top: int, end: int, planes: _Planes) -> None:
        rows, n = slice(4 * top, 4 * end), 4 * (end - top)
        p, floor = planes.floats, round(FLOOR * 255)
        np.maximum(job.color[rows], np.uint8(floor), out=planes.bright[:n])
        source = cv2.split(planes.bright[:n], [b[:n] for b in planes.bytes[:3]])
        share = factor = None
        if job.depth_m is not None:
            near = np.fmin(job.depth_m[rows], np.float32(ft.FAR_M), out=p[1, :n])
            if job.maps is not None and float(job.cells[9, top:end].max()) > MIN_DETAIL / UNITS_PER_LOG:
                factor = self._factor(job, near, top, end, planes)
            share = np.multiply(near, self._haze_plane[rows], out=p[0, :n])
            cv2.exp(share, dst=share)
            factor = share if factor is None else np.multiply(factor, share, out=factor)
        for c in range(3):
            lit = planes.grown(job.cells[c], top, end, 0)
            if factor is not None:
                np.multiply(lit, factor, out=lit)
            cv2.multiply(lit, source[c], dst=lit, dtype=cv2.CV_32F)
            rest = planes.grown(job.cells[3 + c], top, end, 1)
            if share is not None:
                np.multiply(rest, share, out=rest)
                np.add(lit, planes.grown(job.cells[6 + c], top, end, 2), out=lit)
            np.add(lit, rest, out=lit)
            cv2.convertScaleAbs(lit, dst=source[c])
        cv2.merge(source, dst=job.out[rows])

    def _factor(self, job: _Job, near: F32, top: int, end: int, planes: _Planes) -> F32:
        """``exp(strength * detail)`` of the strip, ``[n, W]``."""
        rays = job.rays
        assert rays is not None and job.maps is not None
        n, p = 4 * (end - top), planes.floats
        cells, wall_x, ground = job.maps

        def spread(source: NDArray[Any], dst: NDArray[Any]) -> Any:
            return cv2.resize(source[top:end], (self.width, n), dst=dst[:n], interpolation=cv2.INTER_NEAREST)

        rows = slice(4 * top, 4 * end)
        column = _offset(rays, 0, 1.0, rows, near, p[2, :n])
        row = _offset(rays, 1, -1.0, rows, near, p[3, :n])
        ahead = _offset(rays, 2, 1.0, rows, near, p[4, :n])
        if ground[top:end].any():
            cv2.copyTo(ahead, spread(ground, planes.bytes[3]), row)
        if wall_x[top:end].any():
            np.negative(ahead, out=ahead)
            cv2.copyTo(ahead, spread(wall_x, planes.bytes[3]), column)
        per_metre, side, scratch = spread(cells[0], p[5]), spread(cells[3], p[6]), p[7, :n]
        for at, base, origin in ((column, cells[1], cells[4]), (row, cells[2], cells[5])):
            np.multiply(at, per_metre, out=at)
            np.add(at, spread(base, p[4]), out=at)
            np.floor(at, out=scratch)
            np.subtract(at, scratch, out=at)
            np.multiply(at, side, out=at)
            np.add(at, spread(origin, p[4]), out=at)
        found = cv2.remap(self._pixels, column, row, cv2.INTER_LINEAR, dst=planes.bytes[3][:n])
        detail = np.subtract(found, np.float32(128), out=p[8, :n])
        np.multiply(detail, planes.grown(job.cells[9], top, end, 0), out=detail)
        np.clip(detail, -DETAIL_CLIP, DETAIL_CLIP, out=detail)
        return np.asarray(cv2.exp(detail, dst=detail))


@dataclass(frozen=True, eq=False)
class _Job:
    """One frame's composition, shared by the threads: coefficients, lookup maps, planes, and where it goes."""

    cells: F32
    maps: tuple[F32, U8, U8] | None
    color: U8
    depth_m: F32 | None
    rays: ft.Rays | None
    out: U8


class _Planes:
    """One thread's buffers for a strip."""

    def __init__(self, width: int) -> None:
        rows = ft.CELL_PX * STRIP_CELLS
        self.width = width
        self.floats = np.empty((9, rows, width), np.float32)
        self.bytes = [np.empty((rows, width), np.uint8) for _ in range(4)]
        self.bright = np.empty((rows, width, 3), np.uint8)
        self._padded = np.empty((3, rows + 2 * ft.CELL_PX, width), np.float32)

    def grown(self, cells: F32, top: int, end: int, slot: int) -> F32:
        """Bilinear enlargement of cell rows ``top`` to ``end``: their neighbours' rows are grown too and cut off."""
        first, last = max(0, top - 1), min(cells.shape[0], end + 1)
        grown = self._padded[slot, : 4 * (last - first)]
        cv2.resize(cells[first:last], (self.width, grown.shape[0]), dst=grown, interpolation=cv2.INTER_LINEAR)
        skip = 4 * (top - first)
        return np.asarray(grown[skip : skip + 4 * (end - top)])


def _offset(rays: ft.Rays, axis: int, sign: float, rows: slice, near: F32, out: F32) -> F32:
    """``sign`` times the metres from the camera along a world axis at every pixel of the strip."""
    column, row = rays.columns[axis], rays.rows[axis, rows]
    if sign < 0:
        column, row = -column, -row
    np.add(column[None], row[:, None], out=out)
    if rays.perspective:
        return np.asarray(np.multiply(out, near, out=out))
    return np.asarray(np.add(out, near * np.float32(sign * rays.forward[axis]), out=out))
