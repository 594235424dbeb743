"""A frame seen at the size of the latent: one sample of everything per cell.

Depth and motion of a cell are those of its nearest point (the dilation of FSR 2, section
"Reconstruct and dilate"), never means across an edge. Only a quarter of the pixels is read, in
a regular pattern, so anything two pixels wide is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8, Frame
from framegen.ops.fit import shrink_color
from framegen.ops.kernels import temporal
from framegen.ops.kernels.half import single
from framegen.ops.kernels.jit import ready


@dataclass(frozen=True, eq=False)
class Cells:
    """One frame per latent cell; all planes ``[h, w, ...]``.

    Attributes:
        color: ``[h, w, 3]`` uint8, mean sRGB-encoded colour.
        soft: the same filtered 3x3: engine edges alias, and their flicker is no change of colour.
        half: ``[H/2, W/2, 3]`` uint8, mean colour at half the model's size.
        point: intp, flat index of the pixel in each cell that is nearest, or of its centre without depth.
        depth_m: float32, metres, of the nearest point; sky and nonsense are ``+inf``. None: the frame has none.
        motion_px: ``[h, w, 2]`` float32 of that point, in model pixels, not finite: none. None: the frame has none.
        reactive, dynamic: float32, 0..1, or None.
    """

    color: U8
    soft: U8
    half: U8
    point: NDArray[np.intp]
    depth_m: F32 | None
    motion_px: F32 | None
    reactive: F32 | None
    dynamic: F32 | None


def sample(frame: Frame, cell_px: int) -> Cells:
    """The :class:`Cells` of a frame whose width and height are multiples of ``cell_px`` pixels."""
    height, width = frame.height // cell_px, frame.width // cell_px
    half = shrink_color(frame.color, (max(1, frame.width // 2), max(1, frame.height // 2)))
    color = shrink_color(half if cell_px > 1 else frame.color, (width, height))
    depth, index = _nearest(frame.depth_m, height, width, cell_px)
    return Cells(
        color=color,
        soft=np.asarray(cv2.blur(color, (3, 3), borderType=cv2.BORDER_REPLICATE), np.uint8),
        half=half,
        point=index,
        depth_m=depth,
        motion_px=None if frame.motion_px is None else _take(frame.motion_px, index),
        reactive=_cover(frame.reactive, width, height),
        dynamic=_cover(frame.dynamic_mask, width, height),
    )


def nearest_depth(depth_m: NDArray[Any], cell_px: int) -> tuple[F32, NDArray[np.intp]]:
    """See :func:`framegen.ops.temporal_reference.nearest_depth`, which this equals."""
    bits = ready(depth_m, depth_m.dtype).view(np.uint16 if depth_m.dtype == np.float16 else np.uint32)
    shape = depth_m.shape[0] // cell_px, depth_m.shape[1] // cell_px
    best, index = np.empty(shape, bits.dtype), np.empty(shape, np.int64)
    infinite = np.array(np.inf, depth_m.dtype).view(bits.dtype)
    temporal.nearest_depth(bits, cell_px, int(infinite), best, index)
    return best.view(depth_m.dtype).astype(np.float32), index.astype(np.intp, copy=False)


@lru_cache(maxsize=16)
def _corners(height: int, width: int, cell_px: int) -> NDArray[np.intp]:
    """Flat pixel index of every cell's top left pixel, ``[h, w]``."""
    rows, columns = np.indices((height, width))
    return np.asarray((rows * width * cell_px + columns) * cell_px, np.intp)


def _nearest(
    depth_m: NDArray[Any] | None, height: int, width: int, cell_px: int
) -> tuple[F32 | None, NDArray[np.intp]]:
    if depth_m is not None:
        return nearest_depth(depth_m, cell_px)
    middle = cell_px // 2
    return None, _corners(height, width, cell_px) + (middle * width * cell_px + middle)


def _take(motion: NDArray[Any], index: NDArray[np.intp]) -> F32:
    """``[h, w, 2]`` float32 of ``[H, W, 2]`` float16 or float32 at flat pixel indices."""
    pairs = np.ascontiguousarray(motion).view(np.uint32 if motion.dtype == np.float16 else np.uint64)
    taken = pairs.ravel().take(index.ravel()).view(motion.dtype)
    return single(taken).reshape(*index.shape, 2)


def _cover(mask: U8 | None, width: int, height: int) -> F32 | None:
    """Share of each cell that a mask covers, ``[h, w]`` float32 0..1."""
    if mask is None:
        return None
    covered = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(np.divide(covered, 255.0), np.float32)
