"""What ``framegen demo`` tells its engine to begin with, seen without starting it."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from framegen.config import Settings
from framegen.demo import app
from framegen.demo.engine import EngineOptions
from framegen.demo.options import DEFAULT_PROMPT


class Started(Exception):
    def __init__(self, options: EngineOptions) -> None:
        self.options = options


def begun(monkeypatch: pytest.MonkeyPatch, *words: str) -> EngineOptions:
    """The options with which the engine's process would be started."""

    def start(options: EngineOptions, _device: str) -> None:
        raise Started(options)

    monkeypatch.setattr(app, "Crew", start)
    parser = argparse.ArgumentParser()
    app.add_arguments(parser)
    with pytest.raises(Started) as started:
        app.run(parser.parse_args(words))
    return started.value.options


@pytest.mark.parametrize(
    ("words", "prompt"), [((), DEFAULT_PROMPT), (("--prompt", ""), ""), (("--prompt", "fog"), "fog")]
)
def test_the_prompt_to_begin_with(words: tuple[str, ...], prompt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = begun(monkeypatch, *words).settings
    assert settings is not None and settings["prompt"] == prompt


def test_a_film_keeps_an_empty_prompt_to_its_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    video = ("--video", str(tmp_path / "out.mp4"))
    assert begun(monkeypatch, *video, "--prompt", "").prompts == {0: ""}
    assert len(begun(monkeypatch, *video).prompts) > 1


def test_the_network_sees_every_frame_of_a_film(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    filmed = begun(monkeypatch, "--video", str(tmp_path / "out.mp4")).settings
    live = begun(monkeypatch).settings
    assert filmed is not None and Settings().updated(filmed).temporal.stride == 1
    assert live is not None and Settings().updated(live).temporal.stride == 0
