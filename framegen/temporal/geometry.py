"""From depth and cameras to motion, expected depth and places in the world.

Everything unprojects through ``clip_from_view`` alone, so off-centre and orthographic cameras
need no case of their own. Depth is metres along the view axis; the sky is any depth of
:data:`SKY_M` or more. Composition of matrices is float64, so places far from the origin are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from framegen.errors import InvalidFrame
from framegen.frame import F32, F64, Camera
from framegen.ops.kernels import noise, temporal
from framegen.ops.kernels.jit import ready

SKY_M = 1e7
"""Depth that stands for the sky wherever arithmetic needs a number (metres)."""

LOST_PX = 1e4
"""Motion of a point that was behind the previous camera: far outside of any picture (pixels)."""

AT_CENTRES = np.zeros((0, 0), np.int64)
"""Points of cells that are their centres."""


@dataclass(frozen=True)
class Grid:
    """Points of a picture at which geometry is evaluated: the centres of its cells.

    Attributes:
        width, height: cells. ``cell_px``: pixels per cell (1: every pixel).
    """

    width: int
    height: int
    cell_px: int = 1

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the whole picture in pixels."""
        return self.width * self.cell_px, self.height * self.cell_px


@lru_cache(maxsize=16)
def view_from_features(camera: Camera) -> F64:
    """``[4, 6]``: homogeneous view position = matrix @ (x·d, y·d, d, x, y, 1) of NDC x, y and depth d.

    Solves ``ndc · w = clip_from_view @ view`` for x and y of the view position at ``z = -d``.
    Raises InvalidFrame when w depends on x or y (no engine's projection does).
    """
    clip = camera.clip_from_view
    if abs(clip[3, 0]) > 1e-9 or abs(clip[3, 1]) > 1e-9:
        raise InvalidFrame(
            "clip_from_view has a w that depends on x or y.",
            hint="Send the projection matrix alone; the view belongs into view_from_world.",
        )
    (a, b), (c, d) = clip[:2, :2]
    solve = np.array([[d, -b], [-c, a]]) / (a * d - b * c)
    matrix = np.zeros((4, 6))
    # ndc·(C33 - d·C32) = M @ (X, Y) - d·C[:2, 2] + C[:2, 3], with M the upper left 2x2.
    matrix[:2, 0:2] = -clip[3, 2] * solve
    matrix[:2, 2] = solve @ clip[:2, 2]
    matrix[:2, 3:5] = clip[3, 3] * solve
    matrix[:2, 5] = -solve @ clip[:2, 3]
    matrix[2, 2] = -1.0
    matrix[3, 5] = 1.0
    matrix.setflags(write=False)
    return matrix


@lru_cache(maxsize=16)
def world_from_features(camera: Camera) -> F64:
    """``[3, 6]``: absolute world position = matrix @ (x·d, y·d, d, x, y, 1), see :func:`view_from_features`."""
    return np.asarray((camera.world_from_view @ view_from_features(camera))[:3], np.float64, order="C")


def _view_from_absolute(camera: Camera) -> F64:
    """``[4, 4]``: the inverse of ``world_from_view``, from what the camera was sent with."""
    view = camera.view_from_world.copy()
    view[:, 3] -= view[:, :3] @ np.asarray(camera.world_origin_m)
    return np.asarray(view, np.float64)


def motion_from_depth(
    depth_m: F32, current: Camera, previous: Camera, grid: Grid, points: NDArray[np.integer] = AT_CENTRES
) -> tuple[F32, F32]:
    """Where static points were in the previous picture.

    Args:
        depth_m: ``[h, w]`` float32 of one point per cell, metres, finite or :data:`SKY_M` and above.
        points: ``[h, w]``, flat index of the pixel that each point is; by default the points are the cells' centres.

    Returns:
        motion ``[h, w, 2]`` float32 in pixels (previous minus current, x right, y down), and the depth
        ``[h, w]`` float32 in metres that the point had in the previous view (the sky: :data:`SKY_M`).
    """
    view = _view_from_absolute(previous) @ current.world_from_view @ view_from_features(current)
    clip = previous.clip_from_view @ view
    rows = np.stack((clip[0], clip[1], clip[3], -view[2])).astype(np.float32)
    half_px = np.array(grid.size_px, np.float32) * np.float32(0.5)
    motion = np.empty((grid.height, grid.width, 2), np.float32)
    expected = np.empty((grid.height, grid.width), np.float32)
    depth, at = ready(depth_m, np.float32), ready(points, np.int64)
    temporal.static_motion(depth, rows, half_px, at, SKY_M, LOST_PX, motion, expected)
    return motion, expected


def world_positions(depth_m: F32, camera: Camera, grid: Grid, axes: F64 | None = None) -> F64:
    """``[3, h, w]`` float64: absolute place of every cell centre in the world, metres.

    ``axes`` (``[3, 3]``): rows are the directions along which it is wanted; by default those of the world.
    """
    matrix = world_from_features(camera)
    if axes is not None:
        matrix = axes @ matrix
    places = np.empty((3, grid.height, grid.width))
    noise.world_positions(ready(depth_m, np.float32), ready(matrix, np.float64), SKY_M, places)
    return places


def footprint_m(depth_m: F32, camera: Camera, grid: Grid) -> F32:
    """``[h, w]`` float32: metres that one cell spans across the view at its depth (the smaller of x and y)."""
    (across, fixed_across), (down, fixed_down) = spans_m(camera, grid)
    depth = np.minimum(depth_m, np.float32(SKY_M))
    return np.asarray(np.minimum(depth * across + fixed_across, depth * down + fixed_down), np.float32)


def spans_m(camera: Camera, grid: Grid) -> F32:
    """``[2, 2]`` float32: for x and y the metres that a cell spans per metre of depth, and at any depth."""
    matrix = view_from_features(camera)
    per_cell = 2.0 / np.array([grid.width, grid.height])
    spans = np.abs(np.stack((matrix[[0, 1], [0, 1]], matrix[[0, 1], [3, 4]]), -1)) * per_cell[:, None]
    return np.asarray(spans, np.float32)


def same_camera(a: Camera | None, b: Camera | None) -> bool:
    """Whether two cameras see the same picture to well below a thousandth of a pixel (None: unknown, taken as same)."""
    if a is None or b is None:
        return a is b
    if np.abs(a.world_from_view - b.world_from_view).max() > 1e-7:
        return False
    return bool((np.abs(a.clip_from_view - b.clip_from_view) <= 1e-9 + 1e-9 * np.abs(b.clip_from_view)).all())
