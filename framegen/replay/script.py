"""What a recorded client said, as something that can be said again."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framegen.errors import MediaError
from framegen.frame import Frame
from framegen.recording import TO_SERVER, RecordingReader
from framegen.wire.messages import Hello, Reset, SendFrame, UpdateSettings


@dataclass(frozen=True, eq=False)
class Cue:
    """One thing to say. ``due_s``: seconds after the start at the recording's own pace.

    ``frame`` or ``settings`` or, if both are None, a reset.
    """

    due_s: float
    frame: Frame | None = None
    settings: dict[str, Any] | None = None


def cues(path: Path, rounds: int | None = 1) -> Iterator[Cue]:
    """What the client that first sent a frame said, ``rounds`` times over (None: for ever), with new frame ids.

    Each round begins with a cut. Raises MediaError if the recording has no frames, or is damaged (after what
    can be read of it).
    """
    last_id = 0
    played_s = 0.0
    turn = 0
    with RecordingReader(path) as reader:
        peer = _first_to_send(reader)
        while rounds is None or turn < rounds:
            last_id, length_s, frames = yield from _round(reader, peer, last_id, played_s)
            if not frames:
                raise MediaError(f"{path} holds no frames.", hint=reader.problem)
            # The last frame is shown as long as one takes on average.
            played_s += length_s * (1 + 1 / max(frames - 1, 1)) if frames > 1 else 1 / 30
            turn += 1
        if reader.problem:
            raise MediaError(reader.problem)


def _first_to_send(reader: RecordingReader) -> int | None:
    """The client that sent the first frame, None: none did. What others said before it is of their sessions."""
    for record, message in reader.messages():
        if record.direction == TO_SERVER and isinstance(message, SendFrame):
            return record.peer
    return None


def _round(reader: RecordingReader, peer: int | None, last_id: int, played_s: float) -> Any:
    """Generator of one round; returns the last id, its length in seconds and its number of frames."""
    ids: dict[int, int] = {}
    start_ns = 0
    due_s = played_s
    for record, message in reader.messages():
        if record.direction != TO_SERVER or record.peer != peer:
            continue
        if isinstance(message, Hello):
            if message.settings and not ids:
                yield Cue(played_s, settings=dict(message.settings))
        elif isinstance(message, UpdateSettings):
            yield Cue(due_s, settings=dict(message.changes))
        elif isinstance(message, Reset):
            yield Cue(due_s)
        elif isinstance(message, SendFrame):
            start_ns = start_ns or record.time_ns
            due_s = played_s + (record.time_ns - start_ns) / 1e9
            last_id += 1
            yield Cue(due_s, frame=_renumbered(message.frame, last_id, ids))
    return last_id, due_s - played_s, len(ids)


def _renumbered(frame: Frame, new_id: int, ids: dict[int, int]) -> Frame:
    """The frame under its new id; its motion points to where it pointed, if that frame was sent in this round."""
    first = not ids
    points_to = None if frame.motion_from_frame_id is None else ids.get(frame.motion_from_frame_id)
    lost = frame.motion_from_frame_id is not None and points_to is None
    ids[frame.frame_id] = new_id
    return dataclasses.replace(
        frame,
        frame_id=new_id,
        timestamp_ns=time.perf_counter_ns(),
        motion_px=None if lost else frame.motion_px,
        motion_from_frame_id=points_to,
        reset=frame.reset or first,
    )
