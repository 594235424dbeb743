"""The camera's path from depth and optical flow: what an engine would simply have told.

Points of the previous frame are lifted into space by its depth, found again by optical flow, and
the pose is the one that explains where they are (perspective-n-point with RANSAC, Fischler &
Bolles 1981). With a pose per frame, motion follows exactly from depth, and texture stays put in
the world. The path drifts slowly, which hurts nothing: only neighbouring frames are compared.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np

from framegen.frame import F32, F64, U8, Camera
from framegen.video.bars import Bars

_POINTS = 600
_MIN_INLIERS = 60
_FAR_M = 500.0
_OPENCV_FROM_VIEW = np.diag([1.0, -1.0, -1.0, 1.0])
"""OpenCV's cameras look along +Z with y down; ours along -Z with y up."""


class CameraTracker:
    """Poses of one shot, frame by frame.

    Args:
        fov_y_rad: vertical field of view of the pictures given to :meth:`next`.
        aspect: their width over their height.
    """

    def __init__(self, fov_y_rad: float, aspect: float) -> None:
        self._fov_y_rad, self._aspect = fov_y_rad, aspect
        self._world_from_view: F64 = np.eye(4)
        self._gray: U8 | None = None
        self._depth: F32 | None = None
        self._search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    @staticmethod
    def for_picture(width: int, height: int, fov_y_deg: float, bars: Bars) -> CameraTracker:
        """For the picture between the bars of a ``width`` x ``height`` video; ``fov_y_deg`` is that of the picture."""
        inside = width - bars.left - bars.right, height - bars.top - bars.bottom
        return CameraTracker(math.radians(fov_y_deg), inside[0] / inside[1])

    def next(self, color: U8, depth_m: F32) -> Camera | None:
        """The camera of the next frame; None where it cannot be told (a cut, nothing to hold on to).

        Args:
            color: ``[H, W, 3]`` uint8. ``depth_m``: ``[H, W]`` float32 metres, sky ``+inf``.
        """
        gray = np.asarray(cv2.cvtColor(color, cv2.COLOR_RGB2GRAY), np.uint8)
        before, self._gray = self._gray, gray
        depth_before, self._depth = self._depth, depth_m
        if before is not None and depth_before is not None:
            step = self._step(before, depth_before, gray)
            if step is None:
                return None
            self._world_from_view = self._world_from_view @ step
        return Camera.perspective(self._world_from_view, fov_y_rad=self._fov_y_rad, aspect=self._aspect)

    def _step(self, before: U8, depth_before: F32, now: U8) -> F64 | None:
        """``previous view from this view``, ``[4, 4]``, or None."""
        height, width = before.shape
        flow = self._search.calc(before, now, None)
        there = self._search.calc(now, before, None)
        stride = max(4, int(math.sqrt(width * height / _POINTS)))
        y, x = (grid.ravel() for grid in np.mgrid[stride // 2 : height : stride, stride // 2 : width : stride])
        forth = flow[y, x]
        x2, y2 = x + forth[:, 0], y + forth[:, 1]
        inside = (x2 >= 0) & (y2 >= 0) & (x2 <= width - 1) & (y2 <= height - 1)
        back = there[np.clip(np.rint(y2), 0, height - 1).astype(int), np.clip(np.rint(x2), 0, width - 1).astype(int)]
        agrees = np.abs(forth + back).max(axis=1) < 0.5 + 0.05 * np.abs(forth).max(axis=1)
        depth = depth_before[y, x].astype(np.float64)
        good = inside & agrees & (depth < _FAR_M)
        if good.sum() < _MIN_INLIERS:
            return None
        focal = height / 2 / math.tan(self._fov_y_rad / 2)
        x, y, depth = x[good] + 0.5, y[good] + 0.5, depth[good]
        points = np.stack([(x - width / 2) * depth / focal, (y - height / 2) * depth / focal, depth], axis=1)
        seen = np.stack([x2[good] + 0.5, y2[good] + 0.5], axis=1)
        intrinsics = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
        done, rotation, translation, inliers = cv2.solvePnPRansac(
            points, seen, intrinsics, None, iterationsCount=60, reprojectionError=1.0, flags=cv2.SOLVEPNP_ITERATIVE
        )
        if not done or inliers is None or len(inliers) < max(_MIN_INLIERS, good.sum() // 3):
            return None
        now_from_before = np.eye(4)
        now_from_before[:3, :3] = cv2.Rodrigues(rotation)[0]
        now_from_before[:3, 3] = translation.ravel()
        step: F64 = _OPENCV_FROM_VIEW @ np.linalg.inv(now_from_before) @ _OPENCV_FROM_VIEW
        return step
