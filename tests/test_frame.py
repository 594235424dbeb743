"""What a frame and its camera refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from framegen.errors import InvalidFrame
from framegen.frame import Camera, Frame


def colour(height: int = 4, width: int = 6) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


@given(
    matrix=hnp.arrays(np.float64, (4, 4), elements=st.integers(-20, 20).map(lambda n: n / 4)),
    scale=hnp.arrays(np.float64, (1, 4), elements=st.sampled_from([1e-6, 1.0, 1e6])),
)
def test_a_camera_is_taken_where_its_directions_span_space_whatever_their_lengths(matrix, scale):
    with np.errstate(all="ignore"):
        upright = abs(np.linalg.det(matrix / np.linalg.norm(matrix, axis=0)))
    if 0.5e-9 < upright < 2e-9:
        return  # rounding decides
    if upright > 1e-9:
        assert np.array_equal(Camera(matrix * scale, np.eye(4)).view_from_world, matrix * scale)
    else:
        with pytest.raises(InvalidFrame, match="inverted"):
            Camera(matrix * scale, np.eye(4))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_camera_holds_finite_numbers(bad):
    matrix = np.eye(4)
    matrix[1, 3] = bad
    with pytest.raises(InvalidFrame, match="finite"):
        Camera(np.eye(4), matrix)


@pytest.mark.parametrize(
    ("name", "plane", "said"),
    [
        ("depth_m", np.zeros((4, 6)), "depth_m must be float16 or float32 .*not float64"),
        ("motion_px", np.zeros((4, 6), np.float16), "motion_px must be float16 or float32 .*2.*not float16"),
        ("label", np.zeros((4, 5), np.uint8), "label must be uint8"),
    ],
)
def test_a_plane_of_another_kind_or_size_is_named(name, plane, said):
    with pytest.raises(InvalidFrame, match=said):
        Frame(0, colour(), **{name: plane})


def test_planes_of_either_byte_order_are_taken():
    assert Frame(0, colour(), depth_m=np.ones((4, 6), ">f2")).depth_m is not None


def test_light_is_a_unit_vector():
    with pytest.raises(InvalidFrame, match="unit vector"):
        Frame(0, colour(), light_direction=(1.0, 1.0, 0.0))


def test_numpys_integers_and_flags_become_plain_ones():
    frame = Frame(np.uint64(3), colour(), np.int64(7), motion_from_frame_id=np.int32(2), reset=np.bool_(True))
    kinds = [type(value) for value in (frame.frame_id, frame.timestamp_ns, frame.motion_from_frame_id, frame.reset)]
    assert kinds == [int, int, int, bool]
    assert (frame.frame_id, frame.timestamp_ns, frame.motion_from_frame_id, frame.reset) == (3, 7, 2, True)


@pytest.mark.parametrize(
    "fields", [{"frame_id": 1.0}, {"timestamp_ns": 0.5}, {"timestamp_ns": 1 << 63}, {"motion_from_frame_id": -1}]
)
def test_ids_and_times_are_integers_in_their_range(fields):
    with pytest.raises(InvalidFrame, match=next(iter(fields))):
        Frame(**{"frame_id": 1, "color": colour(), **fields})
