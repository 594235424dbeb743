"""``framegen bench temporal`` and ``sweep``: what reuse is worth on the shipped recording, and its settings.

Both go through a server, as any client does.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Literal

from framegen.bench.rig import ServerProcess
from framegen.client import Client
from framegen.config import Settings
from framegen.errors import ConnectionLost
from framegen.frame import Frame, Restyled
from framegen.metrics.sweep import Row, sweep
from framegen.metrics.temporal import evaluate, prompt_change_ms

Column = Literal["input_warp_error", "output_warp_error", "ratio", "edit_strength"]

OTHER_PROMPT = "night, rain"
CHANGE_AFTER = 12
"""Frames of the old look before the prompt changes."""
FRAMES_AFTER = 30
HEADINGS = ("", "ratio", "error", "edit", "sharpness", "ghosting", "new look, ms")
"""Of a :class:`~framegen.metrics.sweep.Row`'s entries, in order: short enough for 80 columns."""
COLUMNS: tuple[Column, ...] = ("input_warp_error", "output_warp_error", "ratio", "edit_strength")
PERIOD_NS = 1_000_000_000 // 30


class RemoteSession:
    """A session of a server, frame by frame: what :mod:`framegen.metrics.temporal` measures. A context manager."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._client: Client | None = None

    def __enter__(self) -> RemoteSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()

    def begin(self, settings: Settings) -> None:
        """A new session under ``settings``."""
        if self._client is not None:
            self._client.close()
        self._client = Client(self._server.address, name="framegen bench", settings=settings.to_wire())
        self._server.wait_for(self._client)

    def update(self, settings: Settings) -> None:
        """New settings from the next frame on."""
        self._connected.set(wait=True, **settings.to_wire())

    def __call__(self, frame: Frame, now_ns: int | None = None) -> Restyled:
        """Send one frame and wait for its picture."""
        del now_ns  # the server goes by the frame's own timestamp
        return self._connected.restyle(frame)

    @property
    def _connected(self) -> Client:
        if self._client is None:
            raise ConnectionLost("The session was not begun.")
        return self._client


def measure(server: ServerProcess, frames: Sequence[Frame], settings: Settings) -> dict[str, Any]:
    """Reuse on and off over the same frames, the network on each of them, and how soon a new prompt shows.

    Args:
        frames: in order, of one size and one camera run. settings: of both runs but for ``temporal.reuse``.

    Returns:
        ``reuse_on`` and ``reuse_off``, each with ``input_warp_error``, ``output_warp_error``, ``ratio``,
        ``edit_strength``; ``prompt_change_ms``: from the last frame of the old look until the picture has gone
        90 % of the way to the new one, by the frames' clock (30 frames a second). ``inf`` where it never gets there,
        ``nan`` where nothing could be compared.
    """
    steady = [clocked(frame, index) for index, frame in enumerate(frames)]
    settings = dataclasses.replace(settings, temporal=dataclasses.replace(settings.temporal, stride=1))
    with RemoteSession(server) as session:
        figures: dict[str, Any] = {}
        for name, reuse in (("reuse_on", True), ("reuse_off", False)):
            run = evaluate(steady, session, _reuse(settings, reuse))
            figures[name] = {key: round(float(run[key]), 3) for key in COLUMNS}
        other = dataclasses.replace(settings, prompt=OTHER_PROMPT)
        short = steady[: CHANGE_AFTER + FRAMES_AFTER]
        figures["prompt_change_ms"] = round(prompt_change_ms(short, session, settings, other, CHANGE_AFTER), 1)
    return figures


def measure_settings(server: ServerProcess, frames: Sequence[Frame], settings: Settings) -> Iterator[Row]:
    """Rows of :func:`framegen.metrics.sweep.sweep` one by one; frames and settings as for :func:`measure`."""
    steady = [clocked(frame, index) for index, frame in enumerate(frames)]
    with RemoteSession(server) as session:
        yield from sweep(steady, session, settings, dataclasses.replace(settings, prompt=OTHER_PROMPT))


def clocked(frame: Frame, index: int) -> Frame:
    """The frame at 30 frames a second, whatever the recording's own pace was."""
    return dataclasses.replace(frame, frame_id=index, motion_from_frame_id=None, timestamp_ns=index * PERIOD_NS + 1)


def _reuse(settings: Settings, on: bool) -> Settings:
    return dataclasses.replace(settings, temporal=dataclasses.replace(settings.temporal, reuse=on))


def print_figures(console: Any, figures: dict[str, Any]) -> None:
    """A table for people."""
    from rich.table import Table

    table = Table(title="Temporal reuse on the recording", title_justify="left")
    table.add_column("")
    for column in COLUMNS:
        table.add_column(column.replace("_", " "), justify="right")
    for name in ("reuse_on", "reuse_off"):
        table.add_row(name.replace("_", " "), *(f"{figures[name][column]:.2f}" for column in COLUMNS))
    console.print(table)
    came_ms = figures["prompt_change_ms"]
    after = f"is 90 % there after {came_ms:.0f} ms" if math.isfinite(came_ms) else "was not 90 % there by the end"
    console.print(f"A new prompt {after}.", highlight=False)
    console.print(
        "Errors and edit strength: levels of 255, float L1; what the engine's own motion does not explain.",
        style="dim",
    )


def print_settings(console: Any, rows: Sequence[Row]) -> None:
    """A table for people."""
    from rich.table import Table

    table = Table(title="Settings of temporal reuse on the recording", title_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(_shown(value) for value in row.values()))
    console.print(table)
    console.print(
        "Errors, edit strength and ghosting (error of what was just revealed): levels of 255. Ratio: over the input's "
        "own error. Sharpness: over that of reuse switched off. -: none; the recording may be too short.",
        style="dim",
    )


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.3g}" if math.isfinite(value) else "-"
