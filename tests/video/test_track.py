"""The camera's path from depth and flow, against a path that is known."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np

from framegen.recording import read_frames, shipped_recording
from framegen.video.bars import NO_BARS
from framegen.video.track import CameraTracker

W, H, FOV_DEG = 320, 180, 60.0


def room(position: Any, yaw: float) -> tuple[Any, Any]:
    """Ray-traced: a textured box of 8 x 4 x 12 m seen from inside. Returns colour and depth."""
    focal = H / 2 / math.tan(math.radians(FOV_DEG) / 2)
    y, x = np.mgrid[:H, :W]
    rays = np.stack([(x + 0.5 - W / 2) / focal, -(y + 0.5 - H / 2) / focal, -np.ones((H, W))], -1)
    turn = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    rays = rays @ turn.T
    half = np.array([4.0, 2.0, 6.0])
    with np.errstate(divide="ignore"):
        reach = np.where(rays > 0, (half - position) / rays, (-half - position) / rays)
    depth = reach.min(-1)
    point = position + rays * depth[..., None]
    value = np.zeros((H, W))
    rng = np.random.default_rng(5)
    for _ in range(24):
        value += np.sin(point @ rng.normal(0, 4.0, 3) + rng.uniform(0, 6))
    grey = np.clip(128 + 18 * value, 0, 255).astype(np.uint8)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), depth.astype(np.float32)


def test_a_walk_with_a_turn_is_followed() -> None:
    tracker = CameraTracker.for_picture(W, H, FOV_DEG, NO_BARS)
    found = None
    for number in range(12):
        position, yaw = np.array([0.03 * number, 0.0, 2.0 - 0.08 * number]), math.radians(0.6 * number)
        found = tracker.next(*room(position, yaw))
        assert found is not None
    moved = np.array([0.03 * 11, 0, -0.08 * 11])
    pose = found.world_from_view
    assert np.linalg.norm(pose[:3, 3] - moved) < 0.05 * np.linalg.norm(moved)
    assert abs(math.degrees(math.atan2(pose[0, 2], pose[0, 0])) - 6.6) < 0.2


def test_a_cut_has_no_pose() -> None:
    tracker = CameraTracker.for_picture(W, H, FOV_DEG, NO_BARS)
    assert tracker.next(*room(np.zeros(3), 0.0)) is not None
    other, depth = room(np.array([1.0, 0.5, -3.0]), 2.5)
    assert tracker.next(255 - other[::-1].copy(), depth) is None


def test_the_town_is_followed_to_a_few_millimetres() -> None:
    """The shipped recording knows its true cameras, and people walk through the picture."""
    frames = list(read_frames(shipped_recording()))[:20]
    camera = frames[0].camera
    assert camera is not None
    tracker = CameraTracker(2 * math.atan(1 / camera.clip_from_view[1, 1]), 512 / 288)
    errors_m, errors_deg, steps_m = [], [], []
    before = None
    for frame in frames:
        assert frame.depth_m is not None and frame.camera is not None
        found = tracker.next(frame.color[..., :3], frame.depth_m.astype(np.float32))
        assert found is not None
        now = frame.camera.world_from_view, found.world_from_view
        if before is not None:
            true, guess = (np.linalg.inv(a) @ b for a, b in zip(before, now, strict=True))
            miss = np.linalg.inv(true) @ guess
            steps_m.append(np.linalg.norm(true[:3, 3]))
            errors_m.append(np.linalg.norm(miss[:3, 3]))
            errors_deg.append(math.degrees(math.acos(min(1.0, (np.trace(miss[:3, :3]) - 1) / 2))))
        before = now
    assert np.median(errors_m) < 0.02 * np.median(steps_m) and max(errors_m) < 0.1 * np.median(steps_m)
    assert np.median(errors_deg) < 0.03 and max(errors_deg) < 0.1
