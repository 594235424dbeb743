"""Low-rank updates (LoRA, Hu et al. 2021) added into a network's weights: ``W + share · alpha / rank · B A``.

Added once at loading, they cost nothing per frame. The three spellings of their names that are in use are read:
diffusers' and peft's (``unet.down_blocks.0...to_q.lora_A.weight``), peft's own with an adapter's name
(``...to_q.lora_A.default.weight``) and kohya's (``lora_unet_down_blocks_0...to_q.lora_down.weight``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from framegen.errors import ModelUnavailable

_DOWN = re.compile(r"^(?P<layer>.+?)\.(?:lora_A|lora_down|lora\.down)(?:\.(?!weight$)[^.]+)?\.weight$")
_KOHYA = "lora_unet_"
PEFT_ALPHA = 8.0
"""What ``peft`` takes for alpha where none was said."""


@dataclass(frozen=True)
class LowRank:
    """An update of one layer: ``up @ down · scale``, shaped like the layer's weight."""

    down: torch.Tensor
    up: torch.Tensor
    scale: float

    def delta(self) -> torch.Tensor:
        """The update in float32, ``[out, in]`` or ``[out, in, kh, kw]``."""
        down, up = self.down.float(), self.up.float()
        product = up.flatten(1) @ down.flatten(1)
        return self.scale * product.reshape(up.shape[0], *down.shape[1:])


def read(state: Mapping[str, torch.Tensor], alpha: float | None = None) -> dict[str, LowRank]:
    """Layer name (as the network calls it, or kohya's with underscores) -> update.

    ``alpha``: for files that do not carry it; None: that of the file, else the rank, which scales by one.
    """
    found: dict[str, LowRank] = {}
    for name, down in state.items():
        match = _DOWN.match(name)
        if match is None:
            continue
        layer = match["layer"]
        up = state.get(_up_name(name))
        if up is None:
            raise ModelUnavailable(f"The LoRA file has '{name}' without its other half.")
        told = state.get(f"{layer}.alpha")
        rank = down.shape[0]
        scale = (float(told) if told is not None else (rank if alpha is None else alpha)) / rank
        if layer.startswith("lora_te") or layer.startswith("text_encoder"):
            continue
        found[layer.removeprefix("unet.").removeprefix(_KOHYA)] = LowRank(down, up, scale)
    return found


def _up_name(name: str) -> str:
    for down, up in (("lora_A", "lora_B"), ("lora_down", "lora_up"), ("lora.down", "lora.up")):
        if f".{down}." in name:
            return name.replace(f".{down}.", f".{up}.")
    return ""


@torch.no_grad()
def add(network: torch.nn.Module, updates: Mapping[str, LowRank], share: float = 1.0) -> None:
    """Add ``share`` of the updates into the network's weights.

    Raises ModelUnavailable: a layer that the network does not have.
    """
    layers = {name: module for name, module in network.named_modules() if hasattr(module, "weight")}
    flat = {name.replace(".", "_"): module for name, module in layers.items()}
    for name, update in updates.items():
        module = layers.get(name) or flat.get(name)
        if module is None:
            raise ModelUnavailable(f"The LoRA changes '{name}', which the network does not have.")
        weight = module.weight
        assert isinstance(weight, torch.Tensor)
        delta = share * update.delta().reshape(weight.shape)
        weight.copy_((weight.float() + delta.to(weight.device)).to(weight.dtype))


class Adjustable:
    """Updates whose share can be changed: what they change is kept aside as it was."""

    def __init__(self, network: torch.nn.Module, updates: Mapping[str, LowRank]) -> None:
        self._network, self._updates = network, updates
        layers = dict(network.named_modules())
        self._kept = {name: layers[name].weight.detach().clone() for name in updates}
        self._share = 0.0

    def to(self, device: torch.device, dtype: torch.dtype) -> None:
        """Keep everything on ``device``, where :meth:`set` is quick; the weights in the network's own precision, since
        in float32 they would take twice what the network itself takes."""
        self._kept = {name: weight.to(device, dtype) for name, weight in self._kept.items()}
        self._updates = {
            name: LowRank(update.down.to(device), update.up.to(device), update.scale)
            for name, update in self._updates.items()
        }

    @torch.no_grad()
    def set(self, share: float) -> None:
        """Make the weights what they are with ``share`` of the updates. The same share again costs nothing."""
        if share == self._share:
            return
        layers = dict(self._network.named_modules())
        for name, weight in self._kept.items():
            layers[name].weight.copy_(weight)
        add(self._network, self._updates, share)
        self._share = share
