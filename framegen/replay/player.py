"""Says a script to a server, through the SDK, and keeps account of every frame."""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from framegen.client import Client
from framegen.errors import FramegenError, InvalidSettings
from framegen.frame import U8, Frame, Restyled
from framegen.replay.script import Cue

if TYPE_CHECKING:
    from framegen.video.sink import VideoSink

LAST_ANSWERS_S = 60.0
CONNECT_S = 10.0
LATENCIES = 100_000


@dataclass
class Tally:
    """What became of the frames. ``latencies_ms``: from sending a frame to its picture's arrival, of the last
    :data:`LATENCIES`, so that a replay in a loop may go on for days."""

    sent: int = 0
    answered: int = 0
    superseded: int = 0
    failed: int = 0
    lost: int = 0
    first_ns: int = 0
    last_ns: int = 0
    latencies_ms: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES))

    @property
    def decided(self) -> int:
        """Frames that will not be heard of any more."""
        return self.answered + self.superseded + self.failed + self.lost

    @property
    def fps(self) -> float:
        """Pictures per second, reused ones too, from the first frame sent to the last picture."""
        return self.answered / max((self.last_ns - self.first_ns) / 1e9, 1e-9) if self.answered else 0.0


class Replay:
    """One run of ``framegen replay``.

    Args:
        client_options: for :class:`~framegen.client.Client`.
        pace: ``own``, ``fast`` (every frame as soon as the one before is answered) or frames per second.
        override: settings that stay as they are here whatever the recording says.
        video: where to write the pictures, or None. ``side_by_side``: with the recorded frames on the left.
        endless: Ctrl-C is how it ends, and the video is whole by then.
    """

    def __init__(
        self,
        client_options: dict[str, Any],
        pace: str | float = "own",
        override: dict[str, Any] | None = None,
        video: Path | None = None,
        side_by_side: bool = False,
        overwrite: bool = False,
        endless: bool = False,
    ) -> None:
        self.tally = Tally()
        self.connect_s = CONNECT_S
        self._options = client_options
        self._pace = pace
        self._override = override or {}
        self._video, self._side_by_side, self._overwrite = video, side_by_side, overwrite
        self._endless = endless
        self._news: queue.SimpleQueue[tuple[str, Any, int]] = queue.SimpleQueue()
        self._sink: VideoSink | None = None
        self._sent: dict[int, tuple[int, float, Frame]] = {}
        self._last_pts = -1
        self._size: tuple[int, int] | None = None

    def run(self, script: Iterator[Cue], seconds: float | None = None) -> Tally:
        """Say everything in ``script`` (for ``seconds`` at most) and wait for the last answers.

        Raises FramegenError: no server, a refusal, a damaged recording, a video that cannot be written.
        """
        news = self._news
        client = Client(
            **self._options,
            settings=self._override,
            on_result=lambda result: news.put(("result", result, time.perf_counter_ns())),
            on_superseded=lambda frame_id, _by: news.put(("superseded", (frame_id,), 0)),
            on_lost=lambda frame_ids, _cause: news.put(("lost", frame_ids, 0)),
            on_error=lambda error: news.put(("error", error, 0)),
        )
        with client:
            try:
                client.wait_connected(self.connect_s)
                self._play(client, script, seconds)
                self._drain(client, timeout_s=LAST_ANSWERS_S)
                self.tally.lost += self.tally.sent - self.tally.decided
            except BaseException as error:
                if self._sink is not None:
                    if self._endless and isinstance(error, KeyboardInterrupt):
                        self._sink.close()
                    else:
                        self._sink.abandon()
                raise
        if self._sink is not None:
            self._sink.close()
        return self.tally

    def _play(self, client: Client, script: Iterator[Cue], seconds: float | None) -> None:
        began_s = time.perf_counter()
        number = 0
        for cue in script:
            passed_s = time.perf_counter() - began_s
            if seconds is not None and passed_s >= seconds:
                return
            if cue.settings is not None:
                changes = {key: value for key, value in cue.settings.items() if key not in self._override}
                if changes:
                    with contextlib.suppress(InvalidSettings):  # the recorded server refused it too, and went on
                        client.update(changes)
                continue
            if cue.frame is None:
                client.reset()
                continue
            if self._pace == "fast":
                self._drain(client, timeout_s=LAST_ANSWERS_S)  # a second frame might displace the first
            else:
                due_s = cue.due_s if isinstance(self._pace, str) else number / self._pace
                self._wait(client, began_s + due_s)
            self._send(client, cue, number)
            number += 1

    def _send(self, client: Client, cue: Cue, number: int) -> None:
        assert cue.frame is not None
        now_ns = time.perf_counter_ns()
        frame = dataclasses.replace(cue.frame, timestamp_ns=now_ns)
        at_s = number / self._pace if isinstance(self._pace, float) else cue.due_s
        self._sent[frame.frame_id] = now_ns, at_s, frame
        self.tally.sent += 1
        self.tally.first_ns = self.tally.first_ns or now_ns
        client.send(frame)

    def _wait(self, client: Client, until_s: float) -> None:
        while (left_s := until_s - time.perf_counter()) > 0:
            try:
                self._take(client, self._news.get(timeout=left_s))
            except queue.Empty:
                return

    def _drain(self, client: Client, timeout_s: float) -> None:
        """Take news until every frame is decided, or nothing came for ``timeout_s``."""
        while self.tally.sent > self.tally.decided:
            try:
                self._take(client, self._news.get(timeout=timeout_s))
            except queue.Empty:
                return

    def _take(self, client: Client, news: tuple[str, Any, int]) -> None:
        kind, what, at_ns = news
        if kind == "result":
            self._result(what, at_ns)
        elif kind == "error":
            self._error(client, what)
        else:
            known_ids = [frame_id for frame_id in what if self._sent.pop(frame_id, None) is not None]
            setattr(self.tally, kind, getattr(self.tally, kind) + len(known_ids))

    def _error(self, client: Client, error: FramegenError) -> None:
        """An error about one frame is counted; any other ends the replay."""
        frame_id: int | None = getattr(error, "frame_id", None)
        if frame_id is None:
            raise client.failure or error
        self.tally.failed += self._sent.pop(frame_id, None) is not None

    def _result(self, result: Restyled, at_ns: int) -> None:
        known = self._sent.pop(result.frame_id, None)
        if known is None:
            return
        sent_ns, at_s, frame = known
        tally = self.tally
        tally.answered += 1
        tally.last_ns = at_ns
        tally.latencies_ms.append((at_ns - sent_ns) / 1e6)
        if self._video is not None:
            self._write(result, at_s, frame)

    def _write(self, result: Restyled, at_s: float, frame: Frame) -> None:
        from framegen.video.sink import VideoFormat, VideoSink

        assert self._video is not None
        # a video has one size, and a game's window is resized: that of the first picture stays
        self._size = self._size or (result.image.shape[1], result.image.shape[0])
        beside = [frame.color[..., :3]] if self._side_by_side else []
        picture = np.concatenate([_fitted(part, *self._size) for part in (*beside, result.image)], axis=1)
        if self._sink is None:
            rate = Fraction(self._pace).limit_denominator(1000) if isinstance(self._pace, float) else Fraction(30)
            shape = VideoFormat(picture.shape[1], picture.shape[0], rate)
            comment = {"comment": f"Restyled by framegen with the model {result.model}, replayed from a recording"}
            self._sink = VideoSink(self._video, shape, metadata=comment, overwrite=self._overwrite)
        pts = max(round(at_s / self._sink.video.time_base), self._last_pts + 1)
        self._last_pts = pts
        self._sink.write(picture, pts)


def _fitted(picture: U8, width: int, height: int) -> U8:
    """A picture of another size, ``[H, W, 3]``, scaled into ``width`` x ``height`` with black bars where it is narrower
    or lower."""
    if picture.shape[:2] == (height, width):
        return picture
    scale = min(width / picture.shape[1], height / picture.shape[0])
    across, down = (max(1, round(side * scale)) for side in (picture.shape[1], picture.shape[0]))
    left, top = (width - across) // 2, (height - down) // 2
    fitted = np.zeros((height, width, 3), np.uint8)
    how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    fitted[top : top + down, left : left + across] = cv2.resize(picture, (across, down), interpolation=how)
    return fitted
