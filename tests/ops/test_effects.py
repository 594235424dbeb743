"""Stars, rain and snow are drawn into results at their full size, whatever the model's was."""

from __future__ import annotations

import dataclasses
import tracemalloc

import cv2
import numpy as np
import pytest

from framegen.config import Settings
from framegen.frame import F32, U8, Camera, Frame
from framegen.ops.effects import NO_EFFECTS, Effects, drawn
from framegen.ops.finish import finish
from framegen.ops.night_sky import NightSky

STARS = NightSky(1.0, 0.0, (0.0, 0.6, -0.8))
OPEN = np.ones((18, 32), np.float32)
RAIN = Effects(drops=1.0, sky=np.full(3, 0.8, np.float32))
SNOW = Effects(flakes=1.0, sky=np.ones(3, np.float32))
NIGHT = Effects(night=STARS, open_sky=OPEN)


def frame_of(width: int, height: int, seconds: float = 4.0, depth: bool = True, camera: bool = True) -> Frame:
    """Looks up: sky above, ground from the middle down."""
    depth_m = np.full((height, width), np.inf, np.float16)
    depth_m[height // 2 :] = 6.0
    c, s = np.cos(0.3), np.sin(0.3)
    pose = np.eye(4)
    pose[:3, :3] = [[1, 0, 0], [0, c, -s], [0, s, c]]
    return Frame(
        1,
        np.full((height, width, 3), 90, np.uint8),
        timestamp_ns=int(seconds * 1e9),
        depth_m=depth_m if depth else None,
        camera=Camera.perspective(pose, fov_y_rad=1.0, aspect=width / height) if camera else None,
    )


def plain(width: int, height: int) -> U8:
    return np.full((height, width, 3), 40, np.uint8)


def test_no_effects_are_no_work() -> None:
    picture = plain(128, 72)
    assert drawn(picture, frame_of(128, 72), NO_EFFECTS) is picture
    assert drawn(picture, frame_of(128, 72), dataclasses.replace(RAIN, share=0.0)) is picture
    assert not NO_EFFECTS.fall and not NIGHT.fall and RAIN.fall


@pytest.mark.filterwarnings("error")
def test_in_a_single_line_and_without_perspective_there_is_nothing_to_see() -> None:
    everything = dataclasses.replace(RAIN, flakes=1.0, night=dataclasses.replace(STARS, moon=1.0), open_sky=OPEN)
    for size in ((1, 1), (1, 50), (50, 1)):
        for camera in (True, False):
            picture = plain(*size)
            assert drawn(picture, frame_of(*size, camera=camera), everything) is picture
    above = Camera(np.eye(4), np.diag([0.1, 0.2, -0.01, 1.0]), 0.1, 100.0)
    picture = plain(128, 72)
    assert drawn(picture, dataclasses.replace(frame_of(128, 72), camera=above), everything) is picture, "without a copy"
    drawn(plain(2, 2), frame_of(2, 2), everything)


@pytest.mark.parametrize("size", [(128, 72), (640, 360), (1280, 720)])
@pytest.mark.parametrize("effects", [RAIN, NIGHT, SNOW])
def test_at_every_size_something_is_drawn_and_not_too_much(size: tuple[int, int], effects: Effects) -> None:
    picture = plain(*size)
    out = drawn(picture, frame_of(*size), effects)
    assert (picture == 40).all() and out.shape == picture.shape
    changed = np.abs(out.astype(int) - 40).max(-1)
    assert 0.0005 < (changed > 8).mean() < 0.3


@pytest.mark.parametrize("size", [(640, 360), (1280, 720)])
@pytest.mark.parametrize("effects", [RAIN, NIGHT, SNOW])
def test_what_is_drawn_is_sharper_than_what_is_enlarged(size: tuple[int, int], effects: Effects) -> None:
    sharp = drawn(plain(*size), frame_of(*size), effects)
    small = drawn(plain(320, 180), frame_of(320, 180), effects)
    soft = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    steepest = [np.abs(np.diff(picture[: size[1] // 2].astype(int), axis=1)).max() for picture in (sharp, soft)]
    assert steepest[0] > 1.7 * steepest[1]


def test_a_result_of_another_size_than_its_frame_has_them_too() -> None:
    frame = frame_of(640, 360)
    for size in ((320, 180), (960, 540), (300, 300)):
        out = drawn(plain(*size), frame, NIGHT)
        half = size[1] // 2
        assert (out[:half] > 60).any() and (out[half + 1 :] == 40).all()


def test_what_is_drawn_has_the_jitter_of_the_frames_colour() -> None:
    """A client's antialiasing moves the picture back by it."""
    frame = dataclasses.replace(frame_of(320, 180), jitter_px=(2.0, 1.0))
    still, moved = (drawn(plain(320, 180), f, NIGHT) for f in (frame_of(320, 180), frame))
    assert np.abs(moved[3:80, 4:-4].astype(int) - still[2:79, 2:-6]).max() <= 1
    assert (moved != still).any()
    np.testing.assert_array_equal(drawn(plain(320, 180), dataclasses.replace(frame, color_resolved=True), NIGHT), still)


def test_without_depth_it_rains_before_everything_and_no_stars_are_seen() -> None:
    for camera in (True, False):
        flat = frame_of(320, 180, depth=False, camera=camera)
        rain = drawn(plain(320, 180), flat, RAIN)
        assert (rain[:90] != 40).any() and (rain[90:] != 40).any()
        np.testing.assert_array_equal(drawn(plain(320, 180), flat, NIGHT), plain(320, 180))
    later = drawn(plain(320, 180), frame_of(320, 180, 4.05, depth=False, camera=False), RAIN)
    assert (later != rain).any()


def test_drops_have_the_light_of_the_sky_and_of_lamps() -> None:
    def brightest(sky: float, scene: int) -> int:
        picture = np.full((180, 320, 3), scene, np.uint8)
        effects = dataclasses.replace(RAIN, sky=np.full(3, sky, np.float32))
        return int(drawn(picture, frame_of(320, 180), effects).max())

    assert brightest(0.8, 40) > brightest(0.2, 40) > 40
    assert brightest(0.0, 120) > 120, "in a lit street they are as bright as it"


def test_results_are_finished_with_them_before_intensity() -> None:
    frame = frame_of(320, 180)
    whole = finish(frame, plain(320, 180), Settings(), effects=RAIN)
    np.testing.assert_array_equal(whole, drawn(plain(320, 180), frame, RAIN))
    none = finish(frame, plain(320, 180), Settings(intensity=0.0), effects=RAIN)
    np.testing.assert_array_equal(none, frame.color)


@pytest.mark.parametrize("effects", [RAIN, NIGHT])
def test_depth_from_the_wire_is_read_where_it_is(effects: Effects) -> None:
    """Such planes are read-only."""
    frame, picture, peaks = frame_of(640, 360), plain(640, 360), []
    assert frame.depth_m is not None
    whole = frame.depth_m.astype(np.float32)
    for writable in (True, False):
        depth_m = whole.copy()
        depth_m.setflags(write=writable)
        given = dataclasses.replace(frame, depth_m=depth_m)
        drawn(picture, given, effects)
        tracemalloc.start()
        try:
            drawn(picture, given, effects)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert abs(peaks[1] - peaks[0]) < 0.1 * whole.nbytes


def test_half_as_wide_depth_means_the_same() -> None:
    frame = frame_of(320, 180)
    assert frame.depth_m is not None and frame.depth_m.dtype == np.float16
    single = dataclasses.replace(frame, depth_m=frame.depth_m.astype(np.float32))
    for effects in (RAIN, NIGHT):
        np.testing.assert_array_equal(*(drawn(plain(320, 180), f, effects) for f in (frame, single)))


def test_odd_depth_does_no_harm() -> None:
    frame = frame_of(320, 180)
    odd: F32 = np.full((180, 320), np.nan, np.float32)
    odd[:50], odd[50:100] = -3.0, 0.0
    out = drawn(
        plain(320, 180), dataclasses.replace(frame, depth_m=odd), dataclasses.replace(RAIN, night=STARS, open_sky=OPEN)
    )
    assert (out != 40).any()
