"""The names and shapes of published weights, written down from their authors' code, through the loading of the product.

What the hub holds cannot be fetched here. What it must hold follows from public code, and is built up below by rules:

- Stable Diffusion's UNet and ControlNet: ``ldm/modules/diffusionmodules/openaimodel.py`` and
  ``ldm/modules/attention.py`` of CompVis/stable-diffusion, ``cldm/cldm.py`` of lllyasviel/ControlNet;
- SDXS-512 (one resnet a block, widths 1, 2, 4, no attention at the first, no middle, its own tiny autoencoder): the
  UNet of leejet/stable-diffusion.cpp and ``demo.py`` of IDKiro/sdxs;
- SANA-Sprint: ``diffusion/model/nets/sana.py`` and ``sana_multi_scale.py`` of NVlabs/Sana, and the order of what is
  split in ``scripts/convert_sana_to_diffusers.py`` of huggingface/diffusers;
- DC-AE: ``efficientvit/models/efficientvit/dc_ae.py`` of mit-han-lab/efficientvit;
- TAESD: ``taesd.py`` of madebyollin/taesd. T2I-adapter: ``ldm/modules/encoders/adapter.py`` of TencentARC/T2I-Adapter.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")

import diffusers
import tiny_models as tiny
import torch

from framegen.engines.diffusers import device, loading, names, recipes, shapes
from framegen.engines.specs import load_engine
from framegen.errors import ModelUnavailable

one_thread = tiny.one_thread
Shapes = dict[str, tuple[int, ...]]
LDM = "model.diffusion_model."


def conv(name: str, before: int, after: int, size: int = 3, bias: bool = True) -> Shapes:
    return {f"{name}.weight": (after, before, size, size)} | ({f"{name}.bias": (after,)} if bias else {})


def linear(name: str, before: int, after: int, bias: bool = True) -> Shapes:
    return {f"{name}.weight": (after, before)} | ({f"{name}.bias": (after,)} if bias else {})


def norm(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def resblock(name: str, before: int, after: int, time: int) -> Shapes:
    found = norm(f"{name}.in_layers.0", before) | conv(f"{name}.in_layers.2", before, after)
    found |= linear(f"{name}.emb_layers.1", time, after)
    found |= norm(f"{name}.out_layers.0", after) | conv(f"{name}.out_layers.3", after, after)
    return found | (conv(f"{name}.skip_connection", before, after, 1) if before != after else {})


def transformer(name: str, width: int, depth: int, context: int, flat: bool) -> Shapes:
    found = norm(f"{name}.norm", width)
    for place in ("proj_in", "proj_out"):
        found |= linear(f"{name}.{place}", width, width) if flat else conv(f"{name}.{place}", width, width, 1)
    for i in range(depth):
        block = f"{name}.transformer_blocks.{i}"
        for attention, given in (("attn1", width), ("attn2", context)):
            found |= linear(f"{block}.{attention}.to_q", width, width, bias=False)
            found |= linear(f"{block}.{attention}.to_k", given, width, bias=False)
            found |= linear(f"{block}.{attention}.to_v", given, width, bias=False)
            found |= linear(f"{block}.{attention}.to_out.0", width, width)
        found |= linear(f"{block}.ff.net.0.proj", width, 8 * width) | linear(f"{block}.ff.net.2", 4 * width, width)
        for k in (1, 2, 3):
            found |= norm(f"{block}.norm{k}", width)
    return found


class Ldm:
    """Stable Diffusion's UNet: ``depths`` of the transformers at each level (0: none) and in the middle."""

    def __init__(
        self, mult: tuple[int, ...], depths: tuple[int, ...], context: int, flat: bool, labels: int = 0
    ) -> None:
        self.widths, self.depths = [320 * m for m in mult], depths
        self.context, self.flat, self.labels = context, flat, labels

    def stage(self, name: str, before: int, level: int, time: int = 1280) -> Shapes:
        found = resblock(f"{name}.0", before, self.widths[level], time)
        if self.depths[level]:
            found |= transformer(f"{name}.1", self.widths[level], self.depths[level], self.context, self.flat)
        return found

    def down(self) -> tuple[Shapes, list[int]]:
        """Up to the middle, and the widths that are kept for the way up."""
        found = linear("time_embed.0", 320, 1280) | linear("time_embed.2", 1280, 1280)
        if self.labels:
            found |= linear("label_emb.0.0", self.labels, 1280) | linear("label_emb.0.2", 1280, 1280)
        found |= conv("input_blocks.0.0", 4, 320)
        kept, width, number = [320], 320, 1
        for level, after in enumerate(self.widths):
            for _ in range(2):
                found |= self.stage(f"input_blocks.{number}", width, level)
                kept, width, number = [*kept, after], after, number + 1
            if level + 1 < len(self.widths):
                found |= conv(f"input_blocks.{number}.0.op", width, width)
                kept, number = [*kept, width], number + 1
        found |= resblock("middle_block.0", width, width, 1280) | resblock("middle_block.2", width, width, 1280)
        return found | transformer("middle_block.1", width, max(self.depths), self.context, self.flat), kept

    def unet(self) -> Shapes:
        found, kept = self.down()
        width, number = self.widths[-1], 0
        for level in reversed(range(len(self.widths))):
            for i in range(3):
                found |= self.stage(f"output_blocks.{number}", width + kept.pop(), level)
                width = self.widths[level]
                if i == 2 and level:
                    found |= conv(f"output_blocks.{number}.{2 if self.depths[level] else 1}.conv", width, width)
                number += 1
        return found | norm("out.0", 320) | conv("out.2", 320, 4)

    def controlnet(self) -> Shapes:
        found, kept = self.down()
        for i, width in enumerate(kept):
            found |= conv(f"zero_convs.{i}.0", width, width, 1)
        hints = (3, 16, 16, 32, 32, 96, 96, 256, 320)
        for i, (before, after) in enumerate(itertools.pairwise(hints)):
            found |= conv(f"input_hint_block.{2 * i}", before, after)
        return found | conv("middle_block_out.0", self.widths[-1], self.widths[-1], 1)


FOUR = (1, 2, 4, 4)
PUBLISHED = {
    "sd15": Ldm(FOUR, (1, 1, 1, 0), 768, False),
    "sd21": Ldm(FOUR, (1, 1, 1, 0), 1024, True),
    "sdxl": Ldm((1, 2, 4), (0, 2, 10), 2048, True, 2816),
}


def empty(wanted: Shapes, prefix: str = "") -> dict[str, torch.Tensor]:
    return {prefix + name: torch.empty(shape, device="meta") for name, shape in wanted.items()}


def body_of(shape: str) -> Any:
    cls = diffusers.SanaTransformer2DModel if shape.startswith("sana") else diffusers.UNet2DConditionModel
    with torch.device("meta"):
        return cls(**shapes.BODIES[shape])


def like(wanted: Shapes, module: Any) -> None:
    """Every weight and no other, each in its shape."""
    assert wanted == {name: tuple(value.shape) for name, value in module.state_dict().items()}


@pytest.mark.parametrize("shape", PUBLISHED)
def test_original_stable_diffusion(shape: str) -> None:
    """As a single file of the true sizes: the denoiser is taken out from beside what else the file holds."""
    state = empty(PUBLISHED[shape].unet(), LDM)
    state |= empty({"cond_stage_model.x": (1,), "model_ema.decay": (), "alphas_cumprod": (1000,)})
    loading.load_body(body_of(shape), state)
    state.pop(f"{LDM}middle_block.1.norm.weight")
    with pytest.raises(ModelUnavailable, match="another network"):
        loading.load_body(body_of(shape), state)


@pytest.mark.parametrize("row", ["sd15", "sd21", "sdxl", "sdxs", "sana06"])
def test_another_rows_file_is_one_line(row: str) -> None:
    """SDXL's into 1.5, SANA's into SDXL and so on, whichever way."""
    given = {"sdxl": empty(PUBLISHED["sd15"].unet(), LDM), "sana06": empty(PUBLISHED["sd21"].unet(), LDM)}
    for state in (given.get(row, empty(PUBLISHED["sdxl"].unet(), LDM)), empty(sana("sana16")), {"a": torch.zeros(1)}):
        with pytest.raises(ModelUnavailable, match="another network") as caught:
            loading.load_body(body_of(row), state)
        assert "\n" not in str(caught.value) and "Use the row" in str(caught.value.hint)


@pytest.mark.parametrize("shape", ["sd15", "sd21"])
def test_controlnet(shape: str) -> None:
    """The published folders were made by this conversion of the authors' files: what it gives is what is loaded."""
    from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint

    told = {k: v for k, v in shapes.BODIES[shape].items() if k not in ("sample_size", "up_block_types")}
    with torch.device("meta"):
        module = diffusers.ControlNetModel(**told)
    found = convert_controlnet_checkpoint(empty(PUBLISHED[shape].controlnet(), "control_model."), dict(module.config))
    like({name: tuple(value.shape) for name, value in found.items()}, module)


def sdxs() -> Iterator[tuple[str, tuple[int, ...]]]:
    """In diffusers' names, as it was published: the same layers as :class:`Ldm`'s, one fewer a block."""
    inner = {
        "in_layers.0": "norm1",
        "in_layers.2": "conv1",
        "emb_layers.1": "time_emb_proj",
        "out_layers.0": "norm2",
        "out_layers.3": "conv2",
        "skip_connection": "conv_shortcut",
    }

    def resnet(name: str, before: int, after: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        for old, shape in resblock("r", before, after, 1280).items():
            layer, _, kind = old[2:].rpartition(".")
            yield f"{name}.{inner[layer]}.{kind}", shape

    yield from (linear("time_embedding.linear_1", 320, 1280) | linear("time_embedding.linear_2", 1280, 1280)).items()
    yield from (conv("conv_in", 4, 320) | norm("conv_norm_out", 320) | conv("conv_out", 320, 4)).items()
    width, kept = 320, [320]
    for i, after in enumerate((320, 640, 1280)):
        block = f"down_blocks.{i}"
        yield from resnet(f"{block}.resnets.0", width, after)
        if i:
            yield from transformer(f"{block}.attentions.0", after, 1, 768, False).items()
        if i < 2:
            yield from conv(f"{block}.downsamplers.0.conv", after, after).items()
        kept += [after, after] if i < 2 else [after]
        width = after
    for i, after in enumerate((1280, 640, 320)):
        block = f"up_blocks.{i}"
        for j in range(2):
            yield from resnet(f"{block}.resnets.{j}", width + kept.pop(), after)
            width = after
            if i < 2:
                yield from transformer(f"{block}.attentions.{j}", after, 1, 768, False).items()
        if i < 2:
            yield from conv(f"{block}.upsamplers.0.conv", after, after).items()


def test_sdxs() -> None:
    like(dict(sdxs()), body_of("sdxs"))
    loading.load_body(body_of("sdxs"), empty(dict(sdxs())))
    row = recipes.BY_NAME["sdxs-512"]
    assert (row.tiny, row.tiny_folder, row.vae_folder) == (row.base, "vae", "vae_large")


def sana(shape: str) -> Shapes:
    """SANA-Sprint's transformer as its authors save it."""
    config = shapes.BODIES[shape]
    width, depth = {"sana06": (1152, 28), "sana16": (2240, 20)}[shape]
    assert config["num_layers"] == depth
    inside = int(2.5 * width)
    found = conv("x_embedder.proj", 32, width, 1) | linear("t_block.1", width, 6 * width)
    for embedder in ("t_embedder", "cfg_embedder"):
        found |= linear(f"{embedder}.mlp.0", 256, width) | linear(f"{embedder}.mlp.2", width, width)
    found |= linear("y_embedder.y_proj.fc1", 2304, width) | linear("y_embedder.y_proj.fc2", width, width)
    found |= {"y_embedder.y_embedding": (300, 2304), "pos_embed": (1, 1024, width), "attention_y_norm.weight": (width,)}
    found |= linear("logvar_linear", width, 1) | linear("final_layer.linear", width, 32)
    found |= {"final_layer.scale_shift_table": (2, width)}
    for i in range(depth):
        block = f"blocks.{i}"
        found |= {f"{block}.scale_shift_table": (6, width)}
        found |= linear(f"{block}.attn.qkv", width, 3 * width, bias=False) | linear(f"{block}.attn.proj", width, width)
        found |= linear(f"{block}.cross_attn.q_linear", width, width)
        found |= linear(f"{block}.cross_attn.kv_linear", width, 2 * width)
        found |= linear(f"{block}.cross_attn.proj", width, width)
        for place in ("attn", "cross_attn"):
            found |= {f"{block}.{place}.{which}_norm.weight": (width,) for which in "qk"}
        found |= conv(f"{block}.mlp.inverted_conv.conv", width, 2 * inside, 1)
        found |= conv(f"{block}.mlp.depth_conv.conv", 1, 2 * inside)
        found |= conv(f"{block}.mlp.point_conv.conv", inside, width, 1, bias=False)
    return found


@pytest.mark.parametrize("prefix", ["", LDM])
@pytest.mark.parametrize("shape", ["sana06", "sana16"])
def test_sana_sprint(shape: str, prefix: str) -> None:
    wanted = sana(shape)
    loading.load_body(body_of(shape), empty(wanted, prefix))
    for name in ("blocks.3.attn.q_norm.weight", "cfg_embedder.mlp.0.bias"):
        with pytest.raises(ModelUnavailable, match="another network"):
            loading.load_body(body_of(shape), empty({k: v for k, v in wanted.items() if k != name}, prefix))
    with pytest.raises(ModelUnavailable, match="another network"):
        loading.load_body(body_of(shape), empty(wanted | {"blocks.0.attn.qkv.bias": (3,), "x": (1,)}, prefix))


def test_a_file_of_sanas_authors_gives_the_folders_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With numbers: what is one matrix there is query, key and value here, in that order."""
    monkeypatch.setattr(device, "free_gib", lambda place: 99.0)
    pipe = tiny.sana()
    pipe.save_pretrained(tmp_path / "base")
    back: dict[str, torch.Tensor] = {}
    layers = {f"blocks.0.{old}".rstrip("."): new for old, new in names._SANA_BLOCK.items()} | names._SANA
    body = pipe.transformer.state_dict()
    for old, new in layers.items():
        start = "transformer_blocks.0." if old.startswith("blocks.0") else ""
        for kind in ("weight", "bias", "scale_shift_table"):
            targets = [f"{start}{target}.{kind}" for target in new.split()] or [start + kind]
            if all(target in body for target in targets) and (new or kind == "scale_shift_table"):
                back[f"{old}.{kind}"] = torch.cat([body[target] for target in targets])
    back["pos_embed"] = torch.zeros(1, 4, 8)
    torch.save({"state_dict": {k: v.clone() for k, v in back.items()}, "epoch": 3}, tmp_path / "sprint.pth")
    engine = load_engine(f"sana-sprint-0.6b:base={tmp_path / 'base'},weights={tmp_path / 'sprint.pth'}", "cpu")
    loaded = engine.parts.body.state_dict()  # type: ignore[attr-defined]
    assert loaded.keys() == body.keys()
    assert all(torch.equal(loaded[name], value) for name, value in body.items())


def test_dc_ae() -> None:
    """SANA's autoencoder, in diffusers' names: blocks of two kinds, between them a change of size."""
    widths, found = (128, 256, 512, 512, 1024, 1024), {}

    def block(name: str, width: int, attends: bool) -> Shapes:
        if not attends:
            made = conv(f"{name}.conv1", width, width) | conv(f"{name}.conv2", width, width, bias=False)
            return made | norm(f"{name}.norm", width)
        made = {f"{name}.attn.to_{which}.weight": (width, width) for which in "qkv"}
        made |= conv(f"{name}.attn.to_qkv_multiscale.0.proj_in", 1, 3 * width, 5, bias=False)
        made |= conv(f"{name}.attn.to_qkv_multiscale.0.proj_out", 32, 3 * width, 1, bias=False)
        made |= linear(f"{name}.attn.to_out", 2 * width, width, bias=False) | norm(f"{name}.attn.norm_out", width)
        made |= conv(f"{name}.conv_out.conv_inverted", width, 8 * width, 1)
        made |= conv(f"{name}.conv_out.conv_depth", 1, 8 * width)
        made |= conv(f"{name}.conv_out.conv_point", 4 * width, width, 1, bias=False)
        return made | norm(f"{name}.conv_out.norm", width)

    found |= conv("encoder.conv_in", 3, 128) | conv("encoder.conv_out", 1024, 32)
    found |= conv("decoder.conv_in", 32, 1024) | norm("decoder.norm_out", 128) | conv("decoder.conv_out", 128, 3)
    for i, width in enumerate(widths):
        depth = 3 if i > 2 else 2
        for j in range(depth):
            found |= block(f"encoder.down_blocks.{i}.{j}", width, i > 2)
        last = i + 1 == len(widths)
        if not last:
            found |= conv(f"encoder.down_blocks.{i}.{depth}.conv", width, widths[i + 1])
            found |= conv(f"decoder.up_blocks.{i}.0.conv", widths[i + 1], width)
        for j in range(3):
            found |= block(f"decoder.up_blocks.{i}.{j + (not last)}", width, i > 2)
    with torch.device("meta"):
        like(found, diffusers.AutoencoderDC(**shapes.DC))
        like(found, diffusers.AutoencoderDC(**{**shapes.DC, "downsample_block_type": "Conv"}))  # as it is published


def test_taesd() -> None:
    """The authors' files number their layers; diffusers has no layer for the decoder's first, which has no weights."""

    def block(place: int) -> Shapes:
        return conv(f"{place}.conv.0", 64, 64) | conv(f"{place}.conv.2", 64, 64) | conv(f"{place}.conv.4", 64, 64)

    encoder = conv("0", 3, 64) | block(1) | conv("14", 64, 4)
    decoder = conv("1", 4, 64) | block(18) | conv("19", 64, 3)
    for stage in range(3):
        encoder |= conv(f"{2 + 4 * stage}", 64, 64, bias=False)
        decoder |= conv(f"{7 + 5 * stage}", 64, 64, bias=False)
        for i in range(3):
            encoder |= block(3 + 4 * stage + i)
            decoder |= block(3 + 5 * stage + i)
    found = {f"encoder.layers.{name}": shape for name, shape in encoder.items()}
    for name, shape in decoder.items():
        place, _, rest = name.partition(".")
        found[f"decoder.layers.{int(place) - 1}.{rest}"] = shape
    with torch.device("meta"):
        like(found, diffusers.AutoencoderTiny())


def test_t2i_adapter() -> None:
    """Of Stable Diffusion 1.5, with depth: three channels folded 8x8, two blocks a level, 1x1 shortcuts."""
    channels, found = (320, 640, 1280, 1280), conv("adapter.conv_in", 192, 320)
    for level, width in enumerate(channels):
        before = channels[max(level - 1, 0)]
        if before != width:
            found |= conv(f"adapter.body.{level}.in_conv", before, width, 1)
        for j in range(2):
            block = f"adapter.body.{level}.resnets.{j}"
            found |= conv(f"{block}.block1", width, width) | conv(f"{block}.block2", width, width, 1)
    with torch.device("meta"):
        like(found, diffusers.T2IAdapter(adapter_type="full_adapter"))
