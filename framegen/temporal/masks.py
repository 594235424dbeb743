"""How far each cell of the reprojected history may be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from framegen.frame import F32, U8
from framegen.ops.cells import Cells
from framegen.ops.warp import fetch_linear, nearest_index
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


@dataclass(frozen=True, eq=False)
class Trust:
    """Trust in history, and whether the frame is a cut.

    Attributes:
        trust: ``[h, w]`` float32 0..1; all zero at a cut.
        cut: the picture has nothing to do with history's.
    """

    trust: F32
    cut: bool


def softened(color: U8) -> U8:
    """``[h, w, 3]`` uint8 filtered 3x3: engine edges alias, and their flicker is no change of colour."""
    return np.asarray(cv2.blur(color, (3, 3), borderType=cv2.BORDER_REPLICATE), np.uint8)


def judge(cells: Cells, motion: CellMotion, memory: Memory, grid: Grid, x: F32, y: F32, *, detect_cuts: bool) -> Trust:
    """The trust mask of history fetched at columns ``x`` and rows ``y`` (``[h, w]`` float32, cells).

    The product of: inside the picture; depth as expected, within a tolerance that grows with the surface's
    slope; colour unchanged beyond what motion explains; not reactive; confidence of the motion.
    """
    inside = _inside(x, y, grid)
    agree = _color_agrees(softened(cells.color), memory.color, x, y)
    if cells.depth_m is not None and memory.depth_m is not None and motion.expected_m is not None:
        agree = agree * _depth_agrees(cells.depth_m, motion, memory.depth_m, x, y, grid)
    if motion.confidence is not None:
        agree = agree * motion.confidence
    visible = float(inside.sum())
    cut = detect_cuts and visible > 0.0 and float((inside * agree).sum()) < CUT_BELOW * visible
    if cut:
        return Trust(np.zeros_like(inside), True)
    trust = inside * agree
    if cells.reactive is not None:
        trust = trust * (1.0 - cells.reactive)
    return Trust(trust, False)


def falling(value: F32, start: F32 | float, end: F32 | float) -> F32:
    """1 up to ``start``, 0 from ``end``, a smooth step (3t² - 2t³) between."""
    t = np.clip((end - value) / np.maximum(np.subtract(end, start), 1e-12), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)


def _inside(x: F32, y: F32, grid: Grid) -> F32:
    """1 within the picture, falling to 0 over one cell beyond its outermost cell centres."""
    to_border = np.minimum(np.minimum(x, grid.width - 1 - x), np.minimum(y, grid.height - 1 - y))
    return np.asarray(np.clip(to_border + np.float32(1.0), 0.0, 1.0), np.float32)


def _depth_agrees(depth_m: F32, motion: CellMotion, before_m: F32, x: F32, y: F32, grid: Grid) -> F32:
    assert motion.expected_m is not None
    source = nearest_index(x, y, grid.width, grid.height)
    found = before_m.ravel().take(source)
    expected = motion.expected_m
    error = np.abs(found - expected) / np.maximum(np.minimum(found, expected), np.float32(1e-3))
    tolerance = np.float32(DEPTH_TOLERANCE) + np.float32(SLOPE_TOLERANCE) * relative_slope(depth_m)
    if motion.moving is not None:
        tolerance += np.where(motion.moving, np.float32(MOVING_TOLERANCE), np.float32(0.0))
    return falling(error, tolerance, 2.0 * tolerance) * _nothing_left(expected, before_m, source, tolerance)


def _nothing_left(expected: F32, before_m: F32, source: NDArray[np.intp], tolerance: F32) -> F32:
    """0 where something near was next to the cell before and has gone since: its colour is mixed into history.

    A wider neighbourhood is searched now (5x5) than before (3x3), because history is looked up to half a
    cell off.
    """
    before = np.asarray(cv2.erode(before_m, np.ones((3, 3), np.uint8)), np.float32).ravel().take(source)
    now = np.asarray(cv2.erode(expected, np.ones((5, 5), np.uint8)), np.float32)
    margin = tolerance + np.float32(LEFT_TOLERANCE)
    return falling(now / np.maximum(before, np.float32(1e-3)) - np.float32(1.0), margin, 1.5 * margin)


def relative_slope(depth_m: F32) -> F32:
    """Change of depth from cell to cell over the depth, along the surface that the cell belongs to.

    Of the two sides the smaller difference: the other one may look past an edge.
    """
    depth = np.minimum(depth_m, np.float32(SKY_M))
    slope = np.zeros_like(depth)
    across = np.abs(np.diff(depth, axis=1))
    slope[:, 1:-1] = np.minimum(across[:, 1:], across[:, :-1])
    slope[:, 0], slope[:, -1] = across[:, 0], across[:, -1]
    down = np.abs(np.diff(depth, axis=0))
    slope[1:-1] += np.minimum(down[1:], down[:-1])
    slope[0] += down[0]
    slope[-1] += down[-1]
    return np.asarray(slope / depth, np.float32)


def _color_agrees(color: U8, before: U8, x: F32, y: F32) -> F32:
    """Trust by colour change, less half of the local contrast: a shift by a fraction of a cell is no change."""
    moved = fetch_linear(before, x, y)
    contrast = cv2.morphologyEx(color, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    change = cv2.subtract(cv2.absdiff(color, moved), cv2.convertScaleAbs(contrast, alpha=0.5))
    red, green, blue = cv2.split(change)
    return falling(np.asarray(cv2.max(cv2.max(red, green), blue), np.float32), COLOR_FROM, COLOR_TO)
