"""The demo as a person starts it: real processes, real sockets, the real model, the page's own socket."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest
from websockets.sync.client import ClientConnection, connect

from framegen.demo.panda import OpenGLMissing, PandaRenderer

START_S = 120.0
"""Generous: the machine may be busy with other things."""


@pytest.fixture(scope="module", autouse=True)
def opengl() -> None:
    try:
        PandaRenderer(64, 64, fov_y_rad=1.0, near_m=0.1, far_m=10.0, light_direction=(0.0, 0.0, 1.0)).close()
    except OpenGLMissing as missing:
        pytest.skip(f"needs OpenGL: run .ci/tools, or {missing.hint}")


@contextmanager
def demo(*words: str) -> Iterator[subprocess.Popen[str]]:
    """``framegen demo`` in a process group of its own, as a terminal would have it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "framegen", "demo", "--no-browser", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    watchdog = threading.Timer(2 * START_S, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        watchdog.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def page_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    match = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
    assert match, line + (process.stderr.read() if process.stderr else "")
    return f"ws://127.0.0.1:{match[1]}/socket"


def wait_for(page: ClientConnection, kind: str, **wanted: object) -> dict[str, object]:
    """The next message of ``kind`` with these values; pairs are acknowledged on the way. ``pair``: a picture."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        message = page.recv(timeout=START_S)
        if isinstance(message, bytes):
            page.send(json.dumps({"type": "ack"}))
            if kind == "pair":
                return {"bytes": message}
            continue
        said = json.loads(message)
        if said["type"] == kind and all(said.get(key) == value for key, value in wanted.items()):
            return dict(said)
    raise AssertionError(f"no {kind} {wanted}")


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="needs /proc to see what is left of a process group: run on Linux"
)
def test_the_demo_restyles_a_moving_town_and_stops_at_ctrl_c() -> None:
    with demo("--prompt", "night") as process:
        with connect(page_of(process)) as page:
            settings = wait_for(page, "settings")["settings"]
            assert settings["prompt"] == "night"  # type: ignore[index]
            wait_for(page, "state", state="live")
            picture = wait_for(page, "pair")["bytes"]
            assert isinstance(picture, bytes) and picture.count(b"\xff\xd8\xff") == 2
            page.send(json.dumps({"type": "settings", "changes": {"prompt": "thick morning fog", "intensity": 0.9}}))
            while True:
                told = wait_for(page, "settings")
                if told["settings"]["prompt"] == "thick morning fog":  # type: ignore[index]
                    break
            assert "fog" in " ".join(told["understood"])  # type: ignore[arg-type]
            wait_for(page, "pair")

        members = _group(process.pid)
        assert len(members) >= 3, "server and engine have processes of their own"
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=2 * START_S)
        assert process.returncode == 0, err
        assert "Traceback" not in err
        assert re.search(r"First restyled frame after \d+\.\d s", out)
        assert re.search(r"Stopped after \d+ pictures", out)
        for _ in range(600):
            if not _group(process.pid):
                break
            time.sleep(0.1)
        assert not _group(process.pid), "no process is left"


def test_the_demo_can_be_filmed(tmp_path: Path) -> None:
    film = tmp_path / "out.mp4"
    words = ("--video", str(film), "--seconds", "0.3", "--size", "192x108", "--prompt", "winter snow")
    with demo(*words) as process:
        out, err = process.communicate(timeout=2 * START_S)
        assert process.returncode == 0, err
    assert str(film) in out
    with av.open(str(film)) as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(pictures) == 9
    left, right = pictures[-1][:108, :192].astype(int), pictures[-1][:108, 192:].astype(int)
    assert abs(left - right).mean() > 3, "the right side is restyled"


def test_what_cannot_work_is_said_in_one_line(tmp_path: Path) -> None:
    junk = tmp_path / "level.glb"
    junk.write_bytes(b"this is no level")
    with demo("--scene", str(junk), "--seconds", "1", "--port", "0") as process:
        _, err = process.communicate(timeout=2 * START_S)
    assert process.returncode == 1
    assert "cannot be read as glTF" in err and "Traceback" not in err


def _group(leader: int) -> list[int]:
    """Processes of a group, the helper of multiprocessing aside."""
    members = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[2]) == leader and fields[0] != "Z" and b"resource_tracker" not in words:
            members.append(int(entry.name))
    return members
