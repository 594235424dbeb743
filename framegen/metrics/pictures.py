"""How far a picture is from the one it should be: PSNR, SSIM, and what a mere change of colours could reach."""

from __future__ import annotations

import math

import cv2
import numpy as np

from framegen.frame import F32, U8

_SIGMA_PX = 1.5
_WINDOW_PX = 11
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def psnr_db(a: U8, b: U8) -> float:
    """Peak signal-to-noise ratio of two ``[H, W, 3]`` uint8 pictures in decibels; 90 where they are the same."""
    error = float(np.square(a.astype(np.float32) - b).mean(dtype=np.float64))
    return 90.0 if error < 6.5e-5 else 10 * math.log10(255**2 / error)


def ssim(a: U8, b: U8) -> float:
    """Structural similarity of two ``[H, W, 3]`` uint8 pictures, averaged over channels and positions.

    Wang et al., 2004: a Gaussian window of 11 pixels with a sigma of 1.5; windows that leave the picture are left out.
    """
    x, y = a.astype(np.float32), b.astype(np.float32)
    mean_x, mean_y = _blur(x), _blur(y)
    var_x, var_y = _blur(x * x) - mean_x**2, _blur(y * y) - mean_y**2
    both = _blur(x * y) - mean_x * mean_y
    top = (2 * mean_x * mean_y + _C1) * (2 * both + _C2)
    found = top / ((mean_x**2 + mean_y**2 + _C1) * (var_x + var_y + _C2))
    edge = _WINDOW_PX // 2
    return float(found[edge:-edge, edge:-edge].mean(dtype=np.float64))


def _blur(plane: F32) -> F32:
    return np.asarray(cv2.GaussianBlur(plane, (_WINDOW_PX, _WINDOW_PX), _SIGMA_PX), np.float32)


def colour_transform(source: U8, target: U8) -> U8:
    """``source`` under the affine transform of its colours that least squares fits to ``target``, both uint8."""
    x = np.concatenate([source.reshape(-1, 3), np.ones((source[..., 0].size, 1))], 1).astype(np.float64)
    fitted = x @ np.linalg.lstsq(x, target.reshape(-1, 3).astype(np.float64), rcond=None)[0]
    return np.clip(np.rint(fitted), 0, 255).astype(np.uint8).reshape(source.shape)
