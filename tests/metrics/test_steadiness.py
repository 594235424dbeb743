"""The measures themselves: they must see what they claim to see."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from fake_engine import FakeEngine
from moving_scene import Scene

from framegen.config import Settings, TemporalSettings
from framegen.frame import Frame, Restyled
from framegen.metrics.temporal import evaluate, flicker, ghosting, prompt_change_ms
from framegen.metrics.warp import pixel_motion, warp_error
from framegen.restyle import Restyler

SCENE = Scene(256, 144, speed_m=0.08, turn_rad=0.004, box_m=0.1)


class Echo:
    """Gives back the frame, plus what it is told to add."""

    def __init__(self, added: int = 0) -> None:
        self.added = added

    def begin(self, settings: Settings) -> None:
        pass

    def update(self, settings: Settings) -> None:
        pass

    def __call__(self, frame: Frame, now_ns: int | None = None) -> Restyled:
        noisy = frame.color.astype(int) + self.added * (frame.frame_id % 2)
        return Restyled(frame.frame_id, frame.timestamp_ns, np.clip(noisy, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("source", [{}, {"motion": False}])
def test_the_right_motion_leaves_little_error(source: dict[str, bool]) -> None:
    scene = dataclasses.replace(SCENE, speed_m=0.3, box_m=0.0)
    now, before = scene.frame(1, **source), scene.frame(0, **source)  # type: ignore[arg-type]
    motion, known = pixel_motion(now, before)
    still = np.zeros_like(motion)
    assert 0.8 < known.mean() < 1.0
    assert warp_error(now.color, before.color, motion, known) < 1.0
    assert warp_error(now.color, before.color, still, known) > 3.0


def test_footage_is_measured_by_optical_flow() -> None:
    now, before = (SCENE.frame(i, motion=False, depth=False, camera=False) for i in (1, 0))
    motion, known = pixel_motion(now, before)
    assert known.mean() > 0.3
    assert warp_error(now.color, before.color, motion, known) < 2.0


def test_what_was_hidden_is_masked() -> None:
    scene = Scene(256, 144, speed_m=0.0, box_m=0.5)
    now, before = scene.frame(1), scene.frame(0)
    assert now.depth_m is not None and before.depth_m is not None
    freed = (before.depth_m == 6.0) & (now.depth_m > 8.0)
    _, known = pixel_motion(now, before)
    assert freed.any() and not known[freed].any()
    assert known[now.depth_m == 6.0].mean() > 0.99


def test_an_echo_has_the_floors_error_and_no_edit_strength() -> None:
    found = evaluate([SCENE.frame(i) for i in range(4)], Echo(), Settings())
    assert found["ratio"] == pytest.approx(1.0)
    assert found["edit_strength"] == 0.0 and found["frames"] == 4


def test_flicker_shows_as_error() -> None:
    found = evaluate([SCENE.frame(i) for i in range(4)], Echo(20), Settings())
    assert found["output_warp_error"] == pytest.approx(20.0, abs=1.5)
    assert found["edit_strength"] == pytest.approx(10.0, abs=0.5)
    images = [np.full((4, 4, 3), level, np.uint8) for level in (10, 250, 10)]
    assert flicker(images) == 240.0


def test_reuse_is_steadier_at_the_same_strength() -> None:
    frames = [SCENE.frame(i) for i in range(16)]
    restyler = Restyler(FakeEngine(noise_levels=10.0))
    on = evaluate(frames, restyler, Settings(prompt="golden hour"))
    off = evaluate(frames, restyler, Settings(prompt="golden hour", temporal=TemporalSettings(reuse=False)))
    assert on["output_warp_error"] < 0.5 * off["output_warp_error"]
    assert on["ratio"] == pytest.approx(on["output_warp_error"] / on["input_warp_error"])
    assert on["input_warp_error"] == off["input_warp_error"]
    assert on["edit_strength"] == pytest.approx(off["edit_strength"], rel=0.1)


def test_disoccluded_regions_show_no_ghosts() -> None:
    scene = Scene(256, 144, speed_m=0.03, box_m=0.3)
    restyler = Restyler(FakeEngine(noise_levels=0.0))
    revealed, others = ghosting([scene.frame(i) for i in range(8)], restyler, Settings(prompt="golden hour"))
    assert revealed < 2.5 and others < 2.5


def test_a_new_prompt_shows_within_half_a_second() -> None:
    scene = dataclasses.replace(SCENE, width=128, height=80)
    frames = [scene.frame(i) for i in range(30)]
    restyler = Restyler(FakeEngine())
    day, night = Settings(prompt="golden hour"), Settings(prompt="night")
    assert 30.0 < prompt_change_ms(frames, restyler, day, night, change_at=12) <= 500.0
