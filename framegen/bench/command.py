"""The command line of ``framegen bench``."""

from __future__ import annotations

import argparse
import dataclasses
import math
import os
import sys
import time
from pathlib import Path
from typing import Any

from framegen import machine
from framegen.bench.json_file import as_json
from framegen.bench.scenarios import SCENARIOS, Scenario, chosen
from framegen.config import Settings
from framegen.errors import ConfigError, MediaError, WrongUsage
from framegen.frame import Frame
from framegen.recording import check_frames
from framegen.values import checked, known_model, number, positive, setting

PROMPT = "golden hour, clear sky, summer"

_CASES: dict[str, tuple[str | None, ...]] = {
    "scenario": (None,),
    "minutes": ("overload", "gpu"),
    "models": ("gpu",),
    "sizes": ("gpu",),
    "options": ("gpu",),
}
"""Options that only some cases of ``framegen bench`` go by; None: the scenarios."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``framegen bench``."""
    parser.add_argument(
        "case",
        nargs="?",
        choices=["overload", "temporal", "sweep", "parts", "gpu"],
        help="overload: the long form of that scenario; temporal: what reuse is worth; sweep: what each setting of it "
        "does; parts: what each part of a picture takes; gpu: every diffusion model with random weights. Default: the "
        "scenarios",
    )
    names = ", ".join(scenario.name for scenario in SCENARIOS)
    parser.add_argument(
        "--scenario",
        type=_scenario,
        default="all",
        metavar="NAME",
        help=f"one of {names} (default: all of these), or temporal",
    )
    parser.add_argument(
        "--minutes",
        type=positive,
        metavar="M",
        help="length of 'bench overload' (default: 10); 'bench gpu' begins nothing new after so many (default: no end)",
    )
    parser.add_argument(
        "--seconds",
        type=number(0, math.inf),
        metavar="S",
        help="measure each scenario for so long; of 'bench gpu' 0: no end-to-end run",
    )
    parser.add_argument(
        "--recording", type=Path, metavar="FILE", help="send this recording's frames, not the shipped one's"
    )
    parser.add_argument(
        "--prompt", type=setting("prompt"), help=f"(default: {PROMPT!r}; of 'bench parts' one after the other)"
    )
    parser.add_argument("--model", type=known_model, help="model to serve (default: the server's)")
    parser.add_argument("--device", choices=["auto", "cpu", "gpu"], help="(default: the server's)")
    parser.add_argument(
        "--models", type=_models, metavar="NAMES", help="of 'bench gpu', divided by commas (default: all)"
    )
    parser.add_argument(
        "--sizes",
        type=_sizes,
        metavar="WxH",
        help="of 'bench gpu', divided by commas (default: 512x512,768x432)",
    )
    parser.add_argument("--options", default="", metavar="KEY=VALUE", help="of those models, such as compile=torch")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="also write the figures to FILE; what there is no figure of is null"
    )


def _scenario(text: str) -> str:
    if text != "temporal":
        checked(chosen)(text)
    return text


def _models(text: str) -> str:
    from framegen.bench import gpu

    checked(gpu.names)(text)
    return text


def _sizes(text: str) -> str:
    from framegen.bench import gpu

    checked(gpu.sizes_of)(text)
    return text


def run(args: argparse.Namespace) -> int:
    """Measure and print. 0: done; 1: a frame was lost."""
    from rich.console import Console

    for name, cases in _CASES.items():
        if args.case not in cases and getattr(args, name) not in (None, "", "all"):
            lines = " and ".join(f"'framegen bench {case}'" if case else "'framegen bench' alone" for case in cases)
            raise WrongUsage(f"--{name} would change nothing here.", hint=f"It is of {lines}.")
    if args.json is not None:
        if not args.json.absolute().parent.is_dir():
            raise ConfigError(f"There is no folder {args.json.parent}.", hint="Make it before measuring.")
        if args.json.is_dir():
            raise ConfigError(f"{args.json} is a folder.", hint="Name a file in it.")
    if args.recording is not None:
        check_frames(args.recording)
    if args.seconds == 0 and args.case != "gpu":
        raise WrongUsage("--seconds must be more than 0 here.", hint="0 is of 'framegen bench gpu'.")
    console = Console()
    conditions = _conditions()
    console.print(f"[bold]{conditions['machine']}[/]\n{conditions['versions']}", highlight=False)
    if conditions["load"] > 0.5:
        console.print(
            f"The machine is busy (load {conditions['load']:.1f}): times are upper bounds, rates lower ones.",
            style="yellow",
        )
    if args.case == "gpu":
        return _measure_gpu(args, console, conditions)
    if args.case == "temporal" or args.scenario == "temporal":
        figures = _measure_temporal(args, console)
        _write(args.json, {**figures, "conditions": conditions})
        return 0
    if args.case == "sweep":
        settings = _sweep(args, console)
        _write(args.json, [{**measured, "conditions": conditions} for measured in settings])
        return 0
    if args.case == "parts":
        rows = _measure_parts(args, console)
        _write(args.json, [{**row, "conditions": conditions} for row in rows])
        return 0
    if args.case == "overload":
        (short,) = chosen("overload")
        rows = [_measure(dataclasses.replace(short, seconds=60.0 * (args.minutes or 10.0)), args, console)]
    else:
        rows = [_measure(scenario, args, console) for scenario in chosen(args.scenario)]
    from framegen.bench.report import print_rows

    print_rows(console, rows)
    _write(args.json, [{**row, "conditions": conditions} for row in rows])
    return 1 if any(row["lost"] for row in rows) else 0


def _measure(scenario: Scenario, args: argparse.Namespace, console: Any) -> dict[str, Any]:
    """One scenario against a server of its own."""
    from framegen.bench.drive import drive
    from framegen.bench.frames import endless, prepare
    from framegen.bench.link import ClientLink
    from framegen.bench.overload import MemorySample, growth, windows
    from framegen.bench.report import row
    from framegen.bench.rig import ServerProcess
    from framegen.bench.yardstick import Yardstick
    from framegen.recording import read_frames, shipped_recording

    path = args.recording or shipped_recording()
    frames = prepare(read_frames(path), scenario.width, scenario.height)
    seconds = args.seconds or scenario.seconds
    memory: list[MemorySample] = []
    yardstick = Yardstick()
    looped = endless(frames)
    began_s = time.monotonic()
    with ServerProcess(server_options(args)) as server, ClientLink(server.address, _settings(args, path)) as link:
        server.wait_for(link.client)
        link.client.restyle(next(looped))
        first_picture_s = time.monotonic() - began_s

        def sample(at_s: float) -> None:
            memory.append(MemorySample(at_s, machine.resident_bytes(server.pid)))
            yardstick.lay()

        with console.status(f"{scenario.name}: {len(frames)} frames, {scenario.pacing}, {seconds:g} s"):
            summary = drive(link, looped, sending_fps=scenario.sending_fps, seconds=seconds, every_second=sample)
        server.check()
        errors = list(dict.fromkeys(str(error) for error in link.errors))
    figures = row(scenario, summary)
    figures["errors"] = errors
    figures["yardstick_ms"] = yardstick.figures()
    figures["first_picture_s"] = round(first_picture_s, 2)
    figures["server_memory_mib"] = round(max(s.resident_bytes for s in memory) / 2**20, 1) if memory else 0.0
    if scenario.sending_fps is not None:
        figures["windows"] = windows(summary, memory)
        figures["growth"] = growth(figures["windows"])
    return figures


def _measure_gpu(args: argparse.Namespace, console: Any, conditions: dict[str, Any]) -> int:
    from framegen.bench import gpu

    rows: dict[tuple[str, int, int], gpu.Row] = {}
    seconds = 10.0 if args.seconds is None else args.seconds
    models, sizes, device = gpu.names(args.models or ""), gpu.sizes_of(args.sizes or ""), args.device or "gpu"
    if lacking := gpu.lacking(device):
        said = f"Nothing measured. This machine lacks what that needs: {lacking}"
        console.print(said, style="yellow", highlight=False, markup=False)
        console.print(f"To see that it works, on the processor: {gpu.TRY_IT}", highlight=False)
        return 1
    for row in gpu.measure(models, device, seconds, extra=args.options, sizes=sizes, minutes=args.minutes):
        console.print(gpu.line(row), style="dim", highlight=False, markup=False)
        rows[row.model, row.width, row.height] = row  # the end-to-end run's takes the place of the step's
        # after each: whoever stops this keeps what was measured
        _write(args.json, [{**dataclasses.asdict(done), "conditions": conditions} for done in rows.values()], say=False)
    gpu.print_rows(console, list(rows.values()))
    _write(args.json, [{**dataclasses.asdict(row), "conditions": conditions} for row in rows.values()])
    return 0 if any(row.engine_ms is not None for row in rows.values()) else 1


def _measure_temporal(args: argparse.Namespace, console: Any) -> dict[str, Any]:
    from framegen.bench.rig import ServerProcess
    from framegen.bench.temporal import measure, print_figures

    frames, settings = _recorded(args)
    with ServerProcess(server_options(args)) as server, console.status("temporal: reuse on, reuse off, a new prompt"):
        figures = measure(server, frames, settings)
    print_figures(console, figures)
    return figures


def _measure_parts(args: argparse.Namespace, console: Any) -> list[dict[str, Any]]:
    from rich.text import Text

    from framegen.bench import parts
    from framegen.bench.frames import endless, prepare
    from framegen.engines.embedded.engine import EmbeddedEngine
    from framegen.engines.specs import load_engine, spec
    from framegen.recording import read_frames, shipped_recording

    model = args.model or "embedded"
    if spec(model).family != "embedded":
        raise WrongUsage(f"'bench parts' takes the embedded model apart, not {model}.", hint="See 'bench gpu' for it.")
    path = args.recording or shipped_recording()
    engine = load_engine(model, args.device or "auto")
    assert isinstance(engine, EmbeddedEngine)
    frames = prepare(read_frames(path), *engine.spec.default_size)
    rows = []
    for prompt in parts.PROMPTS if args.prompt is None else (args.prompt,):
        settings = Settings().updated({**_settings(args, path), "prompt": prompt, "sun": "prompt"})
        with console.status(Text(f"parts: {prompt}")):
            rows.append(parts.measure(engine, endless(frames), settings, args.seconds or 6.0))
    parts.print_rows(console, rows, engine.spec.default_size)
    return rows


def _sweep(args: argparse.Namespace, console: Any) -> list[Any]:
    from rich.progress import track

    from framegen.bench.rig import ServerProcess
    from framegen.bench.temporal import measure_settings, print_settings
    from framegen.metrics.sweep import VARIANTS

    frames, settings = _recorded(args)
    with ServerProcess(server_options(args)) as server:
        measured = measure_settings(server, frames, settings)
        rows = list(track(measured, "sweep", total=len(VARIANTS), console=console, transient=True))
    print_settings(console, rows)
    return rows


def _recorded(args: argparse.Namespace) -> tuple[list[Frame], Settings]:
    """The recording's frames, and the settings that they are restyled under."""
    from framegen.recording import read_frames, shipped_recording

    path = args.recording or shipped_recording()
    return list(read_frames(path)), Settings().updated(_settings(args, path))


def _settings(args: argparse.Namespace, path: Path) -> dict[str, Any]:
    """What the recorded client had set, and the bench's prompt."""
    from framegen.bench.frames import recorded_settings

    return {**recorded_settings(path), "prompt": PROMPT if args.prompt is None else args.prompt}


def server_options(args: argparse.Namespace) -> list[str]:
    """Arguments of ``framegen serve`` that follow from the bench's."""
    options: list[str] = []
    for name in ("model", "device"):
        if getattr(args, name):
            options += [f"--{name}", getattr(args, name)]
    return options


def _conditions() -> dict[str, Any]:
    """The machine, the versions and how busy it is before measuring; stands beside every figure."""
    here = machine.describe()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    versions = ", ".join(f"{name} {version}" for name, version in here.versions.items())
    return {"machine": here.title, "versions": f"Python {here.python}, {versions}", "load": round(load, 2)}


def _write(path: Path | None, figures: Any, say: bool = True) -> None:
    if path is not None:
        try:
            path.write_text(as_json(figures), encoding="utf-8")
        except OSError as error:
            raise MediaError(f"Cannot write {path}: {error.strerror}.") from error
        if say:
            print(f"Figures: {path}", file=sys.stderr)
