"""The town: the same from the same seed, wide awake, and nobody drives into anybody."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framegen.demo.life import CAR_PERIOD_S
from framegen.demo.materials import LABELS
from framegen.demo.panda import OpenGLMissing
from framegen.demo.scene import FINE_DETAIL_M, Scene, Visibility, hidden
from framegen.demo.sources import RenderedSource
from framegen.demo.town import CAMERA_SPEED_MPS, build_town

CARS = 10


@pytest.fixture(scope="module")
def town() -> Scene:
    return build_town()


def test_the_same_seed_gives_the_same_town(town: Scene) -> None:
    again = build_town()
    assert len(again.clusters) == len(town.clusters)
    for a, b in zip(town.clusters, again.clusters, strict=True):
        assert np.array_equal(a.mesh.positions, b.mesh.positions)
        assert np.array_equal(a.mesh.colors, b.mesh.colors)
    assert np.array_equal(town.poses(12.3), again.poses(12.3))
    other = build_town(seed=5)
    assert sum(len(c.mesh.triangles) for c in other.clusters) != sum(len(c.mesh.triangles) for c in town.clusters)


def test_every_pose_is_a_turn_and_a_move(town: Scene) -> None:
    poses = town.poses(7.7)
    assert poses.shape == (len(town.movers), 4, 4)
    turns = poses[:, :3, :3]
    np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1), np.broadcast_to(np.eye(3), turns.shape), atol=1e-9)
    assert np.allclose(np.linalg.det(turns), 1.0)


def test_cars_keep_apart_and_return(town: Scene) -> None:
    for seconds in np.arange(0.0, CAR_PERIOD_S, 0.5):
        places = town.poses(float(seconds))[:CARS, :2, 3]
        apart = np.linalg.norm(places[:, None] - places[None], axis=-1) + 100 * np.eye(CARS)
        assert apart.min() > 5.5
    np.testing.assert_allclose(town.poses(CAR_PERIOD_S)[:CARS], town.poses(0.0)[:CARS], atol=1e-6)


def test_movers_move_steadily(town: Scene) -> None:
    """No jump between frames, at any place of the way."""
    times = np.arange(0.0, 40.0, 1 / 30)
    places = np.stack([town.poses(float(t))[:, :3, 3] for t in times[:300]])
    step = np.linalg.norm(np.diff(places, axis=0), axis=-1)
    assert step.max() < 0.5
    heads = np.stack([town.poses(float(t))[:, :2, 0] for t in times[:300]])
    assert np.linalg.norm(np.diff(heads, axis=0), axis=-1).max() < 0.25


def test_the_camera_travels_at_its_pace(town: Scene) -> None:
    eyes = np.stack([town.camera(t)[:3, 3] for t in np.arange(0.0, 53.0, 0.1)])
    pace = np.linalg.norm(np.diff(eyes, axis=0), axis=-1) / 0.1
    assert pace.min() > 0.9 * CAMERA_SPEED_MPS and pace.max() < 1.1 * CAMERA_SPEED_MPS
    assert eyes[:, 2].min() > 1.5


def test_what_turns_its_back_is_left_out_and_nothing_else(town: Scene) -> None:
    """Leaving out clusters must not change a pixel: only those whose every face looks away are left out."""
    eye = town.camera(20.0)[:3, 3]
    mask = Visibility(town.clusters, town.occluders).mask(eye, np.zeros((0, 4, 4)))
    assert 0.2 < mask.mean() < 0.9
    for cluster, visible in zip(town.clusters, mask, strict=True):
        if visible:
            continue
        corners = cluster.mesh.positions[cluster.mesh.triangles].astype(np.float64)
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        turned_away = np.sum(normals * (eye - corners[:, 0]), axis=1).max() <= 1e-4
        nearest = np.maximum(0, np.maximum(cluster.low - eye, eye - cluster.high))
        far_detail = cluster.fine and np.linalg.norm(nearest) >= FINE_DETAIL_M
        assert turned_away or far_detail


def test_what_hides_behind_houses_is_not_missed(town: Scene) -> None:
    """Pictures with and without what the occluders hide are the same (but for light that falls through a seam)."""
    views = {}
    for name, scene in (("some", town), ("all", replace(town, occluders=np.zeros((0, 2, 3))))):
        try:
            source = RenderedSource(scene, "town", 256, 144)
        except OpenGLMissing as missing:
            pytest.skip(f"needs OpenGL: run .ci/tools, or {missing.hint}")
        views[name] = [source.step(2.9).color.copy() for _ in range(18)]
        source.close()
    for some, every in zip(views["some"], views["all"], strict=True):
        assert np.any(some != every, axis=-1).sum() <= 2


@given(
    eye=st.tuples(st.floats(-30, 30), st.floats(-30, 30), st.floats(0.5, 6)),
    low=st.tuples(st.floats(-60, 60), st.floats(-60, 60), st.floats(0, 8)),
    size=st.tuples(st.floats(0, 9), st.floats(0, 9), st.floats(0, 9)),
)
def test_every_ray_to_a_hidden_box_meets_the_occluder(
    eye: tuple[float, float, float], low: tuple[float, float, float], size: tuple[float, float, float]
) -> None:
    box = np.array([[(-7.0, -5.0, 0.0), (9.0, 6.0, 7.0)]])
    near, far = np.array(low), np.array(low) + size
    shadows = Visibility([], box).shadows(np.array(eye))
    if not hidden(shadows, near[None], far[None])[0]:
        return
    for share in itertools.product((0.0, 0.5, 1.0), repeat=3):
        ray = near + (far - near) * share - eye
        with np.errstate(divide="ignore", invalid="ignore"):
            enter, leave = np.sort((box[0] - eye) / ray, axis=0)
        assert np.nanmax(enter) <= np.nanmin(leave) + 1e-9 and np.nanmax(enter) <= 1.0


def test_some_boxes_are_hidden() -> None:
    box = np.array([[(-10.0, 10.0, 0.0), (10.0, 30.0, 7.0)]])
    seen_from = Visibility([], box)
    behind = np.array([[-2.0, 40.0, 0.0]]), np.array([[2.0, 42.0, 3.0]])
    assert hidden(seen_from.shadows(np.array((0.0, 0.0, 2.0))), *behind)[0]
    assert not hidden(seen_from.shadows(np.array((0.0, 0.0, 8.0))), *behind)[0], "from above the walls"
    assert not hidden(seen_from.shadows(np.array((0.0, 20.0, 2.0))), *behind)[0], "from inside"
    assert not hidden(seen_from.shadows(np.array((0.0, 60.0, 2.0))), *behind)[0], "from the other side"


def test_a_drive_through_the_town(town: Scene) -> None:
    """Motion is lively, labels are many, the camera runs into nothing, and the same steps give the same frames."""
    try:
        source = RenderedSource(town, "town", 512, 288)
    except OpenGLMissing as missing:
        pytest.skip(f"needs OpenGL: run .ci/tools, or {missing.hint}")
    medians, labels, nearest, own = [], set(), [], 0
    source.step(0.0)
    for _ in range(26):
        source.step(2.0 - 1 / 30)
        frame = source.step(1 / 30)
        assert frame.motion_px is not None and frame.depth_m is not None and frame.label is not None
        medians.append(np.median(np.linalg.norm(frame.motion_px, axis=-1)))
        labels |= set(np.unique(frame.label))
        nearest.append(np.quantile(frame.depth_m, 0.02))
        own += int((frame.label == LABELS.index("person")).any())
    assert np.median(medians) >= 4.0
    assert len(labels) >= 18
    assert min(nearest) > 0.4
    assert own >= 13, "people are about in most views"
    source.close()

    again = RenderedSource(town, "town", 256, 144)
    for _ in range(3):
        last = again.step(1 / 30)
    twin = RenderedSource(town, "town", 256, 144)
    for _ in range(3):
        same = twin.step(1 / 30)
    assert last.depth_m is not None and same.depth_m is not None
    assert np.array_equal(last.color, same.color) and np.array_equal(last.depth_m, same.depth_m)
    assert last.frame_id == 3 and last.motion_from_frame_id == 2 and not last.reset
    twin.close()
    again.close()
