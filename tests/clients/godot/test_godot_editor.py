"""The framegen dock in a real Godot editor on a virtual display: its buttons, and games that the editor plays."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from stand_in_server import serving

Run = Callable[..., Any]


def wait_until_nobody_listens(port: int) -> None:
    """A server that was told to end does so in its own time."""
    until = time.monotonic() + 60
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        assert time.monotonic() < until, "the server is still there"
        time.sleep(0.1)


def test_the_docks_buttons_work_on_the_open_scene(run_editor: Run) -> None:
    with serving() as server:
        measured = run_editor(server.addresses[0], "buttons").ok()
    assert measured["preview"][0] > 640


def test_games_are_played_from_the_editor_and_the_dock_says_how_they_are_doing(
    run_editor: Run, free_port: Callable[[], int]
) -> None:
    port = free_port()
    measured = run_editor(f"tcp://127.0.0.1:{port}", "play", sys.executable).ok()
    assert "embedded on" in measured["status"]
    wait_until_nobody_listens(port)


def test_a_server_that_the_dock_started_ends_with_an_editor_that_crashed(
    run_editor: Run, free_port: Callable[[], int]
) -> None:
    port = free_port()
    crashed = run_editor(f"tcp://127.0.0.1:{port}", "crash", sys.executable)
    assert crashed.passed and not crashed.failures and crashed.returncode, crashed
    wait_until_nobody_listens(port)
