"""Items of a batch: looks, prompts, conditions that are told apart, and mirrored crops."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from made_pairs import SEED, write_pair  # noqa: E402

from framegen.engines.embedded.network import FOLDER  # noqa: E402
from framegen.frame import F32, F64, Camera  # noqa: E402
from framegen.ops import features as ft  # noqa: E402
from framegen.ops import layout  # noqa: E402
from framegen.ops.fields import load_atlas  # noqa: E402
from framegen.training.embedded import batch, pairs  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread_and_its_own_cache")


def test_conditions_are_told_apart_by_time_and_by_more_than_fair_weather_clouds() -> None:
    def condition(time: str, weather: str) -> pairs.Condition:
        return pairs.Condition(time, weather, "summer", None, 0.0, 1e-3)

    clear = condition("noon", "clear")
    assert not batch.told_apart(clear, condition("noon", "partly cloudy"))
    assert batch.told_apart(clear, condition("noon", "rain"))
    assert batch.told_apart(clear, condition("dusk", "clear"))


def test_a_frame_comes_in_each_of_its_looks(tmp_path: Path) -> None:
    folder = write_pair(tmp_path, SEED)
    drawn = np.full((288, 512, 3), (40, 90, 200), np.uint8)
    cv2.imwrite(str(folder / "lf_1.webp"), drawn, [cv2.IMWRITE_WEBP_QUALITY, 100])
    sample = pairs.load(folder, load_atlas(FOLDER))

    def color(**how: Any) -> Any:
        return batch.item(sample, 0, batch.WHOLE, np.random.default_rng(0), batch.Draw(**how)).color

    assert torch.equal(color(), sample.color.float() / 255)
    assert torch.equal(color(look=2), color()), "counted round"
    shown = color(look=1).mean((1, 2)) * 255
    assert torch.allclose(shown, torch.tensor([200.0, 90.0, 40.0]), atol=3)
    assert sample.grey is not None
    assert torch.equal(color(look=1, grey=True), sample.grey.float() / 255)


def test_a_prompt_replaces_the_exact_condition_and_names_materials(sample: pairs.Sample) -> None:
    sample.targets[1] = dataclasses.replace(
        sample.targets[1],
        condition=dataclasses.replace(sample.targets[1].condition, prompts=("rainy night over old grass",)),
    )
    one = batch.item(sample, 1, batch.WHOLE, np.random.default_rng(0), batch.Draw(prompt=0, strength=1.0))
    told = one.condition[layout.MATERIALS]
    assert told[layout.LABELS.index("grass")] == 1 and told.sum() == 1
    assert one.condition[layout.STRENGTH] == 0.5
    weathers = one.condition[len(layout.TIMES) : len(layout.TIMES) + len(layout.WEATHERS)]
    assert weathers[layout.WEATHERS.index("rain")] == 1


def test_a_mirrored_crop_mirrors_sun_and_normals(sample: pairs.Sample) -> None:
    one = batch.item(sample, 0, batch.Window(96, 64, 96, 128), np.random.default_rng(0))
    other = one.mirrored()
    sun = layout.SUN.start
    assert other.condition[sun] == -one.condition[sun]
    assert torch.equal(other.cells[ft.NORMAL_RIGHT].flip(-1), -one.cells[ft.NORMAL_RIGHT])
    assert torch.allclose(other.mirrored().cells, one.cells, atol=0.003)
    begins = other.color.flip(-1)[..., :-1], one.color[..., 1:]
    assert torch.equal(*begins), "a column on, for the pixels that cells sample to stay sampled"
    assert torch.equal(other.mirrored().target[..., 1:], one.target[..., 1:])


def test_a_mirrored_crop_is_what_the_mirrored_scene_would_be_rendered_as() -> None:
    """Seen by a rolled camera, where left and right of the picture are not those of the world."""
    height, width, roll = 64, 96, 0.4
    rng = np.random.default_rng(0)
    grown = cv2.resize(
        rng.uniform(2, 30, (9, 13)).astype(np.float32), (width + 1, height), interpolation=cv2.INTER_CUBIC
    )
    grown = np.maximum(grown, 1)
    grown[:, 30:47] += 20
    grown[:20, 50:75] = np.inf

    def cells(depth: F32, pose: F64, first_px: float, sun: F32) -> Any:
        camera = Camera.perspective(pose, fov_y_rad=1.0, aspect=width / height)
        clip = camera.clip_from_view.copy()
        clip[0, 2] = -2 * first_px / width
        rays = ft.rays_of(dataclasses.replace(camera, clip_from_view=clip), width, height)
        return torch.from_numpy(ft.cell_features((width, height), depth, rays, sun, 0.01, None).features)

    ahead, up = np.array([0.6, -0.2, -0.7]), np.array([math.sin(roll), math.cos(roll), 0.1])
    back = -ahead / np.linalg.norm(ahead)
    right = np.cross(up, back) / np.linalg.norm(np.cross(up, back))
    pose, mirrored = np.eye(4), np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], 1)
    level = ft.level_frame(-back, pose[:3, 1]).astype(np.float64)
    turned = np.eye(3) - 2 * np.outer(level[0], level[0])
    mirrored[:3, :3] = turned @ pose[:3, :3] * (-1, 1, 1)
    sun = np.array([0.5, 0.6, 0.6245], np.float32)
    depth = np.ascontiguousarray(grown[:, :width])
    nearness = torch.from_numpy(1 / depth)[None]
    none, spot = torch.zeros(1, height, width), torch.zeros(height // 4, width // 4)
    item = batch.Item(
        nearness.repeat(3, 1, 1), cells(depth, pose, 0, sun), spot, torch.zeros(layout.CONDITION), none, none, nearness,
        spot, none, none[:, :1, :1], none, spot,
    )  # fmt: skip
    got = item.mirrored()
    seen = np.ascontiguousarray(grown[:, :0:-1])
    want = cells(seen, mirrored, 1, (turned @ sun).astype(np.float32))
    assert torch.equal(got.nearness[0, :, 1:], torch.from_numpy(1 / seen[:, 1:]))
    for channel in set(range(ft.CHANNELS)) - {ft.SHADOW, ft.SKY}:  # shadows are looked for in every other cell
        assert torch.allclose(got.cells[channel], want[channel], atol=1e-4), channel
    assert torch.allclose(got.cells[ft.SKY, :, 1:], want[ft.SKY, :, 1:], atol=0.01)
