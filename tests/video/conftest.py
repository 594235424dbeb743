"""Fixtures of the footage tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clips import write_clip


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a clip of a given name (``in.mp4``) and returns its path."""

    def make(name: str = "in.mp4", **options: Any) -> Path:
        return write_clip(tmp_path / name, **options)

    return make
