"""The snippets of ``clients/python`` run as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from stand_in_server import serving

EXPECTED = {
    "hello_blocking": "512x288 by invert, generated",
    "hello_callback": "sent 30, ",
    "hello_latest": "pictures a second",
    "hello_asyncio": "understood: snow on an old bridge | ignored:",
}


def test_every_snippet_is_tested_and_listed(root: Path) -> None:
    folder = root / "clients" / "python"
    assert {path.stem for path in folder.glob("*.py")} == set(EXPECTED)
    listed = (folder / "README.md").read_text(encoding="utf-8")
    assert all(f"{name}.py" in listed for name in EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_snippet(name: str, root: Path) -> None:
    with serving() as server:
        run = subprocess.run(
            [sys.executable, root / "clients" / "python" / f"{name}.py", server.addresses[0]],
            check=False,
            capture_output=True,
            text=True,
            timeout=180,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
    assert run.returncode == 0, run.stderr
    assert EXPECTED[name] in run.stdout
    assert "lost 0" in run.stdout or "lost" not in run.stdout


def test_without_a_server_every_snippet_says_what_to_do(root: Path, free_port: Callable[[], int]) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    started = [
        subprocess.Popen(
            [sys.executable, root / "clients" / "python" / f"{name}.py", address],
            stderr=subprocess.PIPE,
            text=True,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        for name in EXPECTED
    ]
    said = [process.communicate(timeout=180)[1] for process in started]
    line = f"framegen: No framegen server answers at {address}.\n          Start one: framegen serve\n"
    assert said == [line] * len(EXPECTED)
    assert [process.returncode for process in started] == [1] * len(EXPECTED)
