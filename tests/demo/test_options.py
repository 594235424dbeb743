from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from framegen.demo.options import add_arguments, check, size_of
from framegen.errors import ConfigError, FramegenError


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_sizes() -> None:
    assert size_of("512x288") == (512, 288)
    assert size_of("1920X1080") == (1920, 1080)
    assert check(parsed("--size", "640x360")) == (640, 360)


@pytest.mark.parametrize("text", ["512", "512x", "big", "63x64", "4000x300", "-512x288"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        size_of(text)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--scene", "missing.glb"), "no file missing.glb"),
        (("--video", "out.txt"), "out.txt"),
        (("--video", "missing/folder/out.mp4"), "folder"),
    ],
)
def test_nothing_starts_that_cannot_work(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(FramegenError, match=says):
        check(parsed(*words))


def test_a_video_that_exists_is_kept(tmp_path: Path) -> None:
    film = tmp_path / "out.mp4"
    film.write_bytes(b"precious")
    with pytest.raises(FramegenError, match="exists"):
        check(parsed("--video", str(film)))
    check(parsed("--video", str(film), "--overwrite"))
