"""Pairs on disk in the product's conventions: which are read, the world, the sun and motion."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from made_pairs import SEED

from framegen.engines.embedded.network import FOLDER
from framegen.ops import features as ft
from framegen.ops.fields import load_atlas
from framegen.training.embedded import pairs

pytestmark = pytest.mark.usefixtures("one_thread_and_its_own_cache")


def test_reserved_seeds_are_never_read_and_validation_is_whole_scenes(data: Path) -> None:
    names = [f.name for f in pairs.find([data])]
    assert names == [f"{455:06d}_0", f"{SEED:06d}_0", f"{SEED:06d}_0_b"]
    assert pairs.is_validation(455)
    assert not pairs.is_validation(SEED)
    assert not any(pairs.is_validation(seed) for seed in range(436))
    new = [pairs.is_validation(seed) for seed in range(2000, 12000)]
    # no pattern of the generator's choices may coincide with it
    for period in (1, 2, 3, 4, 5, 8, 16):
        for phase in range(period):
            assert 0.06 < np.mean(new[phase::period]) < 0.14


def test_the_generators_world_becomes_the_products(sample: pairs.Sample) -> None:
    cells = sample.cells.float().numpy()
    ground = cells[ft.LOG_DEPTH] > 0.5
    assert cells[ft.NORMAL_UP][ground].mean() > 0.99, "a floor must face +Y"
    assert cells[ft.SKY, 0].min() == 1
    sun = sample.targets[0].condition.sun
    assert sun is not None
    assert sun[1] == pytest.approx(math.sin(math.radians(50)))
    # 30 degrees from the way the camera looks (+Y there, -Z here) towards the right
    level = sample.level @ np.asarray(sun)
    assert math.degrees(math.atan2(level[0], level[2])) == pytest.approx(30, abs=1e-3)
    assert sample.targets[1].condition.sun is None


def test_motion_points_to_where_the_first_frame_shows_it(data: Path) -> None:
    sample = pairs.load(data / f"{SEED:06d}_0_b", load_atlas(FOLDER))
    assert sample.previous == (f"{SEED:06d}_0", 0)
    assert sample.motion_cells is not None
    x, y, seen = sample.motion_cells.float().numpy()
    # walking on, the floor moves down and outwards: it was nearer to the horizon before
    row, column = 60, 100
    assert seen[row, column] == 1
    assert y[row, column] < row
    assert x[row, column] < column
