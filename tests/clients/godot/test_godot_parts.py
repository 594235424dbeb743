"""Parts of the Godot addon that need no picture, in a Godot without a display."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

LABEL_NAMES = Path(__file__).resolve().parents[3] / "protocol" / "label_names.json"


def test_pace_cuts_and_tags(run_check: Callable[..., Any]) -> None:
    run_check("parts").ok()


def test_labels_from_names(run_check: Callable[..., Any]) -> None:
    run_check("names", str(LABEL_NAMES)).ok()
