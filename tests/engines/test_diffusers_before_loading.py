"""Before anything is loaded: options, what is downloaded, and what is said where something lacks or is forbidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import torch

from framegen import install, models_table
from framegen.engines import diffusers as ours
from framegen.engines.diffusers import device, files, recipes
from framegen.engines.diffusers.options import Options, parse
from framegen.engines.specs import check_engine, load_engine, spec
from framegen.errors import ModelUnavailable, UnknownModel


def test_what_to_download_follows_from_the_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("unet/diffusion_pytorch_model.bin", "text_encoder/model.safetensors", "tiny/model.safetensors"):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).touch()
    there = {"stabilityai/sd-turbo": tmp_path, "madebyollin/taesd": tmp_path / "tiny"}
    monkeypatch.setattr(files, "cached", lambda source: there.get(source.repo))
    with pytest.raises(ModelUnavailable, match="controlnet-sd21-depth") as caught:
        load_engine("sd-turbo:control=depth", "cpu")
    assert caught.value.hint == "Download it: framegen models --download sd-turbo:control=depth"
    check_engine("sd-turbo", "cpu")


def test_a_model_that_is_only_offered_is_checked_before_the_server_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    import argparse

    from framegen.server import command

    monkeypatch.setattr(files, "cached", lambda source: None)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    told = ["--model", "embedded", "--model", "lcm", "--quiet", "--endpoint", "tcp://127.0.0.1:*"]
    with pytest.raises(ModelUnavailable, match="lcm needs SimianLuo/LCM_Dreamshaper_v7"):
        command.run(parser.parse_args(told))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sd-turbo", "--download sd-turbo"),
        ("sd-turbo:weights=/no/such/folder", "neither a folder nor a hub id"),
        ("sd-turbo:weights=/no/such/file.safetensors", "no file|not on this machine"),
        ("sd-turbo:steps=3", "takes 1 or 2 or 4"),
        ("sd-turbo:step=2", "Did you mean 'steps'"),
        ("sdxs-512:control=depth", "Nobody has published"),
        ("sana-sprint-0.6b:vae=tiny", "taesana_encoder.pth"),
        ("sana-sprint-1.6b:dtype=float16", "overflow there.*float32"),
        ("pix2pix-turbo", "weights=FILE.pkl"),
        ("pix2pix-turbo:weights=a.pkl,vae=tiny", "full autoencoder only"),
        ("pix2pix-turbo:weights=/", "one file"),
        ("cyclegan-turbo:weights=stabilityai/sd-turbo", "one file"),
        ("dmd2-sdxl:steps=two", "steps cannot be 'two'"),
        ("sd-turbo:direction=up", "direction cannot be"),
        ("sd-turbo:control_scale=9", "from 0 to 2"),
        ("sd-turbo:size=big", "size=768x432"),
        ("embedded:steps=2", "Unknown option .steps=2. of embedded"),
    ],
)
def test_what_lacks_is_named_in_one_line(name: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "cached", lambda source: None)
    with pytest.raises(ModelUnavailable, match=message) as caught:
        load_engine(name, "cpu")
    assert "\n" not in str(caught.value)


def test_an_unknown_model_gets_the_nearest() -> None:
    with pytest.raises(UnknownModel, match="sd-turbo"):
        load_engine("sd-turb:steps=2", "cpu")


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "missing_extra", lambda: ("diffusers",))
    with pytest.raises(ModelUnavailable, match="diffusers, not installed") as raised:
        load_engine("sd-turbo", "cpu")
    assert raised.value.hint == f"Install: {install.command_for('diffusers')}"


def test_a_missing_gpu_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ModelUnavailable, match="--device cpu"):
        device.choose("gpu")
    assert device.choose("auto").type == "cpu"


def test_more_gpus_than_there_are_is_said_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch and the driver are there: there is nothing to install."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert device.choose("cuda:0") == torch.device("cuda:0")
    with pytest.raises(ModelUnavailable, match="no GPU number 1") as raised:
        device.choose("cuda:1")
    assert "sees 1" in raised.value.hint


def test_a_name_that_no_hub_would_have_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelUnavailable, match="my model/depth"):
        load_engine("sd-turbo:control=my model/depth,vae=full,weights=/", "cpu")


@pytest.mark.parametrize("wanted", ["auto", "cpu"])
def test_a_card_that_pytorch_cannot_use_is_pointed_at(
    wanted: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """On Windows pip's PyTorch is the processor's: who has a card and asks for none by name would only see it crawl."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    for found, said in ((None, False), ("/usr/bin/nvidia-smi", wanted == "auto")):
        monkeypatch.setattr("shutil.which", lambda name, found=found: found)
        ours.check(spec("sd-turbo"), "sd-turbo:weights=random", wanted)
        assert ("CUDA build" in caplog.text) is said


def test_a_licence_without_commercial_use_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ModelUnavailable):
        monkeypatch.setattr(files, "cached", lambda source: None)
        load_engine("dmd2-sdxl", "cpu")
    assert "forbids commercial use" in caplog.text and "CC BY-NC-SA 4.0" in caplog.text


@pytest.mark.parametrize("name", [recipe.spec.name for recipe in recipes.RECIPES if not recipe.spec.commercial])
def test_a_download_says_that_commercial_use_is_forbidden(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(files, "download", lambda wanted, say: None)
    assert models_table.download(name) == 0
    assert "no commercial use" in capsys.readouterr().out


def test_models_lists_every_row(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import argparse

    monkeypatch.setattr(files, "cached", lambda source: None)
    parser = argparse.ArgumentParser()
    models_table.add_arguments(parser)
    assert models_table.run(parser.parse_args(["--json"])) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(recipes.BY_NAME) < set(rows)
    assert rows["sd-turbo"]["fix"] == "framegen models --download sd-turbo"
    assert not rows["dmd2-sd15"]["commercial"] and rows["lcm"]["licence"] == "MIT"


def test_download_brings_what_the_options_need(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(files, "download", lambda wanted, say: asked.extend(map(str, wanted)))
    assert models_table.download("sd-turbo:control=depth") == 0
    assert asked == ["stabilityai/sd-turbo", "madebyollin/taesd", "thibaud/controlnet-sd21-depth-diffusers"]
    asked.clear()
    assert models_table.download("dmd2-sdxl:vae=full") == 0
    assert asked == ["stabilityai/stable-diffusion-xl-base-1.0", "tianweiy/DMD2/dmd2_sdxl_4step_unet_fp16.bin"]
    asked.clear()
    assert models_table.download("cyclegan-turbo") == 0
    assert asked == ["stabilityai/sd-turbo"]
    assert models_table.download("embedded") == 0


def test_options_are_read() -> None:
    recipe = recipes.BY_NAME["sd-turbo"]
    found = parse("steps=4, vae=full ,graph=off,control_scale=0.5", recipe)
    assert found == Options(steps=4, vae="full", graph=False, control_scale=0.5)
    assert parse("", recipe).vae == "tiny"
    assert parse("", recipes.BY_NAME["sana-sprint-1.6b"]).vae == "full"


def test_the_package_says_what_a_row_is() -> None:
    assert spec("lcm:steps=4").extra == "diffusers"
    assert callable(ours.open_engine)
