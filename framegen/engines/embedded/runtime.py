"""Running the network's ONNX file: OpenVINO where it is installed, else ONNX Runtime, on the processor or a GPU.

Nothing here imports a runtime before one is asked for.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import math
import os
import platform
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from framegen import install
from framegen.engines.embedded import picks
from framegen.engines.embedded.network import Style, empty_inputs, unfit
from framegen.errors import ModelUnavailable
from framegen.frame import F32
from framegen.ops import features as ft
from framegen.ops import layout

THREADS = 2
WORTH = 1.1
"""How much quicker a less exact precision must be."""
MIXED = "int8+bf16"
"""int8, and bf16 for what is not quantised."""
ROUNDS = 4
ORT_GPU = {
    "CUDAExecutionProvider": ("CUDA", "onnxruntime-gpu"),
    "DmlExecutionProvider": ("DirectML", "onnxruntime-directml"),
    "CoreMLExecutionProvider": ("CoreML", "onnxruntime"),
}


@dataclass(frozen=True)
class Choice:
    """One way to run the model here, for ``doctor``.

    Attributes:
        name: ``openvino cpu``, ``openvino gpu``, ``onnxruntime cpu`` ... ``available``: whether it can run.
        reason: why it can, how (``bf16``, ``int8``), or why not and what to install.
    """

    name: str
    available: bool
    reason: str


class Backend(Protocol):
    """The network for one frame size."""

    title: str

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> F32:
        """``color`` u8 ``[1, H, W, 3]``, ``cells`` ``[1, CHANNELS, h, w]``, ``label`` int32 ``[1, h, w]``, ``history``
        ``[1, h, w, HISTORY]``, ``film`` ``[1, film]`` -> latent ``[h, w, LATENT]`` float32, a new array."""
        ...


def cache_dir() -> Path:
    """Where compiled networks are kept: ``FRAMEGEN_CACHE`` or the system's cache folder of the user."""
    if os.environ.get("FRAMEGEN_CACHE"):
        return Path(os.environ["FRAMEGEN_CACHE"]) / "compiled"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "framegen" / "compiled"


@functools.cache
def broken(module: str) -> str:
    """Why a runtime that is installed does not start, in one line: it may lack a library of the system. Else empty."""
    if importlib.util.find_spec(module) is None:
        return ""
    try:
        if module == "openvino":
            core()
        else:
            importlib.import_module(module)
    except (ImportError, OSError, RuntimeError) as error:
        return (str(error).splitlines() or [type(error).__name__])[0]
    return ""


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None and not broken(module)


def _why_not(module: str) -> str:
    why = broken(module)
    return f"does not start ({why})" if why else f"is not installed: {install.command(module)}"


def choices() -> tuple[Choice, ...]:
    """Every way to run the embedded model, and whether it can run here."""
    out = []
    if _has("openvino"):
        devices = core().available_devices
        out.append(Choice("openvino cpu", True, f"{' or '.join(_cpu_precisions())} on {THREADS} threads"))
        gpu = "GPU" in {d.split(".")[0] for d in devices}
        out.append(Choice("openvino gpu", gpu, "OpenVINO's GPU plugin" if gpu else "OpenVINO sees no Intel GPU"))
    else:
        out.append(Choice("openvino cpu", False, f"OpenVINO {_why_not('openvino')}"))
    if _has("onnxruntime"):
        import onnxruntime

        out.append(Choice("onnxruntime cpu", True, "ONNX Runtime on the processor"))
        offered = onnxruntime.get_available_providers()
    else:
        out.append(Choice("onnxruntime cpu", False, f"ONNX Runtime {_why_not('onnxruntime')}"))
        offered = []
    for provider, (title, package) in ORT_GPU.items():
        there = provider in offered
        why = (
            f"{title} through ONNX Runtime"
            if there
            else f"no {title} provider; where there is one: {install.command(package)}"
        )
        out.append(Choice(f"onnxruntime {title.lower()}", there, why))
    return tuple(out)


_CORE: list[Any] = []
_MAKING = threading.Lock()


def core() -> Any:
    """OpenVINO's core: one for the whole process, kept to its end.

    A core's plugin gives the thread that it is loaded in a stack of its own for signals, and takes it away at its end:
    of two cores that end in the order they were made in, the thread is left with a stack that is gone, and the next
    signal ends the process. Besides, enumerating devices takes a while.

    It comes without the statistics of use that OpenVINO sends home when it is imported, for which it forks a process
    that may outlive this one.
    """
    with _MAKING:
        if not _CORE:
            sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
            import openvino

            made = openvino.Core()
            with contextlib.suppress(OSError, RuntimeError):
                cache_dir().mkdir(parents=True, exist_ok=True)
                made.set_property({"CACHE_DIR": str(cache_dir())})
            _CORE.append(made)
    return _CORE[0]


def _cpu_precisions() -> tuple[str, ...]:
    """Ways to multiply that the processor may do well, the most exact first: ``bf16``, which some only simulate,
    ``int8`` on x86 (VNNI or AVX2), both; ``f16``; ``f32`` where there is none of them."""
    capable = set(core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    found = ["bf16"] if "BF16" in capable else []
    if "INT8" in capable and platform.machine().lower() in ("x86_64", "amd64"):
        found.append("int8")
    if len(found) > 1:
        found.append(MIXED)
    return tuple(found) or (("f16",) if "FP16" in capable else ("f32",))


def suited(folder: Path, height: int, width: int) -> str:
    """The precision for a network on this processor at a frame size: of several the first, unless a timing finds a
    later one quicker by :data:`WORTH`; of ``int8`` and :data:`MIXED`, which look alike, the quicker. The timing is
    kept, see :mod:`framegen.engines.embedded.picks`."""
    if not _has("openvino"):
        return "int8"
    offered = _cpu_precisions()
    if len(offered) == 1:
        return offered[0]

    def measure() -> str:
        backends = {name: OpenVinoBackend(folder, "CPU", height, width, name) for name in offered}
        took_ms = dict.fromkeys(offered, math.inf)
        for _ in range(ROUNDS):  # in turns, so that other work disturbs all alike
            for name, backend in backends.items():
                took_ms[name] = min(took_ms[name], time_ms(backend, folder, height, width))
        best = offered[0]
        for name in offered[1:]:
            if took_ms[name] < took_ms[best] / (1 if (best, name) == ("int8", MIXED) else WORTH):
                best = name
        return best

    versions = [picks.stamp(path) for path in sorted(folder.glob("embedded*.onnx"))]
    return picks.pick(cache_dir() / "precision.json", (offered, versions, height, width), offered, measure)


_CHANNELS = {"cells": (1, ft.CHANNELS), "history": (3, layout.HISTORY)}
"""Input of the network -> which axis its channels are, and how many this version gives it."""


def _check(file: Path, shapes: Mapping[str, Sequence[object]]) -> None:
    """Raises ModelUnavailable where a network's inputs, by their shapes, are not what it is to be given."""
    given = {**_CHANNELS, "film": (1, Style.load(file.parent / "style.npz").film)}
    if any(list(shapes.get(name, ()))[axis : axis + 1] != [count] for name, (axis, count) in given.items()):
        raise unfit(file)


class OpenVinoBackend:
    """One compiled network in OpenVINO: latency first, two threads."""

    def __init__(self, folder: Path, device: str, height: int, width: int, precision: str) -> None:
        openvino = core()
        quantised = precision in ("int8", MIXED) and (folder / "embedded-int8.onnx").exists()
        file = folder / ("embedded-int8.onnx" if quantised else "embedded.onnx")
        try:
            model = openvino.read_model(str(file))
        except RuntimeError as error:
            raise unfit(file) from error
        _check(file, {port.get_any_name(): port.get_partial_shape().get_max_shape() for port in model.inputs})
        h, w = height // 4, width // 4
        shapes = {}
        for port in model.inputs:
            shape = port.get_partial_shape()
            name = port.get_any_name()
            fixed = {"color": (1, height, width, 3), "label": (1, h, w)}.get(name)
            if fixed is None:
                fixed = (1, shape[1].get_length(), h, w) if name == "cells" else None
            if fixed is None:
                fixed = (1, h, w, shape[3].get_length()) if name == "history" else (1, shape[1].get_length())
            shapes[name] = list(fixed)
        model.reshape(shapes)
        options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        if device == "CPU":
            options |= {"INFERENCE_NUM_THREADS": THREADS, "NUM_STREAMS": 1}
            # what an int8 network leaves unquantised moves half the bytes in bf16
            options["INFERENCE_PRECISION_HINT"] = "bf16" if precision in ("bf16", MIXED) else "f32"
        self._request = openvino.compile_model(model, device, options).create_infer_request()
        shown = "int8" if quantised else precision if precision == "bf16" else "f32"
        self.title = f"{device} (OpenVINO, {shown if device == 'CPU' else 'f16'})"

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> F32:
        result = self._request.infer(dict(inputs), share_inputs=True)
        return np.asarray(next(iter(result.values()))[0], np.float32)


class OnnxBackend:
    """The same file in ONNX Runtime."""

    def __init__(self, folder: Path, provider: str, precision: str) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        quantised = precision == "int8" and (folder / "embedded-int8.onnx").exists()
        file = folder / ("embedded-int8.onnx" if quantised else "embedded.onnx")
        providers = [provider] if provider == "CPUExecutionProvider" else [provider, "CPUExecutionProvider"]
        try:
            self._session = onnxruntime.InferenceSession(str(file), options, providers=providers)
        except Exception as error:  # ONNX Runtime's have no other class in common
            if provider == "CPUExecutionProvider":
                raise unfit(file) from error
            raise RuntimeError(str(error)) from error
        if provider not in self._session.get_providers():  # it lacks a library: the processor would run the network
            raise RuntimeError(f"{provider} does not start.")
        _check(file, {given.name: given.shape for given in self._session.get_inputs()})
        where = "CPU" if provider == "CPUExecutionProvider" else ORT_GPU[provider][0]
        self.title = f"{where} (ONNX Runtime, {'int8' if quantised else 'f32'})"

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> F32:
        return np.asarray(self._session.run(None, dict(inputs))[0][0], np.float32)


def open_backend(folder: Path, device: str, height: int, width: int, precision: str = "") -> Backend:
    """The network compiled for a frame size.

    Args:
        folder: with ``embedded.onnx`` and ``embedded-int8.onnx``.
        device: ``auto``, ``cpu`` or ``gpu``. ``auto`` takes a GPU where it is faster by a short timing.
        precision: ``bf16``, ``int8`` or ``f32`` to force it on the processor; empty: what suits the processor.

    Raises:
        ModelUnavailable: no runtime starts, or no GPU was found where one was asked for.
    """
    cpu: Backend | None = None
    if device in ("auto", "cpu"):
        cpu = _open_cpu(folder, height, width, precision)
        if device == "cpu":
            return cpu
    gpu = _open_gpu(folder, height, width)
    if cpu is None:
        if gpu is None:
            reasons = "; ".join(c.reason for c in choices() if not c.available)
            raise ModelUnavailable("No GPU that the embedded model can use was found.", hint=f"Tried: {reasons}.")
        return gpu
    return cpu if gpu is None else min((cpu, gpu), key=lambda b: time_ms(b, folder, height, width))


def _open_cpu(folder: Path, height: int, width: int, precision: str) -> Backend:
    if _has("openvino"):
        return OpenVinoBackend(folder, "CPU", height, width, precision or _cpu_precisions()[0])
    if _has("onnxruntime"):
        return OnnxBackend(folder, "CPUExecutionProvider", precision or "int8")
    raise ModelUnavailable(
        "The embedded model needs OpenVINO or ONNX Runtime.",
        hint=f"OpenVINO {_why_not('openvino')}; ONNX Runtime {_why_not('onnxruntime')}",
    )


def _open_gpu(folder: Path, height: int, width: int) -> Backend | None:
    # a driver that fails to compile must not keep the processor from working
    if _has("openvino") and any(d.startswith("GPU") for d in core().available_devices):
        with contextlib.suppress(RuntimeError):
            return OpenVinoBackend(folder, "GPU", height, width, "f16")
    if _has("onnxruntime"):
        import onnxruntime

        for provider in ORT_GPU:
            if provider in onnxruntime.get_available_providers():
                with contextlib.suppress(RuntimeError):
                    return OnnxBackend(folder, provider, "f32")
    return None


def time_ms(backend: Backend, folder: Path, height: int, width: int) -> float:
    """Milliseconds of a run on an empty frame: the least of several, which other work on the machine disturbs least."""
    inputs = empty_inputs(height, width, Style.load(folder / "style.npz")(np.zeros(layout.CONDITION, np.float32)))
    spans = []
    for _ in range(6):
        start = time.perf_counter()
        backend.run(inputs)
        spans.append(time.perf_counter() - start)
    return min(spans[1:]) * 1e3
