"""The frames before a batch: brought to where they are seen, and drawn as the same game would draw them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from made_pairs import write_pair  # noqa: E402

from framegen.engines.embedded.network import FOLDER  # noqa: E402
from framegen.ops.fields import load_atlas  # noqa: E402
from framegen.training.embedded import batch, draw, pairs  # noqa: E402


@pytest.fixture(autouse=True)
def _its_own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path / "cache"))


def test_a_frame_that_did_not_move_is_found_where_it_was_up_to_its_borders() -> None:
    x, y = torch.meshgrid(torch.arange(16.0), torch.arange(12.0), indexing="xy")
    still = torch.stack([x, y])[None]
    picture = torch.rand(1, 3, 48, 64)
    assert torch.allclose(draw.warp(picture, draw.in_pixels(still)), picture, atol=1e-3)
    # a quarter of a cell is a pixel
    moved = draw.warp(picture, draw.in_pixels(still + 0.25))
    assert torch.allclose(moved[..., :-1, :-1], picture[..., 1:, 1:], atol=1e-3)


def test_history_is_warped_to_where_it_is_seen() -> None:
    picture = torch.arange(20.0).reshape(1, 1, 4, 5)
    x, y = torch.meshgrid(torch.arange(5.0), torch.arange(4.0), indexing="xy")
    same = draw.warp(picture, torch.stack([x, y])[None])
    assert torch.allclose(same, picture, atol=1e-4)
    shifted = draw.warp(picture, torch.stack([x + 1, y])[None])
    assert torch.allclose(shifted[..., :-1], picture[..., 1:], atol=1e-4)


def test_the_frame_before_has_the_same_display_over_it(tmp_path: Path) -> None:
    """Though it has other targets, of which another number of rivals is drawn."""
    atlas = load_atlas(FOLDER)
    first = pairs.load(write_pair(tmp_path, 488), atlas)
    second = pairs.load(write_pair(tmp_path, 488, second=True), atlas)
    wet = replace(first.targets[0].condition, weather="rain")
    first.targets.append(replace(first.targets[0], condition=wet))
    assert (len(first.targets), len(second.targets)) == (3, 1)
    covered = []
    for sample in (first, second):
        plain, drawn = (
            batch.item(sample, 0, batch.WHOLE, np.random.default_rng(3), batch.Draw(hud=hud)).color
            for hud in (False, True)
        )
        covered.append((plain != drawn).any(0))
    assert covered[0].any() and (covered[0] == covered[1]).float().mean() > 0.999


def test_a_camera_that_stepped_back_gives_finite_motion(tmp_path: Path) -> None:
    write_pair(tmp_path, 488)
    folder = write_pair(tmp_path, 488, second=True)
    meta = json.loads((folder / "meta.json").read_text())
    meta["camera_to_world"][1][3] = -3.5
    (folder / "meta.json").write_text(json.dumps(meta))
    sample = pairs.load(folder, load_atlas(FOLDER))
    assert sample.motion_cells is not None and torch.isfinite(sample.motion_cells).all()
