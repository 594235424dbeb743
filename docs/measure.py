"""Measure the README's figures and write them into it, between its two ``figures`` comments.

    python docs/measure.py [--minutes 10] [--results FOLDER] [--dry]

Run it on an otherwise idle machine. Every figure is what ``framegen bench`` measured in this run.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

README = Path(__file__).resolve().parent.parent / "README.md"
BLOCK = re.compile(r"(<!-- figures -->\n).*?(<!-- /figures -->)", re.DOTALL)


def bench(folder: Path, name: str, *words: str) -> Any:
    """Run ``framegen bench`` and return its figures. Its output stays visible."""
    file = folder / f"{name}.json"
    subprocess.run([sys.executable, "-m", "framegen", "bench", *words, "--json", str(file)], check=True)
    return json.loads(file.read_text(encoding="utf-8"))


def size_line(row: dict[str, Any]) -> str:
    """Frames a second and latency of one size."""
    latency = row["latency_ms"]
    figure = (
        f"{row['fps']:.0f} restyled frames a second; latency p50 {latency['p50']:.0f}, p95 {latency['p95']:.0f}, "
        f"p99 {latency['p99']:.0f} ms, of which the network {row['model_ms']:.1f} ms"
    )
    if row["reprojected"]:
        made = row["generated"] + row["reprojected"]
        figure += f" on the {100 * row['generated'] / made:.0f} % of frames that it runs on"
    size = row["scenario"].replace("x", "×")
    return f"| {size} in and out | {figure} | `framegen bench --scenario {row['scenario']}` |"


def overload_line(row: dict[str, Any], minutes: float) -> str:
    """A client that sends faster than any model restyles."""
    figure = (
        f"{row['sent']} sent: {row['answered']} answered, {row['superseded']} named superseded, {row['lost']} lost; "
        f"latency p99 {row['latency_ms']['p99']:.0f} ms, {row['growth']['latency_ms']:+.1f} ms from the first third to "
        f"the last; server memory {row['server_memory_mib']:.0f} MiB, {row['growth']['memory_mib']:+.1f} MiB"
    )
    what = f"a client at 120 frames a second, {minutes:g} minutes"
    return f"| {what} | {figure} | `framegen bench overload --minutes {minutes:g}` |"


def temporal_lines(figures: dict[str, Any]) -> list[str]:
    """Steadiness with and without reuse, and the way to a new look."""
    on, off = figures["reuse_on"], figures["reuse_off"]
    steady = (
        f"{on['ratio']:.2f} with reuse, {off['ratio']:.2f} without; mean change of a pixel "
        f"{on['edit_strength']:.1f} and {off['edit_strength']:.1f} of 255"
    )
    what = "flicker: warp error of the output over the engine's own (1: no more than there)"
    return [
        f"| {what} | {steady} | `framegen bench temporal` |",
        f"| a new prompt is 90 % there after | {figures['prompt_change_ms']:.0f} ms | `framegen bench temporal` |",
    ]


def table(folder: Path, minutes: float) -> str:
    """Measure everything; the whole block in Markdown."""
    rows = bench(folder, "scenarios")
    lines = ["| what | figure | command |", "|---|---|---|"]
    lines += [size_line(row) for row in rows if row["scenario"] != "overload"]
    lines.append(overload_line(bench(folder, "overload", "overload", "--minutes", f"{minutes:g}")[0], minutes))
    lines += temporal_lines(bench(folder, "temporal", "temporal"))
    start = f"{rows[0]['first_picture_s']:.1f} s, server memory {rows[0]['server_memory_mib']:.0f} MiB"
    lines.append(f"| first picture after the server's start | {start} | `framegen bench --scenario 512x288` |")
    conditions = rows[0]["conditions"]
    note = (
        f"Client and server in two processes on one machine: {conditions['machine']}. "
        f"Load average before: {conditions['load']:.1f}."
    )
    return "\n".join([*lines, "", note, ""])


def main() -> None:
    """Measure, then rewrite the README's block."""
    parser = argparse.ArgumentParser(description="Measure the README's figures.")
    parser.add_argument("--minutes", type=float, default=10.0, help="of the overload case (default: 10)")
    parser.add_argument("--results", type=Path, help="keep the benches' JSON here")
    parser.add_argument("--dry", action="store_true", help="print the block, leave the README alone")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.results or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        block = table(folder, args.minutes)
    if args.dry:
        print(block)
        return
    text = README.read_text(encoding="utf-8")
    README.write_text(BLOCK.sub(lambda found: f"{found[1]}{block}{found[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
