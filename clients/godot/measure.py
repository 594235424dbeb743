"""Measures the Godot sample on this machine: ``python clients/godot/measure.py``.

Plays the town against a server of this Python with the embedded model, once in each renderer, and prints restyled
frames a second, the time from capture to display, the addon's time on the main thread, and what each process took of
the processor. Needs the Godot that ``demos/05_godot_town.py`` finds, and a display; without one, the virtual display
of ``.ci/tools``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from framegen import machine

ROOT = Path(__file__).resolve().parents[2]
RENDERERS = {"mobile": "vulkan", "gl_compatibility": "opengl3", "forward_plus": "vulkan"}
PORT = 5998
START_S = 40
"""A run that tells nothing is ended so long after it should have."""


def main() -> int:
    """Measures; returns 1 where a run told nothing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="measured in each renderer (default: 10)")
    parser.add_argument("--renderer", choices=RENDERERS, action="append", help="only this one; may be given again")
    parser.add_argument("--threads", action="store_true", help="also the processor's time by thread")
    parser.add_argument("arguments", nargs="*", help="for the game, after --: --look 3")
    options = parser.parse_args()
    demo = runpy.run_path(str(ROOT / "demos" / "05_godot_town.py"))
    sys.argv = ["05_godot_town.py", "--prepare"]
    demo["main"]()
    godot = demo["find_godot"]()
    virtual = demo["TOOLS"] / "godot-x11"
    if not os.environ.get("DISPLAY") and sys.platform == "linux" and virtual.exists():
        godot = str(virtual)
    project = ["--path", str(demo["PROJECT"])]
    subprocess.run([godot, *project, "--headless", "--import"], check=True, capture_output=True)
    print(machine.describe().title)
    server = demo["start_server"](PORT)
    try:
        told = [
            measure([godot, *project], renderer, options.seconds, options.threads, options.arguments)
            for renderer in options.renderer or RENDERERS
        ]
    finally:
        server.terminate()
        server.wait()
    return 0 if all(told) else 1


def measure(godot: list[str], renderer: str, seconds: float, by_thread: bool, arguments: list[str]) -> bool:
    """One run; prints its figures. Returns whether there were any."""
    method = ["--rendering-method", renderer, "--rendering-driver", RENDERERS[renderer]]
    wanted = ["--address", f"tcp://127.0.0.1:{PORT}", "--measure", str(seconds), *arguments]
    posix = os.name == "posix"  # a group of its own, so that a virtual display goes with its game
    game = subprocess.Popen(
        [*godot, *method, "--", *wanted], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=posix
    )

    def end() -> None:
        if posix:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(game.pid, signal.SIGTERM)
        else:
            game.kill()

    deadline = threading.Timer(seconds + START_S, end)
    deadline.start()
    said: list[str] = []
    try:
        assert game.stdout is not None
        read_until(game.stdout, "MEASURING ", said)
        before = processor_s(os.getpid(), by_thread)
        figures = read_until(game.stdout, "MEASURED ", said)
        after = processor_s(os.getpid(), by_thread)
        game.wait()
    finally:
        deadline.cancel()
        end()
    if figures is None:
        print(f"{renderer}: no figures\n" + "".join(said[-20:]))
        return False
    print(f"{renderer}: {sentence(figures)}")
    spent = {name: after[name] - before.get(name, 0.0) for name in after}
    each = {name: 1000.0 * took / max(figures["results"], 1) for name, took in spent.items() if took > 0.02 * seconds}
    if each:
        shares = ", ".join(f"{name} {ms:.0f}" for name, ms in sorted(each.items(), key=lambda item: -item[1]))
        print(f"  processor, ms for each restyled frame: {shares}")
    return True


def sentence(figures: dict[str, Any]) -> str:
    """The game's figures for people."""
    late = figures["latency_ms"]
    cost = figures["cost_ms"]
    return (
        f"{figures['restyled_fps']:.1f} restyled and {figures['shown_fps']:.1f} shown frames a second;"
        f" from capture to display p50 {late['p50']:.0f}, p95 {late['p95']:.0f} ms;"
        f" addon on the main thread mean {cost['mean']:.2f}, p50 {cost['p50']:.2f}, p95 {cost['p95']:.2f} ms a frame"
    )


def read_until(stream: IO[bytes], mark: str, said: list[str]) -> dict[str, Any] | None:
    """The JSON behind ``mark``; None where the program ended without."""
    for raw in stream:
        line = raw.decode(errors="replace")
        said.append(line)
        if line.startswith(mark):
            found: dict[str, Any] = json.loads(line[len(mark) :])
            return found
    return None


def processor_s(ancestor: int, by_thread: bool) -> dict[str, float]:
    """Seconds of processor time so far of what ``ancestor`` started, by name; empty where ``/proc`` is missing."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        if found := read_stat(path):
            parents[int(path.parent.name)] = found[1]
    spent: dict[str, float] = {}
    for process in parents:
        above = process
        while above in parents and above != ancestor:
            above = parents[above]
        if above != ancestor or process == ancestor:
            continue
        kind = kind_of(process)
        pattern = "task/*/stat" if by_thread else "stat"
        for path in Path(f"/proc/{process}").glob(pattern):
            if found := read_stat(path):
                name = f"{kind}/{found[0]}" if by_thread else kind
                spent[name] = spent.get(name, 0.0) + found[2]
    return spent


def read_stat(path: Path) -> tuple[str, int, float] | None:
    """Name, parent and seconds of processor time of a process or thread; None when it has ended."""
    try:
        name, rest = path.read_text(errors="replace").rsplit(")", 1)
    except OSError:
        return None
    fields = rest.split()
    return name.split("(", 1)[1], int(fields[1]), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def kind_of(process: int) -> str:
    """What a process is in this measurement."""
    try:
        command = Path(f"/proc/{process}/cmdline").read_text(errors="replace")
    except OSError:
        command = ""
    if "\0serve\0" in command:
        return "server"
    return "display" if "Xvfb" in command else "game"


if __name__ == "__main__":
    sys.exit(main())
