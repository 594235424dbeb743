"""The local affine colour map from an engine's frame to its restyled picture."""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F16, U8

ROWS, COLUMNS = 9, 16
_BLOCK = 8


def color_grid(frame: U8, restyled: U8) -> F16:
    """The local affine colour map from ``frame`` (``[H, W, 3 or 4]`` uint8) to ``restyled`` (``[H, W, 3]`` uint8).

    Returns:
        ``[9, 16, 3, 4]`` float16: ``rgb_out = A @ (r, g, b, 1)``, sRGB-encoded 0..1, rows from the top.
        Each cell is a least-squares fit over itself and, with falling weight, its neighbours, so that
        interpolating between cells gives no seams; a ridge holds it near the ratio of the mean colours
        where the cell has too few colours to tell.
    """
    size = (COLUMNS * 8, ROWS * 8)
    x = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)[..., :3].astype(np.float32) / 255.0
    y = cv2.resize(restyled, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    x = np.concatenate([x, np.ones_like(x[..., :1])], axis=-1)
    products = x[..., :, None] * np.concatenate([x, y], axis=-1)[..., None, :]
    blocks = products.reshape(ROWS, 8, COLUMNS, 8, 28).mean(axis=(1, 3))
    moments = cv2.GaussianBlur(blocks[..., :4], (5, 5), 0.8, borderType=cv2.BORDER_REPLICATE)
    parts = [moments] + [
        cv2.GaussianBlur(
            np.ascontiguousarray(blocks[..., first : first + 4]), (5, 5), 0.8, borderType=cv2.BORDER_REPLICATE
        )
        for first in range(4, 28, 4)
    ]
    smooth = np.concatenate(parts, axis=-1).reshape(ROWS, COLUMNS, 4, 7).astype(np.float64)
    normal, target = smooth[..., :4], smooth[..., 4:]
    means_in, means_out = smooth[..., 3, :3], target[..., 3, :]
    prior = np.zeros((ROWS, COLUMNS, 4, 3))
    for channel in range(3):
        prior[..., channel, channel] = (means_out[..., channel] + 0.03) / (means_in[..., channel] + 0.03)
    ridge = np.diag([2e-3, 2e-3, 2e-3, 2e-2])
    solved = np.linalg.solve(normal + ridge, target + ridge @ prior)
    return np.asarray(np.swapaxes(solved, -1, -2), np.float16)
