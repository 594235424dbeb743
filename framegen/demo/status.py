"""What the terminal shows: one line that is kept up to date, or a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any

_STATES = {
    "connecting": "starting the server and the engine",
    "waiting": "waiting for the first picture",
    "lost": "the server is gone, waiting for it",
}


class StatusLine:
    """A line at the bottom of a terminal; nothing at all where output goes to a file."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console()
        self._live = Live(console=self._console, auto_refresh=False, transient=True)

    def __enter__(self) -> StatusLine:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def show(self, state: str, figures: Mapping[str, Any], prompt: str, url: str) -> None:
        """The line for how things stand now."""
        if self._console.is_terminal:
            from rich.text import Text

            text = Text(line(state, figures, prompt, url), no_wrap=True, overflow="ellipsis")
            self._live.update(text, refresh=True)


def line(state: str, figures: Mapping[str, Any], prompt: str, url: str) -> str:
    """One line of text."""
    if state != "live":
        return f"… {_STATES.get(state, state)}   {url}"
    latency = figures["latency_ms"]
    times = "" if latency is None else f"   p50 {latency['p50']:.0f} ms  p95 {latency['p95']:.0f} ms"
    superseded = figures["counts"]["superseded"]
    waste = f"   {superseded} superseded" if superseded else ""
    return f"{figures['fps']:.1f} fps{times}{waste}   “{prompt}”   {url}"


@contextmanager
def film_progress(frames: int, name: str) -> Iterator[Callable[[], None]]:
    """A progress bar over ``frames``; call what it yields once a frame."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=frames)
        yield lambda: progress.advance(task)
