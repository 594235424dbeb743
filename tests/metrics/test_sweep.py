"""The sweep over the temporal settings."""

from __future__ import annotations

import numpy as np
import pytest
from fake_engine import FakeEngine
from moving_scene import Scene

from framegen.config import TEMPORAL_NAMES, Settings
from framegen.metrics.sweep import VARIANTS, sharpness, sweep
from framegen.restyle import Restyler


def test_every_variant_is_measured() -> None:
    scene = Scene(96, 64, speed_m=0.05, box_m=0.05)
    frames = [scene.frame(i) for i in range(30)]
    chosen = {name: VARIANTS[name] for name in ("defaults", "reuse off", "max_age 2")}
    looks = Settings(prompt="golden hour"), Settings(prompt="night")
    rows = {row["variant"]: row for row in sweep(frames, Restyler(FakeEngine()), *looks, chosen)}
    assert rows.keys() == chosen.keys()
    assert rows["reuse off"]["sharpness"] == 1.0
    errors = [rows[name]["output_warp_error"] for name in chosen]
    assert errors[0] < errors[2] < errors[1]
    assert all(row["prompt_change_ms"] <= 500.0 for row in rows.values())


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_changes_one_setting_that_exists(name: str) -> None:
    assert set(VARIANTS[name]) <= set(TEMPORAL_NAMES)
    assert len(VARIANTS[name]) == (name != "defaults")


def test_a_blurred_picture_is_less_sharp() -> None:
    image = np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    assert sharpness(image // 2) < sharpness(image)
    assert sharpness(np.full((8, 8, 3), 9, np.uint8)) == 0.0
