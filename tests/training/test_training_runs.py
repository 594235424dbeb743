"""Runs of ``framegen train``: going on as if never stopped, and what is said when something is wrong."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")
pytest.importorskip(
    "efficientnet_lite_pytorch", reason="needs EfficientNet-Lite: pip install -e .[test], see .ci/tools"
)

from made_pairs import write_pair  # noqa: E402

from framegen import cli  # noqa: E402
from framegen.errors import MediaError, ModelUnavailable  # noqa: E402
from framegen.training import train  # noqa: E402
from framegen.training.embedded import export, loop, ship  # noqa: E402
from framegen.training.embedded.draw import Pool  # noqa: E402
from framegen.training.embedded.model import Model, read_checkpoint  # noqa: E402

SEED = 488


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pairs")
    write_pair(root, SEED)
    write_pair(root, SEED + 1)
    return root


@pytest.fixture(autouse=True)
def _one_thread_and_its_own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    torch.set_num_threads(1)
    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


SMALL = (
    *("--size", "tiny", "--batch", "1", "--whole", "0", "--crop", "64", "64"),
    *("--full", "1", "--perceptual", "1", "--threads", "1"),
)


def words(data: Path, out: Path, *more: str) -> list[str]:
    return ["--data", str(data), "--out", str(out), *SMALL, *more]


def options(data: Path, out: Path, *more: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    return parser.parse_args(words(data, out, *more))


def test_a_run_goes_on_as_if_it_had_never_stopped(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    whole = loop.Training(options(data, tmp_path))
    for _ in range(2):
        whole.step(0.1)
    whole.save()
    # what it once began with may be gone
    resumed = loop.Training(options(data, tmp_path, "--start", str(tmp_path / "gone.pt")))
    assert (resumed.steps, resumed.spent_s) == (2, whole.spent_s)
    for _ in range(2):
        assert resumed.step(0.2) == whole.step(0.2)
    rates = [[group["lr"] for group in run.optimizer.param_groups] for run in (whole, resumed)]
    assert rates[0] == rates[1]
    for one, other in ((whole.model, resumed.model), (whole.average, resumed.average)):
        for a, b in zip(one.both().parameters(), other.both().parameters(), strict=True):
            assert torch.equal(a, b)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(300), None])
def test_a_damaged_checkpoint_is_named(data: Path, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "checkpoint.pt"
    if content is None:
        torch.save({"size": "tiny", "average": Model.new("tiny").both().state_dict()}, path)
        content = path.read_bytes()[:50_000]
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"checkpoint\.pt"):
        loop.Training(options(data, tmp_path))


def test_what_is_no_checkpoint_is_said_to_be_none(tmp_path: Path) -> None:
    for found in ({"a": 1}, [1], {"size": "vast", "average": {}}):
        torch.save(found, tmp_path / "other.pt")
        with pytest.raises(MediaError, match=r"other\.pt"):
            read_checkpoint(tmp_path / "other.pt")
    with pytest.raises(MediaError, match="There is no checkpoint"):
        read_checkpoint(tmp_path / "none.pt")


def test_a_checkpoint_of_another_form_does_not_go_on(data: Path, tmp_path: Path) -> None:
    torch.save({"size": "tiny", "average": {}, "model": {}, "optimizer": {}}, tmp_path / "checkpoint.pt")
    with pytest.raises(MediaError, match="no run that can go on"):
        loop.Training(options(data, tmp_path))


def test_a_full_disk_leaves_the_checkpoint_before_and_the_run_goes_on(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    training = loop.Training(options(data, tmp_path, "--save-minutes", "0.00001", "--minutes", "0.02"))
    training.save()
    kept = training.checkpoint.read_bytes()

    def full(_found: Any, path: Path) -> None:
        path.write_bytes(b"PK")
        raise RuntimeError("[enforce fail at inline_container.cc:664] . unexpected pos 64 vs 0\nframe #0")

    monkeypatch.setattr(torch, "save", full)
    assert loop._train(training)
    assert training.steps > 0
    (tmp_path / "losses.csv").mkdir()  # nor can anything else
    loop._log(training, {"pixel": 0.1}, 1.0)
    told = capsys.readouterr().out
    assert "cannot be written" in told and "losses.csv" in told
    with pytest.raises(MediaError, match="cannot be written"):
        training.save()
    assert training.checkpoint.read_bytes() == kept and not (tmp_path / "checkpoint.part").exists()


def test_a_batch_without_finite_features_teaches_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = loop.Training(options(data, tmp_path))
    before = [p.clone() for p in training.parameters]

    def fails(*_: Any) -> None:
        torch.linalg.cholesky(torch.full((2, 2), float("nan")))

    monkeypatch.setattr(loop, "step_loss", fails)
    assert training.step(0.5) == {} and training.steps == 1
    assert all(torch.equal(a, b) for a, b in zip(before, training.parameters, strict=True))


def test_a_stop_file_that_was_forgotten_is_told(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "STOP").touch()
    assert cli.main(["train", *words(data, tmp_path)]) == 0
    assert f"remove {tmp_path / 'STOP'} to go on" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    ["--minutes 0", "--minutes nan", "--rate -1", "--batch 0", "--full 0", "--perceptual 0", "--crop 100 100",
     "--crop 32 64", "--whole 2", "--threads 0", "--limit -1"],
)  # fmt: skip
def test_options_that_make_no_sense_are_wrong_usage(tmp_path: Path, wrong: str) -> None:
    assert cli.main(["train", "--data", str(tmp_path), "--out", str(tmp_path), *wrong.split()]) == cli.USAGE


def test_a_gpu_that_is_not_there_and_a_folder_that_is_a_file(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelUnavailable, match="CUDA"):
        loop.device_of("cuda")
    (tmp_path / "file").touch()
    with pytest.raises(MediaError, match="folder"):
        loop.Training(options(data, tmp_path / "file"))


def test_a_run_without_held_out_scenes_ships(data: Path, tmp_path: Path) -> None:
    """And its card counts what was trained on, not what else lies there."""
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime: pip install onnxruntime")
    model, checkpoint, out = Model.new("tiny"), tmp_path / "checkpoint.pt", tmp_path / "model"
    torch.save({"size": "tiny", "average": model.both().state_dict(), "steps": 7, "spent_s": 60.0}, checkpoint)
    card = ship.ship(checkpoint, out, Pool([data], limit=1), model, [])
    assert "1 scenes with 2 targets: 1 nature" in card and "Not judged" in card
    made = ["CARD.md", "embedded-int8.onnx", "embedded.onnx", "model.json", "style.npz"]
    assert sorted(path.name for path in out.iterdir()) == made
    export.export(checkpoint, out, [])
    assert not (out / "embedded-int8.onnx").exists(), "it would be that of other weights"


def test_shipped_weights_are_exported_again(tmp_path: Path) -> None:
    from framegen.engines.embedded.network import FOLDER

    model, about = export.load_model(FOLDER)
    assert about["size"] == "small"
    assert sum(p.numel() for p in model.net.parameters()) > 1e6
    np.testing.assert_equal(about["steps"], 0)
