"""A source is anything that yields frames; without OpenGL, the recording stands in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framegen.demo import sources
from framegen.demo.panda import OpenGLMissing
from framegen.demo.sources import RecordedSource, open_source
from framegen.errors import FramegenError, MediaError
from framegen.frame import Frame
from framegen.recording import TO_SERVER, RecordingWriter
from framegen.wire import codec
from framegen.wire.messages import Hello, SendFrame, UpdateSettings


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Three frames, 10, 11 and 13: between the last two one was never sent."""
    path = tmp_path / "town.mcap"
    with RecordingWriter(path) as writer:
        writer.write(TO_SERVER, codec.encode(Hello(client="town", settings={"labels": {"7": {"name": "asphalt"}}})))
        writer.write(TO_SERVER, codec.encode(UpdateSettings({"labels": {"11": "brick"}})))
        for frame_id, follows in ((10, None), (11, 10), (13, 12)):
            frame = Frame(
                frame_id,
                np.full((64, 80, 3), frame_id, np.uint8),
                motion_px=None if follows is None else np.ones((64, 80, 2), np.float16),
                motion_from_frame_id=follows,
            )
            writer.write(TO_SERVER, codec.encode(SendFrame(frame)))
    return path


def test_a_recording_plays_again_and_again(recording: Path) -> None:
    source = RecordedSource(recording, "recorded")
    frames = [source.step(1 / 30) for _ in range(7)]
    source.close()
    assert [frame.frame_id for frame in frames] == [1, 2, 3, 4, 5, 6, 7]
    assert [int(frame.color[0, 0, 0]) for frame in frames] == [10, 11, 13, 10, 11, 13, 10]
    assert [frame.reset for frame in frames] == [True, False, False, True, False, False, True]
    assert source.labels == {7: "asphalt", 11: "brick"}


def test_motion_is_kept_only_where_it_points_to_the_frame_before(recording: Path) -> None:
    source = RecordedSource(recording, "recorded")
    frames = [source.step(1 / 30) for _ in range(5)]
    source.close()
    assert [frame.motion_px is not None for frame in frames] == [False, True, False, False, True]
    assert [frame.motion_from_frame_id for frame in frames] == [None, 1, None, None, 4]


def test_without_opengl_the_recording_plays_and_a_line_says_what_to_install(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_opengl(*_args: object, **_named: object) -> None:
        raise OpenGLMissing("Panda3D finds no OpenGL 3.3 to render with.", hint="apt-get install libegl1")

    monkeypatch.setattr(sources, "PandaRenderer", no_opengl)
    monkeypatch.setattr("framegen.resources.shipped", lambda _name: recording)
    source, note = open_source(512, 288)
    assert isinstance(source, RecordedSource)
    assert "recording plays instead" in note and "apt-get install libegl1" in note
    source.close()


def test_without_opengl_a_level_is_not_replaced_by_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_opengl(_path: Path) -> None:
        raise OpenGLMissing("Panda3D is not installed.", hint="pip install panda3d")

    monkeypatch.setattr("framegen.demo.level.load_level", no_opengl)
    with pytest.raises(OpenGLMissing, match="pip install panda3d"):
        open_source(512, 288, tmp_path / "level.glb")


def test_with_neither_opengl_nor_recording_both_reasons_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_opengl(*_args: object, **_named: object) -> None:
        raise OpenGLMissing("No OpenGL.", hint="Install it.")

    def no_file(_name: str) -> Path:
        raise MediaError("The shipped file is missing.")

    monkeypatch.setattr(sources, "PandaRenderer", no_opengl)
    monkeypatch.setattr("framegen.resources.shipped", no_file)
    with pytest.raises(FramegenError, match=r"No OpenGL\. The shipped file is missing\. Install it\."):
        open_source(512, 288)


def test_an_empty_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.mcap"
    with RecordingWriter(path) as writer:
        writer.write(TO_SERVER, codec.encode(Hello()))
    with pytest.raises(MediaError, match="no frames"):
        RecordedSource(path, "recorded")
