"""Which motion is used, and how the vectors of dropped frames are composed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fake_engine import FakeEngine
from moving_scene import Scene, pose

from framegen.config import Settings
from framegen.frame import Camera, Frame
from framegen.ops import temporal_reference as reference
from framegen.ops.cells import sample
from framegen.ops.fit import plan, to_model
from framegen.restyle import start, step
from framegen.temporal.geometry import LOST_PX, Grid
from framegen.temporal.memory import Memory
from framegen.temporal.motion import CellMotion, cell_motion, compose_motion, merge_superseded

GRID = Grid(128, 72, 4)


def remembered(frame: Frame) -> Memory:
    engine = FakeEngine()
    _, state = step(frame, start(Settings(), engine), engine)
    assert state.memory is not None
    return state.memory


def motion_of(frame: Frame, before: Frame) -> CellMotion:
    small = to_model(frame, plan((frame.width, frame.height), (512, 288), 16))
    return cell_motion(sample(small, 4), small, remembered(before), GRID)


def test_the_engines_vectors_come_first_and_show_what_moves() -> None:
    scene = Scene(box_m=0.1)
    found = motion_of(scene.frame(1), scene.frame(0))
    assert found.source == "engine" and found.moving is not None
    in_box = scene.frame(1).depth_m[1::4, 1::4] == 6.0  # type: ignore[index]
    assert found.moving[in_box].mean() > 0.95
    assert found.moving[~in_box].mean() < 0.02


@dataclasses.dataclass(frozen=True)
class Drive(Scene):
    """A camera that goes ahead by ``speed_m`` and rolls by ``turn_rad`` a frame."""

    def camera(self, index: float) -> Camera:
        world_from_view = pose((0.0, 0.0, -self.speed_m * index))
        angle = self.turn_rad * index
        world_from_view[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        return Camera.perspective(world_from_view, fov_y_rad=1.0, aspect=self.width / self.height)


@pytest.mark.parametrize(("speed_m", "roll_rad"), [(2.5, 0.0), (0.1, 0.3)])
def test_a_road_close_to_a_fast_camera_does_not_move_on_its_own(speed_m: float, roll_rad: float) -> None:
    scene = Drive(speed_m=speed_m, turn_rad=roll_rad, box=False, wall=False)
    found = motion_of(scene.frame(1), scene.frame(0))
    assert found.source == "engine" and found.moving is not None
    assert not found.moving.any()


@pytest.mark.parametrize("size", [(512, 288), (640, 360), (1280, 720)])
@pytest.mark.parametrize("speed_m", [0.5, 1.0])
def test_nor_does_it_where_frames_were_dropped(size: tuple[int, int], speed_m: float) -> None:
    scene = Drive(*size, speed_m=speed_m, box=False, wall=False)
    found = motion_of(merge_superseded(scene.frame(1), scene.frame(2)), scene.frame(0))
    assert found.moving is not None and found.moving.mean() < 0.01


def test_without_vectors_depth_and_cameras_give_them() -> None:
    scene = Scene(turn_rad=0.01)
    found = motion_of(scene.frame(1, motion=False), scene.frame(0))
    given = motion_of(scene.frame(1), scene.frame(0))
    assert found.source == "matrices"
    np.testing.assert_allclose(found.motion_px, given.motion_px, atol=0.15)


def test_sky_vectors_of_zero_are_filled_from_the_cameras() -> None:
    scene = Scene(turn_rad=0.02)
    frame = scene.frame(1)
    assert frame.motion_px is not None and frame.depth_m is not None
    sky = np.isinf(frame.depth_m)
    assert sky.any()
    unwritten = np.where(sky[..., None], 0.0, frame.motion_px).astype(np.float16)
    found = motion_of(dataclasses.replace(frame, motion_px=unwritten), scene.frame(0))
    truth = motion_of(frame, scene.frame(0))
    np.testing.assert_allclose(found.motion_px, truth.motion_px, atol=0.05)


def test_vectors_to_another_frame_are_not_used() -> None:
    scene = Scene()
    assert motion_of(scene.frame(2, motion_from_frame_id=1), scene.frame(0)).source == "matrices"
    assert motion_of(scene.frame(2, motion_from_frame_id=0), scene.frame(0)).source == "engine"


@pytest.mark.parametrize("size", [(512, 288), (64, 64), (100, 72)])
def test_footage_gets_optical_flow(size: tuple[int, int]) -> None:
    scene = Scene(*size, speed_m=0.1, box=False)
    truth = scene.frame(1)
    frame, before = (scene.frame(i, motion=False, depth=False, camera=False) for i in (1, 0))
    small = to_model(frame, plan(size, (512, 288), 16))
    grid = Grid(small.width // 4, small.height // 4, 4)
    found = cell_motion(sample(small, 4), small, remembered(before), grid)
    assert found.source == "flow" and found.confidence is not None
    assert truth.motion_px is not None
    rows, columns = size[1] // 4, size[0] // 4
    trusted = found.confidence[:rows, :columns] > 0.9
    error = np.abs(found.motion_px[:rows, :columns] - truth.motion_px[2::4, 2::4]).max(axis=-1)
    assert trusted.mean() > 0.5
    assert np.median(error[trusted]) < 0.5


def test_optical_flow_of_strips_leaves_the_process_alive(root: Path) -> None:
    code = (
        "import numpy as np\nfrom framegen.temporal.flow import dense_flow\n"
        "for width, height in ((320, 20), (512, 16), (512, 31), (20, 320), (1, 500), (1, 1), (4000, 3)):\n"
        "    luma = np.random.default_rng(0).integers(0, 255, (height, width), dtype=np.uint8)\n"
        "    motion, confidence = dense_flow(luma, luma, (5, 3), 2.0)\n"
        "    assert motion.shape == (3, 5, 2) and confidence.shape == (3, 5) and np.abs(motion).max() < 0.1\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=300, cwd=root
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_optical_flow_across_a_cut_is_not_trusted() -> None:
    rng = np.random.default_rng(0)
    a, b = (Frame(i, np.kron(rng.integers(0, 255, (36, 64, 3)), np.ones((8, 8, 1))).astype(np.uint8)) for i in range(2))
    found = motion_of(b, a)
    assert found.confidence is not None and found.confidence.mean() < 0.5


def jittered(scene: Scene, index: int, jitter: tuple[float, float]) -> Frame:
    """A frame whose projection is moved by ``jitter`` pixels (y down): depth and camera say the same place."""
    frame = scene.frame(index)
    return dataclasses.replace(frame, jitter_px=jitter)


def test_jitter_is_history_minus_current() -> None:
    """The sign's test vector: a point at p is drawn at p + jitter, so its history lies ``before - now`` further."""
    scene = Scene(speed_m=0.0, box=False)
    now, before = jittered(scene, 1, (0.25, -0.5)), jittered(scene, 0, (-0.25, 0.125))
    by_engine = motion_of(now, before)
    by_matrices = motion_of(dataclasses.replace(now, motion_px=None), before)
    for found in (by_engine, by_matrices):
        np.testing.assert_allclose(found.motion_px[..., 0], -0.5, atol=5e-3)
        np.testing.assert_allclose(found.motion_px[..., 1], 0.625, atol=5e-3)
    assert by_engine.moving is not None and not by_engine.moving.any()


def test_resolved_colour_has_no_jitter_to_undo() -> None:
    scene = Scene(speed_m=0.0, box=False)
    frames = [dataclasses.replace(jittered(scene, i, (0.25 * i, 0.0)), color_resolved=True) for i in range(2)]
    np.testing.assert_allclose(motion_of(frames[1], frames[0]).motion_px, 0.0, atol=5e-3)
    plain = dataclasses.replace(frames[1], motion_px=None)
    np.testing.assert_allclose(motion_of(plain, frames[0]).motion_px, 0.0, atol=5e-3)


def test_vectors_that_are_no_numbers_point_out_of_the_picture() -> None:
    frame = Scene().frame(1)
    assert frame.motion_px is not None
    broken = frame.motion_px.copy()
    broken[:100] = np.nan
    broken[100:110] = np.inf
    found = motion_of(dataclasses.replace(frame, motion_px=broken), Scene().frame(0))
    assert np.isfinite(found.motion_px).all()
    assert (np.abs(found.motion_px[:24]).max(axis=-1) > 1000).all()


def test_composed_motion_reaches_over_the_dropped_frame() -> None:
    scene = Scene(speed_m=0.1, turn_rad=0.01, box_m=0.2)
    dropped, newer = scene.frame(1), scene.frame(2)
    merged = merge_superseded(dropped, newer)
    assert merged.frame_id == 2 and merged.motion_from_frame_id is None
    # The truth: the vectors of a world that moves twice as far a frame.
    twice = Scene(speed_m=0.2, turn_rad=0.02, box_m=0.4).frame(1)
    assert merged.motion_px is not None and twice.motion_px is not None
    inside = slice(30, -30)
    error = np.abs(merged.motion_px - twice.motion_px).max(axis=-1)[inside, inside]
    assert np.median(error) < 0.05
    assert (error < 0.5).mean() > 0.97


@pytest.mark.parametrize("seed", range(4))
def test_composing_equals_the_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = ((1, 40), (33, 1), (7, 70), (20, 30))[seed]
    planes = rng.normal(0.0, 9.0, (2, height, width, 2)).astype((np.float16, np.float32)[seed % 2])
    planes[rng.random(planes.shape) < 0.05] = np.nan
    planes[rng.random(planes.shape) < 0.05] = np.inf
    planes.setflags(write=False)
    found = compose_motion(*planes, (0.25, -0.5))
    np.testing.assert_array_equal(found, reference.compose_motion(*planes, (0.25, -0.5), LOST_PX))


def test_composing_uniform_motion_adds_up() -> None:
    newer = np.full((20, 30, 2), (2.0, -1.0), np.float16)
    older = np.full((20, 30, 2), (0.5, 3.0), np.float16)
    composed = compose_motion(newer, older, (0.0, 0.0))
    assert composed.dtype == np.float32 and composed.shape == (20, 30, 2)
    assert (composed[5:15, 2:26] == (2.5, 2.0)).all()
    # What was outside of the frame between keeps its velocity.
    assert (composed[:, -1] == (4.0, -2.0)).all()


@pytest.mark.parametrize("size", [(641, 363), (66, 65)])
def test_motion_of_any_size_is_composed(size: tuple[int, int]) -> None:
    newer = np.full((*size[::-1], 2), (2.0, -1.0), np.float32)
    composed = compose_motion(newer, newer * 2, (0.0, 0.0))
    assert composed.shape == newer.shape
    assert (composed[10:-10, 10:-10] == (6.0, -3.0)).all()


def test_vectors_out_of_the_picture_compose_without_harm() -> None:
    wild = np.full((72, 128, 2), 6e4, np.float16)
    wild[:30] = np.nan
    assert compose_motion(wild, wild, (0.0, 0.0)).shape == wild.shape


def test_a_dropped_cut_stays_a_cut() -> None:
    dropped, newer = Scene().frame(1, reset=True), Scene().frame(2)
    assert merge_superseded(dropped, newer).reset
    assert merge_superseded(Scene().frame(1), Scene().frame(2, reset=True)).reset


def test_a_broken_chain_is_named() -> None:
    newer = Scene().frame(2)
    assert merge_superseded(Scene().frame(1, motion=False), newer).motion_from_frame_id == 1
    assert merge_superseded(Scene(64, 64).frame(1), newer).motion_from_frame_id == 1
    elsewhere = Scene().frame(2, motion_from_frame_id=0)
    assert merge_superseded(Scene().frame(1), elsewhere) is elsewhere
    without = Scene().frame(2, motion=False)
    assert merge_superseded(Scene().frame(1), without) is without
    earlier = merge_superseded(Scene().frame(1, motion_from_frame_id=0), newer)
    assert earlier.motion_from_frame_id == 0
