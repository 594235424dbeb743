"""Frames for the bench keep their meaning at another size."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from framegen.bench import frames as bench_frames
from framegen.bench.frames import endless, prepare, resize
from framegen.frame import Camera, Frame


def sample(width: int = 32, height: int = 18) -> Frame:
    rng = np.random.default_rng(3)
    depth = np.full((height, width), np.inf, np.float16)
    depth[height // 2 :] = 4.0
    return Frame(
        frame_id=7,
        color=rng.integers(0, 256, (height, width, 3), dtype=np.uint8),
        depth_m=depth,
        motion_px=np.full((height, width, 2), (2.0, -1.0), np.float16),
        label=(np.arange(height * width) % 5).reshape(height, width).astype(np.uint8),
        camera=Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=width / height),
        jitter_px=(0.25, -0.5),
    )


@pytest.mark.parametrize(("width", "height"), [(64, 36), (33, 19), (16, 9)])
def test_planes_follow_the_size_and_motion_its_unit(width: int, height: int) -> None:
    frame = sample()
    scaled = resize(frame, width, height)
    assert scaled.color.shape == (height, width, 3)
    assert scaled.depth_m is not None and scaled.motion_px is not None and scaled.label is not None
    assert set(np.unique(scaled.depth_m)) == {np.float16(4.0), np.float16(np.inf)}, "no depth between sky and ground"
    assert scaled.motion_px.dtype == np.float16
    np.testing.assert_allclose(scaled.motion_px[0, 0], (2.0 * width / 32, -1.0 * height / 18), rtol=1e-3)
    assert set(np.unique(scaled.label)) <= set(range(5))
    assert scaled.camera is frame.camera
    assert scaled.jitter_px == pytest.approx((0.25 * width / 32, -0.5 * height / 18))


def test_own_size_is_untouched() -> None:
    frame = sample()
    assert resize(frame, 32, 18) is frame


def test_prepare_holds_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = sample()
    one = sum(plane.nbytes for plane in (frame.color, frame.depth_m, frame.motion_px, frame.label) if plane is not None)
    monkeypatch.setattr(bench_frames, "MAX_BYTES", 3 * one)
    assert len(prepare([frame] * 10, 32, 18)) == 3
    monkeypatch.setattr(bench_frames, "MAX_BYTES", 1)
    assert len(prepare([frame] * 10, 32, 18)) == 1


def test_endless_counts_on_and_cuts_where_it_begins_again() -> None:
    looped = list(itertools.islice(endless([sample(), sample()], first_id=5), 5))
    assert [frame.frame_id for frame in looped] == [5, 6, 7, 8, 9]
    assert [frame.reset for frame in looped] == [True, False, True, False, True]
