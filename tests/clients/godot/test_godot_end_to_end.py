"""A game in Godot against ``framegen serve`` with the embedded model: the look, and a server that is killed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from typing import Any

from stand_in_server import serving

ROOT = Path(__file__).resolve().parents[3]


def serve(address: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "framegen", "serve", "--quiet", "--bind", address]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_server_is_killed_and_started_again_while_the_game_plays(
    start_scene: Callable[..., subprocess.Popen[str]], free_port: Callable[[], int]
) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    server = serve(address)
    game = start_scene("play", "forward_plus", address, "loss")
    lines: Queue[str] = Queue()
    assert game.stdout is not None
    reader = threading.Thread(target=lambda: [lines.put(line) for line in game.stdout or ()])
    reader.start()
    report: dict[str, Any] = {}
    said = []
    try:
        while not report:
            line = lines.get(timeout=150)
            said.append(line)
            if "READY TO LOSE" in line:
                server.kill()
                server.wait()
                server = serve(address)
            if found := re.match(r"REPORT (\{.*\})", line):
                report = json.loads(found.group(1))
    finally:
        server.kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(game.pid, signal.SIGKILL)  # its display too
        game.wait()
        reader.join(10)
    assert not report["failures"], (report, "".join(said)[-3000:])
    assert report["measured"]["kinds"].count("connected") == 2
    assert report["measured"]["darker_by"] > 0.1
    assert report["measured"]["status"]["model"] == "embedded"
    assert "SCRIPT ERROR" not in "".join(said)


def test_the_sample_town_is_restyled(godot_program: str, find_tool: Callable[[str, str], str], tmp_path: Path) -> None:
    town = tmp_path / "town"
    shutil.copytree(ROOT / "demos" / "godot_town", town, ignore=shutil.ignore_patterns(".godot", "addons"))
    shutil.copytree(ROOT / "clients" / "godot" / "addons" / "framegen", town / "addons" / "framegen")
    imported = subprocess.run(
        [godot_program, "--headless", "--path", str(town), "--import"],
        capture_output=True, text=True, errors="replace", timeout=240, check=False,
    )  # fmt: skip
    assert imported.returncode == 0
    options = ["--rendering-method", "gl_compatibility", "--rendering-driver", "opengl3", "--resolution", "320x180"]
    program = find_tool("godot-x11", "put a Godot there")
    arguments = ["--look", "5", "--measure", "1"]
    with serving() as server:
        played = subprocess.run(
            [program, "--path", str(town), *options, "--", *arguments, "--address", server.addresses[0]],
            capture_output=True, text=True, errors="replace", timeout=150, check=False,
        )  # fmt: skip
    said = imported.stdout + imported.stderr + played.stdout + played.stderr
    assert "SCRIPT ERROR" not in said and "SHADER ERROR" not in said, said[-5000:]
    assert "Screen-space AA" not in said, "Compatibility has none"
    figures = json.loads(re.search(r"MEASURED (\{.*\})", said)[1])  # type: ignore[index]
    assert played.returncode == 0
    assert figures["status"]["connected"] and figures["status"]["answered"] > 3
    assert figures["restyled_fps"] > 0 and figures["latency_ms"]["p50"] > 0
