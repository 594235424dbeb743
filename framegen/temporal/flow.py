"""Motion where the engine gives none and there is no depth: dense optical flow, checked both ways."""

from __future__ import annotations

import cv2
import numpy as np

from framegen.frame import F32, U8

_AGREE_PX = 0.5
_AGREE_SHARE = 0.1
_WIDEST_PX = 256
"""Flow is computed on pictures at most this wide: it costs a millisecond or two there."""
_LEAST_PX = 32
"""Neither side is smaller: at a quarter of the size, where DIS ends, its patches of 8 pixels leave the process dead."""


def dense_flow(current: U8, previous: U8, size: tuple[int, int], scale: float) -> tuple[F32, F32]:
    """Where each cell's picture was in the previous frame.

    Uses DIS (Kroeger et al. 2016, *Fast Optical Flow using Dense Inverse Search*) in both directions:
    where the way there and back does not return to its start, nothing is trusted.

    Args:
        current, previous: ``[h, w]`` uint8 luma of both frames, of one size.
        size: width and height of the result in cells.
        scale: model pixels per pixel of the luma pictures.

    Returns:
        motion ``[h, w, 2]`` float32 in model pixels (previous minus current), confidence ``[h, w]`` float32 0..1.
    """
    height, width = current.shape
    shrink = min(1.0, _WIDEST_PX / width)
    small = (max(_LEAST_PX, round(width * shrink)), max(_LEAST_PX, round(height * shrink)))
    if small != (width, height):
        current = np.asarray(cv2.resize(current, small, interpolation=cv2.INTER_AREA), np.uint8)
        previous = np.asarray(cv2.resize(previous, small, interpolation=cv2.INTER_AREA), np.uint8)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    start = np.zeros((small[1], small[0], 2), np.float32)
    forth = np.asarray(search.calc(current, previous, start.copy()), np.float32)
    back = np.asarray(search.calc(previous, current, start), np.float32)
    columns, rows = np.meshgrid(np.arange(small[0], dtype=np.float32), np.arange(small[1], dtype=np.float32))
    returned = cv2.remap(
        back, columns + forth[..., 0], rows + forth[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    miss = np.linalg.norm(forth + returned, axis=-1)
    allowed = _AGREE_PX + _AGREE_SHARE * np.linalg.norm(forth, axis=-1)
    confidence = np.clip(2.0 - miss / allowed, 0.0, 1.0).astype(np.float32)
    to_model = np.array((scale * width / small[0], scale * height / small[1]), np.float32)
    motion = cv2.resize(forth, size, interpolation=cv2.INTER_LINEAR) * to_model
    trusted = cv2.resize(confidence, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(motion, np.float32), np.asarray(trusted, np.float32)


def luma(color: U8) -> U8:
    """``[h, w]`` uint8 of ``[h, w, 3]`` sRGB-encoded."""
    return np.asarray(cv2.cvtColor(color, cv2.COLOR_RGB2GRAY), np.uint8)
