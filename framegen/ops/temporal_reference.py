"""What the operations of temporal reuse mean, in plain NumPy: slow, short, and the measure of the fast forms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32

LEAST_M = 1e-6
"""Whatever is nearer is taken to be as far as this: one over it, times any place, is a number."""


def cubic_weights(fraction: F32, a: float = -0.75) -> F32:
    """Weights of the four taps at -1, 0, 1, 2 for ``fraction`` in 0..1 (Keys 1981, eq. 4), ``[..., 4]``."""
    distance = np.abs(fraction[..., None] - np.array([-1.0, 0.0, 1.0, 2.0], np.float32))
    near = (a + 2.0) * distance**3 - (a + 3.0) * distance**2 + 1.0
    far = a * distance**3 - 5.0 * a * distance**2 + 8.0 * a * distance - 4.0 * a
    return np.where(distance <= 1.0, near, np.where(distance < 2.0, far, 0.0)).astype(np.float32)


def fetch_cubic(planes: F32, x: F32, y: F32) -> F32:
    """``planes`` (``[h, w, c]``) at columns x and rows y, bicubic; the edge is repeated beyond the border."""
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    across, down = cubic_weights(x - left), cubic_weights(y - top)
    fetched = np.zeros((*x.shape, planes.shape[2]), np.float32)
    for row in range(4):
        for column in range(4):
            weight = down[..., row] * across[..., column]
            fetched += weight[..., None] * _at(planes, left + column - 1, top + row - 1)
    return fetched


def fetch_linear(planes: NDArray[Any], x: F32, y: F32) -> F32:
    """The same, bilinear."""
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    across, down = (x - left)[..., None], (y - top)[..., None]
    upper = _at(planes, left, top) * (1 - across) + _at(planes, left + 1, top) * across
    lower = _at(planes, left, top + 1) * (1 - across) + _at(planes, left + 1, top + 1) * across
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def fetch_latent(planes: F32, x: F32, y: F32, index_channels: int = 0) -> F32:
    """See :func:`framegen.ops.warp.fetch_latent`."""
    first = planes.shape[2] - index_channels
    column, row = np.floor(x + np.float32(0.5)).astype(int), np.floor(y + np.float32(0.5)).astype(int)
    return np.concatenate([fetch_cubic(planes[..., :first], x, y), _at(planes[..., first:], column, row)], axis=-1)


def neighbourhood(planes: F32) -> tuple[F32, F32]:
    """Least and greatest value of each channel over every cell's 3x3 neighbourhood: two ``[h, w, c]``."""
    rows, columns = np.indices(planes.shape[:2])
    shifted = [_at(planes, columns + dx, rows + dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return np.min(shifted, axis=0), np.max(shifted, axis=0)


def clamped_blend(new: F32, past: F32, weight: F32, slack: float) -> F32:
    """See :func:`framegen.ops.warp.clamped_blend`."""
    low, high = neighbourhood(new)
    wider = slack * new[::4, ::4].std(axis=(0, 1))
    clamped = np.clip(past, low - wider, high + wider)
    return np.asarray(new + weight[..., None] * (clamped - new), np.float32)


def nearest_depth(depth_m: NDArray[Any], cell_px: int) -> tuple[F32, NDArray[np.intp]]:
    """Least depth among a cell's sample points, and the flat pixel index it came from: two ``[h, w]``.

    The sample points of a cell lie two pixels apart, at odd places (one point for cells of one pixel).
    Depth that is NaN, not positive or subnormal counts as infinite; among equals the first in reading order wins.
    """
    offsets = range(1, cell_px, 2) if cell_px > 1 else range(1)
    least = float(np.finfo(depth_m.dtype).tiny)
    height, width = depth_m.shape[0] // cell_px, depth_m.shape[1] // cell_px
    best = np.full((height, width), np.inf, np.float32)
    index = np.zeros((height, width), np.intp)
    for row in range(height):
        for column in range(width):
            points = [(row * cell_px + y, column * cell_px + x) for y in offsets for x in offsets]
            values = [float(depth_m[point]) for point in points]
            values = [value if value >= least else float("inf") for value in values]
            first = int(np.argmin(values))
            best[row, column] = values[first]
            index[row, column] = points[first][0] * depth_m.shape[1] + points[first][1]
    return best, index


def falling(value: F32, start: F32 | float, end: F32 | float) -> F32:
    """1 up to ``start``, 0 from ``end``, a smooth step (3t² - 2t³) between."""
    t = np.clip((end - value) / np.maximum(np.subtract(end, start), 1e-12), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)


def relative_slope(depth_m: F32) -> F32:
    """Change of depth from cell to cell over the (finite) depth, along the surface that the cell belongs to.

    Of the two sides the smaller difference: the other one may look past an edge.
    """
    slope = np.zeros_like(depth_m)
    across = np.abs(np.diff(depth_m, axis=1))
    slope[:, 1:-1] = np.minimum(across[:, 1:], across[:, :-1])
    slope[:, 0], slope[:, -1] = across[:, 0], across[:, -1]
    down = np.abs(np.diff(depth_m, axis=0))
    slope[1:-1] += np.minimum(down[1:], down[:-1])
    slope[0] += down[0]
    slope[-1] += down[-1]
    return np.asarray(slope / np.maximum(depth_m, np.float32(LEAST_M)), np.float32)


def inside(x: F32, y: F32, width: int, height: int) -> F32:
    """1 within the picture, falling to 0 over one cell beyond its outermost cell centres."""
    to_border = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    return np.asarray(np.clip(to_border + 1.0, 0.0, 1.0), np.float32)


def color_trust(color: NDArray[Any], before: NDArray[Any], x: F32, y: F32, start: float, end: float) -> F32:
    """Trust by colour change, less half of the local contrast: a shift by a fraction of a cell is no change."""
    low, high = neighbourhood(color.astype(np.float32))
    change = np.abs(color - fetch_linear(before, x, y)) - 0.5 * (high - low)
    return falling(np.asarray(change.max(axis=-1), np.float32), start, end)


def depth_trust(
    depth_m: F32, expected_m: F32, before_m: F32, x: F32, y: F32, moving: NDArray[np.bool_], limits: F32
) -> F32:
    """Whether depth is as expected (all of it finite), and 0 where something near stood beside the cell before (3x3)
    and is gone (5x5): its colour is mixed into history. ``limits``: see :mod:`framegen.temporal.masks`."""
    column, row = np.floor(x + np.float32(0.5)).astype(int), np.floor(y + np.float32(0.5)).astype(int)
    found = _at(before_m, column, row)
    error = np.abs(found - expected_m) / np.maximum(np.minimum(found, expected_m), 1e-3)
    tolerance = limits[0] + limits[1] * relative_slope(depth_m) + limits[2] * moving
    agree = falling(error, tolerance, 2.0 * tolerance)
    before = _at(_least(before_m, 1), column, row)
    margin = tolerance + limits[3]
    return agree * falling(_least(expected_m, 2) / np.maximum(before, 1e-3) - 1.0, margin, 1.5 * margin)


def static_motion(
    depth_m: F32,
    rows: NDArray[Any],
    half_px: F32,
    sky_m: float,
    lost_px: float,
    points: NDArray[np.integer] | None = None,
) -> tuple[F32, F32]:
    """Motion ``[h, w, 2]`` and former depth ``[h, w]`` of what stands still.

    ``rows`` (``[4, 6]``): clip x, y, w and depth in the former view, of (x·d, y·d, d, x, y, 1); ``half_px``: half of
    the picture's size; ``points``: ``[h, w]``, flat index of the pixel that is seen, None: the cell's centre.
    """
    y_px, x_px = ((np.indices(depth_m.shape).T + 0.5) * (2.0 * half_px[::-1] / depth_m.shape)).T
    if points is not None:
        y_px, x_px = (place + 0.5 for place in np.divmod(points, int(2 * half_px[0])))
    across, down = x_px / half_px[0] - 1.0, 1.0 - y_px / half_px[1]
    depth = np.clip(depth_m, LEAST_M, sky_m).astype(np.float64)
    one = np.ones_like(depth)
    x, y, w, z = np.tensordot(rows, np.stack((across * depth, down * depth, depth, across, down, one)), 1)
    behind = w / depth <= 1e-9
    safe = np.where(behind, 1.0, w)
    motion = np.stack(((x / safe - across) * half_px[0], (down - y / safe) * half_px[1]), axis=-1)
    motion[behind] = lost_px
    expected = np.where(depth_m >= sky_m, sky_m, np.minimum(z, sky_m))
    return np.clip(motion, -lost_px, lost_px).astype(np.float32), expected.astype(np.float32)


def compose_motion(newer_px: F32, older_px: F32, shift_px: tuple[float, float], lost_px: float) -> F32:
    """See :func:`framegen.temporal.motion.compose_motion`."""
    height, width = newer_px.shape[:2]
    rows, columns = np.indices((height, width))
    first, second = (
        np.nan_to_num(plane, nan=lost_px).clip(-lost_px, lost_px).astype(np.float32) for plane in (newer_px, older_px)
    )
    x, y = (place + first[..., i] + np.float32(shift_px[i]) for i, place in enumerate((columns, rows)))
    inside = (x >= -0.5) & (y >= -0.5) & (x <= width - 0.5) & (y <= height - 0.5)
    column, row = np.floor(x + 0.5).astype(int), np.floor(y + 0.5).astype(int)
    went_on = np.where(inside[..., None], _at(second, column, row), first)
    return np.asarray(np.clip(first + went_on, -lost_px, lost_px), np.float32)


def noise_rows(places: NDArray[np.floating], level: int, rows: int) -> NDArray[np.uint32]:
    """Row of a table of ``rows`` for places (``[..., 3]``, in cells of the lattice): a hash of the cell and level.

    The last step is the finaliser of MurmurHash3 (Appleby): every bit of the key moves every bit of the result.
    """
    x, y, z = np.moveaxis(np.floor(places).astype(np.int64).astype(np.uint32), -1, 0)
    key = x * np.uint32(0x8DA6B343) ^ y * np.uint32(0xD8163841) ^ z * np.uint32(0xCB1AB31F)
    key ^= np.uint32(level * 0x165667B1 & 0xFFFFFFFF)
    key = (key ^ key >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    key = (key ^ key >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return np.asarray((key ^ key >> np.uint32(16)) & np.uint32(rows - 1), np.uint32)


def noise_by_position(positions_m: NDArray[np.floating], footprint_m: float, offset: NDArray[Any], table: F32) -> F32:
    """Noise ``[..., c]`` of places (``[..., 3]``) where cells span ``footprint_m``. See
    :func:`framegen.temporal.noise.by_position`."""
    octave = np.log2(max(footprint_m, 2.0**-20))
    level = int(np.floor(octave))
    part = octave - level
    low = table[noise_rows(positions_m * 2.0**-level + offset, level, len(table))]
    fine = table[noise_rows(positions_m * 2.0 ** (1 - level) + offset, level - 1, len(table))]
    return np.asarray((part * low + (1.0 - part) * fine) / np.hypot(part, 1.0 - part), np.float32)


def _least(plane: F32, reach: int) -> F32:
    """Least value over the ``2 · reach + 1`` squared neighbourhood."""
    rows, columns = np.indices(plane.shape)
    steps = range(-reach, reach + 1)
    return np.asarray(np.min([_at(plane, columns + dx, rows + dy) for dy in steps for dx in steps], axis=0), np.float32)


def _at(planes: NDArray[Any], column: NDArray[np.intp], row: NDArray[np.intp]) -> NDArray[Any]:
    """``planes`` at whole places, the edge repeated beyond the border."""
    height, width = planes.shape[:2]
    return np.asarray(planes[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)])


def anchor_sources(
    before_m: F32, expected_m: F32, x: F32, y: F32, kept: NDArray[np.bool_], same: float
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Flat index ``[h, w]`` of the cell that the anchor of each one comes from, and whether there is such a cell.

    It is the nearest to the place at columns x and rows y, where history is ``kept``. Rounded like that, an anchor
    would move by whole cells or not at all, and be lost at its thing's edges: where the nearest cell showed what lies
    behind, the one of the four around the place whose depth is the expected one, within the share ``same``, takes its
    place.
    """
    height, width = before_m.shape
    column, row = np.floor(x + np.float32(0.5)).astype(int), np.floor(y + np.float32(0.5)).astype(int)
    source = np.clip(row, 0, height - 1) * width + np.clip(column, 0, width - 1)
    inside = (x > -1) & (y > -1) & (x < width) & (y < height)
    behind = ~kept & inside & (before_m.ravel()[source] > expected_m * np.float32(1 + same))
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    rows = np.clip([top, top, top + 1, top + 1], 0, height - 1)
    around = rows * width + np.clip([left, left + 1, left, left + 1], 0, width - 1)
    off = np.abs(before_m.ravel()[around] - expected_m)
    best, least = np.take_along_axis(around, off.argmin(0)[None], 0)[0], off.min(0)
    found = behind & (least < np.float32(same) * expected_m)
    return np.where(found, best, source), kept | found


def carry_anchors(
    places_m: NDArray[np.floating],
    before_m: NDArray[np.floating],
    shift_before: F32,
    weight_before: F32,
    source: NDArray[np.intp],
    moving: NDArray[np.bool_],
    kept: NDArray[np.bool_],
    rise: float,
    fall: float,
) -> tuple[F32, F32]:
    """Shift ``[h, w, 3]`` and weight ``[h, w]`` of :class:`framegen.ops.anchors.Anchors`, before cells without a
    history take their neighbours'.

    Args:
        places_m: ``[h, w, 3]``, where in the world each cell's surface is; before_m: where it was, as motion says.
        source: flat index of the cell that each came from. moving: what moves on its own. kept: history is trusted.
        rise, fall: how far the weight may grow or shrink.
    """
    faded = weight_before.ravel()[source]
    shift = np.where(kept[..., None], shift_before.reshape(-1, 3)[source], 0.0)
    shift = shift + np.where((kept & moving)[..., None], before_m - places_m, 0.0)
    new = np.where(moving, np.maximum(faded - fall, 0.0), 1.0)
    return shift.astype(np.float32), np.where(kept, np.minimum(faded + rise, 1.0), new).astype(np.float32)
