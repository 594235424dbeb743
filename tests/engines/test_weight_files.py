"""Which files of a repository are downloaded, which are loaded, and what is said of those that are not whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import diffusers
import tiny_models as tiny
import torch
import transformers
from safetensors.torch import load_file, save_file

from framegen import models_table
from framegen.engines.diffusers import files, loading
from framegen.engines.diffusers.options import parse
from framegen.engines.diffusers.recipes import BY_NAME, Source
from framegen.errors import ModelUnavailable

one_thread = tiny.one_thread
PLAIN = "diffusion_pytorch_model.safetensors"


def test_one_set_of_weights_is_downloaded() -> None:
    """The files of a repository like SDXL's: of some forty gigabytes seven are needed."""
    held = [
        "README.md",
        "model_index.json",
        "sd_xl_base_1.0.safetensors",
        "sd_xl_base_1.0_0.9vae.safetensors",
        "scheduler/scheduler_config.json",
        "text_encoder/config.json",
        "text_encoder/flax_model.msgpack",
        "text_encoder/model.fp16.safetensors",
        "text_encoder/model.onnx",
        "text_encoder/model.safetensors",
        "text_encoder/openvino_model.bin",
        "tokenizer/merges.txt",
        "tokenizer/vocab.json",
        f"unet/{PLAIN}",
        "unet/config.json",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "unet/diffusion_pytorch_model.non_ema.safetensors",
        "unet/diffusion_pytorch_model.bin",
        f"vae_1_0/{PLAIN}",
        f"vae/{PLAIN}",
        "safety_checker/model.safetensors",
    ]
    weights = {
        "text_encoder/model.fp16.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        f"vae/{PLAIN}",
    }
    small = {name for name in held if name.endswith((".json", ".txt"))}
    assert set(files.chosen(held)) == weights | small


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        # a large text encoder in numbered parts, as SANA's
        (
            ["text_encoder/model-00001-of-00002.safetensors", "text_encoder/model-00002-of-00002.safetensors"],
            ["text_encoder/model-00001-of-00002.safetensors", "text_encoder/model-00002-of-00002.safetensors"],
        ),
        (
            ["unet/diffusion_pytorch_model.fp16-00001-of-00002.safetensors", f"unet/{PLAIN}"],
            ["unet/diffusion_pytorch_model.fp16-00001-of-00002.safetensors"],
        ),
        # adapters of which only the pickled form was published: read without running code
        (["diffusion_pytorch_model.bin", "config.json"], ["config.json", "diffusion_pytorch_model.bin"]),
        (["diffusion_pytorch_model.bin", "diffusion_pytorch_model.fp16.bin", PLAIN], [PLAIN]),
        (["unet/diffusion_pytorch_model.bf16.safetensors"], ["unet/diffusion_pytorch_model.bf16.safetensors"]),
    ],
)
def test_of_formats_and_kinds_the_best_is_taken(held: list[str], wanted: list[str]) -> None:
    assert files.chosen(held) == wanted


SDXL = (
    "unet/diffusion_pytorch_model.fp16.safetensors",
    "vae/diffusion_pytorch_model.fp16.safetensors",
    "text_encoder/model.fp16.safetensors",
    "text_encoder_2/model.fp16.safetensors",
    "unet/config.json",
)


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("dmd2-sdxl", ["unet", "vae"]),
        ("dmd2-sdxl:vae=full", ["unet"]),
        ("dmd2-sdxl:weights=some/sdxl", ["vae"]),
        ("lcm-lora-sdxl", ["vae"]),
        ("sdxl-turbo:weights=/a/file.safetensors,vae=full", ["unet"]),
    ],
)
def test_what_a_model_does_not_use_stays_on_the_hub(name: str, left: list[str]) -> None:
    """SDXL's own network alone has 4.8 GiB; where another takes its place its layers' sizes are still needed."""
    row, _, told = name.partition(":")
    source = files.base(BY_NAME[row], parse(told, BY_NAME[row]))
    skipped = {f"{part}/diffusion_pytorch_model.fp16.safetensors" for part in left}
    assert set(SDXL) - set(files.chosen(SDXL, source.parts)) == skipped


def test_a_repository_that_two_parts_come_from_is_downloaded_once() -> None:
    recipe = BY_NAME["sdxs-512"]
    assert files.sources(recipe, parse("", recipe)) == [Source(recipe.base.repo, parts=("text_encoder", "unet", "vae"))]


def test_a_part_that_another_model_left_out_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache has one folder of a repository for all models."""
    monkeypatch.setattr(files, "cached", lambda source: tmp_path)
    for file in SDXL[1:]:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(b"1234")
    own, lora = BY_NAME["dmd2-sdxl"], BY_NAME["lcm-lora-sdxl"]
    own_base, lora_base = files.base(own, parse("", own)), files.base(lora, parse("", lora))
    assert files.locate(own_base, own) == tmp_path
    with pytest.raises(ModelUnavailable, match=r"needs unet of stabilityai/stable-diffusion-xl-base-1\.0"):
        files.locate(lora_base, lora)
    assert files.size_bytes(tmp_path, own_base) == 12, "the autoencoder is not used"
    state = models_table.availability(lora.spec)
    assert not state.here and state.fix == "framegen models --download lcm-lora-sdxl"


def test_a_row_with_a_network_of_its_own_loads_without_that_of_its_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = BY_NAME["dmd2-sd15"]
    assert recipe.body is not None and recipe.tiny is not None
    pipe = tiny.sd_img2img(tiny.UNET15, tiny.euler(), tiny.full_vae())
    pipe.save_pretrained(tmp_path / "base")
    (tmp_path / "base" / "unet" / PLAIN).unlink()
    tiny.tiny_vae().save_pretrained(tmp_path / "tiny")
    torch.save(pipe.unet.state_dict(), tmp_path / "body.bin")
    places = {recipe.base.repo: "base", recipe.tiny.repo: "tiny", recipe.body.repo: "body.bin"}
    monkeypatch.setattr(files, "cached", lambda source: tmp_path / places[source.repo])
    files.check(recipe, parse("", recipe), "dmd2-sd15")
    loaded = loading.load(recipe, parse("", recipe), torch.device("cpu"), torch.float32).body.state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in pipe.unet.state_dict().items())


def test_the_kind_that_is_there_is_asked_for() -> None:
    assert files.variant([PLAIN, "diffusion_pytorch_model.fp16.safetensors", "config.json"]) == ""
    assert files.variant(["model.fp16.safetensors", "model.bf16.safetensors"]) == "fp16"
    assert files.variant(["model-00001-of-00002.bf16.safetensors"]) == "bf16"
    assert files.variant(["config.json"]) == ""


def test_a_download_asks_for_what_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked: list[Any] = []
    monkeypatch.setattr(huggingface_hub, "list_repo_files", lambda repo: [f"unet/{PLAIN}", "whole.safetensors"])
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda repo, allow_patterns: asked.append(allow_patterns))
    files.download([Source("some/model")], lambda said: None)
    assert asked == [[f"unet/{PLAIN}"]]

    def unreachable(repo: str) -> list[str]:
        raise RuntimeError("no route to host\nand more")  # the client's own error is none of the hub's

    monkeypatch.setattr(huggingface_hub, "list_repo_files", unreachable)
    with pytest.raises(ModelUnavailable, match=r"some/model could not be downloaded: no route to host Where"):
        files.download([Source("some/model")], lambda said: None)


@pytest.mark.parametrize("kind", ["fp16", "bf16"])
@pytest.mark.parametrize("pickled", [False, True])
def test_folders_with_one_kind_load(kind: str, pickled: bool, tmp_path: Path) -> None:
    body = tiny.unet(tiny.UNET21)
    body.save_pretrained(tmp_path, variant=kind, safe_serialization=not pickled)
    assert not (tmp_path / PLAIN).exists()
    loaded = loading._pretrained(diffusers.UNet2DConditionModel, tmp_path, "").state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in body.state_dict().items())


def rewritten(path: Path, rename: Any) -> None:
    """A safetensors file with other names; None: left out."""
    state = {rename(name): value for name, value in load_file(path).items()}
    state.pop(None, None)
    save_file(state, path, metadata={"format": "pt"})


def test_the_older_names_of_an_autoencoders_attention_load(tmp_path: Path) -> None:
    """Stable Diffusion 1.5's folder has them (``query`` for ``to_q``)."""
    vae = tiny.full_vae()
    vae.save_pretrained(tmp_path)
    older = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}

    def rename(name: str) -> str:
        for new, old in older.items():
            name = name.replace(f"attentions.0.{new}.", f"attentions.0.{old}.")
        return name

    rewritten(tmp_path / PLAIN, rename)
    assert any(".query." in name for name in load_file(tmp_path / PLAIN))
    loaded = loading._pretrained(diffusers.AutoencoderKL, tmp_path, "").state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in vae.state_dict().items())


@pytest.mark.parametrize("projected", [False, True])
def test_text_encoders_load_by_their_published_names(projected: bool, tmp_path: Path) -> None:
    """With ``text_model.`` before each, and a table of places that today's class does not have."""
    encoder = tiny.clip_text(projected)
    encoder.save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    rewritten(file, lambda n: n if n.startswith("text_") else f"text_model.{n}")
    state = load_file(file) | {"text_model.embeddings.position_ids": torch.arange(77)[None]}
    save_file(state, file, metadata={"format": "pt"})
    loaded = loading._pretrained(type(encoder), tmp_path, "").state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in encoder.state_dict().items())


@pytest.mark.parametrize("prefix", ["", "model."])
def test_gemma_loads_with_and_without_its_head(prefix: str, tmp_path: Path) -> None:
    encoder = tiny.sana().text_encoder
    encoder.save_pretrained(tmp_path)
    rewritten(tmp_path / "model.safetensors", lambda n: prefix + n.removeprefix("model."))
    loaded = loading._pretrained(transformers.Gemma2Model, tmp_path, "").state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in encoder.state_dict().items())


def adapter() -> Any:
    return diffusers.T2IAdapter(adapter_type="full_adapter", channels=[16, 32], num_res_blocks=1, downscale_factor=8)


MODULES: dict[str, Any] = {
    "UNet": lambda: tiny.unet(tiny.UNET21),
    "ControlNet": lambda: tiny.controlnet(tiny.unet(tiny.UNET21)),
    "T2I-adapter": adapter,
    "KL": tiny.full_vae,
    "tiny": tiny.tiny_vae,
    "SANA": lambda: tiny.sana().transformer,
    "DC-AE": lambda: tiny.sana().vae,
    "CLIP": tiny.clip_text,
    "Gemma": lambda: tiny.sana().text_encoder,
}


@pytest.mark.parametrize("name", MODULES)
def test_a_folder_that_lacks_a_weight_is_one_line(name: str, tmp_path: Path) -> None:
    """The libraries would go on with random numbers, or with none."""
    module = MODULES[name]()
    module.save_pretrained(tmp_path)
    (file,) = tmp_path.glob("*.safetensors")
    lost = sorted(n for n in load_file(file) if n.endswith("weight"))[3]
    rewritten(file, lambda n: None if n == lost else n)
    with pytest.raises(ModelUnavailable, match="weights of another network") as caught:
        loading._pretrained(type(module), tmp_path, "")
    assert "\n" not in str(caught.value) and "has no '" in str(caught.value.hint)


def test_a_folder_with_a_weight_too_many_is_one_line(tmp_path: Path) -> None:
    tiny.unet(tiny.UNET15, time_cond_proj_dim=32).save_pretrained(tmp_path)
    tiny.unet(tiny.UNET15).save_config(tmp_path)
    with pytest.raises(ModelUnavailable, match="weights of another network") as caught:
        loading._pretrained(diffusers.UNet2DConditionModel, tmp_path, "")
    assert "'time_embedding.cond_proj.weight', which is not of UNet2DConditionModel" in str(caught.value.hint)


def test_a_pickle_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    torch.save({"state_dict": {"a": Path("code")}}, tmp_path / "model.ckpt")
    with pytest.raises(ModelUnavailable, match="cannot be read as weights") as caught:
        files.read_state(tmp_path / "model.ckpt")
    assert "\n" not in str(caught.value)
