"""``framegen models``: every model there is, its licence, size and hardware, and whether it can run here."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass

from framegen.engines.base import ModelSpec
from framegen.engines.specs import SPECS


@dataclass(frozen=True)
class Availability:
    """Whether a model can run on this machine.

    Attributes:
        here: it can. ``how``: on what; or why it cannot, and what to install.
        weights_bytes: of the files it needs that are on this machine.
    """

    here: bool
    how: str
    weights_bytes: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``framegen models``."""
    parser.add_argument("--json", action="store_true", help="print plain data instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    rows = [(row, availability(row)) for row in SPECS]
    if args.json:
        print(json.dumps([{**dataclasses.asdict(row), **dataclasses.asdict(state)} for row, state in rows], indent=2))
        return 0
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=True)
    for name in ("model", "licence", "weights", "hardware", "here"):
        table.add_column(name, overflow="fold")
    for row, state in rows:
        licence = f"{row.licence}, {'commercial use allowed' if row.commercial else 'no commercial use'}"
        here = Text(f"yes: {state.how}", "green") if state.here else Text(f"no: {state.how}", "yellow")
        table.add_row(Text(row.name, "bold"), licence, f"{state.weights_bytes / 2**20:.1f} MiB", row.hardware, here)
    console = Console(highlight=False)
    console.print(table)
    for row, _ in rows:
        console.print(f"{row.name}: {row.title}. Works at {row.default_size[0]}x{row.default_size[1]}.")
    return 0


def availability(row: ModelSpec) -> Availability:
    """Whether ``row`` can run here. Loads no weights."""
    return _FAMILIES[row.family]()


def _embedded() -> Availability:
    from framegen.engines.embedded.network import FOLDER
    from framegen.engines.embedded.runtime import choices

    files = [path for path in FOLDER.glob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    if not any(path.suffix == ".onnx" for path in files):
        return Availability(False, "its weights are not in this install; install framegen again", size)
    ways = choices()
    can = [f"{way.name} ({way.reason})" for way in ways if way.available]
    if can:
        return Availability(True, "; ".join(can), size)
    return Availability(False, "; ".join(way.reason for way in ways), size)


_FAMILIES: dict[str, Callable[[], Availability]] = {"embedded": _embedded}
