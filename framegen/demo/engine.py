"""The demo's engine: an ordinary client in a process of its own.

``python -m framegen.demo.engine --endpoint tcp://127.0.0.1:5555`` renders the town for any
framegen server; ``framegen demo`` starts it with a pipe, on which it tells how things go and
hears of new settings.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framegen.demo.link import Outbox, Tell, ignore_interrupts, listen
from framegen.errors import FramegenError
from framegen.frame import U8, Frame, Restyled

if TYPE_CHECKING:
    from framegen.wire.messages import SettingsApplied

MAX_UNDONE = 2
"""Frames on their way at once. The town's engine shares the machine's cores with the model, so it renders
the next frame while the model works on the last, and not one that would only be superseded."""
JPEG_QUALITY = 86
LONGEST_STEP_S = 0.1
PATIENCE_S = 3.0
"""Before a person is told that no server answers; the client goes on trying."""


@dataclass(frozen=True)
class EngineOptions:
    """What to render and how.

    Attributes:
        width, height: pixels. ``fps``: at most so many frames a second.
        scene: a glTF level; None: the town. ``settings``: to begin with.
        lockstep_frames: 0: live. N: N frames, each awaited, all pictures handed on uncompressed.
        prompts: in lockstep, frame number -> the prompt from there on.
    """

    width: int = 512
    height: int = 288
    fps: float = 30.0
    scene: Path | None = None
    settings: Mapping[str, Any] | None = None
    lockstep_frames: int = 0
    prompts: Mapping[int, str] = field(default_factory=dict)


class LiveEngine:
    """Renders and sends frames at a steady pace until told to stop; hands on what comes back."""

    def __init__(self, options: EngineOptions, tell: Tell, patience_s: float | None = None) -> None:
        """``patience_s``: tell that no server answers, if so, after so long; None: never."""
        self._options = options
        self._patience_s = patience_s
        self._tell = tell
        self._stopped = threading.Event()
        self._answered = threading.Condition()
        self._undone: dict[int, tuple[U8, int]] = {}
        self._settings = threading.Lock()
        self._changes: dict[str, Any] = {}
        self._prompts_asked: dict[int, str] = {}
        self._prompt = str((options.settings or {}).get("prompt", ""))
        self.watched = False
        """Whether anyone wants to see the pictures."""

    def stop(self) -> None:
        """From any thread."""
        self._stopped.set()
        with self._answered:
            self._answered.notify_all()

    def change(self, changes: Mapping[str, Any]) -> None:
        """New settings, from any thread; they go out before the next frame."""
        with self._settings:
            self._changes.update(changes)
            self._prompt = self._changes.get("prompt", self._prompt)

    def run(self, address: Callable[[], str]) -> None:
        """Until stopped. ``address`` may wait for the server: the scene is built meanwhile.

        Raises FramegenError: nothing can be rendered, or the server refuses.
        """
        from framegen.client import Client
        from framegen.demo.sources import open_source

        options = self._options
        source, note = open_source(options.width, options.height, options.scene)
        labels = {value: {"name": name} for value, name in source.labels.items()}
        self._tell.send("source", {"title": source.title, "note": note})
        client = Client(
            address(),
            name=source.title,
            settings={**(options.settings or {}), "labels": labels},
            on_result=self._on_result,
            on_superseded=lambda frame_id, _by: self._on_unanswered((frame_id,), "superseded"),
            on_lost=lambda frame_ids, _cause: self._on_unanswered(frame_ids, "lost"),
            on_connected=lambda _welcome: self._on_connected(),
            on_error=self._on_error,
            on_settings=self._on_settings,
        )
        unheard = threading.Timer(self._patience_s or 0.0, self._say_no_server, (client,))
        unheard.daemon = True
        try:
            if self._patience_s is not None:
                unheard.start()
            if options.lockstep_frames:
                self._run_lockstep(client, source)
            else:
                self._run_live(client, source)
        finally:
            unheard.cancel()
            client.close()
            source.close()

    def _run_live(self, client: Any, source: Any) -> None:
        interval_s = 1.0 / self._options.fps
        due = before = time.perf_counter()
        while not self._stopped.is_set():
            with self._answered:
                self._answered.wait_for(lambda: self._stopped.is_set() or len(self._undone) < MAX_UNDONE)
            self._say_changes(client)
            now = time.perf_counter()
            frame = source.step(min(LONGEST_STEP_S, max(interval_s * 0.5, now - before)))
            before = now
            self._send(client, frame)
            # A late frame is not made up for: the pace begins anew.
            due = max(due + interval_s, time.perf_counter() - interval_s)
            self._stopped.wait(max(0.0, due - time.perf_counter()))

    def _send(self, client: Any, frame: Frame) -> None:
        now_ns = time.perf_counter_ns()
        with self._answered:
            self._undone[frame.frame_id] = (frame.color, now_ns)
        client.send(replace(frame, timestamp_ns=now_ns))

    def _run_lockstep(self, client: Any, source: Any) -> None:
        prompt = str((self._options.settings or {}).get("prompt", ""))
        for number in range(self._options.lockstep_frames):
            if self._stopped.is_set():
                return
            if number in self._options.prompts:
                prompt = self._options.prompts[number]
                client.set(wait=True, prompt=prompt)
            frame = replace(source.step(1.0 / self._options.fps), timestamp_ns=time.perf_counter_ns())
            restyled = client.restyle(frame, timeout_s=60.0)
            latency_ms = (time.perf_counter_ns() - frame.timestamp_ns) * 1e-6
            self._tell.send("answered", (restyled.how.value, latency_ms, dict(restyled.stages_ms), restyled.model))
            self._tell.send("picture", (frame.color[..., :3], restyled.image, prompt))
            self._tell.drain(8)
        self._tell.send("done")

    def _say_changes(self, client: Any) -> None:
        with self._settings:
            if self._changes:
                self._prompts_asked[client.set(**self._changes)] = self._prompt
                self._changes = {}

    def _on_settings(self, applied: SettingsApplied) -> None:
        with self._settings:
            prompt = self._prompts_asked.pop(applied.request, None)
        if prompt is not None:
            self._tell.send("applied", (prompt, applied.understood, applied.ignored))

    def _on_result(self, restyled: Restyled) -> None:
        with self._answered:
            color, sent_ns = self._undone.pop(restyled.frame_id, (None, 0))
            self._answered.notify_all()
        if color is None:
            return
        latency_ms = (time.perf_counter_ns() - sent_ns) * 1e-6
        self._tell.send("answered", (restyled.how.value, latency_ms, dict(restyled.stages_ms), restyled.model))
        if self.watched:
            from framegen.codecs import jpeg

            pictures = [bytes(jpeg.encode(picture, JPEG_QUALITY)) for picture in (color[..., :3], restyled.image)]
            self._tell.newest("pictures", (restyled.frame_id, *pictures, restyled.how.value))

    def _on_connected(self) -> None:
        # Said once more, so that the answer tells which words of it the model knows.
        with self._settings:
            self._changes.setdefault("prompt", self._prompt)
        self._tell.send("connected")

    def _on_unanswered(self, frame_ids: Sequence[int], why: str) -> None:
        with self._answered:
            for frame_id in frame_ids:
                self._undone.pop(frame_id, None)
            self._answered.notify_all()
        if frame_ids or why == "lost":
            self._tell.send(why, len(frame_ids))

    def _say_no_server(self, client: Any) -> None:
        if not client.connected and not self._stopped.is_set():
            self._tell.send("error", str(client.no_server()))

    def _on_error(self, error: FramegenError) -> None:
        frame_id = getattr(error, "frame_id", None)
        if frame_id is not None:
            self._on_unanswered((frame_id,), "lost")
        self._tell.send("error", str(error))


class _Printer:
    """Tells a person, where no program listens."""

    def send(self, kind: str, value: Any = None) -> None:
        if kind == "source":
            print(value["note"] or f"Rendering the {value['title']}. Ctrl-C stops it.", flush=True)
        elif kind in ("error", "connected"):
            print(value or "Connected.", flush=True)

    def newest(self, kind: str, value: Any) -> None:
        """Pictures: nobody looks."""

    def drain(self, most: int) -> None:
        """Nothing waits."""


def run_child(options: EngineOptions, pipe: Connection) -> None:
    """The engine process of ``framegen demo``. Hears ``address``, ``settings``, ``watched``, ``stop`` on ``pipe``."""
    ignore_interrupts()
    tell = Outbox(pipe)
    engine = LiveEngine(options, tell)
    known = threading.Event()
    heard: dict[str, str] = {}

    def on_message(kind: str, value: Any) -> None:
        if kind == "address":
            heard["address"] = value
            known.set()
        elif kind == "settings":
            engine.change(value)
        elif kind == "watched":
            engine.watched = value
        elif kind == "stop":
            on_end()

    def on_end() -> None:
        engine.stop()
        known.set()

    def address() -> str:
        known.wait()
        return heard.get("address", "tcp://127.0.0.1:1")

    listen(pipe, on_message, on_end)
    try:
        engine.run(address)
    except FramegenError as error:
        tell.send("failed", (error.message, error.hint))
    tell.close()


def main(argv: Sequence[str] | None = None) -> int:
    """The town for any server, until Ctrl-C."""
    from framegen.demo.options import check, size_of
    from framegen.values import checked, number, setting

    parser = argparse.ArgumentParser(prog="python -m framegen.demo.engine", description=main.__doc__)
    parser.add_argument("--endpoint", default="tcp://127.0.0.1:5555", help="address of the server")
    parser.add_argument("--size", type=checked(size_of), default="512x288", help="WIDTHxHEIGHT in pixels")
    parser.add_argument("--fps", type=number(1, 240), default=30.0)
    parser.add_argument("--prompt", type=setting("prompt"), default="golden hour, summer")
    parser.add_argument("--scene", type=Path, help="a glTF level instead of the town")
    args = parser.parse_args(argv)
    args.seconds = args.video = None  # of 'framegen demo' alone
    try:
        width, height = check(args)
        options = EngineOptions(width, height, args.fps, args.scene, {"prompt": args.prompt, "sun": "prompt"})
        engine = LiveEngine(options, _Printer(), PATIENCE_S)
        with contextlib.suppress(KeyboardInterrupt):
            engine.run(lambda: args.endpoint)
    except FramegenError as error:
        print(f"framegen: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
