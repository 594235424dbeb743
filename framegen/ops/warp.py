"""Fetching planes at fractional places, at the size of the latent: the fast form of ``temporal_reference``.

Each function here has its meaning in plain NumPy under the same name in
:mod:`framegen.ops.temporal_reference`; tests hold them together.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32

_REMAP_CHANNELS = 4
"""cv2.remap interpolates at most this many channels a call."""


def fetch_latent(planes: F32, x: F32, y: F32, share_channels: int = 0) -> F32:
    """A latent at columns x and rows y (``[h, w]`` float32, in cells); beyond the border its edge is repeated.

    The last ``share_channels`` of ``planes`` (``[h, w, c]`` float32) are interpolated bilinearly (or, where they
    share a group of four with others, bicubically), the others bicubically (Keys 1981, a = -0.75). Returns
    ``[h, w, c]``.
    """
    channels = planes.shape[2]
    spare = -channels % _REMAP_CHANNELS
    if spare:
        planes = np.concatenate([planes, np.zeros((*planes.shape[:2], spare), np.float32)], axis=2)
    # Four floats are copied as one number of 16 bytes: eight times as fast.
    groups = np.ascontiguousarray(planes).view(np.complex128)
    fetched = np.empty((*x.shape, groups.shape[2]), np.complex128)
    maps = cv2.convertMaps(x, y, cv2.CV_16SC2)
    for group in range(groups.shape[2]):
        part = np.ascontiguousarray(groups[..., group]).view(np.float32).reshape(*planes.shape[:2], _REMAP_CHANNELS)
        if group * _REMAP_CHANNELS < channels - share_channels:
            moved = cv2.remap(part, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        else:
            moved = cv2.remap(part, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        fetched[..., group] = np.asarray(moved, np.float32).view(np.complex128)[..., 0]
    found = fetched.view(np.float32)
    return found[..., :channels] if spare else found


def fetch_linear(planes: NDArray[Any], x: F32, y: F32) -> NDArray[Any]:
    """``planes`` (``[h, w]`` or ``[h, w, 1..4]``, uint8 or float32) at x, y, bilinear; the edge is repeated."""
    return np.asarray(cv2.remap(planes, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def nearest_index(x: F32, y: F32, width: int, height: int) -> NDArray[np.intp]:
    """``[h, w]`` flat index of the cell nearest to x, y, held inside a plane of width x height cells."""
    column = np.clip(np.floor(x + np.float32(0.5)), 0, width - 1)
    row = np.clip(np.floor(y + np.float32(0.5)), 0, height - 1)
    return np.asarray(row * np.float32(width) + column, np.intp)


def neighbourhood(planes: F32) -> tuple[F32, F32]:
    """Least and greatest value of each channel over every cell's 3x3 neighbourhood: two ``[h, w, c]`` float32."""
    kernel = np.ones((3, 3), np.uint8)
    low = np.asarray(cv2.erode(planes, kernel), np.float32).reshape(planes.shape)
    high = np.asarray(cv2.dilate(planes, kernel), np.float32).reshape(planes.shape)
    return low, high
