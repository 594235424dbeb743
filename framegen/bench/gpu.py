"""``framegen bench gpu``: every diffusion model with random weights of the true sizes, on this machine's GPU.

Speed does not depend on what weights mean, so nothing is downloaded. For each model and size: the step alone, the
plain diffusers pipeline with the same weights in the same run, the floor from operations and bytes, and end to end over
ZeroMQ with a server in a process of its own.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table

from framegen import install
from framegen.bench.drive import drive
from framegen.bench.frames import endless, prepare
from framegen.bench.link import ClientLink
from framegen.bench.rig import ServerProcess
from framegen.client import Client
from framegen.engines.diffusers.recipes import BY_NAME, RECIPES
from framegen.engines.specs import load_engine
from framegen.errors import ConfigError, FramegenError, ModelUnavailable
from framegen.recording import read_frames, shipped_recording

SIZES = ((512, 512), (768, 432))
TRY_IT = "framegen bench gpu --device cpu --models sdxs-512 --sizes 64x64"
"""Takes every way through the code on a processor, in a minute."""
TIME_IS_UP = "the time was up (--minutes)"


class Rig(Protocol):
    """A running server, as little of it as is needed here."""

    @property
    def address(self) -> str:
        """Where it listens."""
        ...

    def wait_for(self, client: Client, timeout_s: float = 180.0) -> None:
        """Wait until ``client`` has a session."""
        ...


Start = Callable[[list[str]], AbstractContextManager[Rig]]


@dataclass(frozen=True)
class Row:
    """Figures of one model at one size: milliseconds, but for ``fps``, ``memory_gib`` and shares; None: not measured.

    Attributes:
        engine_ms, carried_ms, plain_ms, floor_ms, memory_gib: see :class:`framegen.engines.diffusers.measure.Cost`.
        fps, p50_ms, p99_ms: end to end from one client. rest_ms: of p50, all but the networks.
        note: what was not measured, and why.
    """

    model: str
    width: int
    height: int
    engine_ms: float | None = None
    carried_ms: float | None = None
    plain_ms: float | None = None
    floor_ms: float | None = None
    memory_gib: float | None = None
    fps: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    rest_ms: float | None = None
    note: str = ""

    @property
    def gain(self) -> float | None:
        """How many times faster than the plain pipeline."""
        return None if self.plain_ms is None or not self.engine_ms else self.plain_ms / self.engine_ms

    @property
    def floor_share(self) -> float | None:
        """The floor's share of the engine's time."""
        return None if self.floor_ms is None or not self.engine_ms else self.floor_ms / self.engine_ms


def lacking(device: str) -> str:
    """What this machine lacks to measure on ``device``; empty: nothing."""
    from framegen.engines.diffusers import files

    if missing := files.missing_extra():
        return f"{', '.join(missing)} (install: {install.command_for('diffusers', 'cuda')})"
    from framegen.engines.diffusers.device import choose

    try:
        choose(device)
    except ModelUnavailable as error:
        return str(error)
    return ""


def sizes_of(wanted: str) -> Sequence[tuple[int, int]]:
    """``512x512,768x432``; empty: :data:`SIZES`. Raises ConfigError."""
    found = []
    for item in filter(None, wanted.split(",")):
        match = re.fullmatch(r"\s*([1-9]\d{1,3})x([1-9]\d{1,3})\s*", item)
        if match is None or int(match[1]) % 8 or int(match[2]) % 8:
            raise ConfigError(f"'{item}' is no size.", hint="Write --sizes 512x512,768x432, in multiples of 8.")
        found.append((int(match[1]), int(match[2])))
    return found or SIZES


def names(wanted: str) -> list[str]:
    """Models of a comma-separated list; empty: all. Raises ConfigError for one that there is not."""
    if not wanted:
        return [recipe.spec.name for recipe in RECIPES]
    chosen = [name.strip() for name in wanted.split(",")]
    for name in chosen:
        if name not in BY_NAME:
            raise ConfigError(f"There is no diffusion model '{name}'.", hint=f"Known: {', '.join(BY_NAME)}.")
    return chosen


def model_size(name: str, width: int, height: int) -> tuple[int, int]:
    """The size in the model's multiples that holds the picture: 768x432 becomes 768x448 for SANA, and is cropped."""
    multiple = BY_NAME[name].spec.size_multiple
    return -(-width // multiple) * multiple, -(-height // multiple) * multiple


def measure(
    models: Sequence[str],
    device: str,
    seconds: float,
    frames: int = 30,
    start: Start = ServerProcess,
    extra: str = "",
    sizes: Sequence[tuple[int, int]] = SIZES,
    minutes: float | None = None,
) -> Iterator[Row]:
    """Figures, row by row: first the step of every model, then, end to end, the same rows with those figures too.

    What fails for one model (too little memory, say) is noted in its rows.

    Args:
        device: ``auto``, ``gpu`` or ``cpu``. seconds: of each end-to-end run; 0: none.
        frames: that the step alone is timed over. start: of a server with the command line's arguments.
        extra: options of the models beside those set here, ``compile=torch``.
        minutes: after so many nothing new is begun, and rows say so; None: as long as it takes.

    Raises:
        ModelUnavailable: the ``diffusers`` extra is missing, or there is no such device.
    """
    from framegen.engines.diffusers import measure as measuring

    until_s = math.inf if minutes is None else time.monotonic() + 60.0 * minutes
    reached: list[measuring.Rates] = []
    rows: list[Row] = []
    for name in models:
        for row in _steps(name, sizes, device, frames, extra, reached, until_s):
            rows.append(row)
            yield row
    for row in rows if seconds > 0.0 else ():
        if row.engine_ms is None:
            continue
        if time.monotonic() > until_s:
            yield replace(row, note=_joined(row.note, f"not measured end to end: {TIME_IS_UP}"))
            continue
        try:
            figures: dict[str, Any] = dict(
                end_to_end(_named(row.model, extra, row.width, row.height), device, row, seconds, start)
            )
            yield replace(row, **figures)
        except (FramegenError, RuntimeError) as error:
            yield replace(row, note=_joined(row.note, str(error).splitlines()[0]))


def _steps(
    name: str,
    sizes: Sequence[tuple[int, int]],
    device: str,
    frames: int,
    extra: str,
    reached: list[Any],
    until_s: float,
) -> Iterator[Row]:
    """One model, loaded once, at every size. ``reached``: this machine's rates, once they were measured."""
    from framegen.engines.diffusers import measure as measuring
    from framegen.engines.diffusers.engine import DiffusersEngine

    engine: Any = None
    for width, height in sizes:
        row = Row(name, width, height)
        if time.monotonic() > until_s:
            yield replace(row, note=f"not measured: {TIME_IS_UP}")
            continue
        try:
            if engine is None:
                engine = load_engine(_named(name, extra), device)
                assert isinstance(engine, DiffusersEngine)
            engine.release()  # what another size has kept is not this one's memory
            if not reached:
                reached.append(measuring.rates(engine.place, engine.net.dtype))
            cost = asdict(measuring.cost(engine, *model_size(name, width, height), reached[0], frames))
            row = replace(row, note=cost.pop("plain_note"), **cost)
            if engine.graph_refused:
                row = replace(row, note=_joined(row.note, f"no CUDA graph: {engine.graph_refused}"))
        except (FramegenError, RuntimeError) as error:
            row = replace(row, note=str(error).splitlines()[0])
        yield row
    del engine
    measuring.give_back_memory()


def _named(model: str, extra: str, width: int = 0, height: int = 0) -> str:
    """A model with random weights, as it is asked for."""
    return f"{model}:weights=random" + (f",size={width}x{height}" if width else "") + (f",{extra}" if extra else "")


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def end_to_end(model: str, device: str, row: Row, seconds: float, start: Start) -> dict[str, float]:
    """One client that sends the next frame when the last is answered, at the row's size."""
    frames = prepare(read_frames(shipped_recording()), row.width, row.height)
    options = ["--model", model, "--device", device]
    with start(options) as server, ClientLink(server.address, {"prompt": "golden hour"}) as link:
        server.wait_for(link.client, 600.0)
        summary = drive(link, endless(frames), sending_fps=None, seconds=seconds)
    latency = summary.latency_ms()
    model_ms = summary.stages_ms.get("model", 0.0)
    return {
        "fps": summary.fps,
        "p50_ms": latency["p50"],
        "p99_ms": latency["p99"],
        "rest_ms": latency["p50"] - model_ms,
    }


def line(row: Row) -> str:
    """One row while the others are still measured."""
    at = f"{row.model} {row.width}x{row.height}"
    if row.engine_ms is None:
        return f"{at}: {row.note}"
    if row.p50_ms is None:
        return f"{at}: {row.engine_ms:.2f} ms"
    return f"{at}: {row.engine_ms:.2f} ms, end to end {row.p50_ms:.2f} ms"


def print_rows(console: Console, rows: Sequence[Row]) -> None:
    """The table for people."""
    table = Table(
        title="Diffusion models with random weights of the true sizes: milliseconds",
        title_justify="left",
        box=None,
        padding=(0, 1, 0, 0),
    )
    table.add_column("model", no_wrap=True)
    table.add_column("size", no_wrap=True)
    columns = ("engine", "carried", "plain", "gain", "floor", "fps", "p50", "p99", "rest", "GiB")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        share = None if row.floor_share is None else f"{100 * row.floor_share:.0f} %"
        step = (row.engine_ms, row.carried_ms, row.plain_ms, row.gain, share)
        numbers = (*step, row.fps, row.p50_ms, row.p99_ms, row.rest_ms)
        table.add_row(row.model, f"{row.width}x{row.height}", *(_shown(n) for n in (*numbers, row.memory_gib)))
    console.print(table)
    for row in rows:
        if row.note:
            console.print(f"{row.model} {row.width}x{row.height}: {row.note}", highlight=False, markup=False)


def _shown(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.{2 if abs(value) < 100 else 0}f}"
