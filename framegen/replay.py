"""``framegen replay``: sends a recorded session to a server again, as an ordinary client does."""

from __future__ import annotations

import argparse
import dataclasses
import os
import queue
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framegen.client import Client
from framegen.client.stats import percentile
from framegen.errors import ConfigError, FramegenError, MediaError
from framegen.frame import Frame, Restyled
from framegen.recording import TO_SERVER, RecordingReader, shipped_recording
from framegen.wire.messages import Hello, Reset, SendFrame, UpdateSettings

if TYPE_CHECKING:
    from framegen.video.sink import VideoSink

TOKEN_VARIABLE = "FRAMEGEN_TOKEN"
FAST_IN_FLIGHT = 2
"""One frame in the model and one on its way: the server never idles, and no frame is superseded."""
LAST_ANSWERS_S = 10.0
_MAX_RATE = 1000.0


@dataclass(frozen=True, eq=False)
class Cue:
    """One thing to say. ``due_s``: seconds after the start at the recording's own pace.

    ``frame`` or ``settings`` or, if both are None, a reset.
    """

    due_s: float
    frame: Frame | None = None
    settings: dict[str, Any] | None = None


@dataclass
class Tally:
    """What became of the frames. ``latencies_ms``: of every picture, from sending it to its arrival."""

    sent: int = 0
    answered: int = 0
    superseded: int = 0
    failed: int = 0
    lost: int = 0
    generated: int = 0
    first_ns: int = 0
    last_ns: int = 0
    latencies_ms: list[float] = field(default_factory=list)

    @property
    def decided(self) -> int:
        """Frames that will not be heard of any more."""
        return self.answered + self.superseded + self.failed + self.lost

    @property
    def fps(self) -> float:
        """Pictures that the model made per second, from the first frame sent to the last picture."""
        return self.generated / max((self.last_ns - self.first_ns) / 1e9, 1e-9) if self.generated else 0.0


def cues(path: Path, rounds: int | None = 1) -> Iterator[Cue]:
    """What the first client of a recording said, ``rounds`` times over (None: for ever), with new frame ids.

    Each round begins with a cut. Raises MediaError if the recording has no frames, or is damaged (after what
    can be read of it).
    """
    last_id = 0
    played_s = 0.0
    turn = 0
    with RecordingReader(path) as reader:
        while rounds is None or turn < rounds:
            last_id, length_s, frames = yield from _round(reader, last_id, played_s)
            if not frames:
                raise MediaError(f"{path} holds no frames.", hint=reader.problem)
            # The last frame is shown as long as one takes on average.
            played_s += length_s * (1 + 1 / max(frames - 1, 1)) if frames > 1 else 1 / 30
            turn += 1
        if reader.problem:
            raise MediaError(reader.problem)


def _round(reader: RecordingReader, last_id: int, played_s: float) -> Any:
    """Generator of one round; returns the last id, its length in seconds and its number of frames."""
    ids: dict[int, int] = {}
    start_ns = 0
    peer: int | None = None
    due_s = played_s
    for record, message in reader.messages():
        if record.direction != TO_SERVER or (peer is not None and record.peer != peer):
            continue
        if isinstance(message, Hello):
            if message.settings and not ids:
                yield Cue(played_s, settings=dict(message.settings))
        elif isinstance(message, UpdateSettings):
            yield Cue(due_s, settings=dict(message.changes))
        elif isinstance(message, Reset):
            yield Cue(due_s)
        elif isinstance(message, SendFrame):
            peer = record.peer
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


class Replay:
    """One run of ``framegen replay``.

    Args:
        client_options: for :class:`~framegen.client.Client`.
        pace: ``own``, ``fast`` (every frame as soon as there is room for it) or frames per second.
        override: settings that stay as they are here whatever the recording says.
        video: where to write the pictures, or None. ``side_by_side``: with the recorded frames on the left.
    """

    def __init__(
        self,
        client_options: dict[str, Any],
        pace: str | float = "own",
        override: dict[str, Any] | None = None,
        video: Path | None = None,
        side_by_side: bool = False,
        overwrite: bool = False,
    ) -> None:
        self.tally = Tally()
        self._options = client_options
        self._pace = pace
        self._override = override or {}
        self._video, self._side_by_side, self._overwrite = video, side_by_side, overwrite
        self._news: queue.SimpleQueue[tuple[str, Any, int]] = queue.SimpleQueue()
        self._sink: VideoSink | None = None
        self._sent: dict[int, tuple[int, float, Frame]] = {}
        self._last_pts = -1

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
                client.wait_connected()
                self._play(client, script, seconds)
                self._drain(client, until=0, timeout_s=LAST_ANSWERS_S)
                self.tally.lost += self.tally.sent - self.tally.decided
            except BaseException:
                if self._sink is not None:
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
                    client.update(changes)
                continue
            if cue.frame is None:
                client.reset()
                continue
            if self._pace == "fast":
                self._drain(client, until=FAST_IN_FLIGHT - 1, timeout_s=LAST_ANSWERS_S)
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

    def _drain(self, client: Client, until: int, timeout_s: float) -> None:
        """Take news until at most ``until`` frames are undecided, or nothing came for ``timeout_s``."""
        while self.tally.sent - self.tally.decided > until:
            try:
                self._take(client, self._news.get(timeout=timeout_s))
            except queue.Empty:
                return

    def _take(self, client: Client, news: tuple[str, Any, int]) -> None:
        kind, what, at_ns = news
        if kind == "result":
            self._result(what, at_ns)
        elif kind == "error":
            known = self._sent.pop(what.frame_id, None) if what.frame_id is not None else None
            if known is None and client.failure is not None:
                raise client.failure
            if known is None and what.frame_id is None:
                raise what
            self.tally.failed += known is not None
        else:
            known_ids = [frame_id for frame_id in what if self._sent.pop(frame_id, None) is not None]
            setattr(self.tally, kind, getattr(self.tally, kind) + len(known_ids))

    def _result(self, result: Restyled, at_ns: int) -> None:
        known = self._sent.pop(result.frame_id, None)
        if known is None:
            return
        sent_ns, at_s, frame = known
        tally = self.tally
        tally.answered += 1
        tally.generated += result.how.value == "generated"
        tally.last_ns = at_ns
        tally.latencies_ms.append((at_ns - sent_ns) / 1e6)
        if self._video is not None:
            self._write(result, at_s, frame)

    def _write(self, result: Restyled, at_s: float, frame: Frame) -> None:
        import numpy as np

        from framegen.video.sink import VideoFormat, VideoSink

        assert self._video is not None
        picture = result.image
        if self._side_by_side and picture.shape[:2] == frame.color.shape[:2]:
            picture = np.concatenate([frame.color[..., :3], picture], axis=1)
        if self._sink is None:
            rate = Fraction(self._pace).limit_denominator(1000) if isinstance(self._pace, float) else Fraction(30)
            shape = VideoFormat(picture.shape[1], picture.shape[0], rate)
            comment = {"comment": f"Restyled by framegen with the model {result.model}, replayed from a recording"}
            self._sink = VideoSink(self._video, shape, metadata=comment, overwrite=self._overwrite)
        pts = max(round(at_s / self._sink.video.time_base), self._last_pts + 1)
        self._last_pts = pts
        self._sink.write(picture, pts)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``framegen replay`` takes."""
    parser.add_argument(
        "recording", nargs="?", type=Path, metavar="FILE", help="a recording (the one that comes with framegen)"
    )
    parser.add_argument("--endpoint", default="tcp://127.0.0.1:5555", metavar="ADDRESS", help="the server")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="holds the server's token")
    parser.add_argument("--pace", default="own", metavar="own|fast|FPS", help="when to send each frame (own)")
    parser.add_argument("--prompt", metavar="WORDS", help="instead of the recorded prompts")
    parser.add_argument("--loop", action="store_true", help="again and again, until Ctrl-C or --seconds")
    parser.add_argument("--seconds", type=float, metavar="N", help="stop after so long")
    parser.add_argument("--video", type=Path, metavar="OUT.mp4", help="write the pictures that come back")
    parser.add_argument("--side-by-side", action="store_true", help="with the recorded frames on the left of the video")
    parser.add_argument("--overwrite", action="store_true", help="replace OUT.mp4 if it exists")


def run(args: argparse.Namespace) -> int:
    """Replay a recording and print what became of its frames. Raises FramegenError."""
    from rich.console import Console

    from framegen.server.options import read_token
    from framegen.video.sink import check_output

    console = Console(stderr=True)
    path = args.recording or shipped_recording()
    if args.video is not None:
        check_output(args.video, overwrite=args.overwrite, inputs=(path,))
    token = read_token(args.token_file) if args.token_file else os.environ.get(TOKEN_VARIABLE) or None
    options = {"address": args.endpoint, "token": token, "name": f"replay of {path.name}"}
    override = {} if args.prompt is None else {"prompt": args.prompt}
    replay = Replay(options, _pace(args.pace), override, args.video, args.side_by_side, args.overwrite)
    code = 0
    try:
        replay.run(cues(path, None if args.loop else 1), args.seconds)
    except KeyboardInterrupt:
        code = 0 if args.loop else 130
    except FramegenError:
        if replay.tally.sent:
            _print(console, path, replay.tally)
        raise
    _print(console, path, replay.tally)
    return code


def _pace(text: str) -> str | float:
    if text in ("own", "fast"):
        return text
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.0 < rate <= _MAX_RATE:
        raise ConfigError(f"'{text}' is no pace.", hint="Use own, fast or frames per second, such as 60.")
    return rate


def _print(console: Any, path: Path, tally: Tally) -> None:
    ordered = sorted(tally.latencies_ms)
    latency = (
        ", ".join(f"p{share} {percentile(ordered, share / 100):.1f}" for share in (50, 95, 99)) if ordered else "none"
    )
    console.print(
        f"{path.name}: sent {tally.sent}, answered {tally.answered}, superseded {tally.superseded}, "
        f"failed {tally.failed}, lost {tally.lost}; {tally.fps:.1f} fps, latency ms: {latency or 'none'}.",
        highlight=False,
        soft_wrap=True,
    )
