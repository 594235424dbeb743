"""What the embedded model is told of a frame, in fused loops over its cells.

Its meaning is :func:`framegen.ops.features.cell_features`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F16, F32, U8
from framegen.ops import features as ft
from framegen.ops.kernels.half import widen
from framegen.ops.kernels.jit import kernel, ready
from framegen.ops.kernels.shadow import march, soften
from framegen.ops.kernels.surfaces import fill_normals, fill_points, fill_surfaces

# float32 all through: one float64 would halve what a vector register holds
_ZERO, _ONE = np.float32(0), np.float32(1)
_INF = np.float32(np.inf)
_LEAST, _FAR = np.float32(ft.LEAST_M), np.float32(ft.FAR_M)
_NEAREST = np.float32(0.05)
_LOG_LOW, _LOG_HIGH = np.float32(np.log(0.1)), np.float32(np.log(1e4))
_LOG_SPAN = np.float32(1 / np.log(1e5))
_NEAR_GAIN, _WIDE_GAIN = np.float32(6 / 9), np.float32(3 / 121)
_NEAR_MEAN, _WIDE_MEAN = np.float32(6), np.float32(3)
_HALF, _TOP_MARGIN = np.float32(0.5), np.float32(0.1)
_REACH = 5
"""Cells to either side that the wide mean of :func:`_depth_features` takes in."""

_SHARE_LEVELS, _LEVEL = np.float32(255 / ft.CELL_PX**2), np.float32(1 / 255)

_LOG, _SKY, _HAS_CAMERA = ft.LOG_DEPTH, ft.SKY, ft.HAS_CAMERA
_RAY_UP, _RAY_SUN, _HAS_SUN = ft.RAY_UP, ft.RAY_SUN, ft.HAS_SUN
_BEHIND_NEAR, _BEHIND_WIDE = ft.BEHIND_NEAR, ft.BEHIND_WIDE
_HAS_DEPTH, _SHADOW, _FOG = ft.HAS_DEPTH, ft.SHADOW, ft.FOG
_CELL, _AT = ft.CELL_PX, ft.SAMPLE_PX


@kernel
def _sample(depth: F32, sampled: F32, clipped: F32, out: F32) -> None:
    """The sky's share, each cell's depth (what is no distance: inf), and that within the range that has a logarithm."""
    h, w = sampled.shape
    count = np.empty(w * _CELL, np.float32)
    for i in range(h):
        count[:] = _ZERO
        for r in range(_CELL):
            row = depth[i * _CELL + r]
            for x in range(w * _CELL):
                count[x] += _ZERO if (row[x] >= _LEAST) & (row[x] < _INF) else _ONE
        row = out[_SKY, i]
        for j in range(w):
            found = _ZERO
            for c in range(_CELL):
                found += count[j * _CELL + c]
            # rounded to levels of 255 as the reference is
            row[j] = np.rint(found * _SHARE_LEVELS) * _LEVEL
        row, into = depth[i * _CELL + _AT], sampled[i]
        for j in range(w):
            value = row[j * _CELL + _AT]
            into[j] = value if value >= _LEAST else _INF
        row = clipped[i]
        for j in range(w):
            row[j] = min(max(into[j], _NEAREST), _FAR)


@kernel
def _depth_features(log: F32, out: F32) -> None:
    """Log depth, and how far each cell lies behind its surroundings (``log``: natural log of the clipped depth)."""
    h, w = log.shape
    best = np.full(w, -_INF, np.float32)
    for i in range(h):
        for j in range(w):
            value = log[i, j] if out[_SKY, i, j] < _HALF else -_INF
            best[j] = value if value > best[j] else best[j]
    top = -_INF
    for j in range(w):
        top = max(top, best[j])
    top = top + _TOP_MARGIN if top > -_INF else _ZERO
    wide, grown = 2 * _REACH + 1, np.empty((h, w + 2 * _REACH), np.float32)
    for i in range(h):
        for j in range(w):
            grown[i, j + _REACH] = min(log[i, j], top)
        for j in range(_REACH):
            grown[i, j] = grown[i, _REACH]
            grown[i, w + _REACH + j] = grown[i, w + _REACH - 1]
    many, few = np.empty(w + 2 * _REACH, np.float32), np.empty(w + 2 * _REACH, np.float32)
    for i in range(h):
        above, below = grown[max(i - 1, 0)], grown[min(i + 1, h - 1)]
        for j in range(w + 2 * _REACH):
            few[j] = above[j] + grown[i, j] + below[j]
            many[j] = _ZERO
        for r in range(wide):
            row = grown[min(max(i + r - _REACH, 0), h - 1)]
            for j in range(w + 2 * _REACH):
                many[j] += row[j]
        for j in range(w):
            behind = grown[i, j + _REACH]
            near = few[j + _REACH - 1] + few[j + _REACH] + few[j + _REACH + 1]
            around = _ZERO
            for c in range(wide):
                around += many[j + c]
            ground = _ONE if out[_SKY, i, j] < _HALF else _ZERO
            near = behind * _NEAR_MEAN - near * _NEAR_GAIN
            around = behind * _WIDE_MEAN - around * _WIDE_GAIN
            out[_BEHIND_NEAR, i, j] = min(max(near, _ZERO), _ONE) * ground
            out[_BEHIND_WIDE, i, j] = min(max(around, _ZERO), _ONE) * ground
            level = min(max(log[i, j], _LOG_LOW), _LOG_HIGH)
            out[_LOG, i, j] = _ONE - (level - _LOG_LOW) * _LOG_SPAN


@kernel
def _rays(columns: F32, rows: F32, stretch: F32, axis: F32, fan: np.float32, sun: F32, length: F32, out: F32) -> None:
    """Where each cell looks. A ray is ``fan * (column + row) + axis``; ``sun`` is of length zero where not known."""
    h, w = length.shape
    known = _ONE if sun[0] * sun[0] + sun[1] * sun[1] + sun[2] * sun[2] > _ZERO else _ZERO
    for i in range(h):
        for j in range(w):
            length[i, j] = stretch[i * _CELL + _AT, j * _CELL + _AT]
        for j in range(w):
            x = fan * (columns[0, j] + rows[0, i]) + axis[0]
            y = fan * (columns[1, j] + rows[1, i]) + axis[1]
            z = fan * (columns[2, j] + rows[2, i]) + axis[2]
            out[_HAS_CAMERA, i, j] = _ONE
            out[_HAS_SUN, i, j] = known
            out[_RAY_UP, i, j] = y / length[i, j]
            out[_RAY_SUN, i, j] = (sun[0] * x + sun[1] * y + sun[2] * z) / length[i, j]


@kernel
def fill(
    bits: NDArray[np.uint16], depth: F32, columns: F32, rows: F32, stretch: F32, level: F32, forward: F32,
    perspective: bool, has_rays: bool, pixel_m: np.float32, fog_per_m: np.float32, sun: F32, inverse: F32, corner: F32,
    out: F32, plane: U8, footprint: F32,
) -> None:  # fmt: skip
    """All features but the noise, in one call: the interpreter's lock is let go of once.

    ``depth`` is empty where there is none, and becomes that of ``bits``, halves ``[H, W]``, where those are not empty.
    ``sun`` is of length zero where it is not known; ``columns`` and ``rows`` ``[3, w]`` and ``[3, h]`` are those of the
    cells' samples.
    """
    if bits.size > 0:
        widen(bits.reshape(-1), depth.reshape(-1).view(np.uint32))
    h, w = out.shape[1:]
    fan = _ONE if perspective else _ZERO
    length = np.ones((h, w), np.float32)
    if has_rays:
        _rays(columns, rows, stretch, forward * (_ONE - fan), fan, sun, length, out)
    if depth.size == 0:
        return
    sampled, log = np.empty((h, w), np.float32), np.empty((h, w), np.float32)
    out[_HAS_DEPTH] = _ONE
    _sample(depth, sampled, log, out)
    for i in range(h):
        for j in range(w):
            log[i, j] = np.log(log[i, j])
    _depth_features(log, out)
    if has_rays:
        points, normal = np.empty((3, h, w), np.float32), np.empty((3, h, w), np.float32)
        fill_points(columns, rows, sampled, forward, fan, points)
        fill_normals(points, sampled, forward, fan, normal)
        fill_surfaces(
            normal, points, sampled, length, level, sun, forward, fan, pixel_m, fog_per_m, out, plane, footprint
        )
        if sun[0] * sun[0] + sun[1] * sun[1] + sun[2] * sun[2] > _ZERO:
            soften(march(points, sampled, inverse, corner, sun, fan), sampled, out[_SHADOW])
        else:
            out[_SHADOW] = _ZERO
    else:
        for i in range(h):
            for j in range(w):
                out[_FOG, i, j] = -fog_per_m * min(sampled[i, j], _FAR)
    for i in range(h):
        for j in range(w):
            out[_FOG, i, j] = _ONE - np.exp(out[_FOG, i, j])


_NO_DEPTH, _NO_LINES = np.empty((0, 0), np.float32), np.zeros((3, 1), np.float32)
_NO_BITS, _NO_PLANE = np.empty((0, 0), np.uint16), np.empty((0, 0), np.uint8)
_NO_TURN, _NO_VECTOR = np.zeros((3, 3), np.float32), np.zeros(3, np.float32)


class Features:
    """The features of one frame, about to be worked out: all that needs the interpreter is done by the constructor.

    Args: see :func:`framegen.ops.features.cell_features`; ``depth_m`` may be float16 too.
    """

    def __init__(
        self,
        size: tuple[int, int],
        depth_m: F16 | F32 | None,
        rays: ft.Rays | None,
        sun_world: F32 | None,
        fog_per_m: float,
    ) -> None:
        h, w = size[1] // ft.CELL_PX, size[0] // ft.CELL_PX
        self._bits, self.depth_m = _NO_BITS, _NO_DEPTH
        if depth_m is not None and depth_m.dtype == np.float16:
            self._bits, self.depth_m = ready(depth_m, np.float16).view(np.uint16), np.empty(depth_m.shape, np.float32)
        elif depth_m is not None:
            self.depth_m = ready(depth_m, np.float32)
        self._sun = _NO_VECTOR if sun_world is None else ready(sun_world, np.float32)
        self._rays, self._fog_per_m = rays, np.float32(fog_per_m)
        columns = rows = _NO_LINES
        stretch, level, forward, inverse, corner = _NO_DEPTH, _NO_TURN, _NO_VECTOR, _NO_TURN, _NO_VECTOR
        if rays is not None:
            columns = ready(rays.columns[:, ft.SAMPLE_PX :: ft.CELL_PX], np.float32)
            rows = ready(rays.rows[:, ft.SAMPLE_PX :: ft.CELL_PX], np.float32)
            stretch, level, forward = ready(rays.stretch, np.float32), rays.level, rays.forward.astype(np.float32)
            if sun_world is not None and depth_m is not None:
                inverse, corner = ft.pixel_from_world(rays)
        self._lines = columns, rows, stretch, ready(level, np.float32), forward
        self._turn = ready(inverse, np.float32), corner
        # with depth and camera every plane but the noise is written below
        new = np.zeros if depth_m is None or rays is None else np.empty
        out: F32 = new((ft.CHANNELS, h, w), np.float32)
        placed = depth_m is not None and rays is not None
        self.geometry = ft.CellGeometry(
            out,
            np.empty((h, w), np.uint8) if placed else None,
            np.empty((h, w), np.float32) if placed else None,
            rays,
        )

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Of :func:`fill`."""
        rays, geometry = self._rays, self.geometry
        return (
            self._bits,
            self.depth_m,
            *self._lines,
            rays is not None and bool(rays.perspective),
            rays is not None,
            np.float32(0 if rays is None else rays.pixel_m),
            self._fog_per_m,
            self._sun,
            *self._turn,
            geometry.features,
            _NO_PLANE if geometry.plane is None else geometry.plane,
            _NO_DEPTH if geometry.footprint_m is None else geometry.footprint_m,
        )


def fast_cell_features(
    size: tuple[int, int],
    depth_m: F16 | F32 | None,
    rays: ft.Rays | None,
    sun_world: F32 | None,
    fog_per_m: float,
    noise: F32 | None,
) -> ft.CellGeometry:
    """As :func:`framegen.ops.features.cell_features`, which says what goes in and what comes out.

    The same to rounding; where two planes, or a shadow's edge, are equally near, a cell may fall to the other side.
    """
    features = Features(size, depth_m, rays, sun_world, fog_per_m)
    features.geometry.features[ft.NOISE] = 0 if noise is None else noise
    fill(*features.arguments)
    return features.geometry
