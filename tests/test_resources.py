"""Shipped files are found, and a missing one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from framegen import resources
from framegen.errors import MediaError


def test_the_wheels_place_comes_before_the_checkouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_ROOTS", (tmp_path / "data", tmp_path / "demos"))
    (tmp_path / "demos").mkdir()
    (tmp_path / "demos" / "a.mcap").write_bytes(b"clone")
    assert resources.shipped("a.mcap").read_bytes() == b"clone"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.mcap").write_bytes(b"wheel")
    assert resources.shipped("a.mcap").read_bytes() == b"wheel"


def test_a_missing_file_is_named() -> None:
    with pytest.raises(MediaError, match=r"nothing\.mcap"):
        resources.shipped("nothing.mcap")
