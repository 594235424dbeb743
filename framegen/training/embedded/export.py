"""A checkpoint -> the files that ship: ``embedded.onnx``, ``embedded-int8.onnx``, ``style.npz``, ``model.json``.

``python -m framegen.training.embedded.export --checkpoint FILE --out DIR [--data DIR...]``. With data, an int8 form
is calibrated on held-in frames and measured against the float one on held-out frames.
"""

from __future__ import annotations

import argparse
import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from framegen.errors import MediaError
from framegen.ops import features as ft
from framegen.ops import layout
from framegen.plainly import plain_errors
from framegen.training.embedded import network
from framegen.training.embedded.model import Model, begin_with, read_checkpoint
from framegen.values import number

OPSET = 17
INPUTS = ("color", "cells", "label", "history", "film")


class Shipped(nn.Module):
    """The network with the run time's own layouts: 8-bit colour and channels-last history in, latent out."""

    def __init__(self, net: network.Network) -> None:
        super().__init__()
        self.net = net

    def forward(self, color: Tensor, cells: Tensor, label: Tensor, history: Tensor, film: Tensor) -> Tensor:
        picture = color.permute(0, 3, 1, 2).float() * (1 / 255) - 0.5
        x, whole = self.net.trunk(picture, cells, label, history.permute(0, 3, 1, 2), film)
        return self.net.latent(x, whole, film).permute(0, 2, 3, 1)


def load_model(checkpoint: Path, other: Path | None = None, other_share: float = 0.5) -> tuple[Model, dict[str, Any]]:
    """The averaged weights of a checkpoint; ``other_share`` 0..1 of them from ``other``, if that is given.

    The mean of two networks that went on from the same weights is often better than both (model soups, Wortsman et
    al., 2022). The other may be of a smaller size from which this one began: what it lacks adds nothing in it.
    """
    saved = read_checkpoint(checkpoint)
    weights: dict[str, Tensor] = saved["average"]
    model = Model.new(saved["size"])
    model.both().load_state_dict(weights)
    if other is not None:
        added = read_checkpoint(other)["size"]
        if not network.SIZES[added].begins(network.SIZES[saved["size"]]):
            raise MediaError(
                f"{other} holds the {added} model, which {checkpoint}, the {saved['size']} one, is not of."
            )
        along = copy.deepcopy(model)
        begin_with(along, other)
        theirs = along.both().state_dict()
        model.both().load_state_dict({k: torch.lerp(v.float(), theirs[k], other_share) for k, v in weights.items()})
    model.net.eval()
    model.style.eval()
    # a folder of shipped weights does not say how long they were trained
    return model, {"size": saved["size"], "steps": saved.get("steps", 0), "seconds": round(saved.get("spent_s", 0))}


def write_float(model: Model, path: Path) -> None:
    """ONNX with free height and width, float32."""
    import onnx

    h, w = 72, 128
    example = (
        torch.zeros(1, 4 * h, 4 * w, 3, dtype=torch.uint8),
        torch.zeros(1, ft.CHANNELS, h, w),
        torch.zeros(1, h, w, dtype=torch.int32),
        torch.zeros(1, h, w, layout.HISTORY),
        torch.zeros(1, model.net.film),
    )
    free = {
        "color": {1: "H", 2: "W"},
        "cells": {2: "h", 3: "w"},
        "label": {1: "h", 2: "w"},
        "history": {1: "h", 2: "w"},
        "latent": {1: "h", 2: "w"},
    }
    torch.onnx.export(
        Shipped(model.net).eval(),
        example,
        str(path),
        opset_version=OPSET,
        input_names=list(INPUTS),
        output_names=["latent"],
        dynamic_axes=free,
        dynamo=False,
    )
    onnx.checker.check_model(str(path))


def halve(source: Path, path: Path) -> None:
    """Stores large float32 initialisers as float16 followed by a cast, which runtimes fold when they load it."""
    import onnx
    from onnx import helper, numpy_helper

    proto = onnx.load(str(source))

    casts = []
    for tensor in list(proto.graph.initializer):
        if tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        value = numpy_helper.to_array(tensor)
        if value.size < 256:
            continue
        name = tensor.name
        proto.graph.initializer.remove(tensor)
        proto.graph.initializer.append(numpy_helper.from_array(value.astype(np.float16), f"{name}.f16"))
        casts.append(helper.make_node("Cast", [f"{name}.f16"], [name], to=onnx.TensorProto.FLOAT))
    for node in reversed(casts):
        proto.graph.node.insert(0, node)
    onnx.checker.check_model(proto)
    onnx.save(proto, str(path))


def write_style(model: Model, path: Path) -> None:
    """The three dense layers of the condition, float16."""
    arrays: dict[str, Any] = {}
    dense = [m for m in model.style.layers if isinstance(m, nn.Linear)]
    for i, layer in enumerate(dense):
        arrays[f"weight{i}"] = layer.weight.detach().numpy().astype(np.float16)
        arrays[f"bias{i}"] = layer.bias.detach().numpy().astype(np.float16)
    np.savez(path, **arrays)


def export(
    checkpoint: Path, folder: Path, data: list[Path], other: Path | None = None, other_share: float = 0.5
) -> dict[str, Any]:
    """Writes the files of :mod:`framegen.models` into ``folder``; what ``model.json`` says of them.

    ``data``: pairs that the int8 form is calibrated and measured on; without any, it is not made.
    ``other``, ``other_share``: see :func:`load_model`.
    """
    model, about = load_model(checkpoint, other, other_share)
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "embedded-f32.onnx"
    # no int8 form of other weights may stay beside the new ones
    (folder / "embedded-int8.onnx").unlink(missing_ok=True)
    try:
        write_float(model, whole)
        halve(whole, folder / "embedded.onnx")
        write_style(model, folder / "style.npz")
        if data:
            from framegen.training.embedded.quantise import quantise

            about |= quantise(whole, folder, data)
    finally:
        whole.unlink(missing_ok=True)
    (folder / "model.json").write_text(json.dumps(about, indent=1) + "\n")
    return about


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    parser.add_argument("--other", type=Path, metavar="FILE", help="mix in the weights of this checkpoint")
    parser.add_argument("--share", type=number(0, 1), default=0.5, help="of the other's weights, 0..1 (default: 0.5)")
    args = parser.parse_args()
    with plain_errors():
        print(json.dumps(export(args.checkpoint, args.out, args.data, args.other, args.share)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
