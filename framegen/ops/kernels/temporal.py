"""Kernels of temporal reuse over planes of one value a cell: depth, motion and trust.

Their meaning in NumPy is in :mod:`framegen.ops.temporal_reference`. Masks that are not known are empty arrays:
an optional argument would be compiled once more for every combination.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops.kernels import anchors, latent, noise
from framegen.ops.kernels.jit import kernel
from framegen.ops.temporal_reference import LEAST_M

Mask = NDArray[np.bool_]
Index = NDArray[np.int64]

_ZERO, _HALF, _ONE, _TWO, _THREE = (np.float32(value) for value in (0.0, 0.5, 1.0, 2.0, 3.0))
_LEAST_M = np.float32(1e-3)
_LEAST_W = np.float32(1e-9)
_NEAREST_M = np.float32(LEAST_M)
_UNWRITTEN_PX = np.float32(1e-3)
_SPACING_PX = 2
_BYTE = np.uint32(255)


@kernel
def nearest_depth(
    bits: NDArray[Any], cell_px: int, infinite: int, best: NDArray[Any], index: NDArray[np.int64]
) -> None:
    """Least depth among a cell's sample points as its bits, and the pixel it came from.

    Positive floats sort like their bits, and negative ones and NaN have greater bits than ``infinite``. A point's key
    is its bits before its number, so that the least key names the first of the nearest points without a branch.
    """
    height, width = best.shape
    first = 1 if cell_px > 1 else 0
    line = bits.shape[1]
    points = (cell_px - first + _SPACING_PX - 1) // _SPACING_PX
    shift = np.int64(16)
    ceiling = np.int64(infinite) << shift
    # the lowest bit of the exponent: zero and what has lost its precision are no distance
    normal = np.int64(infinite) & -np.int64(infinite)
    keys = np.empty(width, np.int64)
    for row in range(height):
        keys[:] = ceiling
        number = np.int64(0)
        for i in range(points):
            samples = bits[row * cell_px + first + i * _SPACING_PX]
            for k in range(points):
                at = np.uint64(first + k * _SPACING_PX)
                step = np.uint64(cell_px)
                for column in range(width):
                    value = np.int64(samples[at + step * np.uint64(column)])
                    key = ((value << shift) | number) if value >= normal else ceiling
                    keys[column] = min(keys[column], key)
                number += 1
        for column in range(width):
            key = keys[column]
            least = key >> shift
            found = key & np.int64(0xFFFF) if least < infinite else np.int64(0)
            best[row, column] = min(least, np.int64(infinite))
            down, right = found // points, found % points
            y = row * cell_px + first + down * _SPACING_PX
            index[row, column] = y * line + column * cell_px + first + right * _SPACING_PX


@kernel
def _nearest(place: np.float32, size: int) -> Any:
    return min(max(math.floor(latent.held(place, size) + _HALF), 0), size - 1)


@kernel
def nearest_index(x: F32, y: F32, width: int, height: int, index: NDArray[np.int64]) -> None:
    """Flat index of the cell nearest to each place."""
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            index[row, column] = _nearest(y[row, column], height) * width + _nearest(x[row, column], width)


@kernel
def places(motion_px: F32, cells_per_px: float, x: F32, y: F32) -> Any:
    """Column and row (cells) that each cell's history lies at; returns the greatest motion along x or y, in pixels."""
    longest = _ZERO
    scale = np.float32(cells_per_px)
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            across, down = motion_px[row, column, 0], motion_px[row, column, 1]
            x[row, column] = np.float32(column) + across * scale
            y[row, column] = np.float32(row) + down * scale
            longest = max(longest, abs(across), abs(down))
    return longest


@kernel
def _over_depth(row: F32, x: np.float32, y: np.float32, inverse: np.float32) -> Any:
    return row[0] * x + (row[1] * y + row[2]) + (row[3] * x + (row[4] * y + row[5])) * inverse


@kernel
def static_motion(
    depth_m: F32, rows: F32, half_px: F32, points: Index, sky_m: float, lost_px: float, motion_px: F32, expected_m: F32
) -> None:
    """Motion of what stands still, and the depth it had, by ``rows`` (``[4, 6]``: clip x, y, w and depth before).

    ``half_px`` (``[2]``): half of the picture's width and height. ``points``: flat index of the pixel of each cell that
    is seen, or empty: its centre is.
    """
    height, width = depth_m.shape
    line, centres = np.int64(_TWO * half_px[0]), points.size == 0
    sky, lost = np.float32(sky_m), np.float32(lost_px)
    for row in range(height):
        y = np.float32(1.0 - (row + 0.5) * (2.0 / height))
        for column in range(width):
            x = np.float32((column + 0.5) * (2.0 / width) - 1.0)
            if not centres:
                point = points[row, column]
                x = np.float32((point % line + 0.5) / half_px[0] - 1.0)
                y = np.float32(1.0 - (point // line + 0.5) / half_px[1])
            depth = depth_m[row, column]
            # Everything divided by depth: the projection does not mind, and the sky stays finite.
            inverse = _ONE / min(max(depth, _NEAREST_M), sky)
            # Positive before the camera; for an orthographic one it is 1/depth here, for the sky 1e-7.
            w = _over_depth(rows[2], x, y, inverse)
            across = down = lost
            if w > _LEAST_W:
                across = (_over_depth(rows[0], x, y, inverse) / w - x) * half_px[0]
                down = (y - _over_depth(rows[1], x, y, inverse) / w) * half_px[1]
            motion_px[row, column, 0] = min(max(across, -lost), lost)
            motion_px[row, column, 1] = min(max(down, -lost), lost)
            before = min(_over_depth(rows[3], x, y, inverse) / inverse, sky)
            expected_m[row, column] = sky if depth >= sky else before


@kernel
def _number(value: np.float32, lost: np.float32) -> Any:
    if math.isnan(value):
        return lost
    return min(max(value, -lost), lost)


@kernel
def engine_motion(
    given_px: F32,
    jitter_px: F32,
    static_px: F32,
    depth_m: F32,
    sky_m: float,
    lost_px: float,
    moving_px: float,
    motion_px: F32,
    moving: Mask,
) -> None:
    """The engine's vectors, jitter added, made numbers, the sky's filled from ``static_px``; and what ``moving`` is.

    ``static_px`` (``[h, w, 2]``) may be empty: then nothing is filled, nothing is seen to move.
    """
    known = static_px.size > 0
    sky, lost, least = np.float32(sky_m), np.float32(lost_px), np.float32(moving_px)
    for row in range(given_px.shape[0]):
        for column in range(given_px.shape[1]):
            given_x, given_y = given_px[row, column, 0], given_px[row, column, 1]
            across, down = _number(given_x + jitter_px[0], lost), _number(given_y + jitter_px[1], lost)
            moves = False
            if known:
                static_x, static_y = static_px[row, column, 0], static_px[row, column, 1]
                if depth_m[row, column] >= sky and abs(given_x) < _UNWRITTEN_PX and abs(given_y) < _UNWRITTEN_PX:
                    across, down = static_x, static_y
                moves = abs(across - static_x) > least or abs(down - static_y) > least
            motion_px[row, column, 0], motion_px[row, column, 1] = across, down
            moving[row, column] = moves


@kernel
def compose_motion(
    newer_px: F32, older_px: F32, shift_x: np.float32, shift_y: np.float32, lost_px: float, out: F32
) -> None:
    """:func:`framegen.ops.temporal_reference.compose_motion` into ``out`` ``[H, W, 2]``."""
    height, width = newer_px.shape[:2]
    lost, right, bottom = np.float32(lost_px), np.float32(width) - _HALF, np.float32(height) - _HALF
    for row in range(height):
        for column in range(width):
            across, down = _number(newer_px[row, column, 0], lost), _number(newer_px[row, column, 1], lost)
            x, y = np.float32(column) + across + shift_x, np.float32(row) + down + shift_y
            more_across, more_down = across, down
            if x >= -_HALF and y >= -_HALF and x <= right and y <= bottom:
                j, i = min(int(x + _HALF), width - 1), min(int(y + _HALF), height - 1)
                more_across, more_down = _number(older_px[i, j, 0], lost), _number(older_px[i, j, 1], lost)
            out[row, column, 0] = min(max(across + more_across, -lost), lost)
            out[row, column, 1] = min(max(down + more_down, -lost), lost)


@kernel
def _falling(value: np.float32, start: np.float32, end: np.float32) -> Any:
    t = min(max((end - value) / (end - start), _ZERO), _ONE)
    return t * t * (_THREE - _TWO * t)


@kernel
def _slope(plane: F32, row: int, column: int, sky: np.float32) -> Any:
    """Relative change of depth from cell to cell; of the two sides the smaller, the other may look past an edge."""
    height, width = plane.shape
    here = min(plane[row, column], sky)
    left = abs(here - min(plane[row, max(column - 1, 0)], sky))
    right = abs(here - min(plane[row, min(column + 1, width - 1)], sky))
    above = abs(here - min(plane[max(row - 1, 0), column], sky))
    below = abs(here - min(plane[min(row + 1, height - 1), column], sky))
    across = right if column == 0 else left if column == width - 1 else min(left, right)
    down = below if row == 0 else above if row == height - 1 else min(above, below)
    return (across + down) / max(here, _NEAREST_M)


@kernel
def _mixed(
    corners: NDArray[np.uint32], u: F32, v: F32, shift: np.uint32, color: U8, contrast: U8, channel: int, most: F32
) -> None:
    """Raises ``most`` ``[w]`` to one channel's change beyond half of its contrast; ``corners`` ``[4, w]``."""
    for i in range(most.size):
        a = np.float32(np.int32((corners[0, i] >> shift) & _BYTE))
        b = np.float32(np.int32((corners[1, i] >> shift) & _BYTE))
        c = np.float32(np.int32((corners[2, i] >> shift) & _BYTE))
        d = np.float32(np.int32((corners[3, i] >> shift) & _BYTE))
        upper, lower = a * (_ONE - u[i]) + b * u[i], c * (_ONE - u[i]) + d * u[i]
        moved = upper * (_ONE - v[i]) + lower * v[i]
        change = abs(np.float32(color[i, channel]) - moved) - _HALF * np.float32(contrast[i, channel])
        most[i] = max(most[i], change)


@kernel
def color_trust(
    color: U8, contrast: U8, before: NDArray[np.uint32], x: F32, y: F32, color_from: float, color_to: float, trust: F32
) -> None:
    """Trust by colour beyond motion into ``trust``: the greatest change of a channel, less half of its contrast.

    ``before`` ``[h, w]`` holds the channels as bytes of one word, the first the lowest, so that one load brings all.
    """
    height, width = before.shape
    columns = x.shape[1]
    start, end = np.float32(color_from), np.float32(color_to)
    corners = np.empty((4, columns), np.uint32)
    u, v, most = np.empty(columns, np.float32), np.empty(columns, np.float32), np.empty(columns, np.float32)
    words = before.reshape(-1)
    for row in range(x.shape[0]):
        for column in range(columns):
            place_x, place_y = latent.held(x[row, column], width), latent.held(y[row, column], height)
            left, top = math.floor(place_x), math.floor(place_y)
            u[column], v[column] = place_x - np.float32(left), place_y - np.float32(top)
            x0, x1 = min(max(left, 0), width - 1), min(max(left + 1, 0), width - 1)
            y0, y1 = min(max(top, 0), height - 1) * width, min(max(top + 1, 0), height - 1) * width
            corners[0, column] = words[np.uint64(y0 + x0)]
            corners[1, column] = words[np.uint64(y0 + x1)]
            corners[2, column] = words[np.uint64(y1 + x0)]
            corners[3, column] = words[np.uint64(y1 + x1)]
        most[:] = _ZERO
        for k in range(3):
            _mixed(corners, u, v, np.uint32(8 * k), color[row], contrast[row], k, most)
        for column in range(columns):
            trust[row, column] = _falling(most[column], start, end)


@kernel
def depth_trust(
    depth_m: F32,
    expected_m: F32,
    expected_near_m: F32,
    before_m: F32,
    before_near_m: F32,
    x: F32,
    y: F32,
    moving: Mask,
    limits: F32,
    sky_m: float,
    trust: F32,
) -> None:
    """Multiplies ``trust`` by whether depth is as expected and nothing near has left from beside the cell.

    ``limits`` (``[4]``): tolerance of depth, per slope, for what moves, and for what left.
    """
    height, width = before_m.shape
    sky = np.float32(sky_m)
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            source_y, source_x = _nearest(y[row, column], height), _nearest(x[row, column], width)
            found, expected = before_m[source_y, source_x], expected_m[row, column]
            error = abs(found - expected) / max(min(found, expected), _LEAST_M)
            tolerance = limits[0] + limits[1] * _slope(depth_m, row, column, sky)
            if moving.size > 0 and moving[row, column]:
                tolerance += limits[2]
            agree = _falling(error, tolerance, _TWO * tolerance)
            margin = tolerance + limits[3]
            nearer = expected_near_m[row, column] / max(before_near_m[source_y, source_x], _LEAST_M) - _ONE
            trust[row, column] *= agree * _falling(nearer, margin, (_ONE + _HALF) * margin)


@kernel
def seen_trust(
    x: F32, y: F32, width: int, height: int, confidence: F32, reactive: F32, trust: F32
) -> tuple[float, float]:
    """Multiplies ``trust`` by what is inside of the picture, by ``confidence`` and by ``1 - reactive``.

    Returns the number of cells whose history is inside, and how many of them agree (``reactive`` not counted).
    """
    visible, agreeing = 0.0, 0.0
    right, bottom = np.float32(width - 1), np.float32(height - 1)
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            across, down = x[row, column], y[row, column]
            border = min(across, right - across, down, bottom - down)
            inside = min(max(border + _ONE, _ZERO), _ONE)
            agree = inside * trust[row, column]
            if confidence.size > 0:
                agree *= confidence[row, column]
            visible += inside
            agreeing += agree
            trust[row, column] = agree * (_ONE - reactive[row, column]) if reactive.size > 0 else agree
    return visible, agreeing


def warm_up() -> None:
    """Compile all kernels of temporal reuse: these, and those of anchors, the latent and noise."""
    anchors.warm_up()
    latent.warm_up()
    noise.warm_up()
    plane, pair = np.ones((2, 2), np.float32), np.zeros((2, 2, 2), np.float32)
    color, moving = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2), np.bool_)
    index, two = np.zeros((2, 2), np.int64), np.ones(2, np.float32)
    for bits in (np.zeros((2, 2), np.uint16), np.zeros((2, 2), np.uint32)):
        nearest_depth(bits, 1, 1, bits.copy(), index)
    nearest_index(plane, plane, 2, 2, index)
    places(pair, 0.25, plane.copy(), plane.copy())
    static_motion(plane, np.ones((4, 6), np.float32), two, index, 1e7, 1e4, pair.copy(), plane.copy())
    engine_motion(pair, two, pair, plane, 1e7, 1e4, 0.5, pair.copy(), moving)
    compose_motion(pair, pair, _ZERO, _ZERO, 1e4, pair.copy())
    trust = plane.copy()
    color_trust(color, color, np.zeros((2, 2), np.uint32), plane, plane, 1.0, 2.0, trust)
    limits = np.ones(4, np.float32)
    depth_trust(plane, plane, plane, plane, plane, plane, plane, moving, limits, 1e7, trust)
    seen_trust(plane, plane, 2, 2, plane, plane, trust)
