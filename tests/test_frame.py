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
    matrix[3, :3] = 0.0
    with np.errstate(all="ignore"):
        upright = abs(np.linalg.det(matrix / np.linalg.norm(matrix, axis=0)))
    if 0.5e-9 < upright < 2e-9:
        return  # rounding decides
    if upright > 1e-9:
        assert np.array_equal(Camera(matrix * scale, np.eye(4)).view_from_world, matrix * scale)
    else:
        with pytest.raises(InvalidFrame, match="inverted"):
            Camera(matrix * scale, np.eye(4))


def test_a_view_by_columns_is_named_as_such():
    view = np.eye(4)
    view[:3, 3] = 1.0, 2.0, 3.0
    with pytest.raises(InvalidFrame, match=r"last row of view_from_world.*transpose"):
        Camera(view.T, np.eye(4))


def test_a_projection_along_plus_z_is_named_as_such():
    clip = Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=1.5).clip_from_view
    with pytest.raises(InvalidFrame, match=r"clip_from_view.*along -Z"):
        Camera(np.eye(4), clip @ np.diag([1.0, 1.0, -1.0, 1.0]))


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


@pytest.mark.parametrize("size", [(0, 6), (4, 0), (0, 0)])
def test_a_picture_has_pixels(size):
    with pytest.raises(InvalidFrame, match="no pixels"):
        Frame(0, colour(*size))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("color", [[0, 0, 0]]),
        ("depth_m", [[1.0]]),
        ("camera", np.eye(4)),
        ("jitter_px", (np.nan, 0.0)),
        ("jitter_px", (0.0, np.inf)),
        ("jitter_px", (1e30, 0.0)),
        ("jitter_px", 0.5),
        ("jitter_px", (0.0, 0.0, 0.0)),
        ("light_direction", (1.0, 0.0)),
        ("light_direction", (np.nan, 0.0, 1.0)),
    ],
)
def test_what_is_of_another_type_or_no_number_is_named(name, value):
    with pytest.raises(InvalidFrame, match=name):
        Frame(**{"frame_id": 1, "color": colour(), name: value})


def test_numpys_vectors_become_plain_ones():
    frame = Frame(1, colour(), jitter_px=np.float32([0.25, 0]), light_direction=np.array([0, 1, 0]))
    assert (frame.jitter_px, frame.light_direction) == ((0.25, 0.0), (0.0, 1.0, 0.0))
    assert Camera(np.eye(4), np.eye(4), world_origin_m=np.ones(3)).world_origin_m == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("origin", [(np.nan, 0.0, 0.0), (np.inf, 0.0, 0.0), (1e16, 0.0, 0.0), (0.0, 0.0), None])
def test_a_worlds_origin_is_a_place(origin):
    with pytest.raises(InvalidFrame, match="world_origin_m"):
        Camera(np.eye(4), np.eye(4), world_origin_m=origin)


@given(
    place=st.tuples(*[st.floats(-5e14, 5e14)] * 3),
    turn=st.tuples(*[st.floats(-3.0, 3.0)] * 3),
)
def test_a_rigid_pose_is_taken_wherever_it_stands(place, turn):
    a, b, c = turn
    pose = np.eye(4)
    pose[:3, :3] = (
        np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
        @ np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
        @ np.array([[1, 0, 0], [0, np.cos(c), -np.sin(c)], [0, np.sin(c), np.cos(c)]])
    )
    pose[:3, 3] = place
    camera = Camera.perspective(pose, fov_y_rad=1.0, aspect=1.5)
    assert np.allclose(camera.world_from_view[:3, 3], place, rtol=0, atol=1e-12 * max(1.0, *np.abs(place)))


@pytest.mark.parametrize("wrong", [1e-12, 1e12])
def test_a_view_that_scales_the_world_away_is_refused(wrong):
    with pytest.raises(InvalidFrame, match="scales the world"):
        Camera(np.diag([wrong, wrong, wrong, 1.0]), np.eye(4))


def test_a_view_beyond_all_places_is_refused():
    view = np.eye(4)
    view[0, 3] = 1e16
    with pytest.raises(InvalidFrame, match="from the origin"):
        Camera(view, np.eye(4))


@pytest.mark.parametrize(
    ("row", "column", "value"), [(0, 0, 1e-36), (1, 1, 1e-36), (0, 0, 1e36), (2, 3, 1e36), (0, 2, 1e8), (1, 3, 1e8)]
)
def test_a_projection_whose_rays_lead_out_of_all_bounds_is_refused(row, column, value):
    clip = Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=1.5).clip_from_view.copy()
    clip[0, 0] = clip[1, 1] = 0.01
    clip[row, column] = value
    with pytest.raises(InvalidFrame, match="clip_from_view"):
        Camera(np.eye(4), clip)


@pytest.mark.parametrize("fov_y_rad", [1e-6, 0.01, 1.0, 3.1, 3.14159])
@pytest.mark.parametrize("far_m", [10.0, 1e9, np.inf])
def test_a_projection_of_an_engine_is_taken(fov_y_rad, far_m):
    Camera.perspective(np.eye(4), fov_y_rad=fov_y_rad, aspect=2.0, near_m=1e-3, far_m=far_m)


@pytest.mark.parametrize("half_m", [0.01, 1.0, 1e4, 7e6])
def test_an_orthographic_projection_is_taken(half_m):
    clip = np.diag([1 / half_m, 1 / half_m, -2 / 1e5, 1.0])
    clip[:3, 3] = 0.3, -0.2, -1.0
    Camera(np.eye(4), clip)


@pytest.mark.parametrize(("near_m", "far_m"), [(np.nan, 1.0), (0.0, 1.0), (2.0, 1.0), (None, 1.0), (0.1, "far")])
def test_near_is_before_far(near_m, far_m):
    with pytest.raises(InvalidFrame, match="near"):
        Camera(np.eye(4), np.eye(4), near_m, far_m)


def test_a_camera_is_made_of_numbers():
    with pytest.raises(InvalidFrame, match="view_from_world"):
        Camera("camera", np.eye(4))
