"""Where history is trusted and where not: each reason by itself."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from fake_engine import FakeEngine
from hypothesis import given
from hypothesis import strategies as st
from moving_scene import Scene

from framegen.config import Settings, TemporalSettings
from framegen.frame import Frame
from framegen.ops.cells import sample
from framegen.ops.temporal_reference import falling, relative_slope
from framegen.restyle import start, step
from framegen.temporal.geometry import Grid
from framegen.temporal.history import Recall, recall
from framegen.temporal.memory import Memory

GRID = Grid(128, 72, 4)
INNER = slice(4, -4)


def remembered(frame: Frame) -> Memory:
    engine = FakeEngine()
    _, state = step(frame, start(Settings(), engine), engine)
    assert state.memory is not None
    return state.memory


def recalled(frame: Frame, before: Frame, **temporal: bool) -> Recall:
    return recall(remembered(before), sample(frame, 4), frame, GRID, TemporalSettings(**temporal))


def test_a_slow_camera_keeps_nearly_everything() -> None:
    scene = Scene(speed_m=0.02, turn_rad=0.002)
    past = recalled(scene.frame(1), scene.frame(0))
    assert past.trust[INNER, INNER].mean() > 0.97
    assert not past.cut


def test_what_came_into_the_picture_is_not_trusted() -> None:
    scene = Scene(speed_m=0.0, turn_rad=-0.1)  # turning right: twelve cells come in at the right
    past = recalled(scene.frame(1), scene.frame(0))
    assert past.trust[:, -5:].max() == 0.0
    assert past.trust[INNER, 4:-16].mean() > 0.95


def test_what_was_hidden_is_not_trusted() -> None:
    scene = Scene(speed_m=0.0, box_m=0.5)
    frame, before = scene.frame(1), scene.frame(0)
    depth, depth_before = sample(frame, 4).depth_m, sample(before, 4).depth_m
    assert depth is not None and depth_before is not None
    freed = (depth_before == 6.0) & (depth > 8.0)
    past = recalled(frame, before)
    assert freed.sum() > 50
    assert past.trust[freed].max() < 0.05
    box = depth == 6.0
    assert past.trust[box].mean() > 0.9, "the box itself brings its history along"


def test_a_grazing_floor_is_not_mistaken_for_a_change_of_depth() -> None:
    scene = Scene(speed_m=0.1, box=False, wall=False)
    frame = scene.frame(1)
    assert frame.depth_m is not None
    floor = np.isfinite(frame.depth_m[1::4, 1::4]) & (frame.depth_m[1::4, 1::4] < 40)
    past = recalled(frame, scene.frame(0))
    assert past.trust[:, 4:-4][floor[:, 4:-4]].mean() > 0.97


def test_light_that_changes_ends_trust_where_it_falls() -> None:
    scene = Scene(speed_m=0.0, box=False)
    frame = scene.frame(1)
    color = frame.color.copy()
    color[100:200, 100:300] = np.clip(color[100:200, 100:300] * 1.6, 0, 255).astype(np.uint8)
    past = recalled(dataclasses.replace(frame, color=color), scene.frame(0))
    assert past.trust[27:48, 27:73].mean() < 0.1
    assert past.trust[55:70].mean() > 0.99


def test_aliased_edges_are_not_a_change_of_light() -> None:
    scene = Scene(speed_m=0.0, turn_rad=0.0015)
    frame, before = scene.frame(1), scene.frame(0)
    assert frame.depth_m is not None
    edge = np.abs(np.diff(np.minimum(frame.depth_m[1::4, 1::4], 99.0), axis=1))[:, 3:-3] > 1.0
    assert edge.any()
    assert recalled(frame, before).trust[:, 3:-4][edge].mean() > 0.8


def test_the_reactive_mask_lowers_trust() -> None:
    scene = Scene(speed_m=0.0)
    reactive = np.zeros((288, 512), np.uint8)
    reactive[:144] = 255
    past = recalled(scene.frame(1, reactive=reactive), scene.frame(0))
    assert past.trust[:35].max() == 0.0
    assert past.trust[37:].mean() > 0.99


@pytest.mark.parametrize("with_engine_data", [True, False])
def test_a_cut_is_found(with_engine_data: bool) -> None:
    scene = Scene(speed_m=0.0)
    before = scene.frame(0)
    planes = {} if with_engine_data else {"motion": False, "depth": False, "camera": False}
    elsewhere = Scene(speed_m=0.0, wall=False, box=False).frame(1, **planes)  # type: ignore[arg-type]
    other = dataclasses.replace(elsewhere, color=np.ascontiguousarray(255 - elsewhere.color[::-1]))
    if not with_engine_data:
        before = scene.frame(0, motion=False, depth=False, camera=False)
    past = recalled(other, before)
    assert past.cut and past.trust.max() == 0.0
    assert not recalled(other, before, detect_cuts=False).cut


@pytest.mark.parametrize("turn", [0.02, 0.2, 0.4])
def test_a_fast_turn_is_no_cut(turn: float) -> None:
    scene = Scene(speed_m=0.0, turn_rad=turn)
    assert not recalled(scene.frame(1), scene.frame(0)).cut


def test_without_depth_the_other_reasons_still_count() -> None:
    scene = Scene(speed_m=0.0, turn_rad=-0.1)
    past = recalled(scene.frame(1, depth=False), scene.frame(0, depth=False))
    assert past.trust[:, -5:].max() == 0.0
    assert past.trust[INNER, 4:-12].mean() > 0.9


def test_slope_is_that_of_the_surface_not_of_the_edge() -> None:
    depth = np.full((6, 8), 10.0, np.float32)
    depth[:, 4:] = 2.0
    assert relative_slope(depth).max() == 0.0
    ramp = np.broadcast_to(np.arange(10, 18, dtype=np.float32), (6, 8))
    np.testing.assert_allclose(relative_slope(ramp)[3, 3], 1.0 / 13.0, rtol=1e-6)


@given(st.floats(-10, 10), st.floats(0.1, 5), st.floats(0.1, 5))
def test_falling_is_a_smooth_step_down(value: float, start_at: float, width: float) -> None:
    found = float(falling(np.float32([value]), start_at, start_at + width)[0])  # type: ignore[arg-type]
    assert 0.0 <= found <= 1.0
    if value <= start_at:
        assert found == pytest.approx(1.0, abs=1e-5)
    if value >= start_at + width:
        assert found == pytest.approx(0.0, abs=1e-5)
    later = float(falling(np.float32([value + 0.1]), start_at, start_at + width)[0])  # type: ignore[arg-type]
    assert later <= found + 1e-6
