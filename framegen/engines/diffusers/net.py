"""The step itself, in PyTorch: picture to latent, latent to latent, latent to picture. One class per mathematics.

Everything outside the networks is float32, whatever the networks' own precision. All is batched and free of Python
decisions on values, so that it can be captured as one CUDA graph or compiled as one function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn import functional

from framegen.engines.diffusers.text import Tensors, TextEncoder

# Columns of schedule.Course.table()
T, SIGNAL, SPREAD, NORM, SKIP, OUT, NEXT_SIGNAL, NEXT_GUESS, NEXT_NOISE = range(9)


@dataclass
class Parts:
    """What a model is made of, loaded.

    Attributes:
        body: the denoiser. vae: the autoencoder. text: what encodes prompts.
        scale: latent = scale · what the autoencoder gives. control: a ControlNet or T2I-adapter.
        extra: a family's own (see :mod:`translate`).
    """

    body: Any
    vae: Any
    text: TextEncoder | None
    scale: float
    control: Any = None
    extra: dict[str, Any] = field(default_factory=dict)

    def modules(self) -> list[torch.nn.Module]:
        """Everything with weights but the text encoders."""
        return [m for m in (self.body, self.vae, self.control) if isinstance(m, torch.nn.Module)]


def guidance_embedding(guidance: float, width: int) -> torch.Tensor:
    """``[1, width]``: waves of 1000 (guidance - 1) (Luo et al. 2023, *Latent Consistency Models*, sec. 4.2)."""
    half = width // 2
    rates = torch.exp(torch.arange(half, dtype=torch.float32) * -(math.log(10000.0) / (half - 1)))
    angles = 1000.0 * (guidance - 1.0) * rates
    waves = torch.cat([angles.sin(), angles.cos()])
    return functional.pad(waves, (0, width - len(waves)))[None]


class OneStep:
    """Variance preserving families: Stable Diffusion 1.5, 2.1, XL and all that is distilled from them.

    Args:
        parts: loaded modules. steps: evaluations per frame. guidance: embedded scale, where the network takes one.
        control_scale: weight of depth control.
    """

    def __init__(self, parts: Parts, steps: int = 1, guidance: float = 0.0, control_scale: float = 1.0) -> None:
        self.parts, self.steps = parts, steps
        self.control_scale = control_scale
        # a card's own kernels may stand for these
        self.unpack: Callable[[torch.Tensor, torch.dtype], torch.Tensor] = unpack
        self.pack: Callable[[torch.Tensor], torch.Tensor] = pack
        self._ids: dict[tuple[int, ...], torch.Tensor] = {}
        width = getattr(parts.body.config, "time_cond_proj_dim", None)
        self.guidance = None if width is None else guidance_embedding(guidance, width).to(parts.body.device)

    @property
    def dtype(self) -> torch.dtype:
        """Of the denoiser."""
        found: torch.dtype = next(self.parts.body.parameters()).dtype
        return found

    def encode(self, rgb: torch.Tensor) -> torch.Tensor:
        """``[B, H, W, 3]`` uint8, sRGB-encoded -> latent ``[B, c, h, w]`` float32: the posterior's mean, no sample."""
        vae = self.parts.vae
        picture = self.unpack(rgb, next(vae.parameters()).dtype)
        encoded = vae.encode(picture)
        if hasattr(encoded, "latent_dist"):
            latent = encoded.latent_dist.mode()
        else:
            latent = encoded.latents if hasattr(encoded, "latents") else encoded.latent
        scaled: torch.Tensor = latent.float() * self.parts.scale
        return scaled

    def decode(self, latent: torch.Tensor) -> torch.Tensor:
        """Latent ``[B, c, h, w]`` float32 -> ``[B, H, W, 3]`` uint8, sRGB-encoded."""
        vae = self.parts.vae
        picture = vae.decode((latent / self.parts.scale).to(next(vae.parameters()).dtype), return_dict=False)[0]
        return self.pack(picture)

    def denoise(
        self,
        start: torch.Tensor,
        noise: torch.Tensor,
        table: torch.Tensor,
        text: Tensors,
        depth: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """From the source's latent to the restyled one.

        Args:
            start: ``[B, c, h, w]`` float32. noise: ``[B, draws · c, h, w]`` float32 of unit variance.
            table: ``[B, 1 + steps, 9]`` float32, :meth:`schedule.Course.table`.
            text: see :data:`text.Tensors`, ``[B, ...]``.
            depth: ``[B, 3, H, W]`` float32 0..1, near is bright; only with a control network.
        """
        channels = start.shape[1]
        draws = torch.split(noise, channels, 1)
        x = column(table, 0, 0) * start + column(table, 0, 1) * draws[0]
        guess = x
        for i in range(1, table.shape[1]):
            row = [column(table, i, k) for k in range(9)]
            guess = self.predict(x, row, text, depth)
            latent = self.clean(x, guess, row)
            if i + 1 < table.shape[1]:
                x = row[NEXT_SIGNAL] * latent + row[NEXT_GUESS] * guess
                if len(draws) > 1:
                    x = x + row[NEXT_NOISE] * draws[i]
        return latent

    def clean(self, x: torch.Tensor, guess: torch.Tensor, row: Sequence[torch.Tensor]) -> torch.Tensor:
        """The clean latent that the network's guess means."""
        bare = (x - row[SPREAD] * guess) / row[SIGNAL]
        return row[SKIP] * x + row[OUT] * bare

    def predict(
        self, x: torch.Tensor, row: Sequence[torch.Tensor], text: Tensors, depth: torch.Tensor | None
    ) -> torch.Tensor:
        """The noise that the network sees in ``x / norm``, float32."""
        dtype = self.dtype
        given, states = (x / row[NORM]).to(dtype), text["states"].to(dtype)
        t = row[T].flatten()
        more: dict[str, Any] = {}
        if "pooled" in text:
            more["added_cond_kwargs"] = {
                "text_embeds": text["pooled"].to(dtype),
                "time_ids": self.time_ids(x).to(dtype),
            }
        if self.parts.control is not None and depth is not None:
            more |= self.controlled(given, t, states, depth.to(dtype), more)
        if self.guidance is not None:
            more["timestep_cond"] = self.guidance.to(dtype).expand(len(x), -1)
        guess: torch.Tensor = self.parts.body(given, t, encoder_hidden_states=states, return_dict=False, **more)[0]
        return guess.float()

    def time_ids(self, x: torch.Tensor) -> torch.Tensor:
        """SDXL is told the picture's size, that nothing was cropped, and its size again: ``[B, 6]``."""
        size = (8 * x.shape[2], 8 * x.shape[3])
        if size not in self._ids:  # made once: a graph cannot capture what comes from the processor
            self._ids[size] = torch.tensor([*size, 0, 0, *size], dtype=torch.float32, device=x.device)
        return self._ids[size].expand(len(x), -1)

    def controlled(
        self, given: torch.Tensor, t: torch.Tensor, states: torch.Tensor, depth: torch.Tensor, more: dict[str, Any]
    ) -> dict[str, Any]:
        """What the control network adds inside the denoiser."""
        control = self.parts.control
        if hasattr(control, "adapter"):
            return {"down_intrablock_additional_residuals": [f * self.control_scale for f in control(depth)]}
        down, middle = control(
            given,
            t,
            encoder_hidden_states=states,
            controlnet_cond=depth,
            conditioning_scale=self.control_scale,
            return_dict=False,
            **more,
        )
        return {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}


class TrigStep(OneStep):
    """SANA-Sprint: TrigFlow driven through a rectified-flow transformer (Chen et al. 2025, *SANA-Sprint*, sec. 3.1)."""

    def __init__(self, parts: Parts, steps: int = 1, guidance: float = 4.5, control_scale: float = 1.0) -> None:
        super().__init__(parts, steps, guidance, control_scale)
        scale = parts.body.config.guidance_embeds_scale if hasattr(parts.body.config, "guidance_embeds_scale") else 0.1
        self.guidance = torch.tensor([guidance * scale], device=parts.body.device)

    def clean(self, x: torch.Tensor, guess: torch.Tensor, row: Sequence[torch.Tensor]) -> torch.Tensor:
        """``cos t · x - sin t · F``."""
        return row[SIGNAL] * x - row[SPREAD] * guess

    def predict(
        self, x: torch.Tensor, row: Sequence[torch.Tensor], text: Tensors, depth: torch.Tensor | None
    ) -> torch.Tensor:
        """F of TrigFlow, from the velocity v at rectified-flow time s (eq. 6 and 7); latents in units of σ_data."""
        dtype, s = self.dtype, row[T]
        size = torch.sqrt(s**2 + (1.0 - s) ** 2)
        given = x * size
        assert self.guidance is not None
        v: torch.Tensor = self.parts.body(
            given.to(dtype),
            encoder_hidden_states=text["states"].to(dtype),
            encoder_attention_mask=text["mask"].to(dtype),
            guidance=self.guidance.to(dtype).expand(len(x)),
            timestep=s.flatten(),  # in float32, as its pipeline does: bfloat16 would name another angle
            return_dict=False,
        )[0]
        return ((1.0 - 2.0 * s) * given + (1.0 - 2.0 * s + 2.0 * s**2) * v.float()) / size


def column(table: torch.Tensor, row: int, which: int) -> torch.Tensor:
    """One number of each frame's table, ``[B, 1, 1, 1]``."""
    return table[:, row, which].reshape(-1, 1, 1, 1)


def unpack(rgb: torch.Tensor, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """``[B, H, W, 3]`` uint8 -> ``[B, 3, H, W]``, -1..1. Equals ``unpack`` in ``shaders/cuda/pictures.cu``."""
    return (rgb.permute(0, 3, 1, 2).float() / 255.0 * 2.0 - 1.0).to(dtype)


def pack(picture: torch.Tensor) -> torch.Tensor:
    """``[B, 3, H, W]``, -1..1 -> ``[B, H, W, 3]`` uint8, rounded to the nearest."""
    levels = (picture.float() * 0.5 + 0.5).clamp(0.0, 1.0) * 255.0
    return levels.round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()
