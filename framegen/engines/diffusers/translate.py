"""img2img-turbo (Parmar et al. 2024, *One-Step Image Translation with Text-to-Image Models*, arXiv:2403.12036).

SD-Turbo, taught to translate pictures: the source's latent goes in *without noise*, and the encoder's features reach
the decoder through 1x1 convolutions, so the engine's structure stays where it is. The authors' checkpoints are pickled
dictionaries of low-rank updates; they are read without running any code of theirs (``weights_only``).
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from framegen.engines.diffusers import lora
from framegen.engines.diffusers.net import OneStep, Parts
from framegen.errors import ModelUnavailable


class SkipDecoder(torch.nn.Module):
    """The 1x1 convolutions between encoder and decoder: one for each of the encoder's down blocks, deepest first."""

    def __init__(self, downs: Sequence[int], ups: Sequence[int]) -> None:
        """``downs``: channels that enter each down block, shallowest first. ``ups``: those that enter each up block."""
        super().__init__()
        for i, (to_decoder, into) in enumerate(zip(reversed(downs), ups, strict=True), 1):
            setattr(self, f"skip_conv_{i}", torch.nn.Conv2d(to_decoder, into, 1, bias=False))

    def __iter__(self) -> Any:
        return iter(self.children())

    @classmethod
    def of(cls, vae: Any) -> SkipDecoder:
        """For an autoencoder's own sizes."""
        sizes = list(vae.config.block_out_channels)
        return cls([sizes[0], *sizes[:-1]], [sizes[-1], *sizes[:0:-1]])


class Twin(torch.nn.Module):
    """Two first convolutions, mixed by ``share``: that of the pretrained network and the taught one."""

    def __init__(self, pretrained: torch.nn.Module, taught: torch.nn.Module) -> None:
        super().__init__()
        self.conv_in_pretrained, self.conv_in_curr = pretrained, taught
        self.share: torch.Tensor
        self.register_buffer("share", torch.ones(()), persistent=False)  # a captured graph reads it

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mixed: torch.Tensor = self.conv_in_pretrained(x) * (1.0 - self.share) + self.conv_in_curr(x) * self.share
        return mixed


class TranslateStep(OneStep):
    """One step from the source's own latent at t = 999, decoded with the encoder's features.

    ``parts.extra`` has ``skips`` (:class:`SkipDecoder`) and, for a stochastic checkpoint, ``adjustable`` (a list of
    :class:`lora.Adjustable`).
    """

    def __init__(self, parts: Parts, steps: int = 1, guidance: float = 0.0, control_scale: float = 1.0) -> None:
        super().__init__(parts, steps, guidance, control_scale)
        self.share = torch.ones((), device=parts.body.device)
        """Of the taught change: 1 keeps the source's structure whole; less mixes in noise. On the device, since a
        captured graph reads it; only stochastic checkpoints change it."""

    @property
    def stochastic(self) -> bool:
        """Whether the checkpoint was trained to be mixed with noise."""
        return bool(self.parts.extra.get("adjustable"))

    def set_share(self, share: float) -> None:
        """Scale the updates, the skips and the twin convolution by ``share``."""
        for item in self.parts.extra["adjustable"]:
            item.set(share)
        self.parts.body.conv_in.share.fill_(share)
        self.share.fill_(share)

    def encode(self, rgb: torch.Tensor) -> torch.Tensor:
        """Also keeps the encoder's features for :meth:`decode` of the same frame."""
        vae = self.parts.vae
        x = self.unpack(rgb, next(vae.parameters()).dtype)
        self.features: list[torch.Tensor] = []
        encoder = vae.encoder
        x = encoder.conv_in(x)
        for block in encoder.down_blocks:
            self.features.append(x)
            x = block(x)
        x = encoder.conv_out(encoder.conv_act(encoder.conv_norm_out(encoder.mid_block(x))))
        mean: torch.Tensor = vae.quant_conv(x).chunk(2, 1)[0]
        return mean.float() * self.parts.scale

    def decode(self, latent: torch.Tensor) -> torch.Tensor:
        """The picture, with the features that the last :meth:`encode` kept."""
        vae = self.parts.vae
        decoder = vae.decoder
        x = (latent / self.parts.scale).to(next(vae.parameters()).dtype)
        x = decoder.mid_block(decoder.conv_in(vae.post_quant_conv(x)))
        for block, skip, feature in zip(
            decoder.up_blocks, self.parts.extra["skips"], reversed(self.features), strict=True
        ):
            x = block(x + skip(feature * self.share.to(feature.dtype)))
        return self.pack(decoder.conv_out(decoder.conv_act(decoder.conv_norm_out(x))))


def read_pickle(path: Path) -> dict[str, Any]:
    """The authors' dictionary of tensors, names and numbers; nothing in it is executed.

    Raises ModelUnavailable: not such a file, or one that holds more than that.
    """
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError) as error:
        raise ModelUnavailable(
            f"{path} is no checkpoint that can be read safely.",
            hint="It must hold tensors, names and numbers only, as img2img-turbo's checkpoints do.",
        ) from error
    if not isinstance(found, dict):
        raise ModelUnavailable(f"{path} holds no dictionary of weights.")
    return found


def apply(parts: Parts, path: Path, direction: str = "a2b") -> None:
    """Make SD-Turbo's parts what a checkpoint of pix2pix-turbo or CycleGAN-Turbo makes of them.

    Raises ModelUnavailable: the file is neither.
    """
    found = read_pickle(path)
    parts.extra["skips"] = skips = SkipDecoder.of(parts.vae)
    if "state_dict_unet" in found or "sd_vae_dec" in found:
        try:
            if "state_dict_unet" in found:
                _pix2pix(parts, skips, found)
            else:
                _cyclegan(parts, skips, found, direction)
        except (KeyError, RuntimeError, TypeError) as error:
            reason = " ".join(str(error).split())[:160]
            raise ModelUnavailable(
                f"{path} does not go with SD-Turbo's networks.", hint=f"Is it whole? {type(error).__name__}: {reason}"
            ) from error
    else:
        raise ModelUnavailable(
            f"{path} is no checkpoint of pix2pix-turbo or CycleGAN-Turbo.",
            hint=f"It holds {', '.join(sorted(map(str, found))[:5])}.",
        )


def _pix2pix(parts: Parts, skips: SkipDecoder, found: Mapping[str, Any]) -> None:
    unet_state, vae_state = found["state_dict_unet"], found["state_dict_vae"]
    _load_skips(skips, vae_state)
    unet_updates = lora.read(unet_state, lora.PEFT_ALPHA)
    # in the checkpoint the skips are the decoder's; here they stand beside it
    vae_updates = lora.read(vae_state, lora.PEFT_ALPHA)
    skip_updates = {name[8:]: update for name, update in vae_updates.items() if name.startswith("decoder.skip_conv")}
    vae_updates = {name: update for name, update in vae_updates.items() if name[8:] not in skip_updates}
    if "conv_in.conv_in_curr.weight" in unet_state:
        taught = type(parts.body.conv_in)(parts.body.conv_in.in_channels, parts.body.conv_in.out_channels, 3, padding=1)
        for name, module in (("conv_in_pretrained", parts.body.conv_in), ("conv_in_curr", taught)):
            module.load_state_dict({k: unet_state[f"conv_in.{name}.{k}"] for k in ("weight", "bias")})
        parts.body.conv_in = Twin(parts.body.conv_in, taught)
        parts.extra["adjustable"] = [
            lora.Adjustable(network, updates)
            for network, updates in ((parts.body, unet_updates), (parts.vae, vae_updates), (skips, skip_updates))
        ]
        for item in parts.extra["adjustable"]:
            item.set(1.0)
        return
    if "conv_in.weight" in unet_state:
        parts.body.conv_in.load_state_dict({k: unet_state[f"conv_in.{k}"] for k in ("weight", "bias")})
    lora.add(parts.body, unet_updates)
    lora.add(parts.vae, vae_updates)
    lora.add(skips, skip_updates)


def _cyclegan(parts: Parts, skips: SkipDecoder, found: Mapping[str, Any], direction: str) -> None:
    rank = float(found["rank_unet"])
    for group in ("sd_encoder", "sd_decoder", "sd_other"):
        lora.add(parts.body, lora.read(found[group], rank))
    which = "vae." if direction == "a2b" else "vae_b2a."
    # what its authors load last, and so what counts: the whole autoencoder of each direction
    state = {k.removeprefix(which): v for k, v in found["sd_vae_dec"].items() if k.startswith(which)}
    _load_skips(skips, state)
    base = {
        name.replace(".base_layer.", "."): value
        for name, value in state.items()
        if "lora_" not in name and "skip_conv" not in name
    }
    parts.vae.load_state_dict(base)
    updates = lora.read(state, lora.PEFT_ALPHA)
    skip_updates = {name[8:]: update for name, update in updates.items() if name.startswith("decoder.skip_conv")}
    lora.add(skips, skip_updates)
    lora.add(parts.vae, {name: update for name, update in updates.items() if name[8:] not in skip_updates})


def _load_skips(skips: SkipDecoder, state: Mapping[str, torch.Tensor]) -> None:
    for name, module in skips.named_children():
        weight = state.get(f"decoder.{name}.base_layer.weight", state.get(f"decoder.{name}.weight"))
        if weight is None:
            raise ModelUnavailable(f"The checkpoint has no weights for {name}.")
        module.load_state_dict({"weight": weight})
