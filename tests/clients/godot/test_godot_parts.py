"""Parts of the Godot addon that need no picture, in a Godot without a display."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_pace_cuts_and_tags(run_check: Callable[..., Any]) -> None:
    run_check("parts").ok()
