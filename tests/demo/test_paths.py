from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from framegen.demo.paths import ClosedPath, Travellers, look_along, rounded_rectangle


def test_a_path_closes_and_keeps_its_pace() -> None:
    path = ClosedPath(rounded_rectangle(-20, -10, 20, 10, 4.0))
    assert 105 < path.length_m < 116  # 2 * (40 + 20) less the corners
    np.testing.assert_allclose(path.position(0.0), path.position(path.length_m), atol=1e-9)
    steps = np.stack([path.position(d) for d in np.arange(0, path.length_m, 0.1)])
    pace = np.linalg.norm(np.diff(steps, axis=0), axis=1) / 0.1
    assert pace.min() > 0.95 and pace.max() < 1.05


def test_clockwise_is_the_other_way_around() -> None:
    def turned(clockwise: bool) -> float:
        points = rounded_rectangle(-5, -5, 5, 5, 1.0, clockwise=clockwise)[:, :2]
        following = np.roll(points, -1, axis=0)
        return float(np.sum(points[:, 0] * following[:, 1] - points[:, 1] * following[:, 0]))

    assert turned(False) > 0 > turned(True)


def test_travellers_agree_with_walking_alone() -> None:
    paths = [ClosedPath(rounded_rectangle(-9, -9, 9, 9, 2.0)), ClosedPath(rounded_rectangle(0, 0, 30, 5, 1.0))]
    both = Travellers(paths, [2.0, -1.0], [3.0, 4.0])
    np.testing.assert_allclose(both.positions(5.0)[0], paths[0].position(13.0))
    np.testing.assert_allclose(both.positions(5.0)[1], paths[1].position(-1.0))


@given(yaw=st.floats(-6, 6), pitch=st.floats(-1.4, 1.4))
def test_a_camera_looks_where_it_is_told(yaw: float, pitch: float) -> None:
    pose = look_along((1, 2, 3), yaw, pitch)
    np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.isclose(np.linalg.det(pose[:3, :3]), 1.0)
    forward = -pose[:3, 2]
    np.testing.assert_allclose(
        forward, (np.cos(pitch) * np.cos(yaw), np.cos(pitch) * np.sin(yaw), np.sin(pitch)), atol=1e-12
    )
    assert pose[2, 1] > 0, "the head stays up"
    assert abs(pose[2, 0]) < 1e-12, "the horizon stays level"
