"""``framegen models``: every model there is, its licence, size and hardware, and whether it can run here."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass

from framegen import install
from framegen.engines.base import ModelSpec
from framegen.engines.diffusers import recipes
from framegen.engines.specs import SPECS, spec
from framegen.errors import ModelUnavailable
from framegen.values import known_model


@dataclass(frozen=True)
class Availability:
    """Whether a model can run on this machine.

    Attributes:
        here: it can. ``how``: on what; or why it cannot.
        weights_bytes: of the files it needs that are on this machine.
        fix: the command that brings what is missing; empty: there is none, or nothing is missing.
    """

    here: bool
    how: str
    weights_bytes: int
    fix: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``framegen models``."""
    parser.add_argument("--json", action="store_true", help="print plain data instead of a table")
    parser.add_argument(
        "--download",
        type=known_model,
        metavar="NAME",
        help="bring a model's weights from the hub, options as with serve: sd-turbo:control=depth",
    )


def run(args: argparse.Namespace) -> int:
    """Print the table, or download a model."""
    if args.download:
        return download(args.download)
    rows = [(row, availability(row)) for row in SPECS]
    if args.json:
        print(json.dumps([{**dataclasses.asdict(row), **dataclasses.asdict(state)} for row, state in rows], indent=2))
        return 0
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_lines=True)
    for name in ("model", "licence", "weights", "hardware", "here"):
        table.add_column(name, no_wrap=name != "licence")
    notes = list(dict.fromkeys(_note(row, state) for row, state in rows))
    for row, state in rows:
        mark = f"({notes.index(_note(row, state)) + 1})"
        here = Text(f"yes {mark}", "green") if state.here else Text(f"no {mark}", "yellow")
        table.add_row(Text(row.name, "bold"), _licence(row), _weights(row, state), row.hardware, here)
    console = Console(highlight=False)
    console.print(table)
    for number, note in enumerate(notes, 1):
        console.print(f"({number}) {note}", markup=False, soft_wrap=True)  # a command is to stay in one line
    console.print()
    for row, _ in rows:
        console.print(f"{row.name}: {row.title}. Works at {row.default_size[0]}x{row.default_size[1]}.")
    return 0


def _licence(row: ModelSpec) -> str:
    """A licence's name alone does not tell everybody what it allows."""
    allowed = "commercial use allowed" if row.commercial else "no commercial use"
    return row.licence if "commercial use" in row.licence else f"{row.licence}, {allowed}"


def _note(row: ModelSpec, state: Availability) -> str:
    """What stands below the table, the same for all models that the same is true of."""
    if not state.fix:
        return state.how
    return f"{state.how.partition(' (')[0]}: {state.fix.replace(row.name, 'MODEL')}"


def availability(row: ModelSpec) -> Availability:
    """Whether ``row`` can run here. Loads no weights."""
    return _FAMILIES[row.family](row)


def download(name: str) -> int:
    """Bring what a model needs from the hub. Raises ModelUnavailable, UnknownModel: it cannot be had."""
    from framegen.engines.diffusers import files
    from framegen.engines.diffusers.options import parse, split

    row = spec(name)
    if row.family != "diffusers":
        print(f"{row.name} ships with framegen: there is nothing to download.")
        return 0
    recipe = recipes.BY_NAME[row.name]
    options = parse(split(name)[1], recipe, loading=False)
    if lacking := files.missing_extra():
        raise ModelUnavailable(f"This needs {', '.join(lacking)}.", hint=f"Install: {install.command_for('diffusers')}")
    print(f"{row.name}: {row.title}. Licence: {_licence(row)}. About {recipe.weights_gib:.1f} GiB in half precision.")
    files.download(files.sources(recipe, options), print)
    if recipe.published:
        print(f"Its own checkpoint is at {recipe.published}; then: --model {row.name}:weights=FILE.pkl")
    return 0


def _diffusers(row: ModelSpec) -> Availability:
    from framegen.engines.diffusers import files
    from framegen.engines.diffusers.options import Options

    if lacking := files.missing_extra():
        return Availability(False, f"needs {', '.join(lacking)}", 0, install.command_for("diffusers"))
    recipe = recipes.BY_NAME[row.name]
    wanted = files.sources(recipe, Options(vae="tiny" if recipe.tiny else "full"))
    found = [(source, files.cached(source)) for source in wanted]
    size = sum(files.size_bytes(path, source) for source, path in found if path is not None)
    if absent := [source for source, path in found if path is None or files.lacking(path, source)]:
        first = absent[0]
        return Availability(False, f"not downloaded ({first})", size, f"framegen models --download {row.name}")
    if recipe.published:
        return Availability(True, f"with its authors' checkpoint, from {recipe.published}", size)
    return Availability(True, "PyTorch: on a CUDA or Apple GPU, or slowly on the processor", size)


def _weights(row: ModelSpec, state: Availability) -> str:
    if not state.here and row.name in recipes.BY_NAME:
        return f"{recipes.BY_NAME[row.name].weights_gib:.1f} GiB"
    return f"{state.weights_bytes / 2**20:.1f} MiB"


def _embedded(row: ModelSpec) -> Availability:
    from framegen.engines.embedded.network import FOLDER
    from framegen.engines.embedded.runtime import choices
    from framegen.engines.embedded.weights import FOLDERS

    folder = FOLDERS[row.name]
    own = [path for place in (folder, folder / "large") for path in place.glob("*") if path.is_file()]
    shared = [] if folder == FOLDER else [FOLDER / "fields.webp", FOLDER / "fields.json"]
    size = sum(path.stat().st_size for path in own + shared)
    if not (folder / "embedded.onnx").exists():
        return Availability(False, "its weights are not in this install; install framegen again", size)
    ways = choices()
    can = [f"{way.name} ({way.reason})" for way in ways if way.available]
    if can:
        return Availability(True, "; ".join(can), size)
    return Availability(False, "; ".join(way.reason for way in ways), size)


_FAMILIES: dict[str, Callable[[ModelSpec], Availability]] = {"embedded": _embedded, "diffusers": _diffusers}
