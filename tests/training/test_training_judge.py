"""``framegen evaluate`` on made-up pairs and an untrained network."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

torch = pytest.importorskip("torch", reason="needs torch: pip install 'framegen[train]'")
pytest.importorskip("efficientnet_lite_pytorch", reason="needs its features: pip install 'framegen[train]'")

from made_pairs import write_pair  # noqa: E402

from framegen import cli  # noqa: E402
from framegen.training.embedded.loop import Model  # noqa: E402

HELD_OUT = 455


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "checkpoint.pt"
    average = Model.new("A").both().state_dict()
    torch.save({"width": "A", "average": average, "steps": 3, "spent_s": 1.0}, path)
    return path


def test_figures_and_a_sheet(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path / "cache"))
    data, sheet, figures = tmp_path / "pairs", tmp_path / "sheet.png", tmp_path / "figures.json"
    write_pair(data, HELD_OUT)
    words = ["evaluate", "--checkpoint", str(checkpoint), "--data", str(data), "--sheet", str(sheet)]
    assert cli.main([*words, "--json", str(figures)]) == 0
    assert "3 steps, 1 held-out frames" in capsys.readouterr().out
    told = json.loads(figures.read_text())
    assert told["frames"] == 1 and told["input_psnr_db"] > 0
    picture = cv2.imread(str(sheet))
    assert picture is not None and picture.shape == (288, 3 * 512, 3)


def test_nothing_to_judge(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert cli.main(["evaluate", "--checkpoint", str(checkpoint), "--data", str(tmp_path / "empty")]) == cli.FAILED
    assert "no held-out pairs" in capsys.readouterr().err
    assert cli.main(["evaluate", "--checkpoint", str(tmp_path / "none"), "--data", str(tmp_path)]) == cli.FAILED
    assert "no checkpoint" in capsys.readouterr().err
