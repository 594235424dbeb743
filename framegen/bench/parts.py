"""What each part of a picture takes: the embedded model in this process, without server or sockets.

Each prompt has other layers laid over the picture (see ``docs/model-card-embedded.md``), so each has its own column.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from framegen.bench.tally import percentiles
from framegen.config import Settings
from framegen.engines.embedded.engine import EmbeddedEngine
from framegen.frame import Frame, How
from framegen.restyle import start, step

PROMPTS = ("sunny noon", "rainy night", "snow, sunny morning")
WARM = 10
"""Frames that are not counted."""
NETWORK, BEFORE, FINISH = "network", ("told", "history"), "finish"
"""The part that is the network alone; parts that come before it, all others after; what is done to a result at its full
size, last."""


def measure(engine: EmbeddedEngine, frames: Iterator[Frame], settings: Settings, seconds: float) -> dict[str, Any]:
    """Restyle frames for so long; medians over those that the network made, milliseconds.

    Args:
        frames: without end, at the size that is to be measured.

    Returns:
        ``parts_ms``: each part's, in the order they come in; ``network_ms``; ``after_ms``: the sum of all parts after
        the network; ``after_p99_ms``; ``share``: ``after_ms`` over ``network_ms``; ``frames``: how many were counted.
    """
    state = start(settings, engine)
    counted: list[dict[str, float]] = []
    until_s = time.monotonic() + seconds
    seen = 0
    while time.monotonic() < until_s or not counted:
        restyled, state = step(next(frames), state, engine)
        seen += 1
        if seen > WARM and restyled.how is How.GENERATED:
            counted.append({**engine.parts.stages_ms, FINISH: restyled.stages_ms["lift"]})
    names = dict.fromkeys(name for parts in counted for name in parts)
    after = [sum(ms for name, ms in parts.items() if name not in (NETWORK, *BEFORE)) for parts in counted]
    network_ms = float(np.median([parts[NETWORK] for parts in counted]))
    after_ms = float(np.median(after))
    return {
        "prompt": settings.prompt,
        "frames": len(counted),
        "parts_ms": {n: round(float(np.median([parts.get(n, 0.0) for parts in counted])), 3) for n in names},
        "network_ms": round(network_ms, 3),
        "after_ms": round(after_ms, 3),
        "after_p99_ms": round(percentiles(after)["p99"], 3),
        "share": round(after_ms / network_ms, 3),
    }


def print_rows(console: Any, rows: Sequence[dict[str, Any]], size: tuple[int, int]) -> None:
    """A table for people: a column a prompt. ``size``: width and height of the frames, pixels."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"Parts of a picture at {size[0]}x{size[1]}, median ms", title_justify="left")
    table.add_column("")
    for row in rows:
        table.add_column(Text(row["prompt"]), justify="right")  # brackets in it are no markup
    for name in dict.fromkeys(name for row in rows for name in row["parts_ms"]):
        table.add_row(name, *(f"{row['parts_ms'][name]:.2f}" if name in row["parts_ms"] else "-" for row in rows))
    table.add_section()
    table.add_row("all after the network", *(f"{row['after_ms']:.2f}" for row in rows))
    table.add_row("the same, p99", *(f"{row['after_p99_ms']:.2f}" for row in rows))
    table.add_row("over the network's own", *(f"{row['share']:.2f}" for row in rows))
    console.print(table)
    console.print(
        "told: waiting for what the network is told of a frame, which the second core works on before, and then traces "
        "shadows. latent: what words and snow change in the network's answer, and paint that becomes light. panes: the "
        "way that they face. laying: snow, shadows and panes, band by band. finish: stars, and rain that falls.",
        style="dim",
    )
