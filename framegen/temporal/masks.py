"""How far each cell of the reprojected history may be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops.cells import Cells
from framegen.ops.kernels import temporal as kernels
from framegen.temporal.geometry import SKY_M, Grid
from framegen.temporal.memory import Memory
from framegen.temporal.motion import CellMotion

DEPTH_TOLERANCE = 0.015
"""Relative error of depth that is always forgiven (float16 steps, point samples)."""
SLOPE_TOLERANCE = 1.5
"""Cells along a slope by which history's point sample may lie elsewhere."""
MOVING_TOLERANCE = 0.25
"""Further relative error forgiven where things move on their own: their expected depth is unknown."""
LEFT_TOLERANCE = 0.1
"""Relative distance by which something must have been nearer to count as gone from beside a cell."""
COLOR_FROM, COLOR_TO = 12.0, 40.0
"""Colour change beyond motion, in levels of 255: trusted up to the first, not at all from the second."""
CUT_BELOW = 0.15
"""A frame whose visible history agrees on less than this share is a cut."""

_LIMITS = np.array((DEPTH_TOLERANCE, SLOPE_TOLERANCE, MOVING_TOLERANCE, LEFT_TOLERANCE), np.float32)
_NO_MASK = np.zeros((0, 0), np.bool_)
_NO_PLANE = np.zeros((0, 0), np.float32)


@dataclass(frozen=True, eq=False)
class Trust:
    """Trust in history, and whether the frame is a cut.

    Attributes:
        trust: ``[h, w]`` float32 0..1; all zero at a cut.
        placed: the same by places alone, whatever the colours: a flash of light moves nothing.
        cut: the picture has nothing to do with history's.
    """

    trust: F32
    placed: F32
    cut: bool


def judge(cells: Cells, motion: CellMotion, memory: Memory, grid: Grid, x: F32, y: F32, *, detect_cuts: bool) -> Trust:
    """The trust mask of history fetched at columns ``x`` and rows ``y`` (``[h, w]`` float32, cells).

    The product of: inside the picture; depth as expected, within a tolerance that grows with the surface's
    slope, and nothing gone from beside the cell; colour unchanged beyond what motion explains; not reactive;
    confidence of the motion. :func:`framegen.ops.temporal_reference.trust` says it in NumPy.
    """
    trust, placed = np.empty((grid.height, grid.width), np.float32), np.ones((grid.height, grid.width), np.float32)
    contrast = np.asarray(cv2.morphologyEx(cells.soft, cv2.MORPH_GRADIENT, _square(3)), np.uint8)
    kernels.color_trust(cells.soft, contrast, words_of(memory.color), x, y, COLOR_FROM, COLOR_TO, trust)
    if cells.depth_m is not None and memory.depth_m is not None and motion.expected_m is not None:
        # Of what was near, a wider neighbourhood is searched now than before: history is up to half a cell off.
        kernels.depth_trust(
            cells.depth_m,
            motion.expected_m,
            np.asarray(cv2.erode(motion.expected_m, _square(5)), np.float32),
            memory.depth_m,
            np.asarray(cv2.erode(memory.depth_m, _square(3)), np.float32),
            x,
            y,
            _NO_MASK if motion.moving is None else motion.moving,
            _LIMITS,
            SKY_M,
            placed,
        )
        trust *= placed
    confidence, reactive = (_NO_PLANE if plane is None else plane for plane in (motion.confidence, cells.reactive))
    visible, agreeing = kernels.seen_trust(x, y, grid.width, grid.height, confidence, reactive, trust)
    _, in_place = kernels.seen_trust(x, y, grid.width, grid.height, confidence, _NO_PLANE, placed)
    if detect_cuts and visible > 0.0 and agreeing < CUT_BELOW * visible:
        placed *= np.float32(in_place >= CUT_BELOW * visible)
        return Trust(np.zeros_like(trust), placed, True)
    return Trust(trust, placed, False)


def words_of(color: U8) -> NDArray[np.uint32]:
    """``[h, w]``: red, green and blue of ``[h, w, 3]`` uint8 as the lowest bytes of one word."""
    return np.asarray(cv2.cvtColor(color, cv2.COLOR_RGB2RGBA)).view("<u4")[..., 0]


@lru_cache(maxsize=4)
def _square(size: int) -> U8:
    return np.ones((size, size), np.uint8)
