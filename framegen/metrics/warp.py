"""How steady a sequence of pictures is: the error left after undoing the engine's own motion."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8, Frame
from framegen.ops.cells import nearest_depth
from framegen.ops.fit import Fit, to_model
from framegen.temporal.flow import dense_flow, luma
from framegen.temporal.geometry import SKY_M, Grid, motion_from_depth

Mask = NDArray[np.bool_]

_DEPTH_TOLERANCE = 0.03
_MOVING_PX = 0.5
_CONFIDENT = 0.9


def pixel_motion(frame: Frame, before: Frame) -> tuple[F32, Mask]:
    """Where every pixel of ``frame`` was in ``before``, and where that is known and was visible.

    Motion is the engine's where it points to ``before``, else that of depth and cameras, else optical flow.

    Returns:
        motion ``[H, W, 2]`` float32 in pixels (before minus now), and a mask ``[H, W]``: inside of the picture, not
        disoccluded (depth as expected within 3 %, where both frames have depth and camera), flow confident.
    """
    frame, before = _unjittered(frame), _unjittered(before)
    height, width = frame.height, frame.width
    grid = Grid(width, height)
    known = np.ones((height, width), np.bool_)
    static, expected = None, None
    depth = None if frame.depth_m is None else nearest_depth(frame.depth_m, 1)[0]
    if depth is not None and frame.camera is not None and before.camera is not None:
        static, expected = motion_from_depth(depth, frame.camera, before.camera, grid)
    moving = np.zeros((height, width), np.bool_)
    shift = np.subtract(before.jitter_px, frame.jitter_px).astype(np.float32)
    if frame.color_resolved:
        static = None if static is None else static - shift
        shift = np.zeros_like(shift)
    if frame.motion_px is not None and frame.motion_from_frame_id in (None, before.frame_id):
        motion = np.nan_to_num(frame.motion_px.astype(np.float32), nan=1e4) + shift
        if static is not None and depth is not None:
            np.copyto(motion, static, where=(depth >= SKY_M)[..., None])
            moving = np.abs(motion - static).max(axis=-1) > _MOVING_PX
    elif static is not None:
        motion = static
    else:
        motion, confidence = dense_flow(luma(frame.color), luma(before.color), (width, height), 1.0)
        known &= confidence > _CONFIDENT
    x = motion[..., 0] + np.arange(width, dtype=np.float32)
    y = motion[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    known &= (x >= 0.0) & (y >= 0.0) & (x <= width - 1) & (y <= height - 1)
    if expected is not None and before.depth_m is not None:
        found = _at(np.minimum(nearest_depth(before.depth_m, 1)[0], np.float32(SKY_M)), x, y)
        tolerance = np.where(moving, 0.2, _DEPTH_TOLERANCE)
        known &= np.abs(found - expected) <= tolerance * np.minimum(found, expected)
    return motion, known


def warp_error(now: U8, before: U8, motion_px: F32, known: Mask) -> float:
    """Mean ``|now - before moved along|`` over the ``known`` pixels: float L1, 0..255; nan where nothing is known."""
    if not known.any():
        return float("nan")
    moved = _moved(before, motion_px)
    difference = np.abs(now.astype(np.float32) - moved)
    return float(difference[known].mean(dtype=np.float64))


def _moved(before: U8, motion_px: F32) -> F32:
    height, width = motion_px.shape[:2]
    x = motion_px[..., 0] + np.arange(width, dtype=np.float32)
    y = motion_px[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    source = before.astype(np.float32)
    return np.asarray(cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _at(plane: F32, x: NDArray[np.floating], y: NDArray[np.floating]) -> F32:
    height, width = plane.shape
    columns = np.clip(np.rint(x), 0, width - 1).astype(np.intp)
    rows = np.clip(np.rint(y), 0, height - 1).astype(np.intp)
    return np.asarray(plane[rows, columns], np.float32)


def _unjittered(frame: Frame) -> Frame:
    """The frame without alpha, its jitter folded into its camera."""
    size = (frame.width, frame.height)
    return to_model(frame, Fit(size, size, size))
