"""What the operations of temporal reuse mean, in plain NumPy: slow, short, and the measure of the fast forms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32


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
    """The same, bilinear. See :func:`framegen.ops.warp.fetch_linear`."""
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    across, down = (x - left)[..., None], (y - top)[..., None]
    upper = _at(planes, left, top) * (1 - across) + _at(planes, left + 1, top) * across
    lower = _at(planes, left, top + 1) * (1 - across) + _at(planes, left + 1, top + 1) * across
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def fetch_latent(planes: F32, x: F32, y: F32, share_channels: int = 0) -> F32:
    """See :func:`framegen.ops.warp.fetch_latent`."""
    first_linear = -(-(planes.shape[2] - share_channels) // 4) * 4
    sharp = fetch_cubic(planes[..., :first_linear], x, y)
    return np.concatenate([sharp, fetch_linear(planes[..., first_linear:], x, y)], axis=-1)


def neighbourhood(planes: F32) -> tuple[F32, F32]:
    """See :func:`framegen.ops.warp.neighbourhood`."""
    rows, columns = np.indices(planes.shape[:2])
    shifted = [_at(planes, columns + dx, rows + dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return np.min(shifted, axis=0), np.max(shifted, axis=0)


def nearest_depth(depth_m: NDArray[Any], cell_px: int) -> tuple[F32, NDArray[np.intp]]:
    """Least depth among a cell's sample points, and the flat pixel index it came from: two ``[h, w]``.

    The sample points of a cell lie two pixels apart, at odd places (one point for cells of one pixel).
    Depth that is NaN or not positive counts as infinite; among equals the first in reading order wins.
    """
    offsets = range(1, cell_px, 2) if cell_px > 1 else range(1)
    height, width = depth_m.shape[0] // cell_px, depth_m.shape[1] // cell_px
    best = np.full((height, width), np.inf, np.float32)
    index = np.zeros((height, width), np.intp)
    for row in range(height):
        for column in range(width):
            points = [(row * cell_px + y, column * cell_px + x) for y in offsets for x in offsets]
            values = [float(depth_m[point]) for point in points]
            values = [value if value > 0 else float("inf") for value in values]
            first = int(np.argmin(values))
            best[row, column] = values[first]
            index[row, column] = points[first][0] * depth_m.shape[1] + points[first][1]
    return best, index


def _at(planes: NDArray[Any], column: NDArray[np.intp], row: NDArray[np.intp]) -> NDArray[Any]:
    """``planes`` at whole places, the edge repeated beyond the border."""
    height, width = planes.shape[:2]
    return np.asarray(planes[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)])
