"""Rows of figures: as plain values for JSON, as a table for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from framegen.bench.scenarios import Scenario
from framegen.bench.tally import Summary, percentiles


def row(scenario: Scenario, summary: Summary) -> dict[str, Any]:
    """One scenario's figures. Times are milliseconds; stage times and ``model_ms`` are medians.

    ``overhead_ms`` is the median latency of the frames that the network ran for, less ``model_ms``: all that is not the
    network's own time.
    """
    latency = summary.latency_ms()
    whole_ms = percentiles([answer.latency_ms for answer in summary.generated])["p50"]
    stages = summary.stages_ms
    model_ms = stages.get("model", 0.0)
    return {
        "scenario": scenario.name,
        "width": scenario.width,
        "height": scenario.height,
        "fps": round(summary.fps, 2),
        "latency_ms": {name: round(value, 2) for name, value in latency.items()},
        "stages_ms": {name: round(value, 3) for name, value in stages.items()},
        "model_ms": round(model_ms, 3),
        "overhead_ms": round(whole_ms - model_ms, 2),
        "sending_fps": round(summary.sending_fps, 2),
        "pacing": scenario.pacing,
        "sent": summary.sent,
        "answered": len(summary.answers),
        "generated": len(summary.generated),
        "reprojected": len(summary.reprojected),
        "superseded": summary.superseded,
        "lost": summary.lost,
    }


def print_rows(console: Console, rows: list[dict[str, Any]]) -> None:
    """The table of all scenarios, then counts and stages of each."""
    table = Table(title="End to end over ZeroMQ, client and server in two processes", title_justify="left")
    table.add_column("scenario", no_wrap=True)
    for name in ("fps", "p50 ms", "p95 ms", "p99 ms", "network ms", "rest ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for figures in rows:
        latency = figures["latency_ms"]
        numbers = (figures["fps"], *latency.values(), figures["model_ms"], figures["overhead_ms"])
        table.add_row(figures["scenario"], *(f"{value:.1f}" for value in numbers))
    console.print(table)
    for figures in rows:
        console.print(f"[bold]{figures['scenario']}[/]", highlight=False)
        for line in _details(figures):
            console.print(f"  {line}", highlight=False)
    console.print(
        "Latency: from the call that sends a frame to its decoded picture at the client. fps: new pictures.",
        style="dim",
    )


def _details(figures: dict[str, Any]) -> Iterator[str]:
    """What does not fit the table, a line each."""
    yield (
        f"sent {figures['sent']} at {figures['sending_fps']:.1f}/s ({figures['pacing']}): answered "
        f"{figures['answered']}, superseded {figures['superseded']}, lost {figures['lost']}"
    )
    if figures["reprojected"]:
        yield (
            f"the network ran for {figures['generated']} of them, {figures['reprojected']} were drawn from its last "
            "latent"
        )
    yield "stages, median ms: " + ", ".join(f"{name} {value:.1f}" for name, value in figures["stages_ms"].items())
    yield (
        f"first picture {figures['first_picture_s']:.1f} s after the server's start, "
        f"server memory {figures['server_memory_mib']:.0f} MiB"
    )
    yardstick = figures["yardstick_ms"]
    yield (
        f"the processor alone: a fixed piece of work took {yardstick['best']:.2f} ms at best, "
        f"{yardstick['median']:.2f} in the median"
    )
    for error in figures["errors"]:
        yield f"error: {error}"
    if "growth" in figures:
        change = figures["growth"]
        yield (
            f"from the first third to the last: latency {change['latency_ms']:+.1f} ms, "
            f"server memory {change['memory_mib']:+.1f} MiB"
        )
