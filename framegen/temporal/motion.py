"""From where to take motion, and what becomes of the vectors of a frame that was dropped."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, Frame
from framegen.ops.cells import Cells
from framegen.ops.kernels import temporal as kernels
from framegen.ops.kernels.half import single
from framegen.ops.kernels.jit import ready
from framegen.temporal.flow import dense_flow, luma
from framegen.temporal.geometry import AT_CENTRES, LOST_PX, SKY_M, Grid, motion_from_depth

if TYPE_CHECKING:
    from framegen.temporal.memory import Memory

MOVING_PX = 0.5
"""A cell moves on its own where the engine's motion and that of depth and cameras differ by more (pixels)."""
_UNKNOWN = np.zeros((1, 0, 2), np.float32)


@dataclass(frozen=True, eq=False)
class CellMotion:
    """Where every cell of a frame was in the frame that history was made from.

    Attributes:
        motion_px: ``[h, w, 2]`` float32, model pixels, history minus current, between the pictures as they
            are (jitter included).
        expected_m: ``[h, w]`` float32: depth that a point that stands still had in history's view; None: unknown.
        moving: ``[h, w]`` bool: what moves on its own; None: unknown.
        confidence: ``[h, w]`` float32 0..1, or None: the motion is the engine's own and exact.
        source: ``engine``, ``matrices`` or ``flow``.
    """

    motion_px: F32
    expected_m: F32 | None
    moving: NDArray[np.bool_] | None
    confidence: F32 | None
    source: str


def cell_motion(cells: Cells, frame: Frame, memory: Memory, grid: Grid) -> CellMotion:
    """Motion from the best source the frame has: its vectors, else depth and cameras, else optical flow.

    ``frame`` has the model's size, its jitter folded into its camera. Sky vectors of zero are filled from
    the cameras: engines do not write the sky. Vectors that point to another frame than history's are not used.
    """
    between = np.subtract(memory.jitter_px, frame.jitter_px).astype(np.float32)
    jitter = np.zeros(2, np.float32) if frame.color_resolved else between
    static, expected = None, None
    given = cells.motion_px if frame.motion_from_frame_id in (None, memory.frame_id) else None
    if cells.depth_m is not None and frame.camera is not None and memory.camera is not None:
        # the engine's vectors are those of the nearest points, which lie beside the centres: compared as they are,
        # a road close to a fast car would move on its own
        points = AT_CENTRES if given is None else cells.point
        static, expected = motion_from_depth(cells.depth_m, frame.camera, memory.camera, grid, points)
        if frame.color_resolved:
            static -= between
    dynamic = None if cells.dynamic is None else cells.dynamic > 0.0
    if given is not None:
        motion = np.empty_like(given)
        moving = np.empty(motion.shape[:2], np.bool_)
        fill, depth = (_UNKNOWN, _UNKNOWN[0]) if static is None or cells.depth_m is None else (static, cells.depth_m)
        kernels.engine_motion(given, jitter, fill, depth, SKY_M, LOST_PX, MOVING_PX, motion, moving)
        if dynamic is not None:
            moving |= dynamic
        known = static is not None or dynamic is not None
        return CellMotion(motion, expected, moving if known else None, None, "engine")
    if static is not None:
        # What moves on its own has no vector here: not trusted.
        confidence = None if dynamic is None else np.where(dynamic, np.float32(0.0), np.float32(1.0))
        return CellMotion(static, expected, dynamic, confidence, "matrices")
    scale = frame.width / cells.half.shape[1]
    motion, confidence = dense_flow(luma(cells.half), luma(memory.half), (grid.width, grid.height), scale)
    return CellMotion(motion, None, dynamic, confidence, "flow")


def merge_superseded(dropped: Frame, newer: Frame) -> Frame:
    """``newer`` as if ``dropped`` had never been sent: for a server that answers only the newest frame.

    The motion of ``newer``, which points to ``dropped``, is continued by that of ``dropped`` to the frame
    before it; a cut at ``dropped`` stays a cut. Where the chain cannot be made, ``motion_from_frame_id``
    names the frame that ``newer``'s vectors point to, so that they are not mistaken for another's.
    """
    if newer.reset:
        return newer
    if dropped.reset:
        return dataclasses.replace(newer, reset=True)
    if newer.motion_px is None or newer.motion_from_frame_id not in (None, dropped.frame_id):
        return newer
    if dropped.motion_px is None or dropped.motion_px.shape != newer.motion_px.shape:
        return dataclasses.replace(newer, motion_from_frame_id=dropped.frame_id)
    shift = (dropped.jitter_px[0] - newer.jitter_px[0], dropped.jitter_px[1] - newer.jitter_px[1])
    motion = compose_motion(newer.motion_px, dropped.motion_px, shift)
    return dataclasses.replace(newer, motion_px=motion, motion_from_frame_id=dropped.motion_from_frame_id)


def compose_motion(newer: NDArray[np.floating], older: NDArray[np.floating], shift_px: tuple[float, float]) -> F32:
    """Motion over two frames: ``newer(p) + older(p + newer(p))``, ``[H, W, 2]`` float32 pixels.

    The older vector is that of the nearest pixel (a mean across an edge belongs to neither side), its place moved by
    ``shift_px`` (the older jitter minus the newer). Points that were outside of the frame between keep their velocity.
    """
    first, second = (ready(single(plane), np.float32) for plane in (newer, older))
    composed = np.empty_like(first)
    kernels.compose_motion(first, second, np.float32(shift_px[0]), np.float32(shift_px[1]), LOST_PX, composed)
    return composed
