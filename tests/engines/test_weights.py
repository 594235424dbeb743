"""Which weights run: options, sizes that are there, and the choice between two."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from framegen.config import Settings
from framegen.engines.embedded import picks, runtime, weights
from framegen.engines.embedded.engine import EmbeddedEngine
from framegen.engines.embedded.network import FOLDER
from framegen.engines.specs import check_engine, load_engine, spec
from framegen.errors import ModelUnavailable
from framegen.frame import Frame
from framegen.restyle import start, step

SMALL = dataclasses.replace(spec("embedded"), default_size=(128, 96))
FILES = ("embedded.onnx", "embedded-int8.onnx", "style.npz")


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A folder with both sizes; the large one is the small one again."""
    for folder in (tmp_path / "model", tmp_path / "model" / "large"):
        folder.mkdir()
        for name in FILES:
            shutil.copy(FOLDER / name, folder / name)
    return tmp_path / "model"


def test_options_are_read_and_nonsense_is_refused_with_a_hint() -> None:
    assert weights.parse("", "embedded") == weights.SHIPPED
    assert weights.parse("size=large, weights=a/b", "embedded") == weights.Options("large", "a/b")
    assert weights.parse("size=small,size=1280x720", "embedded") == weights.Options("small", "", (1280, 720))
    for text in ("size=huge", "steps=2", "size", "weights=", "size=1280x", "size=8x8", "size=4000x4000", "size=-1x9"):
        for refuses in (load_engine, check_engine):
            with pytest.raises(ModelUnavailable) as refused:
                refuses(f"embedded:{text}")
            assert refused.value.hint
    check_engine("embedded:size=1280x720")
    with pytest.raises(ModelUnavailable, match="no weights"):
        check_engine("embedded:weights=/no/such/folder")


def test_sizes_are_those_whose_files_are_there(trained: Path) -> None:
    own = weights.Options(weights=str(trained))
    assert list(weights.sizes("embedded", own)) == ["small", "large"]
    assert weights.sizes("embedded", dataclasses.replace(own, size="large")) == {"large": trained / "large"}
    (trained / "embedded.onnx").unlink()
    assert list(weights.sizes("embedded", own)) == ["large"]
    with pytest.raises(ModelUnavailable, match="small"):
        weights.sizes("embedded", dataclasses.replace(own, size="small"))
    assert "small" in weights.sizes("embedded", weights.SHIPPED)


@pytest.mark.parametrize(
    ("small_ms", "large_ms", "wanted"), [(2.0, 7.0, "large"), (6.0, 21.0, "small"), (9.0, 1.0, "small")]
)
def test_the_large_size_runs_where_it_fits_its_budget_and_is_timed_once(
    trained: Path, tmp_path: Path, small_ms: float, large_ms: float, wanted: str
) -> None:
    timed: list[str] = []

    def time_ms(folder: Path) -> float:
        timed.append(folder.name)
        return large_ms if folder.name == "large" else small_ms

    found, kept = weights.sizes("embedded", weights.Options(weights=str(trained))), tmp_path / "kept" / "size.json"
    assert weights.choose(found, time_ms, kept, "cpu") == wanted
    assert timed == ["model"] if 2 * small_ms > weights.BUDGET_MS else ["model", "large"]
    timed.clear()
    assert weights.choose(found, time_ms, kept, "cpu") == wanted
    assert not timed, "the second start times nothing"
    weights.choose(found, time_ms, kept, "gpu")
    assert timed, "another device is another choice"


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "[" * 100_000, '{"KEY": 1}', '{"KEY": [[], 1]}', '{"KEY": ["b", 1' + "0" * 400 + "]}"]
)
def test_a_damaged_file_of_choices_is_made_anew(text: str, tmp_path: Path) -> None:
    kept = tmp_path / "size.json"
    assert picks.pick(kept, "", ("a", "b"), lambda: "a") == "a"
    (key,) = json.loads(kept.read_text())
    kept.write_text(text.replace("KEY", key))
    assert picks.pick(kept, "", ("a", "b"), lambda: "b") == "b"
    assert list(json.loads(kept.read_text())) == [key]


def test_a_choice_is_made_again_when_it_is_old_or_unreadable(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, kept = weights.sizes("embedded", weights.Options(weights=str(trained))), tmp_path / "size.json"
    kept.write_text("not json")
    assert weights.choose(found, lambda _: 1.0, kept, "") == "large"
    assert weights.choose(found, lambda _: 99.0, kept, "") == "large"
    later = time.time() + picks.KEPT_S + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert weights.choose(found, lambda _: 99.0, kept, "") == "small"


def _lose(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _cut(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:5000]) and None


def _other(**shapes: slice) -> Callable[[Path], None]:
    """Layers of another version: rows or columns are missing."""

    def change(folder: Path) -> None:
        with np.load(folder / "style.npz") as data:
            arrays = {name: array[shapes[name]] if name in shapes else array for name, array in data.items()}
        np.savez(folder / "style.npz", **arrays)

    return change


@pytest.mark.parametrize("runtime_of", ["openvino", "onnxruntime"])
@pytest.mark.parametrize(
    ("change", "file"),
    [
        (_lose("style.npz"), "style.npz"),
        (_cut("style.npz"), "style.npz"),
        (_cut("embedded.onnx"), "embedded.onnx"),
        (_other(bias0=np.s_[1:]), "style.npz"),
        (_other(weight2=np.s_[:-8], bias2=np.s_[:-8]), "embedded.onnx"),
    ],
)
def test_weights_that_are_damaged_or_of_another_version_are_named(
    trained: Path, runtime_of: str, change: Callable[[Path], None], file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(runtime_of, reason=f"needs it: pip install {runtime_of}")
    monkeypatch.setattr(runtime, "_has", lambda module: module == runtime_of)
    monkeypatch.setattr(runtime, "_cpu_precisions", lambda: ("f32",))
    (trained / "embedded-int8.onnx").unlink()
    change(trained)
    with pytest.raises(ModelUnavailable, match=file) as refused:
        EmbeddedEngine(SMALL, "cpu", options=weights.Options("small", str(trained)))
    assert "framegen train" in refused.value.hint


def test_with_one_size_nothing_is_timed(tmp_path: Path) -> None:
    def time_ms(_: Path) -> float:
        raise AssertionError

    assert weights.choose({"small": tmp_path}, time_ms, tmp_path / "size.json", "") == "small"


def test_an_engine_runs_a_folder_of_weights_and_says_its_size(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(weights, "BUDGET_MS", 1e6)
    engine = EmbeddedEngine(SMALL, "cpu", options=weights.Options(weights=str(trained)))
    assert engine.size == "large" and engine.device.endswith(", large size")
    assert (tmp_path / "cache" / "compiled" / "size.json").exists()
    forced = EmbeddedEngine(SMALL, "cpu", options=weights.Options("small", str(trained)))
    assert forced.size == "small" and forced.device.endswith(", small size")
    assert "size" not in EmbeddedEngine(SMALL, "cpu").device, "where there is no choice, nothing is said of it"


@pytest.mark.parametrize(
    ("bf16_ms", "int8_ms", "mixed_ms", "wanted"),
    [
        (13.0, 10.0, 10.5, "int8"),
        (13.0, 10.0, 9.8, "int8+bf16"),
        (13.0, 12.5, 12.4, "bf16"),
        (13, 12.5, 11, "int8+bf16"),
    ],
)
def test_a_less_exact_precision_must_be_worth_it_and_is_timed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bf16_ms: float, int8_ms: float, mixed_ms: float, wanted: str
) -> None:
    pytest.importorskip("openvino", reason="needs OpenVINO: pip install openvino")
    took_ms, timed = {"bf16": bf16_ms, "int8": int8_ms, "int8+bf16": mixed_ms}, []

    def open_one(_folder: Path, _device: str, _height: int, _width: int, precision: str) -> str:
        return precision

    def time_ms(backend: str, *_: object) -> float:
        timed.append(backend)
        return took_ms[backend]

    monkeypatch.setenv("FRAMEGEN_CACHE", str(tmp_path))
    monkeypatch.setattr(runtime, "_cpu_precisions", lambda: ("bf16", "int8", "int8+bf16"))
    monkeypatch.setattr(runtime, "OpenVinoBackend", open_one)
    monkeypatch.setattr(runtime, "time_ms", time_ms)
    assert runtime.suited(FOLDER, 96, 128) == wanted
    assert timed == list(took_ms) * runtime.ROUNDS, "in turns"
    timed.clear()
    assert runtime.suited(FOLDER, 96, 128) == wanted
    assert not timed, "the second start times nothing"
    assert runtime.suited(FOLDER, 192, 128) == wanted and timed, "another frame size is another choice"
    timed.clear()
    monkeypatch.setattr(runtime, "_cpu_precisions", lambda: ("f16",))
    assert runtime.suited(FOLDER, 96, 128) == "f16" and not timed


@pytest.mark.parametrize(
    ("precision", "file", "hint"),
    [
        ("int8", "embedded-int8.onnx", "f32"),
        ("int8+bf16", "embedded-int8.onnx", "bf16"),
        ("bf16", "embedded.onnx", "bf16"),
    ],
)
def test_what_a_precision_asks_of_openvino(
    monkeypatch: pytest.MonkeyPatch, precision: str, file: str, hint: str
) -> None:
    pytest.importorskip("openvino", reason="needs OpenVINO: pip install openvino")
    real, asked = runtime.core(), []

    class Watched:
        def read_model(self, path: str) -> object:
            asked.append(Path(path).name)
            return real.read_model(path)

        def compile_model(self, model: object, device: str, options: dict[str, object]) -> object:
            asked.append(options["INFERENCE_PRECISION_HINT"])
            return real.compile_model(model, device, options)

    monkeypatch.setattr(runtime, "core", Watched)
    backend = runtime.OpenVinoBackend(FOLDER, "CPU", 64, 64, precision)
    assert asked == [file, hint]
    assert precision.split("+", maxsplit=1)[0] in backend.title


def test_the_model_works_at_the_size_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Details finer than a pixel of its own size come out of the network then, and not of the engine's frame alone."""
    engine = load_engine("embedded:size=320x192")
    assert engine.spec.default_size == (320, 192) and spec("embedded").default_size == (512, 288)
    frame = Frame(1, np.random.default_rng(1).integers(0, 255, (384, 640, 3)).astype(np.uint8))
    state = start(Settings(prompt="dusk"), engine)
    result, state = step(frame, state, engine)
    assert result.image.shape == (384, 640, 3)
    assert state.memory is not None and state.memory.latent.shape[:2] == (48, 80)


def test_it_can_be_told_sides_that_are_no_multiples_of_its_own() -> None:
    engine = load_engine("embedded:size=160x90")
    color = np.random.default_rng(1).integers(0, 255, (180, 320, 3)).astype(np.uint8)
    result, state = step(Frame(1, color), start(Settings(prompt="dusk"), engine), engine)
    assert result.image.shape == (180, 320, 3)
    assert state.memory is not None and state.memory.latent.shape[:2] == (24, 40)
