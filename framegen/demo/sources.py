"""Where the demo's frames come from: the town, a level of the user's own, or a recording.

A source is anything that yields :class:`~framegen.frame.Frame` after frame. Only the first two
need OpenGL.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from framegen.demo.materials import LABELS
from framegen.demo.panda import Y_UP_FROM_Z_UP, OpenGLMissing, PandaRenderer
from framegen.demo.scene import Scene
from framegen.errors import FramegenError, MediaError
from framegen.frame import Frame

if TYPE_CHECKING:
    from framegen.recording.reader import RecordingReader

RECORDING = "town.mcap"
"""The shipped recording of the town, for machines without OpenGL."""


class Source(Protocol):
    """Yields frames. ``title``: for people. ``labels``: name of each value of the frames' label plane."""

    title: str
    labels: dict[int, str]

    def step(self, dt_s: float) -> Frame:
        """The next frame, ``dt_s`` seconds after the one before. Its ``frame_id`` grows by one."""
        ...

    def close(self) -> None:
        """Gives back what it holds."""
        ...


class RenderedSource:
    """A scene seen by its own travelling camera, rendered by Panda3D."""

    def __init__(self, scene: Scene, title: str, width: int, height: int) -> None:
        """Raises OpenGLMissing. Size in pixels."""
        self.title = title
        self.labels = {value: name for value, name in enumerate(LABELS) if value}
        self._scene = scene
        self._renderer = PandaRenderer(
            width,
            height,
            fov_y_rad=scene.fov_y_rad,
            near_m=scene.near_m,
            far_m=scene.far_m,
            light_direction=scene.light_direction,
        )
        self._renderer.load(scene.clusters, scene.movers, scene.occluders)
        x, y, z = (Y_UP_FROM_Z_UP[:3, :3] @ scene.light_direction).tolist()
        self._light_direction = (x, y, z)
        self._seconds = 0.0
        self._frame_id = 0

    def step(self, dt_s: float) -> Frame:
        """See :class:`Source`. Everything follows from the time: same steps, same frames."""
        first = self._frame_id == 0
        if not first:
            self._seconds += dt_s
        self._frame_id += 1
        planes = self._renderer.render(self._scene.camera(self._seconds), self._scene.poses(self._seconds))
        return Frame(
            frame_id=self._frame_id,
            color=planes.color,
            depth_m=planes.depth_m,
            motion_px=planes.motion_px,
            motion_from_frame_id=None if first else self._frame_id - 1,
            camera=planes.camera,
            label=planes.label,
            light_direction=self._light_direction,
            reset=first,
        )

    def close(self) -> None:
        """Gives the renderer's buffers back."""
        self._renderer.close()


class RecordedSource:
    """The frames of a recording, again and again; each round begins with a cut."""

    def __init__(self, path: Path, title: str) -> None:
        """Raises MediaError if it cannot be read or holds no frames."""
        from framegen.recording.reader import RecordingReader

        self.title = title
        self._reader = RecordingReader(path)
        self.labels = _labels_in(self._reader)
        self._frames: Iterator[Frame] = iter(())
        self._frame_id = 0
        self._recorded_id = 0
        if next(self._reader.frames(), None) is None:
            raise MediaError(f"{path} holds no frames.")

    def step(self, dt_s: float) -> Frame:
        """The next recorded frame, whatever ``dt_s``: a recording was made at one pace."""
        frame = next(self._frames, None)
        begins = frame is None
        if frame is None:
            self._frames = self._reader.frames()
            frame = next(self._frames)
        follows = not begins and frame.motion_from_frame_id in (None, self._recorded_id)
        self._recorded_id = frame.frame_id
        self._frame_id += 1
        return dataclasses.replace(
            frame,
            frame_id=self._frame_id,
            motion_px=frame.motion_px if follows else None,
            motion_from_frame_id=self._frame_id - 1 if follows and frame.motion_px is not None else None,
            reset=frame.reset or begins,
        )

    def close(self) -> None:
        """Closes the file."""
        self._reader.close()


def open_source(width: int, height: int, scene: Path | None = None) -> tuple[Source, str]:
    """The town, or the level ``scene``; without OpenGL the shipped recording.

    Returns the source and a line for people where it is not what was asked for.
    Raises FramegenError where there is nothing to show.
    """
    try:
        if scene is not None:
            from framegen.demo.level import load_level

            return RenderedSource(load_level(scene), scene.name, width, height), ""
        from framegen.demo.town import build_town

        return RenderedSource(build_town(), "town", width, height), ""
    except OpenGLMissing as missing:
        if scene is not None:
            raise
        from framegen.resources import shipped

        try:
            recorded = RecordedSource(shipped(RECORDING), "recorded town")
        except MediaError as error:
            raise FramegenError(f"{missing.message} {error.message}", hint=missing.hint) from error
        return recorded, f"{missing.message} The shipped recording plays instead. To render live: {missing.hint}"


def _labels_in(reader: RecordingReader) -> dict[int, str]:
    """The label names that the recorded client sent before its first frame."""
    from framegen.wire.messages import Hello, SendFrame, UpdateSettings

    names: dict[int, str] = {}
    for _, message in reader.messages():
        if isinstance(message, SendFrame):
            break
        said = {}
        if isinstance(message, Hello):
            said = message.settings.get("labels", {})
        elif isinstance(message, UpdateSettings):
            said = message.changes.get("labels", {})
        for value, label in said.items():
            names[int(value)] = label if isinstance(label, str) else label["name"]
    return names
