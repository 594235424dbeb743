"""The tiny autoencoder for SANA's latents (taesana, by the author of TAESD, MIT), which diffusers has no class for.

Layer for layer the published network: indices in its files are places in these sequences.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import torch
from torch import nn

from framegen.engines.diffusers.files import read_state
from framegen.errors import ModelUnavailable

LATENT = 32


class _Bound(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(x / 3.0) * 3.0


class _Block(nn.Module):
    """Three convolutions and a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(_conv(width, width), nn.ReLU(), _conv(width, width), nn.ReLU(), _conv(width, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.conv(x) + x)


def _conv(before: int, after: int, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=bias)


def _encoder() -> nn.Sequential:
    layers: list[nn.Module] = [_conv(3, 32, 2), nn.ReLU(), _conv(32, 64, 2), nn.ReLU(), _Block(64)]
    for _ in range(3):
        layers += [_conv(64, 64, 2, bias=False), _Block(64), _Block(64), _Block(64)]
    return nn.Sequential(*layers, _conv(64, LATENT))


def _decoder() -> nn.Sequential:
    layers: list[nn.Module] = [_Bound(), _conv(LATENT, 256), nn.ReLU()]
    for width, after in ((256, 128), (128, 64), (64, 64), (64, 64), (64, 64)):
        layers += [_Block(width), _Block(width), _Block(width), nn.Upsample(scale_factor=2)]
        layers.append(_conv(width, after, bias=False))
    return nn.Sequential(*layers, _Block(64), _conv(64, 3))


class SanaTiny(nn.Module):
    """Pictures -1..1 to scaled SANA latents, 32 times smaller, and back, in the manner of diffusers' autoencoders."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = _encoder(), _decoder()
        self.config = SimpleNamespace(scaling_factor=1.0, latent_channels=LATENT)

    def encode(self, picture: torch.Tensor) -> SimpleNamespace:
        """``[B, 3, H, W]`` -> ``.latents`` ``[B, 32, H/32, W/32]``."""
        return SimpleNamespace(latents=self.encoder(picture * 0.5 + 0.5))

    def decode(self, latent: torch.Tensor, return_dict: bool = False) -> tuple[torch.Tensor]:
        """``[B, 32, h, w]`` -> (``[B, 3, 32 h, 32 w]``,)."""
        return (self.decoder(latent) * 2.0 - 1.0,)


def load(folder: Path) -> SanaTiny:
    """From ``taesana_encoder`` and ``taesana_decoder`` (``.pth`` or ``.safetensors``) in ``folder``.

    Raises ModelUnavailable: one of them is missing or is another network.
    """
    vae = SanaTiny()
    for half in ("encoder", "decoder"):
        paths = sorted(folder.glob(f"taesana_{half}.*"))
        if not paths:
            raise ModelUnavailable(f"{folder} has no taesana_{half}.pth.")
        try:
            getattr(vae, half).load_state_dict(read_state(paths[0]))
        except RuntimeError as error:
            raise ModelUnavailable(f"{paths[0]} is not taesana's {half}.") from error
    return vae
