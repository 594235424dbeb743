"""The framegen dock in a real Godot editor on a virtual display: its buttons, and games that the editor plays."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from stand_in_server import serving

Run = Callable[..., Any]


def test_the_docks_buttons_work_on_the_open_scene(run_editor: Run) -> None:
    with serving() as server:
        measured = run_editor(server.addresses[0], "buttons").ok()
    assert measured["preview"][0] > 640


def test_games_are_played_from_the_editor_and_the_dock_says_how_they_are_doing(
    run_editor: Run, free_port: Callable[[], int]
) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    measured = run_editor(address, "play", sys.executable).ok()
    assert "embedded on" in measured["status"]
