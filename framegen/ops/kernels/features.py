"""What the embedded model is told of a frame, in fused loops over its cells.

Its meaning is :func:`framegen.ops.features.cell_features`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F16, F32, U8, Camera
from framegen.ops import features as ft
from framegen.ops.kernels.clouds import Clouds
from framegen.ops.kernels.jit import kernel, ready
from framegen.ops.kernels.shadow import march, soften
from framegen.ops.kernels.surfaces import fill_normals, fill_points, fill_surfaces

# float32 all through: one float64 would halve what a vector register holds
_ZERO, _ONE = np.float32(0), np.float32(1)
_INF = np.float32(np.inf)
_FAR = np.float32(ft.FAR_M)
_NEAREST = np.float32(0.05)
_LOG_LOW, _LOG_HIGH = np.float32(np.log(0.1)), np.float32(np.log(1e4))
_LOG_SPAN = np.float32(1 / np.log(1e5))
_NEAR_GAIN, _WIDE_GAIN = np.float32(6 / 9), np.float32(3 / 121)
_NEAR_MEAN, _WIDE_MEAN = np.float32(6), np.float32(3)
_HALF, _TOP_MARGIN = np.float32(0.5), np.float32(0.1)
_REACH = 5
"""Cells to either side that the wide mean of :func:`_depth_features` takes in."""

_SHARE_LEVELS, _LEVEL = np.float32(255 / ft.CELL_PX**2), np.float32(1 / 255)
_BIAS, _TOP_BIAS = np.int32(0x38000000), np.int32(0x70000000)

_LOG, _SKY, _HAS_CAMERA = ft.LOG_DEPTH, ft.SKY, ft.HAS_CAMERA
_RAY_UP, _RAY_SUN, _HAS_SUN = ft.RAY_UP, ft.RAY_SUN, ft.HAS_SUN
_BEHIND_NEAR, _BEHIND_WIDE = ft.BEHIND_NEAR, ft.BEHIND_WIDE
_HAS_DEPTH, _SHADOW, _FOG = ft.HAS_DEPTH, ft.SHADOW, ft.FOG
_CELL, _AT = ft.CELL_PX, ft.SAMPLE_PX


@kernel
def _widen(half: NDArray[np.uint16], out: NDArray[np.uint32]) -> None:
    """Bits of float16 -> bits of float32 (NumPy converts one number at a time)."""
    # numbers are named int32 again and again, because numba takes the sum of two for an int64
    for i in range(half.size):
        bits = np.int32(half[i])
        exponent = np.int32(bits & 0x7C00)
        # the exponent's offset grows from 15 to 127; infinity and NaN stay at the top, zero at the bottom
        moved = np.int32(np.int32((bits & 0x7FFF) << 13) + (_TOP_BIAS if exponent == 0x7C00 else _BIAS))
        moved = moved if exponent != 0 else np.int32(0)
        out[i] = np.uint32(moved | ((bits & 0x8000) << 16))


def depth_f32(depth_m: F16 | F32) -> F32:
    """``[H, W]`` float16 or float32 -> C-contiguous float32; float16 below 0.06 mm becomes zero, all else is exact."""
    if depth_m.dtype != np.float16:
        return ready(depth_m, np.float32)
    out = np.empty(depth_m.shape, np.float32)
    _widen(ready(depth_m, np.float16).view(np.uint16).ravel(), out.view(np.uint32).ravel())
    return out


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
                count[x] += _ONE if abs(row[x]) == _INF else _ZERO
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
            into[j] = value if value > _ZERO else _INF
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
def _fill(
    depth: F32, columns: F32, rows: F32, stretch: F32, level: F32, forward: F32, perspective: bool, has_rays: bool,
    pixel_m: np.float32, fog_per_m: np.float32, sun: F32, inverse: F32, corner: F32,
    out: F32, plane: U8, footprint: F32,
) -> None:  # fmt: skip
    """All features but the noise, in one call: the interpreter's lock is let go of once.

    ``depth`` is empty where there is none; ``sun`` is of length zero where it is not known; ``columns`` and ``rows``
    ``[3, w]`` and ``[3, h]`` are those of the cells' samples.
    """
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
        fill_normals(points, sampled, normal)
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
_NO_TURN, _NO_VECTOR = np.zeros((3, 3), np.float32), np.zeros(3, np.float32)


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
    width, height = size
    h, w = height // ft.CELL_PX, width // ft.CELL_PX
    # with depth and camera every plane but two is written below
    new = np.zeros if depth_m is None or rays is None else np.empty
    out: F32 = new((ft.CHANNELS, h, w), np.float32)
    out[ft.NOISE] = 0 if noise is None else noise
    if depth_m is None and rays is None:
        return ft.CellGeometry(out, None, None, None)
    sun = _NO_VECTOR if sun_world is None else ready(sun_world, np.float32)
    depth = _NO_DEPTH if depth_m is None else depth_f32(depth_m)
    plane, footprint = np.empty((h, w), np.uint8), np.empty((h, w), np.float32)
    columns = rows = _NO_LINES
    stretch, level, forward, inverse, corner = _NO_DEPTH, _NO_TURN, _NO_VECTOR, _NO_TURN, _NO_VECTOR
    if rays is not None:
        columns = ready(rays.columns[:, ft.SAMPLE_PX :: ft.CELL_PX], np.float32)
        rows = ready(rays.rows[:, ft.SAMPLE_PX :: ft.CELL_PX], np.float32)
        stretch, level, forward = ready(rays.stretch, np.float32), rays.level, rays.forward.astype(np.float32)
        if sun_world is not None and depth_m is not None:
            inverse, corner = ft._pixel_from_world(rays)
    _fill(
        depth,
        columns,
        rows,
        stretch,
        ready(level, np.float32),
        forward,
        rays is not None and bool(rays.perspective),
        rays is not None,
        np.float32(0 if rays is None else rays.pixel_m),
        np.float32(fog_per_m),
        sun,
        ready(inverse, np.float32),
        corner,
        out,
        plane,
        footprint,
    )
    if depth_m is None or rays is None:
        return ft.CellGeometry(out, None, None, rays)
    return ft.CellGeometry(out, plane, footprint, rays)


def warm_up() -> None:
    """Compile every kernel of this module and of :mod:`framegen.ops.kernels.clouds`, or load it from disk.

    A few seconds the first time after an installation, then about a hundred milliseconds.
    """
    width, height = 16 * ft.CELL_PX, 8 * ft.CELL_PX
    camera = Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=width / height)
    rays = ft.rays_of(camera, width, height)
    depth = np.full((height, width), 5.0, np.float16)
    up = np.array([0.0, 1.0, 0.0], np.float32)
    found = fast_cell_features((width, height), depth, rays, up, 0.01, None)
    air = np.full((*found.features.shape[1:], 3), 0.5, np.float32)
    Clouds().over(air, np.ones_like(air[..., 0]), rays, 0.5, 0.0)
