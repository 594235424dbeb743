"""The camera's path from depth and corners: what an engine would simply have told.

Corners of the previous frame (Shi & Tomasi 1994) are lifted into space by its depth and followed
into this one (Lucas & Kanade 1981, in a pyramid, there and back); the pose is the one that
explains where they are (perspective-n-point with RANSAC, Fischler & Bolles 1981). With a pose per
frame, motion follows exactly from depth, and texture stays put in the world. The path drifts
slowly, which hurts nothing: only neighbouring frames are compared.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np

from framegen.frame import F32, F64, U8, Camera
from framegen.video.bars import Bars

_POINTS = 700
_MIN_INLIERS = 50
_FAR_M = 500.0
_EDGE = 1.15
_RETURN_PX = 0.3
_AROUND = np.ones((3, 3), np.uint8)
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
        here, there = _followed(before, now)
        columns, rows = (
            (np.clip(here, 0.0, (width - 1, height - 1)) + 0.5).astype(int).clip(0, (width - 1, height - 1)).T
        )
        depth = depth_before[rows, columns].astype(np.float64)
        # A corner on an edge in depth belongs to either side: nobody knows how far away it is.
        nearest, farthest = cv2.erode(depth_before, _AROUND), cv2.dilate(depth_before, _AROUND)
        good = (farthest[rows, columns] < _FAR_M) & (farthest[rows, columns] < _EDGE * nearest[rows, columns])
        if good.sum() < _MIN_INLIERS:
            return None
        focal = height / 2 / math.tan(self._fov_y_rad / 2)
        # Pixel centres are at halves; corners are found with centres at whole numbers.
        x, y = (here[good].astype(np.float64) + 0.5).T
        depth = depth[good]
        points = np.stack([(x - width / 2) * depth / focal, (y - height / 2) * depth / focal, depth], axis=1)
        seen = there[good].astype(np.float64) + 0.5
        intrinsics = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
        done, rotation, translation, inliers = cv2.solvePnPRansac(
            points, seen, intrinsics, None, iterationsCount=80, reprojectionError=0.7, flags=cv2.SOLVEPNP_EPNP
        )
        if not done or inliers is None or len(inliers) < max(_MIN_INLIERS, good.sum() // 3):
            return None
        kept = inliers.ravel()
        rotation, translation = cv2.solvePnPRefineLM(points[kept], seen[kept], intrinsics, None, rotation, translation)
        now_from_before = np.eye(4)
        now_from_before[:3, :3] = cv2.Rodrigues(rotation)[0]
        now_from_before[:3, 3] = translation.ravel()
        step: F64 = _OPENCV_FROM_VIEW @ np.linalg.inv(now_from_before) @ _OPENCV_FROM_VIEW
        return step


def _followed(before: U8, now: U8) -> tuple[F32, F32]:
    """Corners of ``before`` and where they are in ``now``, ``[N, 2]`` each (x, y): found there and back again."""
    corners = cv2.goodFeaturesToTrack(before, _POINTS, 0.005, 6)
    if corners is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    follow: Any = cv2.calcOpticalFlowPyrLK
    there, found, _ = follow(before, now, corners, None, winSize=(17, 17), maxLevel=4)
    back, found_back, _ = follow(now, before, there, None, winSize=(17, 17), maxLevel=4)
    returned = np.abs(back - corners).max(axis=(1, 2)) < _RETURN_PX
    kept = returned & (found.ravel() == 1) & (found_back.ravel() == 1)
    return corners[kept, 0], there[kept, 0]
