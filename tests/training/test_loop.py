"""The main training from its options to the network that ships, short and on made-up pairs."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")
pytest.importorskip(
    "efficientnet_lite_pytorch", reason="needs EfficientNet-Lite: pip install -e .[test], see .ci/tools"
)

from framegen.engines.embedded.network import Style  # noqa: E402
from framegen.ops import layout  # noqa: E402
from framegen.training import train  # noqa: E402
from framegen.training.embedded import batch, export, loop, pairs  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread_and_its_own_cache")


def test_a_short_run_learns_resumes_and_ships(data: Path, sample: pairs.Sample, tmp_path: Path) -> None:
    """Train, stop, go on, export; the exported network is the trained one."""
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    out = tmp_path / "run"
    common = [
        "--data",
        str(data),
        "--out",
        str(out),
        "--batch",
        "2",
        "--crop",
        "64",
        "64",
        "--perceptual",
        "1",
        "--threads",
        "1",
        "--no-export",
    ]
    args = parser.parse_args([*common, "--minutes", "0.03", "--judge-minutes", "99"])
    assert loop.run(args) == 0
    first = torch.load(out / "checkpoint.pt", weights_only=True)
    assert first["steps"] >= 1
    (out / "STOP").touch()
    assert loop.run(parser.parse_args([*common, "--minutes", "9"])) == 0
    second = torch.load(out / "checkpoint.pt", weights_only=True)
    assert second["steps"] == first["steps"], "STOP ends a resumed run before its first step"

    model, about = export.load_model(out / "checkpoint.pt")
    assert about["steps"] == first["steps"]
    whole, shipped = tmp_path / "whole.onnx", tmp_path / "embedded.onnx"
    export.write_float(model, whole)
    export.halve(whole, shipped)
    export.write_style(model, tmp_path / "style.npz")
    item = batch.item(sample, 0, batch.Window(96, 64, 96, 128), np.random.default_rng(0))
    film = Style.load(tmp_path / "style.npz")(item.condition.numpy())
    with torch.no_grad():
        want_film = model.style(item.condition[None])[0].numpy()
        zeros = torch.zeros(1, layout.HISTORY, 24, 32)
        args5 = (item.color[None] - 0.5, item.cells[None], item.label[None], zeros, torch.from_numpy(film)[None])
        want = model.net(*args5)[0].permute(1, 2, 0).numpy()
    assert np.abs(film - want_film).max() < 1e-2
    ort = pytest.importorskip("onnxruntime", reason="needs ONNX Runtime: pip install onnxruntime")
    session = ort.InferenceSession(str(shipped), providers=["CPUExecutionProvider"])
    color = (item.color.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    got = session.run(
        None,
        {
            "color": color[None],
            "cells": item.cells.numpy()[None],
            "label": item.label.numpy().astype(np.int32)[None],
            "history": np.zeros((1, 24, 32, layout.HISTORY), np.float32),
            "film": film[None],
        },
    )[0][0]
    assert np.abs(got - want).max() < 2e-2, "float16 weights move the latent by less than this"
