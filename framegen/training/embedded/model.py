"""Network and condition style side by side, and how a model begins with the weights of an earlier or smaller one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from framegen.ops import layout
from framegen.training.embedded import network
from framegen.training.embedded.batch import Item


@dataclass(eq=False)
class Model:
    """Network and style, side by side."""

    net: network.Network
    style: network.Style

    @staticmethod
    def new(size: str) -> Model:
        """An untrained model of a size in :data:`framegen.training.embedded.network.SIZES`."""
        net = network.Network(network.SIZES[size])
        return Model(net, network.Style(net.film, net.scales()))

    def both(self) -> nn.ModuleList:
        return nn.ModuleList([self.net, self.style])

    def to(self, device: torch.device) -> Model:
        self.both().to(device)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return self

    def latent(self, item: Item, history: Tensor | None = None) -> Tensor:
        """``[B, LATENT, h, w]`` of a stack of crops; ``history`` ``[B, HISTORY, h, w]``, None for none."""
        b, _, h, w = item.cells.shape
        if history is None:
            history = item.cells.new_zeros(b, layout.HISTORY, h, w)
        with torch.autocast(item.color.device.type, torch.bfloat16):
            out: Tensor = self.net(item.color - 0.5, item.cells, item.label, history, self.style(item.condition))
        return out


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What the training loop saved, on the processor."""
    found: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    return found


def begin_with(model: Model, checkpoint: Path) -> None:
    """Takes over a checkpoint's averaged weights: what it lacks keeps its fresh value.

    A larger model begins where a smaller one of the same channels stands: its further blocks add nothing yet.
    """
    saved = read_checkpoint(checkpoint)
    known: dict[str, Tensor] = saved["average"]
    own = model.both().state_dict()
    older = network.Network(network.SIZES[saved["size"]])
    places = _film_places(older, model.net)
    for name, value in own.items():
        old = known.get(name)
        if old is None:
            if name.startswith("0.") and ".second." in name:
                value.zero_()
        elif value.shape[:1] != old.shape[:1] and older.film in old.shape[:1]:
            for into, where in places:
                value[into] = old[where]
        else:
            value[tuple(slice(0, min(a, b)) for a, b in zip(old.shape, value.shape, strict=True))] = old[
                tuple(slice(0, n) for n in value.shape)
            ]
            if value.ndim == 2 and old.shape[1] < value.shape[1]:
                # a longer condition: what is new says nothing yet
                value[:, old.shape[1] :] = 0
    model.both().load_state_dict(own)


def _film_places(older: network.Network, newer: network.Network) -> list[tuple[slice, slice]]:
    """Where in the newer network's FiLM vector each part of the older one's belongs: (newer, older)."""
    found = []
    before = {name: block for name, block in older.named_modules() if isinstance(block, network.Block)}
    for name, block in newer.named_modules():
        if isinstance(block, network.Block) and name in before:
            old, size = before[name].offset, 2 * block.channels
            found.append((slice(block.offset, block.offset + size), slice(old, old + size)))
    found.append((slice(newer.head_offset, newer.film), slice(older.head_offset, older.film)))
    return found
