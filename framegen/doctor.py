"""``framegen doctor``: what this machine has, which models run here and how fast, what is missing and how to get it."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib.util
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from framegen import install, machine
from framegen.config import Settings
from framegen.engines.base import ModelSpec, carries
from framegen.engines.specs import SPECS
from framegen.errors import FramegenError
from framegen.frame import Camera, Frame
from framegen.models_table import availability

State = Literal["ok", "optional", "missing"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        topic: what. ``text``: what was found.
        state: ``ok``; ``optional``: not there, and only some commands need it; ``missing``: needed.
        fix: the exact command, or what to do, where something is not there.
    """

    topic: str
    state: State
    text: str
    fix: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``framegen doctor``."""
    parser.add_argument("--json", action="store_true", help="print plain data instead of a table")
    parser.add_argument("--no-timing", action="store_true", help="do not run the models to time them")


def run(args: argparse.Namespace) -> int:
    """Look at everything, print it. 0: all that is needed is there; 1: something needed is missing."""
    here = machine.describe()
    with _patience(quiet=args.json):
        findings = list(examine(here, timing=not args.no_timing))
    healthy = all(finding.state != "missing" for finding in findings)
    if args.json:
        facts = {
            "ok": healthy,
            "machine": dataclasses.asdict(here),
            "findings": [dataclasses.asdict(finding) for finding in findings],
        }
        print(json.dumps(facts, indent=2))
    else:
        _print(findings, healthy)
    return 0 if healthy else 1


def examine(here: machine.Machine, *, timing: bool) -> Iterator[Finding]:
    """Every finding, in the order people read them."""
    yield Finding("framegen", "ok", f"{here.versions['framegen']} on Python {here.python}, {here.system}")
    yield processor(here)
    yield graphics(here)
    yield from runtimes(here)
    yield from models(timing=timing)
    yield opengl()
    yield recording()
    yield port(5555)


def processor(here: machine.Machine) -> Finding:
    """Name, cores, memory and the features that matter to int8 and bf16."""
    features = ", ".join(here.features) or "features not told by this system"
    cores = "1 core" if here.cores == 1 else f"{here.cores} cores"
    memory = f"{here.memory_gib:.{0 if here.memory_gib >= 10 else 1}f} GiB of memory"
    text = f"CPU: {here.cpu}, {cores} for this process, {memory}; {features}"
    if here.cores < 2:
        return Finding("processor", "ok", text, "Real time at 512x288 was measured on two cores; one will be slower.")
    return Finding("processor", "ok", text)


def graphics(here: machine.Machine) -> Finding:
    """NVIDIA cards by name. Others are seen by OpenVINO, below."""
    if here.gpus:
        return Finding("graphics card", "ok", "; ".join(here.gpus))
    return Finding("graphics card", "optional", "no NVIDIA card found; the embedded model needs none")


def runtimes(here: machine.Machine) -> Iterator[Finding]:
    """What can run models, with the devices each sees."""
    openvino = _openvino_devices() if "openvino" in here.versions else ""
    onnx_name = next((name for name in here.versions if name.startswith("onnxruntime")), None)
    providers = _onnx_providers() if onnx_name is not None else ""
    needed: State = "missing" if not openvino and not providers else "optional"
    if openvino:
        yield Finding("OpenVINO", "ok", f"{here.versions['openvino']}: {openvino}")
    elif "openvino" in here.versions:
        yield _broken("OpenVINO", needed, "openvino", "openvino")
    else:
        yield Finding(
            "OpenVINO", needed, "not installed: it runs the embedded model fastest", install.command("openvino")
        )
    if onnx_name is not None and providers:
        yield Finding("ONNX Runtime", "ok", f"{here.versions[onnx_name]}: {providers}")
    elif onnx_name is not None:
        yield _broken("ONNX Runtime", "optional", "onnxruntime", onnx_name)
    else:
        text = "not installed: the fallback for the embedded model"
        yield Finding("ONNX Runtime", "optional", text, install.command_for("onnx"))
    if "torch" in here.versions:
        yield Finding("PyTorch", "ok", here.versions["torch"])
    else:
        text = "not installed: needed to train, and by the models of the 'diffusers' extra"
        yield Finding("PyTorch", "optional", text, install.command_for("diffusers"))


def models(*, timing: bool) -> Iterator[Finding]:
    """Each model: whether it can run here, and how fast by a short trial."""
    for row in SPECS:
        state = availability(row)
        topic = f"model {row.name}"
        needed: State = "missing" if row.name == SPECS[0].name else "optional"
        if not state.here:
            yield Finding(topic, needed, f"cannot run: {state.how}", state.fix)
        elif not timing:
            yield Finding(topic, "ok", f"can run: {state.how}")
        else:
            try:
                yield Finding(topic, "ok", trial(row))
            except FramegenError as error:
                yield Finding(topic, needed, f"does not run: {error.message}", error.hint)


def trial(row: ModelSpec, runs: int = 20) -> str:
    """Median times of ``runs`` frames at the model's size, in words. Loads the model; takes a second or two."""
    from framegen.engines.specs import load_engine
    from framegen.restyle import start, step

    began = time.perf_counter()
    engine = load_engine(row.name)
    load_s = time.perf_counter() - began
    width, height = row.default_size
    state = start(Settings(prompt="golden hour"), engine)
    color = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    depth = np.broadcast_to(np.linspace(100.0, 2.0, height, dtype=np.float32)[:, None], (height, width)).copy()
    camera = Camera.perspective(np.eye(4), fov_y_rad=1.0, aspect=width / height)
    whole_ms, network_ms = [], []
    for number in range(runs):
        moved = np.roll(color, number, axis=1)
        frame = Frame(number, moved, time.perf_counter_ns(), depth_m=depth, camera=camera)
        began = time.perf_counter()
        restyled, state = step(frame, state, engine)
        whole_ms.append((time.perf_counter() - began) * 1e3)
        network_ms.append(restyled.stages_ms.get("model", 0.0))
    seen = ", which a server runs on every second frame" if carries(engine) and engine.stride > 1 else ""
    return (
        f"runs on {engine.device}: {np.median(whole_ms):.1f} ms a frame at {width}x{height}, "
        f"of which the network {np.median(network_ms):.1f}{seen}; loaded in {load_s:.1f} s"
    )


def opengl() -> Finding:
    """Whether the demo's town can be rendered live, tried in a process of its own."""
    if importlib.util.find_spec("panda3d") is None:
        text = "Panda3D is not installed: the demo plays the shipped recording instead"
        return Finding("OpenGL", "optional", text, install.command_for("demo"))
    from framegen.demo.panda import OPENGL_HINT

    code = (
        "from framegen.demo.panda import PandaRenderer\n"
        "PandaRenderer(64, 36, fov_y_rad=1.0, near_m=0.1, far_m=100.0, light_direction=(0.0, 0.0, 1.0))\n"
        "print('works')"
    )
    try:
        trial = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return Finding("OpenGL", "optional", "opening an offscreen window took longer than a minute", OPENGL_HINT)
    if b"works" in trial.stdout.split():
        return Finding("OpenGL", "ok", "Panda3D renders offscreen: the demo's town is live")
    return Finding("OpenGL", "optional", "none found: the demo plays the shipped recording instead", OPENGL_HINT)


def recording() -> Finding:
    """The shipped recording, which the bench sends and the demo falls back on."""
    from framegen.recording import shipped_recording

    try:
        path = shipped_recording()
    except FramegenError as error:
        return Finding("shipped recording", "missing", error.message, error.hint)
    return Finding("shipped recording", "ok", f"{path.name}, {path.stat().st_size / 2**20:.1f} MiB")


def port(number: int) -> Finding:
    """Whether the server's default port is free."""
    with socket.socket() as probe:
        if sys.platform != "win32":  # as libzmq does: connections of a server that has just stopped take no port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            text = f"{number} is taken, perhaps by a framegen server that runs already"
            return Finding("port", "optional", text, "framegen serve --bind tcp://127.0.0.1:5556")
    return Finding("port", "ok", f"{number} is free on the loopback interface")


def _openvino_devices() -> str:
    """Each device with what it computes in: ``CPU: INT8 BF16 FP32``. Empty where OpenVINO does not start."""
    try:
        from framegen.engines.embedded.runtime import core

        found = core()
        return "; ".join(f"{device}: {' '.join(_capabilities(found, device))}" for device in found.available_devices)
    except (ImportError, RuntimeError, OSError):
        return ""


def _onnx_providers() -> str:
    """What ONNX Runtime can run on. Empty where it does not start."""
    try:
        import onnxruntime
    except (ImportError, OSError):
        return ""
    names = [name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers()]
    # "Azure" calls a web service; it is in every build and runs nothing here.
    return ", ".join(name for name in names if name != "Azure")


def _broken(topic: str, state: State, module: str, package: str) -> Finding:
    from framegen.engines.embedded.runtime import broken

    text = f"installed, but it does not start: {broken(module) or 'it names no device'}"
    return Finding(topic, state, text, install.command("--force-reinstall", package))


def _capabilities(core: Any, device: str) -> list[str]:
    known = core.get_property(device, "OPTIMIZATION_CAPABILITIES")
    return [name for name in ("INT8", "BF16", "FP16", "FP32") if name in known]


def _patience(*, quiet: bool) -> contextlib.AbstractContextManager[object]:
    """A line that says what is going on, on a terminal's error output."""
    if quiet:
        return contextlib.nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(
        "Looking. The first time on a machine, parts of the model are compiled: a minute."
    )


def _print(findings: list[Finding], healthy: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    marks = {"ok": Text("ok", "green"), "optional": Text("--", "yellow"), "missing": Text("MISSING", "bold red")}
    table = Table.grid(padding=(0, 2))
    console = Console(highlight=False)
    fixes = [finding.fix for finding in findings if finding.fix]
    room = console.width - len("MISSING    → ") - max(len(finding.topic) for finding in findings)
    # what is said more than once, or is to stay in one line to be copied, stands below
    below = [fix for fix in dict.fromkeys(fixes) if fixes.count(fix) > 1 or len(fix) > room]
    said: set[str] = set()
    for finding in findings:
        mark = f" ({below.index(finding.fix) + 1})" if finding.fix in below else ""
        text = "as above" if mark and finding.text in said else finding.text
        said.add(finding.text)
        table.add_row(marks[finding.state], Text(finding.topic), Text(text + mark))
        if finding.fix and not mark:
            table.add_row("", "", Text(f"→ {finding.fix}", "dim"))
    console.print(table)
    for number, fix in enumerate(below, 1):
        console.print(f"\n({number}) → {fix}", style="dim", markup=False, soft_wrap=True)
    console.print("\nEverything needed is there." if healthy else "\nSomething needed is missing, see above.")
