"""What the bench sends: a recording's frames, brought to the scenario's size beforehand, in an endless loop."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from framegen.frame import PLANES, Frame
from framegen.recording import RecordingReader
from framegen.wire.messages import Hello, SendFrame, UpdateSettings

MAX_BYTES = 600 << 20
"""Prepared frames held in memory; a larger size takes fewer frames of the recording."""


def prepare(frames: Iterable[Frame], width: int, height: int) -> list[Frame]:
    """The first frames of a recording at ``width`` x ``height`` pixels, as many as :data:`MAX_BYTES` holds.

    Colour is resized bicubically; planes take the nearest pixel, so that no depth or label is invented
    between two surfaces; motion, in pixels, grows with the picture.
    """
    prepared: list[Frame] = []
    held = 0
    for frame in frames:
        scaled = resize(frame, width, height)
        held += sum(plane.nbytes for plane in _arrays(scaled))
        if prepared and held > MAX_BYTES:
            break
        prepared.append(scaled)
    return prepared


def recorded_settings(path: Path) -> dict[str, Any]:
    """The settings that the recorded client had when it sent its first frame: its table of labels, above all."""
    settings: dict[str, Any] = {}
    with RecordingReader(path) as reader:
        for _, message in reader.messages():
            if isinstance(message, Hello):
                settings.update(message.settings)
            elif isinstance(message, UpdateSettings):
                settings.update(message.changes)
            elif isinstance(message, SendFrame):
                break
    return settings


def resize(frame: Frame, width: int, height: int) -> Frame:
    """``frame`` at another size; its camera stays, since clip space knows no pixels."""
    if (frame.width, frame.height) == (width, height):
        return frame
    size = (width, height)
    changes: dict[str, Any] = {"color": cv2.resize(frame.color, size, interpolation=cv2.INTER_CUBIC)}
    for name, _, _ in PLANES:
        plane = getattr(frame, name)
        if plane is None:
            continue
        rows = np.arange(height) * frame.height // height
        columns = np.arange(width) * frame.width // width
        changes[name] = np.ascontiguousarray(plane[rows][:, columns])
    scale = np.array([width / frame.width, height / frame.height], np.float32)
    if frame.motion_px is not None:
        changes["motion_px"] = (changes["motion_px"] * scale).astype(frame.motion_px.dtype)
    changes["jitter_px"] = (frame.jitter_px[0] * float(scale[0]), frame.jitter_px[1] * float(scale[1]))
    return dataclasses.replace(frame, **changes)


def endless(frames: Sequence[Frame], first_id: int = 1) -> Iterator[Frame]:
    """The frames over and over with ids that grow by one; each time round begins with a cut."""
    ids = itertools.count(first_id)
    while True:
        for index, frame in enumerate(frames):
            yield dataclasses.replace(
                frame, frame_id=next(ids), motion_from_frame_id=None, reset=frame.reset or index == 0
            )


def _arrays(frame: Frame) -> list[np.ndarray[Any, Any]]:
    planes = [frame.color, *(getattr(frame, name) for name, _, _ in PLANES)]
    return [plane for plane in planes if plane is not None]
