"""Network and condition style side by side, and how a model begins with the weights of an earlier or smaller one."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from framegen.errors import MediaError
from framegen.ops import layout
from framegen.training.embedded import atrous, network
from framegen.training.embedded.batch import Item
from framegen.training.embedded.precision import autocast


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
        """``[B, LATENT, h, w]`` of a stack of crops, smoothed along surfaces; ``history`` ``[B, HISTORY, h, w]``, None
        for none."""
        b, _, h, w = item.cells.shape
        if history is None:
            history = item.cells.new_zeros(b, layout.HISTORY, h, w)
        with autocast(item.color.device):
            out: Tensor = self.net(item.color - 0.5, item.cells, item.label, history, self.style(item.condition))
        return atrous.smooth(out, atrous.guide(item))


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What the training loop saved, on the processor; of a folder of shipped weights ``size`` and ``average`` alone.

    Raises MediaError: the file is missing or damaged, or is no checkpoint.
    """
    if path.is_dir():
        return read_shipped(path)
    if not path.exists():
        raise MediaError(f"There is no checkpoint {path}.")
    try:
        found: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
        known = found["size"] in network.SIZES and isinstance(found["average"], dict)
    except (OSError, EOFError, RuntimeError, ValueError, LookupError, TypeError, pickle.UnpicklingError) as error:
        raise MediaError(f"{path} is damaged, or no checkpoint of this project ({type(error).__name__}).") from error
    if not known:
        raise MediaError(f"{path} is no checkpoint of one of this project's models.")
    return found


def read_shipped(folder: Path) -> dict[str, Any]:
    """The weights that ``embedded.onnx`` and ``style.npz`` hold, as a checkpoint: half precision is all that was lost.

    Raises MediaError: files are missing, or are not those of one of this project's models.
    """
    import onnx
    from onnx import numpy_helper

    try:
        size = json.loads((folder / "model.json").read_text(encoding="utf-8"))["size"]
        graph = onnx.load(str(folder / "embedded.onnx")).graph
        with np.load(folder / "style.npz") as data:
            layers = {name: torch.from_numpy(data[name]).float() for name in data.files}
        model = Model.new(size)
    except (OSError, KeyError, ValueError) as error:
        raise MediaError(f"{folder} holds no weights to begin with: {error}.") from error
    kept = {t.name.removesuffix(".f16"): numpy_helper.to_array(t) for t in graph.initializer}
    average = {
        name.replace("net.", "0.", 1): torch.from_numpy(value.astype(np.float32))
        for name, value in kept.items()
        if name.startswith("net.")
    }
    dense = [name for name, layer in model.style.named_modules() if isinstance(layer, nn.Linear)]
    for i, name in enumerate(dense):
        average |= {f"1.{name}.{part}": layers[f"{part}{i}"] for part in ("weight", "bias")}
    lacking = model.both().state_dict().keys() - average.keys()
    if lacking:
        raise MediaError(f"{folder} holds no weights to begin with: {sorted(lacking)[0]} is missing.")
    return {"size": size, "average": average}


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
