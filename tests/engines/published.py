"""The names and shapes of published weights, written down from their authors' code, by rules.

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
from typing import Any

import diffusers
import torch

from framegen.engines.diffusers import shapes

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
