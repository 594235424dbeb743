"""Which runtimes of the embedded engine there are, and what is said of those that are missing or broken."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from framegen.engines.embedded import runtime
from framegen.engines.embedded.engine import EmbeddedEngine
from framegen.engines.specs import spec
from framegen.errors import ModelUnavailable

SMALL = dataclasses.replace(spec("embedded"), default_size=(128, 96))


def test_without_a_runtime_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_has", lambda module: False)
    with pytest.raises(ModelUnavailable, match="pip install openvino"):
        EmbeddedEngine(SMALL, "cpu")
    assert not any(choice.available for choice in runtime.choices())


def test_a_runtime_that_does_not_start_keeps_none_that_does_from_running(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('DLL load failed')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    runtime.broken.cache_clear()
    try:
        assert runtime.broken("onnxruntime") == "DLL load failed"
        assert "OpenVINO" in EmbeddedEngine(SMALL, "auto").device
        reasons = {choice.name: choice.reason for choice in runtime.choices() if not choice.available}
        assert reasons["onnxruntime cpu"] == "ONNX Runtime does not start (DLL load failed)"
    finally:
        runtime.broken.cache_clear()


@pytest.mark.parametrize("fails", [False, True])
def test_a_gpu_that_does_not_start_is_none(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="needs ONNX Runtime: pip install onnxruntime")
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("needs a machine without CUDA: run the tests with onnxruntime, not onnxruntime-gpu")
    session = onnxruntime.InferenceSession

    def start(file: str, options: object, providers: list[str]) -> object:
        if providers[0] == "CUDAExecutionProvider" and fails:
            raise type("Fail", (Exception,), {})("no kernel image")
        return session(file, options, providers=["CPUExecutionProvider"])  # as ONNX Runtime falls back by itself

    monkeypatch.setattr(runtime, "_has", lambda module: module == "onnxruntime")
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(onnxruntime, "InferenceSession", start)
    assert EmbeddedEngine(SMALL, "auto").device == "CPU (ONNX Runtime, int8)"
    with pytest.raises(ModelUnavailable, match="No GPU"):
        EmbeddedEngine(SMALL, "gpu")


def test_openvino_sends_no_statistics_of_use() -> None:
    loaded = "[name for name in sys.modules if name.startswith('openvino_telemetry') and sys.modules[name]]"
    code = f"import sys; from framegen.engines.embedded import runtime; runtime.core(); print({loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_openvinos_core_is_one_so_that_signals_are_survived() -> None:
    pytest.importorskip("openvino", reason="needs OpenVINO: pip install openvino")
    # each of two cores would take the signals' stack of the one before for what was there at first
    code = """
import gc, signal
from framegen.doctor import _openvino_devices
from framegen.engines.embedded import runtime
first, second = runtime.core(), runtime.core()
devices = _openvino_devices(), second.available_devices
for core in ("first", "second"):
    del globals()[core]
    gc.collect()
signal.signal(signal.SIGTERM, lambda *_: print("handled", flush=True))
signal.raise_signal(signal.SIGTERM)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "handled\n"), done.stderr


def test_every_choice_has_a_reason() -> None:
    found = runtime.choices()
    assert {c.name for c in found} >= {"openvino cpu", "openvino gpu", "onnxruntime cpu"}
    assert all(c.reason for c in found)
