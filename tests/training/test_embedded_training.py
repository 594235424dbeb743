"""Training of the embedded model: data in the product's conventions, the torch twin, losses, and one short run."""

from __future__ import annotations

import argparse
import dataclasses
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")
pytest.importorskip(
    "efficientnet_lite_pytorch", reason="needs EfficientNet-Lite: pip install -e .[test], see .ci/tools"
)

from made_pairs import write_pair  # noqa: E402

from framegen.engines.embedded.network import FOLDER, Style  # noqa: E402
from framegen.engines.embedded.runtime import core  # noqa: E402
from framegen.errors import MediaError  # noqa: E402
from framegen.frame import F32, F64, Camera  # noqa: E402
from framegen.ops import atrous_reference, layout, reference  # noqa: E402
from framegen.ops import features as ft  # noqa: E402
from framegen.ops.fields import UNITS_PER_LOG, load_atlas  # noqa: E402
from framegen.training import train  # noqa: E402
from framegen.training.embedded import (  # noqa: E402
    atrous,
    batch,
    draw,
    evaluate,
    export,
    loop,
    network,
    pairs,
)
from framegen.training.embedded.antialias import antialiased  # noqa: E402
from framegen.training.embedded.model import Model, begin_with  # noqa: E402

SEED = 439 + 16 * 3 + 1
"""A training scene in the full form: not held out."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pairs")
    write_pair(root, SEED)
    write_pair(root, SEED, second=True)
    write_pair(root, 455)
    write_pair(root, 900_001)
    return root


@pytest.fixture(autouse=True)
def _one_thread_and_its_own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    torch.set_num_threads(1)
    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


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


def test_the_generators_world_becomes_the_products(data: Path) -> None:
    sample = pairs.load(data / f"{SEED:06d}_0", load_atlas(FOLDER))
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


@pytest.mark.parametrize("edges", [False, True])
def test_torch_composition_is_the_reference(edges: bool) -> None:
    rng = np.random.default_rng(0)
    h, w = 12, 16
    raw = torch.from_numpy(rng.normal(size=(1, layout.LATENT, h, w)).astype(np.float32))
    latent = network.limit(raw)
    color = rng.integers(0, 256, (4 * h, 4 * w, 3), dtype=np.uint8)
    through = rng.random((4 * h, 4 * w)).astype(np.float32)
    near = np.kron(rng.integers(0, 3, (6, 8)), np.ones((8, 8))).astype(np.float32) / 20 if edges else None
    detail = rng.integers(-60, 60, (layout.FIELDS, 4 * h, 4 * w)).astype(np.int8)
    channels_last: F32 = latent[0].permute(1, 2, 0).numpy()
    choice = channels_last[..., layout.CHOICE].argmax(-1).repeat(4, 0).repeat(4, 1)
    picked = np.take_along_axis(detail, choice[None], 0)[0].astype(np.float32) / UNITS_PER_LOG
    want = reference.compose(channels_last, color, through, picked, near, cover=0.8, contrast=0.9)
    got = network.compose(
        latent,
        torch.from_numpy(color).permute(2, 0, 1)[None].float() / 255,
        torch.from_numpy(through)[None, None],
        torch.from_numpy(detail)[None],
        None if near is None else torch.from_numpy(near)[None, None],
        cover=0.8,
        contrast=0.9,
    )
    # cv2.resize and torch round bilinear weights differently in the last bits
    assert np.abs(got[0].clamp(0, 1).permute(1, 2, 0).numpy() - want).max() < 2e-3


def test_torch_shares_are_the_reference_and_keep_to_their_side_of_an_edge() -> None:
    y, x = np.indices((32, 48), dtype=np.float32)
    nearness = 0.02 + 0.0002 * y + 0.0001 * x
    flat = reference.shares(nearness)
    cells = np.random.default_rng(0).random((8, 12, 1), dtype=np.float32)
    assert np.abs(reference.up_jointly(cells, flat) - reference.up(cells)).max() < 1e-3
    nearness[:, 18:] = 0.5
    nearness[:9] = 0
    share = reference.shares(nearness)
    assert share.sum(0) == pytest.approx(1, abs=1e-5)
    sides = (nearness[ft.SAMPLE_PX :: 4, ft.SAMPLE_PX :: 4] > 0.3).astype(np.float32)
    beside = reference.up_jointly(sides[..., None], share)[12:, :, 0]
    assert beside[:, :18].max() < 0.05 and beside[:, 18:].min() > 0.95
    got = torch.stack(network.shares(torch.from_numpy(nearness)[None, None]))[:, 0, 0].numpy()
    assert np.abs(got - share).max() < 1e-4


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


def test_a_prompt_replaces_the_exact_condition_and_names_materials(data: Path) -> None:
    sample = pairs.load(data / f"{SEED:06d}_0", load_atlas(FOLDER))
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


def test_a_mirrored_crop_mirrors_sun_and_normals(data: Path) -> None:
    sample = pairs.load(data / f"{SEED:06d}_0", load_atlas(FOLDER))
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


def test_the_best_affine_transform_undoes_one() -> None:
    source = torch.rand(3, 16, 16)
    mixed = torch.einsum("ij,jhw->ihw", torch.tensor([[0.5, 0.2, 0], [0, 0.6, 0.1], [0.1, 0, 0.4]]), source) + 0.1
    assert evaluate.psnr(evaluate.best_affine(source, mixed), mixed) > 60


def test_history_is_warped_to_where_it_is_seen() -> None:
    picture = torch.arange(20.0).reshape(1, 1, 4, 5)
    x, y = torch.meshgrid(torch.arange(5.0), torch.arange(4.0), indexing="xy")
    same = draw.warp(picture, torch.stack([x, y])[None])
    assert torch.allclose(same, picture, atol=1e-4)
    shifted = draw.warp(picture, torch.stack([x + 1, y])[None])
    assert torch.allclose(shifted[..., :-1], picture[..., 1:], atol=1e-4)


def test_the_options_offer_every_size_there_is() -> None:
    assert set(train.SIZES) == set(network.SIZES)


def test_a_short_run_learns_resumes_and_ships(data: Path, tmp_path: Path) -> None:
    """Train, stop, go on, export; the exported network is the trained one."""
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    out = tmp_path / "run"
    common = [
        "--data",
        str(data),
        "--out",
        str(out),
        "--batch",
        "2",
        "--crop",
        "64",
        "64",
        "--perceptual",
        "1",
        "--threads",
        "1",
        "--no-export",
    ]
    args = parser.parse_args([*common, "--minutes", "0.03", "--judge-minutes", "99"])
    assert loop.run(args) == 0
    first = torch.load(out / "checkpoint.pt", weights_only=True)
    assert first["steps"] >= 1
    (out / "STOP").touch()
    assert loop.run(parser.parse_args([*common, "--minutes", "9"])) == 0
    second = torch.load(out / "checkpoint.pt", weights_only=True)
    assert second["steps"] == first["steps"], "STOP ends a resumed run before its first step"

    model, about = export.load_model(out / "checkpoint.pt")
    assert about["steps"] == first["steps"]
    whole, shipped = tmp_path / "whole.onnx", tmp_path / "embedded.onnx"
    export.write_float(model, whole)
    export.halve(whole, shipped)
    export.write_style(model, tmp_path / "style.npz")
    sample = pairs.load(data / f"{SEED:06d}_0", load_atlas(FOLDER))
    item = batch.item(sample, 0, batch.Window(96, 64, 96, 128), np.random.default_rng(0))
    film = Style.load(tmp_path / "style.npz")(item.condition.numpy())
    with torch.no_grad():
        want_film = model.style(item.condition[None])[0].numpy()
        zeros = torch.zeros(1, layout.HISTORY, 24, 32)
        args5 = (item.color[None] - 0.5, item.cells[None], item.label[None], zeros, torch.from_numpy(film)[None])
        want = model.net(*args5)[0].permute(1, 2, 0).numpy()
    assert np.abs(film - want_film).max() < 1e-2
    ort = pytest.importorskip("onnxruntime", reason="needs ONNX Runtime: pip install onnxruntime")
    session = ort.InferenceSession(str(shipped), providers=["CPUExecutionProvider"])
    color = (item.color.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    got = session.run(
        None,
        {
            "color": color[None],
            "cells": item.cells.numpy()[None],
            "label": item.label.numpy().astype(np.int32)[None],
            "history": np.zeros((1, 24, 32, layout.HISTORY), np.float32),
            "film": film[None],
        },
    )[0][0]
    assert np.abs(got - want).max() < 2e-2, "float16 weights move the latent by less than this"


def test_a_larger_model_begins_where_a_smaller_one_stands(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    small, large = Model.new("small"), Model.new("large")
    with torch.no_grad():
        for parameter in small.both().parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    state = small.both().state_dict()
    torch.save({"size": "small", "average": state, "steps": 1, "spent_s": 1.0}, tmp_path / "small.pt")
    begin_with(large, tmp_path / "small.pt")
    sample = pairs.load(data / f"{SEED:06d}_0", load_atlas(FOLDER))
    one = batch.stack([batch.item(sample, 0, batch.Window(96, 64, 96, 128), np.random.default_rng(0))])
    with torch.no_grad():
        a, b = small.latent(one), large.latent(one)
    assert torch.allclose(a, b, atol=2e-2)
    assert sum(p.numel() for p in large.net.parameters()) > 2 * sum(p.numel() for p in small.net.parameters())


def test_training_begins_with_the_weights_that_ship() -> None:
    pytest.importorskip("openvino", reason="needs OpenVINO: pip install openvino")
    model = Model.new("small")
    begin_with(model, FOLDER)
    rng = np.random.default_rng(3)
    condition = rng.standard_normal(layout.CONDITION).astype(np.float32)
    film = Style.load(FOLDER / "style.npz")(condition)
    with torch.no_grad():
        again = model.style(torch.from_numpy(condition)[None])
    assert np.abs(again[0].numpy() - film).max() < 1e-4
    given = {
        "color": rng.integers(0, 256, (1, 32, 64, 3), np.uint8),
        "cells": rng.standard_normal((1, ft.CHANNELS, 8, 16)).astype(np.float32),
        "label": rng.integers(0, len(layout.LABELS), (1, 8, 16)).astype(np.int32),
        "history": rng.random((1, 8, 16, layout.HISTORY)).astype(np.float32),
        "film": film[None],
    }
    shipped = core().compile_model(str(FOLDER / "embedded.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    with torch.no_grad():
        out = export.Shipped(model.net)(*(torch.from_numpy(given[name]) for name in export.INPUTS))
    assert np.abs(next(iter(shipped(given).values())) - out.numpy()).max() < 2e-3


@pytest.mark.parametrize("strength", [0.0, 0.25, 1.0])
def test_pictures_are_composed_and_their_edges_smoothed_by_the_strength(data: Path, strength: float) -> None:
    sample = pairs.load(data / f"{SEED:06d}_0", load_atlas(FOLDER))
    how = batch.Draw(prompt=0, strength=strength)
    item = batch.stack([batch.item(sample, 0, batch.WHOLE, np.random.default_rng(0), how)])
    latent = torch.rand(1, layout.LATENT, *item.cells.shape[-2:], generator=torch.Generator().manual_seed(0))
    part = min(1.0, 2 * strength)
    plain = network.compose(latent, item.color, item.through, item.detail, item.nearness, cover=part, contrast=part)
    got = network.picture(latent, item)
    assert torch.equal(got, antialiased(plain, torch.full((1, 1, 1, 1), part)))
    assert torch.equal(got, plain) == (strength == 0)


def test_what_tells_surfaces_apart_is_the_same_as_at_run_time(data: Path) -> None:
    sample = pairs.load(data / f"{SEED:06d}_0", load_atlas(FOLDER))
    how = batch.Draw(prompt=0, lost=batch.augment.Missing(False, False, False, False))
    item = batch.stack([batch.item(sample, 0, batch.WHOLE, np.random.default_rng(0), how)])
    assert item.label.any()
    color = item.color[0].reshape(3, 72, 4, 128, 4).mean((2, 4)).permute(1, 2, 0).numpy()
    wanted = atrous_reference.guide(color, item.cells[0].numpy(), item.label[0].numpy())
    np.testing.assert_allclose(atrous.guide(item)[0].numpy(), wanted, rtol=1e-4, atol=1e-4)


def test_the_latent_is_averaged_along_surfaces(data: Path) -> None:
    sample = pairs.load(data / f"{SEED:06d}_0", load_atlas(FOLDER))
    item = batch.stack([batch.item(sample, 0, batch.WHOLE, np.random.default_rng(0), batch.Draw(prompt=0))])
    model = Model.new("tiny")
    history = item.cells.new_zeros(1, layout.HISTORY, *item.cells.shape[-2:])
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        raw = model.net(item.color - 0.5, item.cells, item.label, history, model.style(item.condition))
    with torch.no_grad():
        assert torch.equal(model.latent(item), atrous.smooth(raw, atrous.guide(item)))


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="holds no weights"):
        begin_with(Model.new("tiny"), tmp_path)
    (tmp_path / "model.json").write_text('{"size": "vast"}')
    with pytest.raises(MediaError, match="holds no weights"):
        begin_with(Model.new("tiny"), tmp_path)


def test_a_sheet_shows_input_output_target(data: Path, tmp_path: Path) -> None:
    sample = pairs.load(data / f"{SEED:06d}_0", load_atlas(FOLDER))
    evaluate.sheet(Model.new("small"), [sample], tmp_path / "sheet.png")
    assert cv2.imread(str(tmp_path / "sheet.png")).shape == (288, 3 * 512, 3)
