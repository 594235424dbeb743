"""From the names that weights have in their authors' own files to those that diffusers gives them.

Sources: the modules of github.com/NVlabs/Sana (``diffusion/model/nets/sana.py``, ``sana_multi_scale.py``) and of
github.com/CompVis/stable-diffusion (``ldm/modules/diffusionmodules/openaimodel.py``); the latter's are converted by
diffusers, whose conversion of SANA knows neither the guidance embedding nor the norms of SANA-Sprint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch

State = Mapping[str, torch.Tensor]

LDM_BODY, LDM_AUTOENCODER = "model.diffusion_model.", "first_stage_model."
_SANA = {
    "x_embedder.proj": "patch_embed.proj",
    "y_embedder.y_proj.fc1": "caption_projection.linear_1",
    "y_embedder.y_proj.fc2": "caption_projection.linear_2",
    "attention_y_norm": "caption_norm",
    "t_embedder.mlp.0": "time_embed.timestep_embedder.linear_1",
    "t_embedder.mlp.2": "time_embed.timestep_embedder.linear_2",
    "cfg_embedder.mlp.0": "time_embed.guidance_embedder.linear_1",
    "cfg_embedder.mlp.2": "time_embed.guidance_embedder.linear_2",
    "t_block.1": "time_embed.linear",
    "final_layer.linear": "proj_out",
    "final_layer": "",
}
_SANA_BLOCK = {
    "attn.qkv": "attn1.to_q attn1.to_k attn1.to_v",
    "attn.q_norm": "attn1.norm_q",
    "attn.k_norm": "attn1.norm_k",
    "attn.proj": "attn1.to_out.0",
    "cross_attn.q_linear": "attn2.to_q",
    "cross_attn.kv_linear": "attn2.to_k attn2.to_v",
    "cross_attn.q_norm": "attn2.norm_q",
    "cross_attn.k_norm": "attn2.norm_k",
    "cross_attn.proj": "attn2.to_out.0",
    "mlp.inverted_conv.conv": "ff.conv_inverted",
    "mlp.depth_conv.conv": "ff.conv_depth",
    "mlp.point_conv.conv": "ff.conv_point",
    "": "",
}
_SANA_UNUSED = ("y_embedder.y_embedding", "pos_embed", "logvar_linear.weight", "logvar_linear.bias")
"""Of training alone, or made anew by the network."""
_BLOCK = re.compile(r"blocks\.(\d+)\.(.*)")


def is_sana(state: State) -> bool:
    """Whether these are the names of SANA's authors, alone or behind the prefix that others put before them."""
    return any(name.removeprefix(LDM_BODY) == "x_embedder.proj.weight" for name in state)


def sana(state: State) -> dict[str, torch.Tensor]:
    """SANA's transformer in diffusers' names. Raises KeyError: a name that is not of that network."""
    out: dict[str, torch.Tensor] = {}
    for name, value in state.items():
        name = name.removeprefix(LDM_BODY)
        if name in _SANA_UNUSED:
            continue
        block = _BLOCK.fullmatch(name)
        rules, start, rest = (
            (_SANA, "", name) if block is None else (_SANA_BLOCK, f"transformer_blocks.{block[1]}.", "")
        )
        layer, _, kind = (rest if block is None else block[2]).rpartition(".")
        targets = rules[layer].split() or [""]
        for target, part in zip(targets, value.chunk(len(targets), 0), strict=True):
            out[start + (f"{target}.{kind}" if target else kind)] = part
    return out


def denoiser(state: State, config: Mapping[str, object]) -> State:
    """A denoiser in diffusers' names, whichever of the known ones it has.

    Raises:
        KeyError, IndexError, ValueError: it is another network than ``config`` says.
    """
    if is_sana(state):
        return sana(state)
    if any(name.startswith(LDM_BODY) for name in state):
        from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

        kept = {name: value for name, value in state.items() if name.startswith(LDM_BODY)}
        found: State = convert_ldm_unet_checkpoint(kept, dict(config))
        return found
    return {name.removeprefix("unet."): value for name, value in state.items()}
