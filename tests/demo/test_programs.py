"""The numbered programs in demos/ run as their first lines say."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from stand_in_server import serving

from framegen.demo import engine
from framegen.demo.panda import OpenGLMissing, PandaRenderer
from framegen.resources import shipped
from framegen.video.sink import VideoFormat, VideoSink

WAIT_S = 120.0


def run(root: Path, program: str, *words: str, cwd: Path) -> str:
    """What a program prints; it must end well."""
    done = subprocess.run(
        [sys.executable, str(root / "demos" / program), *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def _skip_without_opengl() -> None:
    try:
        PandaRenderer(64, 64, fov_y_rad=1.0, near_m=0.1, far_m=10.0, light_direction=(0.0, 0.0, 1.0)).close()
    except OpenGLMissing as missing:
        pytest.skip(f"needs OpenGL: run .ci/tools, or {missing.hint}")


@pytest.fixture(autouse=True)
def importable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(root))


def test_hello_frame(root: Path, tmp_path: Path) -> None:
    with serving() as server:
        said = run(root, "01_hello_frame.py", server.addresses[0], cwd=tmp_path)
    assert "invert" in said
    picture = cv2.imread(str(tmp_path / "hello.png"))
    width = picture.shape[1]
    assert np.array_equal(picture[:, width // 2 :], 255 - picture[:, : width // 2])
    lines = (root / "demos" / "01_hello_frame.py").read_text().splitlines()
    assert len([line for line in lines if line.strip() and not line.startswith('"""')]) <= 10


def test_restyle_footage(root: Path, tmp_path: Path) -> None:
    sink = VideoSink(tmp_path / "clip.mp4", VideoFormat(128, 80, rate=Fraction(30)))
    for number in range(3):
        sink.write(np.full((80, 128, 3), 90 + number, np.uint8), number * 3000, 3000)
    sink.close()
    said = run(root, "02_restyle_footage.py", "clip.mp4", ".", cwd=tmp_path)
    made = sorted(path.name for path in tmp_path.glob("clip-*.mp4"))
    assert made == ["clip-golden-hour.mp4", "clip-night-rain.mp4", "clip-winter.mp4"]
    assert all(name in said for name in made)


def test_live_panda3d(root: Path, tmp_path: Path) -> None:
    _skip_without_opengl()
    with serving() as server:
        said = run(root, "03_live_panda3d.py", server.addresses[0], "--seconds", "2", "--port", "0", cwd=tmp_path)
    sent, answered = re.findall(r"(\d+) frames sent, (\d+) answered", said)[0]
    assert int(sent) > 3 and int(answered) > 1


def test_replay(root: Path, tmp_path: Path) -> None:
    shipped("town.mcap")
    with serving() as server:
        said = run(root, "04_replay.py", server.addresses[0], cwd=tmp_path)
    rows = re.findall(r"(\d+) of +(\d+) answered", said)
    assert len(rows) == 4 and int(rows[-1][0]) > 10


@pytest.mark.parametrize("program", ["01_hello_frame.py", "03_live_panda3d.py", "04_replay.py"])
def test_without_a_server_a_program_says_what_to_do(
    program: str, root: Path, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    if program.startswith("03"):
        _skip_without_opengl()
    words = ("--seconds", "3", "--port", "0") if program.startswith("03") else ()
    command = [sys.executable, str(root / "demos" / program), f"tcp://127.0.0.1:{free_port()}", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert done.returncode == 1
    assert "No framegen server answers" in done.stderr and "framegen serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_town_as_a_client_says_that_no_server_answers_and_goes_on(free_port: Callable[[], int]) -> None:
    said: queue.Queue[tuple[str, object]] = queue.Queue()

    class Listener:
        def send(self, kind: str, value: object = None) -> None:
            said.put((kind, value))

        newest = send

        def drain(self, most: int) -> None:
            """Nothing waits."""

    town = engine.LiveEngine(engine.EngineOptions(64, 64), Listener(), patience_s=0.2)
    thread = threading.Thread(target=town.run, args=(lambda: f"tcp://127.0.0.1:{free_port()}",))
    thread.start()
    try:
        kinds, text = [], ""
        while "error" not in kinds:  # frames that nobody takes may be told of first
            kind, value = said.get(timeout=WAIT_S)
            kinds.append(kind)
            text = str(value)
        assert kinds[0] == "source"
        assert "framegen serve" in text
        assert thread.is_alive()
    finally:
        town.stop()
        thread.join(WAIT_S)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--size", "big"), "WIDTHxHEIGHT"),
        (("--fps", "0"), "--fps"),
        (("--scene", "missing.glb"), "missing.glb"),
    ],
)
def test_the_town_as_a_client_says_in_a_line_what_cannot_work(
    words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = engine.main([*words])
    except SystemExit as wrong_usage:
        code = int(wrong_usage.code or 0)
    said = capsys.readouterr().err.splitlines()
    assert code == (2 if said[0].startswith("usage:") else 1)
    assert says in said[-1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a screen can be missing on Linux alone")
@pytest.mark.parametrize("there, said", [(True, "needs a screen"), (False, "No Godot was found")])
def test_the_godot_town_says_in_a_line_what_is_missing(there: bool, said: str, root: Path, tmp_path: Path) -> None:
    godot = tmp_path / "godot"
    godot.write_text(f"#!/bin/sh\ntouch {tmp_path / 'started'}\n")
    godot.chmod(0o755)
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "GODOT", "HOME", "PATH")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, str(root / "demos" / "05_godot_town.py"), "--port", "0"],
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
        env={**environment, "HOME": str(tmp_path), "PATH": "", **({"GODOT": str(godot)} if there else {})},
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and said in done.stderr
    assert not (tmp_path / "started").exists()
