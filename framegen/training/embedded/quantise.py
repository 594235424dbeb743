"""The int8 form of the network: static QDQ quantisation, calibrated on real frames, and its loss measured.

Convolutions of the trunk are quantised per channel. Stem, cell features, history and head stay in float: they are
cheap, and noise there shows at once in fog and at night.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from framegen.engines.embedded.guidance import guided
from framegen.engines.embedded.network import FOLDER, Style
from framegen.errors import MediaError
from framegen.ops import layout
from framegen.ops.fields import load_atlas
from framegen.training.embedded import atrous, batch, network, pairs
from framegen.training.embedded.evaluate import psnr

CALIBRATION_FRAMES = 96
MEASURED_FRAMES = 12


def _inputs(item: batch.Item, style: Style, history: np.ndarray | None = None) -> dict[str, Any]:
    color = (item.color.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    h, w = item.label.shape
    return {
        "color": color[None],
        "cells": item.cells.numpy()[None],
        "label": item.label.numpy().astype(np.int32)[None],
        "history": np.zeros((1, h, w, layout.HISTORY), np.float32) if history is None else history,
        "film": style(item.condition.numpy())[None],
    }


def _rarest_first(samples: list[pairs.Sample]) -> list[tuple[pairs.Sample, int]]:
    """Targets in an order that brings night, fog, rain and snow in early and often."""

    def rare(sample: pairs.Sample, i: int) -> bool:
        c = sample.targets[i].condition
        return c.time_of_day == "night" or c.weather in ("fog", "rain") or c.snow > 0.3

    every = [(s, i) for s in samples for i in range(len(s.targets))]
    first, second = [e for e in every if rare(*e)], [e for e in every if not rare(*e)]
    mixed = [e for pair in zip(first, second, strict=False) for e in pair]
    return mixed + first[len(second) :] + second[len(first) :]


def _frames(folders: list[Path], count: int, seed: int) -> Iterator[batch.Item]:
    atlas = load_atlas(FOLDER)
    rng = np.random.default_rng(seed)
    chosen = [folders[i] for i in rng.permutation(len(folders))[:count]]
    found = [sample for f in chosen if (sample := pairs.load_whole(f, atlas)) is not None]
    for sample, index in _rarest_first(found)[:count]:
        yield batch.item(sample, index, batch.WHOLE, rng)


def quantise(source: Path, folder: Path, data: list[Path]) -> dict[str, Any]:
    """Writes ``embedded-int8.onnx`` into ``folder`` from the float ``source`` and measures it.

    Returns:
        ``int8_psnr_db`` (mean) and ``int8_psnr_worst_db`` of composed pictures against the float network's, on
        held-out frames; nothing where none are held out.

    Raises MediaError: there is no frame to calibrate it on.
    """
    import onnx
    import onnxruntime
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    style = guided(Style.load(folder / "style.npz"))
    every = [f for f in pairs.find(data) if not f.name.endswith("_b")]
    held_in = [f for f in every if not pairs.is_validation(pairs.seed_of(f))]
    held_out = [f for f in every if pairs.is_validation(pairs.seed_of(f))]
    if not held_in:
        raise MediaError("There are no pairs to calibrate int8 on in " + ", ".join(map(str, data)) + ".")
    session = onnxruntime.InferenceSession(str(source), providers=["CPUExecutionProvider"])

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """Every second frame carries the history that the frame itself gives."""

        def __init__(self) -> None:
            self._rows = iter(self._all())

        def _all(self) -> Iterator[dict[str, Any]]:
            for n, item in enumerate(_frames(held_in, CALIBRATION_FRAMES, 0)):
                row = _inputs(item, style)
                if n % 2:
                    latent = _smoothed(session.run(None, row)[0], item).permute(0, 2, 3, 1).numpy()
                    trust = np.ones_like(latent[..., :1])
                    row["history"] = np.concatenate([latent, trust], -1) * np.float32(0.6)
                yield row

        def get_next(self) -> dict[str, Any] | None:
            return next(self._rows, None)

    prepared = folder / "prepared.onnx"
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    graph = onnx.load(str(prepared)).graph
    float_nodes = [n.name for n in graph.node if n.op_type == "Conv" and not _is_trunk(n.name)]
    out = folder / "embedded-int8.onnx"
    quantize_static(
        str(prepared),
        str(out),
        Reader(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=float_nodes,
    )
    prepared.unlink()
    quantised = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    found = []
    for item in _frames(held_out, MEASURED_FRAMES, 1):
        row = _inputs(item, style)
        a, b = (_picture(s.run(None, row)[0], item) for s in (session, quantised))
        found.append(psnr(a, b))
    if not found:
        return {}
    return {"int8_psnr_db": round(float(np.mean(found)), 1), "int8_psnr_worst_db": round(min(found), 1)}


def _is_trunk(name: str) -> bool:
    return any(part in name for part in ("down_blocks", "up_blocks", "/down.", "/up."))


def _picture(latent: np.ndarray, item: batch.Item) -> torch.Tensor:
    return network.picture(_smoothed(latent, item), batch.stack([item])).clamp(0, 1)


def _smoothed(latent: np.ndarray, item: batch.Item) -> torch.Tensor:
    """``[1, LATENT, h, w]`` of what the network gives, ``[1, h, w, LATENT]``."""
    return atrous.smooth(torch.from_numpy(latent).permute(0, 3, 1, 2), atrous.guide(batch.stack([item])))
