"""The one function of the product: pure, honest about what it did, and right at every size."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from fake_engine import FakeEngine
from moving_scene import Scene

from framegen.config import LabelSettings, Settings, TemporalSettings
from framegen.frame import Frame, How, Restyled
from framegen.ops.cells import sample
from framegen.restyle import Restyler, State, start, step
from framegen.temporal.motion import merge_superseded

STILL = Scene(128, 80, speed_m=0.0)
MOVING = Scene(128, 80, speed_m=0.04, box_m=0.05)


def run(
    frames: Iterable[Frame], settings: Settings, engine: FakeEngine | None = None
) -> tuple[list[Restyled], State, FakeEngine]:
    engine = engine or FakeEngine()
    state = start(settings, engine)
    results = []
    for frame in frames:
        result, state = step(frame, state, engine)
        results.append(result)
    return results, state, engine


def snapshot(state: State) -> list[bytes]:
    """Every array that a state holds, as bytes."""
    found = []
    for part in (state.memory, state.shown):
        if part is not None:
            for field in dataclasses.fields(part):
                value = getattr(part, field.name)
                if isinstance(value, np.ndarray):
                    found.append(value.tobytes())
    return found


def test_a_result_says_what_it_is() -> None:
    settings = dataclasses.replace(Settings(prompt="golden hour", seed=7), revision=4)
    (result,), state, _ = run([STILL.frame(5)], settings)
    assert (result.frame_id, result.timestamp_ns) == (5, 5 * 33_333_333)
    assert (result.model, result.seed, result.settings_revision) == ("fake", 7, 4)
    assert result.how is How.GENERATED and result.color_grid is None
    assert result.image.shape == (80, 128, 3) and result.image.dtype == np.uint8
    wanted = {"prepare", "temporal", "encode", "model", "decode", "lift", "finish"}
    assert wanted == set(result.stages_ms) and min(result.stages_ms.values()) >= 0.0
    assert state.memory is not None and state.memory.frame_id == 5


def test_the_same_frames_give_the_same_bytes() -> None:
    frames = [MOVING.frame(i) for i in range(6)]
    first, _, _ = run(frames, Settings(prompt="night"))
    again, _, _ = run([MOVING.frame(i) for i in range(6)], Settings(prompt="night"))
    assert [r.image.tobytes() for r in first] == [r.image.tobytes() for r in again]
    other, _, _ = run(frames, Settings(prompt="night", seed=1))
    assert first[-1].image.tobytes() != other[-1].image.tobytes()


def test_a_step_leaves_the_state_before_it_alone() -> None:
    engine = FakeEngine()
    state = start(Settings(), engine)
    for index in range(3):
        _, state = step(MOVING.frame(index), state, engine)
    before = snapshot(state)
    frame = MOVING.frame(3)
    color = frame.color.copy()
    one, _ = step(frame, state, engine)
    assert snapshot(state) == before
    two, _ = step(frame, state, engine)
    assert one.image.tobytes() == two.image.tobytes()
    np.testing.assert_array_equal(frame.color, color)
    with pytest.raises(ValueError, match="read-only"):
        one.image[0, 0] = 0


def test_a_matrix_that_its_owner_moves_from_frame_to_frame_changes_no_session() -> None:
    def images(view: np.ndarray) -> list[bytes]:
        """With the views of all frames in ``view``, one after the other."""
        scene, engine = Scene(128, 80, speed_m=0.2, box=False), FakeEngine()
        state, found = start(Settings(), engine), []
        for index in range(3):
            frame = scene.frame(index, motion=False)
            assert frame.camera is not None
            place = view[index % len(view)]
            place[:] = frame.camera.view_from_world
            moved = dataclasses.replace(frame.camera, view_from_world=place)
            result, state = step(dataclasses.replace(frame, camera=moved), state, engine)
            found.append(result.image.tobytes())
        return found

    assert images(np.empty((1, 4, 4))) == images(np.empty((3, 4, 4)))


@pytest.mark.parametrize(
    "size", [(64, 64), (65, 67), (100, 300), (512, 288), (641, 363), (1280, 720), (1999, 77), (3840, 2160)]
)
def test_every_size_comes_back_at_its_own(size: tuple[int, int]) -> None:
    blocks = np.random.default_rng(0).integers(0, 255, (5, 9, 4), dtype=np.uint8)
    color = cv2.resize(blocks, size, interpolation=cv2.INTER_NEAREST)
    depth = np.full(size[::-1], 5.0, np.float16)
    frames = [Frame(i, color, depth_m=depth, camera=Scene(*size).camera(i)) for i in range(2)]
    results, _, _ = run(frames, Settings(prompt="golden hour"))
    for result in results:
        assert result.image.shape == (size[1], size[0], 3)
    # The fake look is a tint: wherever it does not saturate, it is nearly that of the frame itself.
    wanted = np.clip(color[..., :3] * np.array([1.3, 1.0, 0.6]), 0, 255)
    assert np.abs(results[1].image - wanted).mean() < 14


@pytest.mark.parametrize("planes", [{}, {"depth": False}, {"motion": False}, {"motion": False, "camera": False}])
def test_whatever_is_missing_is_made_up_for(planes: dict[str, bool]) -> None:
    results, state, _ = run([MOVING.frame(i, **planes) for i in range(6)], Settings())  # type: ignore[arg-type]
    assert all(result.how is How.GENERATED for result in results)
    assert state.memory is not None and state.memory.age[4:-4, 4:-4].mean() > 3.0


def test_depth_that_is_no_number_is_tolerated() -> None:
    frames = []
    for index in range(4):
        frame = MOVING.frame(index)
        assert frame.depth_m is not None
        depth = frame.depth_m.copy()
        depth[10:30, 20:60], depth[40:50, :10], depth[60:70, 100:] = np.nan, -3.0, 0.0
        frames.append(dataclasses.replace(frame, depth_m=depth))
    results, state, _ = run(frames, Settings())
    assert state.memory is not None and np.isfinite(state.memory.latent).all()
    assert np.abs(results[-1].image.astype(int) - frames[-1].color).mean() < 8


class TestSkip:
    """Nothing moved and nothing changed: the image again, at no cost."""

    def test_a_still_picture_is_reused_once_it_has_settled(self) -> None:
        settings = Settings(temporal=TemporalSettings(max_age=4))
        results, _, engine = run([STILL.frame(i) for i in range(9)], settings)
        kinds = [r.how.value for r in results]
        assert kinds == ["generated"] * 4 + ["reused"] * 5
        assert engine.calls == 4
        assert results[-1].image is results[3].image
        assert results[-1].frame_id == 8 and "model" not in results[-1].stages_ms

    def test_it_can_be_switched_off(self) -> None:
        settings = Settings(temporal=TemporalSettings(max_age=2, skip=False))
        results, _, _ = run([STILL.frame(i) for i in range(6)], settings)
        assert all(r.how is How.GENERATED for r in results)

    @pytest.mark.parametrize("change", ["color", "camera", "light", "mask", "label", "reset"])
    def test_any_change_generates_again(self, change: str) -> None:
        settings = Settings(temporal=TemporalSettings(max_age=2))
        results, state, engine = run([STILL.frame(i) for i in range(5)], settings)
        assert results[-1].how is How.REUSED
        frame = STILL.frame(5)
        color = frame.color.copy()
        color[20:24, 40:44] = 255
        changes: dict[str, object] = {
            "color": {"color": color},
            "camera": {"camera": Scene(128, 80, speed_m=1e-4).camera(5)},
            "light": {"light_direction": (0.0, 1.0, 0.0)},
            "mask": {"intensity_mask": np.full((80, 128), 100, np.uint8)},
            "label": {"label": np.ones((80, 128), np.uint8)},
            "reset": {"reset": True},
        }
        result, _ = step(dataclasses.replace(frame, **changes[change]), state, engine)  # type: ignore[arg-type]
        assert result.how is How.GENERATED

    def test_new_settings_generate_again(self) -> None:
        settings = Settings(temporal=TemporalSettings(max_age=2))
        _, state, engine = run([STILL.frame(i) for i in range(5)], settings)
        changed = settings.updated({"intensity": 0.5})
        result, _ = step(STILL.frame(5), state.with_settings(changed, state.conditioning), engine)
        assert result.how is How.GENERATED and result.settings_revision == 1

    @pytest.mark.parametrize(
        "changed", [{"intensity": 0.5}, {"output_width": 64}, {"color_grid": True}, {"labels": {1: LabelSettings("a")}}]
    )
    def test_other_settings_of_the_same_revision_generate_again(self, changed: dict[str, Any]) -> None:
        temporal = TemporalSettings(max_age=2)
        restyler = Restyler(FakeEngine(), Settings(temporal=temporal))
        for index in range(5):
            result = restyler(STILL.frame(index))
        assert result.how is How.REUSED
        restyler.update(Settings(temporal=temporal))
        assert restyler(STILL.frame(5)).how is How.REUSED
        restyler.update(Settings(temporal=temporal, **changed))
        assert restyler(STILL.frame(6)).how is How.GENERATED

    @pytest.mark.parametrize("plane", ["depth_m", "reactive", "dynamic_mask"])
    def test_a_plane_that_comes_or_goes_generates_again(self, plane: str) -> None:
        settings = Settings(temporal=TemporalSettings(max_age=2))
        full = STILL.frame(0, reactive=np.zeros((80, 128), np.uint8), dynamic_mask=np.zeros((80, 128), np.uint8))
        for first, then in ((full, {plane: None}), (dataclasses.replace(full, **{plane: None}), {})):  # type: ignore[arg-type]
            frames = [dataclasses.replace(first, frame_id=index) for index in range(5)]
            results, state, engine = run(frames, settings)
            assert results[-1].how is How.REUSED
            changed = dataclasses.replace(full, frame_id=5, **then)  # type: ignore[arg-type]
            result, _ = step(changed, state, engine)
            assert result.how is How.GENERATED

    def test_what_moves_by_the_clock_goes_on_while_the_clock_does(self) -> None:
        class Waves(FakeEngine):
            def moves(self, encoded: Any) -> bool:
                return True

        settings = Settings(temporal=TemporalSettings(max_age=2))
        frames = [STILL.frame(i) for i in range(9)]
        stopped = [dataclasses.replace(frame, timestamp_ns=frames[5].timestamp_ns) for frame in frames[6:]]
        results, _, _ = run(frames[:6] + stopped, settings, Waves())
        kinds = [result.how.value for result in results]
        assert kinds == ["generated"] * 7 + ["reused"] * 2

    def test_slow_drift_is_not_missed(self) -> None:
        """Each frame differs too little from the one before it, but not from the one that was restyled."""
        frames = []
        for index in range(24):
            frame = STILL.frame(index)
            frames.append(dataclasses.replace(frame, color=(frame.color.astype(int) + index // 2).astype(np.uint8)))
        results, _, _ = run(frames, Settings(temporal=TemporalSettings(max_age=1)))
        assert any(r.how is How.REUSED for r in results)
        assert results[-1].image.mean() > results[0].image.mean() + 6


class TestSwitches:
    """Every part of temporal reuse by itself."""

    def fed(self, **switches: bool) -> tuple[list[Restyled], State, FakeEngine]:
        settings = Settings(temporal=TemporalSettings(skip=False, **switches))
        return run([MOVING.frame(i) for i in range(4)], settings)

    def test_without_reuse_every_frame_is_made_from_itself(self) -> None:
        results, state, engine = self.fed(reuse=False)
        assert state.memory is None and engine.histories == [None] * 4
        alone, _, _ = run([MOVING.frame(3)], Settings(temporal=TemporalSettings(reuse=False)))
        assert alone[0].image.tobytes() == results[3].image.tobytes()

    def test_history_input(self) -> None:
        assert self.fed(history_input=False)[2].histories == [None] * 4
        given = self.fed()[2].histories
        assert given[0] is None and given[3] is not None
        assert given[3].latent.shape == (20, 32, 3) and given[3].trust.mean() > 0.8

    def test_accumulation_calms_what_noise_remains(self) -> None:
        def spread(**switches: bool) -> float:
            settings = Settings(
                temporal=TemporalSettings(skip=False, history_input=False, anchored_noise=False, **switches)
            )
            results, _, _ = run([STILL.frame(i) for i in range(12)], settings)
            return float(np.abs(results[-1].image.astype(int) - results[-2].image).mean())

        assert spread() < 0.55 * spread(accumulate=False)

    def test_anchored_noise_stays_where_fresh_noise_does_not(self) -> None:
        def change(anchored: bool) -> float:
            temporal = TemporalSettings(skip=False, history_input=False, accumulate=False, anchored_noise=anchored)
            results, _, _ = run([STILL.frame(i) for i in range(3)], Settings(temporal=temporal))
            return float(np.abs(results[-1].image.astype(int) - results[-2].image).mean())

        assert change(True) == 0.0
        assert change(False) > 2.0

    def test_cuts_are_found(self) -> None:
        other = np.where(MOVING.frame(4).color < 120, 255, 0).astype(np.uint8)
        elsewhere = dataclasses.replace(MOVING.frame(4), color=other)
        frames = [*(MOVING.frame(i) for i in range(4)), elsewhere]
        _, state, engine = run(frames, Settings())
        assert engine.histories[-1] is None
        assert state.memory is not None and state.memory.age.max() == 1.0
        _, _, blind = run(frames, Settings(temporal=TemporalSettings(detect_cuts=False)))
        assert blind.histories[-1] is not None

    def test_a_flagged_cut_drops_history(self) -> None:
        frames = [*(MOVING.frame(i) for i in range(3)), MOVING.frame(3, reset=True)]
        _, state, engine = run(frames, Settings())
        assert engine.histories[-1] is None
        assert state.memory is not None and state.memory.age.max() == 1.0


class TestChanges:
    """Prompts and the session's memory."""

    def distance(self, image: np.ndarray, other: np.ndarray) -> float:
        return float(np.abs(image.astype(float) - other).mean())

    @pytest.mark.parametrize("fps", [5, 10, 30, 60, 120])
    def test_after_half_a_second_the_picture_has_gone_nine_tenths_of_the_way(self, fps: int) -> None:
        def frame(index: int) -> Frame:
            return dataclasses.replace(STILL.frame(index), timestamp_ns=index * 1_000_000_000 // fps)

        count = fps // 2
        old, state, engine = run([frame(i) for i in range(10)], Settings(prompt="golden hour"))
        new, _, _ = run([frame(i) for i in range(10)], Settings(prompt="night"))
        settings = Settings(prompt="golden hour").updated({"prompt": "night"})
        state = state.with_settings(settings, engine.condition(settings))
        way = self.distance(old[-1].image, new[-1].image)
        left = []
        for index in range(10, 10 + count):
            result, state = step(frame(index), state, engine)
            assert result.settings_revision == 1
            left.append(self.distance(result.image, new[-1].image) / way)
        assert left[0] < 0.998, "the next generated frame shows it"
        assert left[-1] < 0.1
        assert all(later < earlier + 0.02 for earlier, later in pairwise(left))

    def test_a_change_during_a_fade_starts_from_what_is_shown(self) -> None:
        results, state, engine = run([STILL.frame(i) for i in range(4)], Settings(prompt="golden hour"))
        night = Settings(prompt="golden hour").updated({"prompt": "night"})
        state = state.with_settings(night, engine.condition(night))
        half, state = step(STILL.frame(4), state, engine)
        back = night.updated({"prompt": "golden hour"})
        state = state.with_settings(back, engine.condition(back))
        result, state = step(STILL.frame(5), state, engine)
        jump = self.distance(result.image, half.image)
        assert jump < self.distance(half.image, results[-1].image)

    def test_a_clock_that_stands_still_does_not_stop_a_fade(self) -> None:
        frames = [dataclasses.replace(STILL.frame(i), timestamp_ns=0) for i in range(40)]
        _, state, engine = run(frames[:4], Settings(prompt="golden hour"))
        night = Settings(prompt="golden hour").updated({"prompt": "night"})
        state = state.with_settings(night, engine.condition(night))
        for frame in frames[4:20]:
            _, state = step(frame, state, engine)
        assert state.fade_s is None and state.used is state.conditioning

    def test_settings_that_do_not_change_the_look_do_not_fade(self) -> None:
        _, state, engine = run([STILL.frame(0)], Settings())
        assert state.with_settings(Settings(intensity=0.3), engine.condition(Settings())).fade_s is None
        assert state.with_settings(Settings(strength=0.9), state.conditioning).fade_s == 0.0

    def test_a_reset_message_forgets_frames_and_keeps_settings(self) -> None:
        _, state, engine = run([MOVING.frame(i) for i in range(4)], Settings(prompt="night"))
        forgotten = state.without_history()
        assert forgotten.memory is None and forgotten.settings.prompt == "night"
        first, _ = step(MOVING.frame(4), forgotten, engine)
        alone, _, _ = run([MOVING.frame(4)], Settings(prompt="night"))
        assert first.image.tobytes() == alone[0].image.tobytes()

    def test_another_size_or_model_starts_over(self) -> None:
        _, state, engine = run([MOVING.frame(i) for i in range(3)], Settings())
        result, state = step(Scene(96, 64).frame(3), state, engine)
        assert result.image.shape == (64, 96, 3) and engine.histories[-1] is None
        result, state = step(Scene(96, 64).frame(4), state, FakeEngine(extra_channels=2))
        assert state.memory is not None and state.memory.latent.shape[-1] == 5


def test_movers_carry_their_anchors_to_the_engine() -> None:
    scene = Scene(128, 80, speed_m=0.05, box_m=0.3)
    _, _, engine = run([scene.frame(i) for i in range(4)], Settings())
    assert engine.anchors[0] is None
    anchors = engine.anchors[3]
    assert anchors is not None
    depth = sample(scene.frame(3), 4).depth_m
    assert depth is not None
    box = depth == 6.0
    assert np.abs(anchors.shift_m[box] - (-0.9, 0.0, 0.0)).mean() < 0.03
    assert (np.abs(anchors.shift_m[depth > 11.0]) == 0).mean() > 0.95


def test_history_survives_superseded_frames() -> None:
    frames = [MOVING.frame(i) for i in range(7)]
    answered = [frames[0], merge_superseded(frames[1], frames[2]), frames[3]]
    answered.append(merge_superseded(merge_superseded(frames[4], frames[5]), frames[6]))
    _, state, engine = run(answered, Settings())
    history = engine.histories[-1]
    assert history is not None and history.trust[3:-3, 3:-3].mean() > 0.85
    assert state.memory is not None and state.memory.frame_id == 6


@pytest.mark.parametrize(
    ("rule", "light", "prompt", "wanted"),
    [
        ("auto", (1.0, 0.0, 0.0), "golden hour", (1.0, 0.0, 0.0)),
        ("auto", None, "golden hour", (0.0, 0.6, 0.8)),
        ("prompt", (1.0, 0.0, 0.0), "golden hour", (0.0, 0.6, 0.8)),
        ("light", (1.0, 0.0, 0.0), "night", (1.0, 0.0, 0.0)),
        ("prompt", (1.0, 0.0, 0.0), "night", None),
    ],
)
def test_who_rules_the_sun(rule: str, light: object, prompt: str, wanted: object) -> None:
    settings = Settings(prompt=prompt).updated({"sun": rule})
    (result,), _, _ = run([STILL.frame(0, light_direction=light)], settings)
    assert result.sun_direction == wanted


def test_the_color_grid_comes_on_request() -> None:
    settings = Settings(prompt="golden hour", color_grid=True, temporal=TemporalSettings(max_age=2))
    results, _, _ = run([STILL.frame(i) for i in range(5)], settings)
    grid = results[0].color_grid
    assert grid is not None and grid.shape == (9, 16, 3, 4) and grid.dtype == np.float16
    assert results[-1].how is How.REUSED and results[-1].color_grid is not None


def test_a_restyler_is_a_session_without_a_server() -> None:
    restyler = Restyler(FakeEngine(), Settings(prompt="golden hour"))
    warm = restyler(STILL.frame(0)).image.astype(float)
    restyler.update(Settings(prompt="night"))
    for index in range(1, 20):
        cold = restyler(STILL.frame(index)).image.astype(float)
    assert warm[..., 0].mean() > 1.5 * cold[..., 0].mean()
    restyler.begin(Settings(prompt="golden hour"))
    np.testing.assert_array_equal(restyler(STILL.frame(0)).image, warm)
