"""Models from folders, single files and LoRA files, in the published names; and what is said where one lacks."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import diffusers
import tiny_models as tiny
import torch
from safetensors.torch import save_file

from framegen import install
from framegen.config import Settings
from framegen.engines.diffusers import device, files, loading, lora, recipes, shapes
from framegen.engines.diffusers.options import Options
from framegen.engines.specs import load_engine
from framegen.errors import ModelUnavailable
from framegen.frame import Frame
from framegen.restyle import Restyler

one_thread = tiny.one_thread
GIVEN = tiny.picture()


@pytest.fixture(autouse=True)
def enough_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else runs on this machine: the networks here are tiny."""
    monkeypatch.setattr(device, "free_gib", lambda place: 99.0)


@pytest.fixture(scope="module")
def turbo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SD-Turbo's folder as diffusers saves it, with ``tiny/`` and ``depth/`` in it."""
    folder = tmp_path_factory.mktemp("turbo")
    pipe = tiny.sd_img2img(tiny.UNET21, tiny.euler(), tiny.full_vae())
    pipe.save_pretrained(folder)
    tiny.tiny_vae().save_pretrained(folder / "tiny")
    tiny.controlnet(pipe.unet).save_pretrained(folder / "depth")
    return folder


def picture(name: str, frame: Frame | None = None) -> np.ndarray:
    engine = load_engine(name, "cpu")
    return Restyler(engine, Settings(prompt="a cat"))(frame or Frame(1, GIVEN)).image


def test_a_folder_gives_the_pipelines_own_weights(turbo: Path) -> None:
    engine = load_engine(f"sd-turbo:weights={turbo},vae=full", "cpu")
    assert engine.spec.name == f"sd-turbo:weights={turbo},vae=full"
    assert "CPU" in engine.device
    saved = diffusers.UNet2DConditionModel.from_pretrained(turbo / "unet").state_dict()
    loaded = engine.parts.body.state_dict()  # type: ignore[attr-defined]
    assert saved.keys() == loaded.keys()
    assert all(torch.equal(saved[name], loaded[name]) for name in saved)
    image = Restyler(engine, Settings(prompt="a cat"))(Frame(1, GIVEN)).image
    assert image.shape == GIVEN.shape and image.std() > 1
    assert np.array_equal(image, picture(f"sd-turbo:weights={turbo},vae=full"))


def test_options_change_the_picture(turbo: Path) -> None:
    depth = np.tile(np.linspace(1, 9, tiny.W, dtype=np.float32), (tiny.H, 1))
    base = f"sd-turbo:weights={turbo},vae={turbo / 'tiny'}"
    frame = Frame(1, GIVEN, depth_m=depth)
    images = [picture(base + more, frame) for more in ("", ",steps=2", f",control={turbo / 'depth'}")]
    assert all(not np.array_equal(a, b) for a, b in itertools.pairwise(images))


def ldm_names(body: Any) -> dict[str, str]:
    """diffusers' name -> the original Stable Diffusion's, from the order of blocks in its ``openaimodel.py``.

    There the network is ``input_blocks`` (the first convolution, then each level's pairs of resnet and transformer and
    a downsampler as a block of its own), ``middle_block`` and ``output_blocks`` (an upsampler ends its level's last
    block); a resnet is ``in_layers``, ``emb_layers``, ``out_layers``, ``skip_connection``.
    """
    inner = {
        "norm1": "in_layers.0",
        "conv1": "in_layers.2",
        "time_emb_proj": "emb_layers.1",
        "norm2": "out_layers.0",
        "conv2": "out_layers.3",
        "conv_shortcut": "skip_connection",
    }
    places: dict[str, str] = {"conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"}
    places |= {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2"}
    places |= {"add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2"}
    number = 1
    for i, block in enumerate(body.down_blocks):
        for j in range(len(block.resnets)):
            places[f"down_blocks.{i}.resnets.{j}"] = f"input_blocks.{number}.0"
            places[f"down_blocks.{i}.attentions.{j}"] = f"input_blocks.{number}.1"
            number += 1
        if block.downsamplers is not None:
            places[f"down_blocks.{i}.downsamplers.0.conv"] = f"input_blocks.{number}.0.op"
            number += 1
    places |= {"mid_block.resnets.0": "middle_block.0", "mid_block.attentions.0": "middle_block.1"}
    places["mid_block.resnets.1"] = "middle_block.2"
    number = 0
    for i, block in enumerate(body.up_blocks):
        attends = hasattr(block, "attentions")
        for j in range(len(block.resnets)):
            places[f"up_blocks.{i}.resnets.{j}"] = f"output_blocks.{number}.0"
            places[f"up_blocks.{i}.attentions.{j}"] = f"output_blocks.{number}.1"
            number += 1
        places[f"up_blocks.{i}.upsamplers.0.conv"] = f"output_blocks.{number - 1}.{2 if attends else 1}.conv"
    names = {}
    for name in body.state_dict():
        place = max((p for p in places if name.startswith(p + ".")), key=len)
        rest = name[len(place) + 1 :]
        if ".resnets." in place:
            layer, _, ending = rest.rpartition(".")
            rest = f"{inner[layer]}.{ending}"
        names[name] = f"model.diffusion_model.{places[place]}.{rest}"
    return names


@pytest.mark.parametrize("shape", ["sd15", "sd21", "sdxl"])
def test_true_sizes_take_the_original_checkpoints_names(shape: str) -> None:
    """Every name of an original Stable Diffusion file finds its place in a network of the true size (no memory used).

    SDXL's ten transformer layers in a row, which are named alike, are two here.
    """
    config = dict(shapes.BODIES[shape])
    if shape == "sdxl":
        config["transformer_layers_per_block"] = (1, 2, 2)
    with torch.device("meta"):
        body = diffusers.UNet2DConditionModel(**config)
    names = ldm_names(body)
    state = {theirs: torch.empty(body.state_dict()[mine].shape, device="meta") for mine, theirs in names.items()}
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

    found = convert_ldm_unet_checkpoint(dict(state), dict(body.config))
    assert {k: v.shape for k, v in found.items()} == {k: v.shape for k, v in body.state_dict().items()}


@pytest.mark.parametrize(
    ("shape", "parameters"),
    [
        ("sd15", 859_520_964),
        ("sd15-lcm", 859_520_964 + 256 * 320),
        ("sd21", 865_910_724),
        ("sdxl", 2_567_463_684),
        ("sana06", 0),
        ("sana16", 0),
        ("sdxs", 0),
    ],
)
def test_true_sizes_have_the_published_count_of_parameters(shape: str, parameters: int) -> None:
    cls = diffusers.SanaTransformer2DModel if shape.startswith("sana") else diffusers.UNet2DConditionModel
    with torch.device("meta"):
        body = cls(**shapes.BODIES[shape])
    count = sum(value.numel() for value in body.parameters())
    rounded = {"sana06": 594e6, "sana16": 1610e6, "sdxs": 316e6}
    assert count == parameters if parameters else count == pytest.approx(rounded[shape], rel=0.01)


def test_single_files_in_both_namings(turbo: Path, tmp_path: Path) -> None:
    body = tiny.unet(tiny.UNET21)
    with torch.no_grad():
        for value in body.parameters():
            value.mul_(1.1)
    save_file(body.state_dict(), tmp_path / "diffusers.safetensors")
    names = ldm_names(body)
    torch.save({"state_dict": {names[k]: v for k, v in body.state_dict().items()}}, tmp_path / "original.ckpt")
    for file in ("diffusers.safetensors", "original.ckpt"):
        engine = load_engine(f"sd-turbo:base={turbo},vae=full,weights={tmp_path / file}", "cpu")
        loaded = engine.parts.body.state_dict()  # type: ignore[attr-defined]
        assert all(torch.equal(loaded[name], value) for name, value in body.state_dict().items())


def kohya(updates: dict[str, lora.LowRank], alpha: float) -> dict[str, torch.Tensor]:
    """As LCM-LoRA's files are named."""
    state = {}
    for name, update in updates.items():
        key = "lora_unet_" + name.replace(".", "_")
        state |= {f"{key}.lora_down.weight": update.down, f"{key}.lora_up.weight": update.up}
        state[f"{key}.alpha"] = torch.tensor(alpha)
    return state


def test_lora_files_equal_diffusers_own_loading(turbo: Path, tmp_path: Path) -> None:
    """Kohya's names with alpha (LCM-LoRA) and peft's, linear layers and convolutions."""
    pytest.importorskip("peft", reason="needs peft: pip install -e .[test], see .ci/tools")
    pipe = diffusers.StableDiffusionImg2ImgPipeline.from_pretrained(turbo)
    torch.manual_seed(8)
    updates = {}
    for name, module in pipe.unet.named_modules():
        if name.endswith(("attn1.to_q", "attn2.to_k", "proj_in", "ff.net.2", "resnets.0.conv1")):
            weight = module.weight
            down = torch.randn(4, *weight.shape[1:]) * 0.1
            up = torch.randn(weight.shape[0], 4, *[1] * (weight.ndim - 2)) * 0.1
            updates[name] = lora.LowRank(down, up, 1.0)
    save_file(kohya(updates, 2.0), tmp_path / "kohya.safetensors")
    peft = {f"unet.{k}.lora_A.weight": u.down for k, u in updates.items()}
    peft |= {f"unet.{k}.lora_B.weight": u.up for k, u in updates.items()}
    save_file(peft, tmp_path / "peft.safetensors")
    before = pipe.unet.state_dict()
    for file in ("kohya", "peft"):
        theirs = diffusers.StableDiffusionImg2ImgPipeline.from_pretrained(turbo)
        theirs.load_lora_weights(tmp_path, weight_name=f"{file}.safetensors")
        theirs.fuse_lora()
        theirs.unload_lora_weights()
        mine = diffusers.UNet2DConditionModel.from_pretrained(turbo / "unet")
        lora.add(mine, lora.read(files.read_state(tmp_path / f"{file}.safetensors")))
        expected = theirs.unet.state_dict()
        found = mine.state_dict()
        assert found.keys() == expected.keys()
        assert max(float((found[k] - expected[k]).abs().max()) for k in found) <= 1e-6
        assert max(float((found[k] - before[k]).abs().max()) for k in found) > 1e-3


def test_another_networks_file_is_named(turbo: Path, tmp_path: Path) -> None:
    save_file({"conv_in.weight": torch.zeros(3, 3, 3, 3)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelUnavailable, match="another network"):
        load_engine(f"sd-turbo:base={turbo},vae=full,weights={tmp_path / 'other.safetensors'}", "cpu")
    (tmp_path / "broken.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        load_engine(f"sd-turbo:base={turbo},vae=full,weights={tmp_path / 'broken.safetensors'}", "cpu")


def test_a_half_downloaded_folder_is_named(turbo: Path, tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "config.json").write_text((turbo / "unet" / "config.json").read_text())
    with pytest.raises(ModelUnavailable, match="not a whole model folder"):
        load_engine(f"sd-turbo:weights={tmp_path},vae=full", "cpu")


def test_random_weights_have_the_rows_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(shapes.BODIES, "sd21", tiny.UNET21)
    made = loading.random_parts(recipes.BY_NAME["sd-turbo"], Options(vae="tiny"), torch.device("cpu"), torch.float32)
    assert isinstance(made.vae, diffusers.AutoencoderTiny) and made.text is not None
    assert made.text.encode("a cat").tensors["states"].shape == (1, 77, 1024)
    assert torch.equal(made.text.encode("a cat").tensors["states"], made.text.encode("a cat").tensors["states"])


def test_random_weights_are_made_in_the_models_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made in single precision and halved then, SDXL would for a moment need twice the memory that its row names."""
    monkeypatch.setitem(shapes.BODIES, "sd21", tiny.UNET21)
    made: list[torch.dtype] = []
    monkeypatch.setattr(
        loading, "settle", lambda parts, *told: made.extend(next(m.parameters()).dtype for m in parts.modules())
    )
    told = Options(vae="tiny", control="depth")
    parts = loading.random_parts(recipes.BY_NAME["sd-turbo"], told, torch.device("cpu"), torch.float16)
    assert made == [torch.float16] * 3 and torch.get_default_dtype() == torch.float32
    assert parts.text is not None and parts.text.encode("a cat").tensors["states"].dtype == torch.float32


def test_tensorrt_that_is_missing_is_named(turbo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelUnavailable, match="TensorRT for PyTorch is not installed") as raised:
        load_engine(f"sd-turbo:weights={turbo},vae=full,compile=tensorrt", "cpu")
    assert raised.value.hint == f"Install: {install.command_for('tensorrt')}"
