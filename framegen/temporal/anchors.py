"""Texture that rides on things that move on their own.

World position names the texel of what stands still. A mover would slide through that texture, so each of its cells
carries an anchor: the place of what it shows when that was first seen. From frame to frame a cell takes the anchor of
the point that it came from: ``anchor = place before + shift before``, the place unprojected at the exact sub-cell
position that the motion names, so nothing is rounded and nothing drifts by the size of a cell. What comes out from
behind a mover's own edge takes the mean shift of the cells beside it (a rigid thing moves as one). Where the chain
breaks, texture fades out within :data:`FADE_OUT_S` and comes back slower, so that it does not flicker.
"""

from __future__ import annotations

import numpy as np

from framegen.frame import F32, Frame
from framegen.ops.anchors import Anchors
from framegen.ops.cells import Cells
from framegen.ops.kernels import anchors as kernels
from framegen.temporal.geometry import SKY_M, world_from_features
from framegen.temporal.memory import Memory
from framegen.temporal.motion import CellMotion

FADE_OUT_S, FADE_IN_S = 0.25, 0.5
_LEAST_M = 1e-4
"""Shifts below a tenth of a millimetre everywhere are none."""
_NO_SHIFT, _NO_WEIGHT = np.zeros((0, 0, 3), np.float32), np.zeros((0, 0), np.float32)


def carry(
    cells: Cells, frame: Frame, memory: Memory, motion: CellMotion, x: F32, y: F32, trust: F32, passed_s: float
) -> Anchors | None:
    """The anchors of a frame's cells; None where nothing has ever moved on its own, or depth or camera is not known.

    Args:
        x, y: ``[h, w]`` float32, columns and rows (cells) of the last frame that the cells come from.
        trust: ``[h, w]`` float32 0..1, 0 where that is not to be believed. passed_s: seconds since the last frame.
    """
    if cells.depth_m is None or frame.camera is None or memory.depth_m is None or memory.camera is None:
        return None
    moving, before = motion.moving, memory.anchors
    if before is None and (moving is None or not moving.any()):
        return None
    if moving is None:
        moving = np.zeros(trust.shape, np.bool_)
    depth = np.minimum(cells.depth_m, np.float32(SKY_M))
    shift, weight, held = np.empty((*trust.shape, 3), np.float32), np.empty_like(trust), np.empty_like(moving)
    kernels.carry(
        depth,
        depth if motion.expected_m is None else motion.expected_m,
        memory.depth_m,
        world_from_features(frame.camera),
        world_from_features(memory.camera),
        x,
        y,
        moving,
        trust,
        _NO_SHIFT if before is None else before.shift_m,
        _NO_WEIGHT if before is None else before.weight,
        passed_s / FADE_IN_S,
        passed_s / FADE_OUT_S,
        shift,
        weight,
        held,
    )
    greatest_m = kernels.join(depth, moving, held, shift, weight)
    if greatest_m < _LEAST_M and not moving.any():
        return None
    return Anchors(shift, weight)


def still_only(cells: Cells) -> Anchors | None:
    """Without any history: no texture on what the frame itself says moves on its own."""
    if cells.dynamic is None:
        return None
    return Anchors(np.zeros((*cells.dynamic.shape, 3), np.float32), np.asarray(1 - cells.dynamic, np.float32))
