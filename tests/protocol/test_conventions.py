"""The formulas of ``protocol/CONVENTIONS.md``, one engine's convention after the other, against a plain projection."""

from __future__ import annotations

import numpy as np
import pytest

from framegen import Camera

W, H = 512, 288
NEAR, FAR = 0.25, 400.0
DEPTHS = np.array([0.25, 0.3, 1.0, 7.5, 60.0, 399.0])
CAMERA = Camera.perspective(np.eye(4), fov_y_rad=1.1, aspect=W / H, near_m=NEAR, far_m=FAR)


def reversed_z(projection, flip_y=False):
    """OpenGL's matrix as Vulkan-style engines use it: z in 1..0, y flipped on demand."""
    change = np.diag([1.0, -1.0 if flip_y else 1.0, -0.5, 1.0])
    change[2, 3] = 0.5
    return change @ projection


def ndc_z(projection, depth):
    """What a depth buffer holds at a distance along the axis."""
    clip = projection @ np.stack([0 * depth, 0 * depth, -depth, np.ones_like(depth)])
    return clip[2] / clip[3]


def from_any(p, d):
    """The general formula."""
    return -(p[2][3] - d * p[3][3]) / (d * p[3][2] - p[2][2])


def orthographic():
    p = np.diag([0.02, 0.03, -2.0 / (FAR - NEAR), 1.0])
    p[2, 3] = -(FAR + NEAR) / (FAR - NEAR)
    return p


@pytest.mark.parametrize("p", [CAMERA.clip_from_view, orthographic(), reversed_z(CAMERA.clip_from_view)])
def test_depth_from_any_projection(p):
    np.testing.assert_allclose(from_any(p, ndc_z(p, DEPTHS)), DEPTHS, rtol=1e-9)


def test_depth_from_an_opengl_buffer():
    p = CAMERA.clip_from_view
    v = 0.5 + 0.5 * ndc_z(p, DEPTHS)
    np.testing.assert_allclose(p[2][3] / ((2 * v - 1) + p[2][2]), DEPTHS, rtol=1e-9)


def test_depth_in_godot():
    p = reversed_z(CAMERA.clip_from_view, flip_y=True)
    v = ndc_z(p, DEPTHS)
    assert (np.diff(v) < 0).all() and v[0] == pytest.approx(1.0)
    w_z, z_z = p[2][3], p[2][2]  # Projection holds columns: P.w.z is row z of column w
    np.testing.assert_allclose(w_z / (v + z_z), DEPTHS, rtol=1e-9)


def test_depth_in_unity():
    v = ndc_z(reversed_z(CAMERA.clip_from_view), DEPTHS)
    x, y = FAR / NEAR - 1.0, 1.0  # _ZBufferParams where Z is reversed
    np.testing.assert_allclose(1.0 / (x / FAR * v + y / FAR), DEPTHS, rtol=1e-9)
    v = 1.0 - ndc_z(reversed_z(orthographic()), DEPTHS)
    np.testing.assert_allclose(NEAR + (FAR - NEAR) * v, DEPTHS, rtol=1e-9)


def test_depth_from_distance_along_the_ray():
    ray = np.array([0.3, -0.2, -1.0]) / np.linalg.norm([0.3, -0.2, -1.0])
    t = 12.0
    assert t * -ray[2] == pytest.approx(-(t * ray)[2])


def uv(ndc, *, down):
    """Texture coordinates, y up or down."""
    return np.array([0.5 + 0.5 * ndc[0], (0.5 - 0.5 * ndc[1]) if down else (0.5 + 0.5 * ndc[1])])


def test_motion_of_every_engine_is_the_same_motion():
    now, before = np.array([0.31, -0.22]), np.array([0.28, 0.11])
    wanted = (uv(before, down=True) - uv(now, down=True)) * (W, H)
    godot = uv(before, down=True) - uv(now, down=True)
    unity = uv(now, down=False) - uv(before, down=False)
    screen = now - before
    for motion in (
        (godot[0] * W, godot[1] * H),
        (-unity[0] * W, unity[1] * H),
        (-screen[0] * W / 2, screen[1] * H / 2),
    ):
        np.testing.assert_allclose(motion, wanted, rtol=1e-12)


def pixel(clip_from_view, view_from_world, point):
    clip = clip_from_view @ view_from_world @ np.append(point, 1.0)
    ndc = clip[:2] / clip[3]
    return np.array([(0.5 + 0.5 * ndc[0]) * W, (0.5 - 0.5 * ndc[1]) * H])


def test_jitter_moves_the_picture_by_itself():
    jitter = np.array([0.25, -0.375])
    shift = np.eye(4)
    shift[0, 3], shift[1, 3] = 2 * jitter[0] / W, -2 * jitter[1] / H
    point = np.array([1.0, 2.0, -9.0])
    plain, moved = (pixel(p, np.eye(4), point) for p in (CAMERA.clip_from_view, shift @ CAMERA.clip_from_view))
    np.testing.assert_allclose(moved - plain, jitter, atol=1e-9)


def look_at(eye, target, up):
    """View matrix of a right-handed camera that looks along -Z (OpenGL's, and Unity's worldToCameraMatrix)."""
    back = (eye - target) / np.linalg.norm(eye - target)
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    view = np.eye(4)
    view[:3, :3] = right, np.cross(back, right), back
    view[:3, 3] = -view[:3, :3] @ eye
    return view


def test_a_point_of_unity_comes_out_where_unity_shows_it():
    # Unity: left-handed world. The camera at the origin looks along +Z with +X on its right.
    camera = np.diag([1.0, 1.0, -1.0, 1.0])  # its worldToCameraMatrix
    point = np.array([2.0, 1.0, 10.0])
    sent = camera @ np.diag([1.0, 1.0, -1.0, 1.0])
    assert np.linalg.det(sent[:3, :3]) == pytest.approx(1.0)
    shown = pixel(CAMERA.clip_from_view, sent, point * [1, 1, -1])
    np.testing.assert_allclose(shown, pixel(CAMERA.clip_from_view, camera, point))
    assert shown[0] > W / 2 and shown[1] < H / 2


def test_a_world_with_z_up_is_turned_not_mirrored():
    turn = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])  # (x, y, z) -> (x, z, -y)
    assert np.linalg.det(turn) == pytest.approx(1.0)
    eye, target, point = np.array([1.0, -5.0, 2.0]), np.array([1.5, 9.0, 2.5]), np.array([3.0, 4.0, 3.5])
    there = pixel(CAMERA.clip_from_view, look_at(eye, target, np.array([0, 0, 1.0])), point)
    here = pixel(CAMERA.clip_from_view, look_at(turn @ eye, turn @ target, np.array([0, 1.0, 0])), turn @ point)
    np.testing.assert_allclose(here, there)
    np.testing.assert_array_equal(turn @ [0, 1.0, 0], [0, 0, -1.0])  # forward in Panda3D is forward here


def test_the_infinite_far_plane_is_the_documented_matrix():
    camera = Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=1.0, near_m=0.5)
    assert (camera.clip_from_view[2, 2], camera.clip_from_view[2, 3]) == (-1.0, -1.0)


def pose(step):
    """Place and axes (right, up, back) of a camera that walks and turns."""
    yaw, pitch = 0.4 + 0.02 * step, -0.1 - 0.01 * step
    right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    back = np.array([np.sin(yaw) * np.cos(pitch), -np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    return np.array([3.0 + 0.1 * step, 1.7, -5.0 - 0.2 * step]), np.array([right, np.cross(back, right), back])


def from_place_and_axes(place, axes):
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = axes, -axes @ place
    return view


def test_a_camera_from_place_and_axes():
    place, axes = pose(1)
    world_from_view = np.eye(4)
    world_from_view[:3, :3], world_from_view[:3, 3] = axes.T, place
    np.testing.assert_allclose(from_place_and_axes(place, axes), np.linalg.inv(world_from_view), atol=1e-12)
    across = 2.0 * np.arctan(np.tan(1.1 / 2.0) * W / H)
    for f in (1.0 / np.tan(1.1 / 2.0), (W / H) / np.tan(across / 2.0)):
        clip = np.zeros((4, 4))
        clip[0, 0], clip[1, 1], clip[3, 2] = f * H / W, f, -1.0
        clip[2, 2:] = (FAR + NEAR) / (NEAR - FAR), 2.0 * FAR * NEAR / (NEAR - FAR)
        np.testing.assert_allclose(clip, CAMERA.clip_from_view, rtol=1e-12)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("depth", ["to w", "reversed"])
@pytest.mark.parametrize("y_down", [False, True])
@pytest.mark.parametrize("left_handed", [False, True])
def test_a_projection_of_another_convention(transposed, depth, y_down, left_handed):
    wanted = CAMERA.clip_from_view
    change = np.diag([1.0, -1.0 if y_down else 1.0, 0.5 if depth == "to w" else -0.5, 1.0])
    change[2, 3] = 0.5
    p = change @ wanted @ np.diag([1.0, 1.0, -1.0 if left_handed else 1.0, 1.0])
    if transposed:
        p = p.T
    # the table of CONVENTIONS.md, row by row
    if transposed:
        p = p.T.copy()
    p[2] = 2.0 * p[2] - p[3] if depth == "to w" else p[3] - 2.0 * p[2]
    if y_down:
        p[1] = -p[1]
    if left_handed:
        p[:, 2] = -p[:, 2]
    np.testing.assert_allclose(p, wanted, atol=1e-12)


def disagreement(depth, motion, view, before, p):
    """The check of "Before the first picture", pixel by pixel."""
    y, x = np.mgrid[0:H:16, 0:W:16] + 0.5
    ndc_x, ndc_y = 2 * x / W - 1, 1 - 2 * y / H
    seen = [(ndc_x + p[0][2]) * depth / p[0][0], (ndc_y + p[1][2]) * depth / p[1][1], -depth, np.ones_like(depth)]
    clip = np.einsum("ij,jyx->iyx", p @ before @ np.linalg.inv(view), np.stack(seen))
    previous = (0.5 + 0.5 * clip[0] / clip[3]) * W, (0.5 - 0.5 * clip[1] / clip[3]) * H
    return np.hypot(x + motion[0] - previous[0], y + motion[1] - previous[1])


def test_the_check_before_the_first_picture_sees_what_a_server_cannot():
    p = CAMERA.clip_from_view.copy()
    p[0, 2], p[1, 2] = 0.1, -0.2  # off-centre
    before, view = (from_place_and_axes(*pose(step)) for step in (0, 1))
    y, x = np.mgrid[0:H:16, 0:W:16] + 0.5
    on_screen = np.stack([2 * x / W - 1, 1 - 2 * y / H, 0 * x, 1 + 0 * x])
    point = np.einsum("ij,jyx->iyx", np.linalg.inv(p @ view), on_screen)
    place = pose(1)[0][:, None, None]
    ray = point[:3] / point[3] - place
    world = place + ray * (2.0 + x / 20.0) / np.linalg.norm(ray, axis=0)
    hit = np.concatenate([world, np.ones_like(world[:1])])
    depth = -np.einsum("ij,jyx->iyx", view, hit)[2]
    clip = np.einsum("ij,jyx->iyx", p @ before, hit)
    motion = np.stack([(0.5 + 0.5 * clip[0] / clip[3]) * W - x, (0.5 - 0.5 * clip[1] / clip[3]) * H - y])
    assert disagreement(depth, motion, view, before, p).max() < 1e-6
    size = np.median(np.hypot(*motion))
    assert np.median(disagreement(depth, -motion, view, before, p)) == pytest.approx(2 * size)
    for wrong in (
        (depth, motion * [[[1]], [[-1]]], view, before, p),
        (100 * depth, motion, view, before, p),
        (np.linalg.norm(world - place, axis=0), motion, view, before, p),
        (depth, motion, np.linalg.inv(view), np.linalg.inv(before), p),
        (depth, motion, view, before, p @ np.diag([1, 1, -1, 1])),
    ):
        assert np.median(disagreement(*wrong)) > 0.05
