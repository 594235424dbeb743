"""Which weights run: of the models that ship or of a folder, in which of their sizes, and at how many pixels.

A model's folder holds ``embedded.onnx``, ``embedded-int8.onnx`` and ``style.npz``, and may hold a folder ``large`` with
the same files of a larger network. Where both are there, a timing of the networks at the model's own frame size picks
one when the engine starts: the large one where it needs no more than :data:`BUDGET_MS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from framegen.config import nearest
from framegen.engines.embedded import picks
from framegen.engines.embedded.network import FOLDER
from framegen.errors import ModelUnavailable

FOLDERS = {"embedded": FOLDER, "embedded-distilled": FOLDER / "distilled"}
"""Name of a model -> where its weights lie."""
SIZES = ("auto", "small", "large")
LEAST_PX, MOST_PX = 64, 1920 * 1088
"""Side and area of the picture that the model may be told to work at."""
BUDGET_MS = 16.0
"""What the large network may take. A frame of 512x288 has 33 ms at 30 frames per second; features, composition and the
codecs take up to half of it on two cores."""


@dataclass(frozen=True)
class Options:
    """What may follow the model's name: ``embedded:size=1280x720``, ``embedded:size=large,weights=RUN/model``.

    Attributes:
        size: ``small`` or ``large``; ``auto``: by timing, where both are there.
        weights: a folder such as ``framegen train`` writes, in place of the ones that ship; empty: those.
        works_at: width and height of the area that the model works at; None: its own.
    """

    size: str = "auto"
    weights: str = ""
    works_at: tuple[int, int] | None = None


SHIPPED = Options()
_SIDES = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")


def parse(text: str, name: str) -> Options:
    """The options that ``text`` (``key=value,key=value``) means. Raises ModelUnavailable: what makes no sense."""
    options = Options()
    for item in filter(None, (part.strip() for part in text.split(","))):
        key, _, value = item.partition("=")
        if key not in ("size", "weights") or not value:
            hint = f"There are: {name}:size=1280x720, {name}:size=small, {name}:size=large, {name}:weights=FOLDER"
            raise ModelUnavailable(f"Unknown option '{item}' of {name}.", hint=hint)
        sides = _SIDES.fullmatch(value) if key == "size" else None
        if sides is not None:
            options = replace(options, works_at=_area(int(sides[1]), int(sides[2])))
        elif key == "size" and value not in SIZES:
            raise ModelUnavailable(f"size cannot be '{value}'.", hint=nearest(value, (*SIZES, "1280x720")))
        elif key == "size":
            options = replace(options, size=value)
        else:
            options = replace(options, weights=value)
    return options


def _area(width: int, height: int) -> tuple[int, int]:
    if min(width, height) < LEAST_PX or width * height > MOST_PX:
        hint = f"Write sides of at least {LEAST_PX} pixels, and no larger an area than 1920x1088 has."
        raise ModelUnavailable(f"The model cannot work at {width}x{height}.", hint=hint)
    return width, height


def sizes(name: str, options: Options) -> dict[str, Path]:
    """Size -> folder of the weights that are there, of those that ``options`` leave; at least one.

    Raises ModelUnavailable: there are none.
    """
    root = Path(options.weights) if options.weights else FOLDERS[name]
    every = {"small": root, "large": root / "large"}
    found = {size: folder for size, folder in every.items() if (folder / "embedded.onnx").exists()}
    if options.size != "auto":
        found = {size: folder for size, folder in found.items() if size == options.size}
    if found:
        return found
    if not options.weights and options.size != "large":
        raise ModelUnavailable(f"{root / 'embedded.onnx'} is missing.", hint="Install framegen again: it ships.")
    what = "" if options.size == "auto" else f" {options.size}"
    hint = "Give a folder that 'framegen train' wrote: OUT/model" if options.weights else f"Ask for '{name}'."
    raise ModelUnavailable(f"There are no{what} weights in {root}.", hint=hint)


def choose(found: Mapping[str, Path], time_ms: Callable[[Path], float], kept: Path, what: str) -> str:
    """The size to run: the only one there is, else by timing.

    Args:
        found: as :func:`sizes` gives it. time_ms: how long one run of a folder's network takes.
        kept: file with what was picked before. what: what else the choice depends on: device, precision, frame size.
    """
    if len(found) == 1:
        return next(iter(found))

    def measure() -> str:
        # the large network holds all of the small one and as much again: it need not be opened where that is too slow
        fits = 2 * time_ms(found["small"]) <= BUDGET_MS and time_ms(found["large"]) <= BUDGET_MS
        return "large" if fits else "small"

    versions = [picks.stamp(folder / "embedded.onnx") for folder in found.values()]
    return picks.pick(kept, (what, versions), found, measure)
