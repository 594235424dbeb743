"""A game in Godot against ``framegen serve`` with the embedded model: the look, and a server that is killed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from typing import Any

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
        game.kill()
        reader.join(10)
    assert not report["failures"], (report, "".join(said)[-3000:])
    assert report["measured"]["kinds"].count("connected") == 2
    assert report["measured"]["darker_by"] > 0.1
    assert report["measured"]["status"]["model"] == "embedded"
    assert "SCRIPT ERROR" not in "".join(said)
