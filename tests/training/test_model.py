"""Where a model's weights begin: as a smaller one stands, or as what ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.engines.embedded.network import FOLDER, Style  # noqa: E402
from framegen.engines.embedded.runtime import core  # noqa: E402
from framegen.errors import MediaError  # noqa: E402
from framegen.ops import features as ft  # noqa: E402
from framegen.ops import layout  # noqa: E402
from framegen.training.embedded import batch, export, pairs  # noqa: E402
from framegen.training.embedded.model import Model, begin_with  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread_and_its_own_cache")


def test_a_larger_model_begins_where_a_smaller_one_stands(sample: pairs.Sample, tmp_path: Path) -> None:
    torch.manual_seed(0)
    small, large = Model.new("small"), Model.new("large")
    with torch.no_grad():
        for parameter in small.both().parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    state = small.both().state_dict()
    torch.save({"size": "small", "average": state, "steps": 1, "spent_s": 1.0}, tmp_path / "small.pt")
    begin_with(large, tmp_path / "small.pt")
    one = batch.stack([batch.item(sample, 0, batch.Window(96, 64, 96, 128), np.random.default_rng(0))])
    with torch.no_grad():
        a, b = small.latent(one), large.latent(one)
    assert torch.allclose(a, b, atol=2e-2)
    assert sum(p.numel() for p in large.net.parameters()) > 2 * sum(p.numel() for p in small.net.parameters())


def test_training_begins_with_the_weights_that_ship() -> None:
    pytest.importorskip("openvino", reason="needs OpenVINO: pip install openvino")
    model = Model.new("small")
    begin_with(model, FOLDER)
    rng = np.random.default_rng(3)
    condition = rng.standard_normal(layout.CONDITION).astype(np.float32)
    film = Style.load(FOLDER / "style.npz")(condition)
    with torch.no_grad():
        again = model.style(torch.from_numpy(condition)[None])
    assert np.abs(again[0].numpy() - film).max() < 1e-4
    given = {
        "color": rng.integers(0, 256, (1, 32, 64, 3), np.uint8),
        "cells": rng.standard_normal((1, ft.CHANNELS, 8, 16)).astype(np.float32),
        "label": rng.integers(0, len(layout.LABELS), (1, 8, 16)).astype(np.int32),
        "history": rng.random((1, 8, 16, layout.HISTORY)).astype(np.float32),
        "film": film[None],
    }
    shipped = core().compile_model(str(FOLDER / "embedded.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    with torch.no_grad():
        out = export.Shipped(model.net)(*(torch.from_numpy(given[name]) for name in export.INPUTS))
    assert np.abs(next(iter(shipped(given).values())) - out.numpy()).max() < 2e-3


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="holds no weights"):
        begin_with(Model.new("tiny"), tmp_path)
    (tmp_path / "model.json").write_text('{"size": "vast"}')
    with pytest.raises(MediaError, match="holds no weights"):
        begin_with(Model.new("tiny"), tmp_path)
