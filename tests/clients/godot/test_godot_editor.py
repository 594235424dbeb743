"""The framegen dock in a real Godot editor on a virtual display: its buttons, and games that the editor plays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stand_in_server import serving

Run = Callable[..., Any]


def test_the_docks_buttons_work_on_the_open_scene(run_editor: Run) -> None:
    with serving() as server:
        measured = run_editor(server.addresses[0], "buttons").ok()
    assert measured["preview"][0] > 640
