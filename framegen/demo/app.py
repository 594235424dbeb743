"""``framegen demo``: server, engine and page in one; or, with ``--video``, the same as a film."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from framegen import machine
from framegen.config import Settings
from framegen.demo.engine import EngineOptions
from framegen.demo.options import DEFAULT_PORT, DEFAULT_PROMPT, add_arguments, check
from framegen.demo.processes import Crew
from framegen.errors import ConfigError, FramegenError
from framegen.frame import How

__all__ = ["add_arguments", "run"]

TICK_S = 0.25
VIDEO_S = 20.0
SILENCE_S = 600.0
"""Between two frames of a film: the first may wait for kernels to be compiled. One that ends is noticed at once."""


def run(args: argparse.Namespace) -> int:
    """Show the demo, or film it. Returns 0; raises FramegenError with one clear line where it cannot."""
    width, height = check(args)
    settings = Settings().updated({"prompt": DEFAULT_PROMPT if args.prompt is None else args.prompt, "sun": "prompt"})
    begin = {"prompt": settings.prompt, "sun": settings.sun}
    if args.video is not None:
        return _film(args, width, height, begin)
    options = EngineOptions(width, height, args.fps, args.scene, begin)
    with Crew(options, args.device) as crew:
        return _Show(args, crew, settings, f"{width}×{height}").run()


class _Show:
    """The live demo in this process: the page, the status line, and everyone's messages."""

    def __init__(self, args: argparse.Namespace, crew: Crew, settings: Settings, size: str) -> None:
        # Imported only now: the children have started, and work meanwhile.
        from framegen.viewer import Figures, ViewerBridge

        self._args = args
        self._crew = crew
        self._settings = settings
        self._lock = threading.Lock()
        self._figures = Figures()
        self._about = {"source": "", "size": size, "model": "", "device": ""}
        self._state = "connecting"
        self._begun = False
        self._bridge = self._open_page(ViewerBridge)
        self._bridge.state("connecting")
        self._bridge.settings(settings)

    def run(self) -> int:
        """Until Ctrl-C, or ``--seconds`` after the first picture."""
        from framegen.demo.status import StatusLine

        print(f"framegen demo: {self._bridge.url}  (Ctrl-C stops it)", flush=True)
        if not self._args.no_browser:
            _open_browser(self._bridge.url)
        deadline = None
        next_tick = time.monotonic()
        watched = False
        with StatusLine() as status:
            try:
                while deadline is None or time.monotonic() < deadline:
                    message = self._crew.next(max(0.0, next_tick - time.monotonic()))
                    if message is not None:
                        self._take(*message)
                        if self._state == "live" and deadline is None and self._args.seconds is not None:
                            deadline = time.monotonic() + self._args.seconds
                    if time.monotonic() >= next_tick:
                        next_tick = time.monotonic() + TICK_S
                        if watched != self._bridge.watched:
                            watched = self._bridge.watched
                            self._crew.tell_engine("watched", watched)
                        figures = self._figures.snapshot()
                        self._bridge.figures(figures)
                        status.show(self._state, figures, self._settings.prompt, self._bridge.url)
            except KeyboardInterrupt:
                pass
            except FramegenError as error:
                self._bridge.state("failed", str(error))
                raise
            finally:
                self._crew.begin_to_stop()
                self._bridge.close()
        counts = self._figures.snapshot()["counts"]
        print(f"Stopped after {counts['generated'] + counts['reprojected'] + counts['reused']} pictures.", flush=True)
        return 0

    def _open_page(self, bridge_class: Any) -> Any:
        port = self._args.port
        bridge = bridge_class(self._change, port=DEFAULT_PORT if port is None else port, title="framegen demo")
        try:
            bridge.start()
        except ConfigError:
            if port is not None:
                raise
            bridge = bridge_class(self._change, title="framegen demo")
            bridge.start()
        return bridge

    def _change(self, _channel: str, changes: Mapping[str, Any]) -> None:
        """A page changed something; in the page server's thread."""
        with self._lock:
            self._settings = self._settings.updated(changes)
        self._crew.tell_engine("settings", dict(changes))

    def _take(self, who: str, kind: str, value: Any) -> None:
        if kind == "pictures":
            from framegen.viewer import Pair

            frame_id, source, restyled, how = value
            self._bridge.publish(Pair(source, restyled, frame_id, how, self._about["model"]))
        elif kind == "answered":
            how, latency_ms, stages_ms, model = value
            self._figures.answered(How(how), latency_ms, stages_ms)
            if self._state != "live":
                if not self._begun:
                    self._begun = True
                    print(f"First restyled frame after {machine.running_s():.1f} s.", flush=True)
                self._about["model"] = model
                self._say("live")
        elif kind == "superseded":
            self._figures.superseded(value)
        elif kind == "applied":
            with self._lock:
                settings = self._settings
            prompt, understood, ignored = value
            # An answer to an older prompt says nothing of the one that is in force now.
            if prompt == settings.prompt:
                self._bridge.settings(settings, understood, ignored)
        elif kind == "connected":
            self._say("waiting")
        elif kind == "lost":
            self._figures.lost(value)
            self._say("lost")
        elif kind == "source":
            self._about["source"] = value["title"]
            if value["note"]:
                print(value["note"], file=sys.stderr, flush=True)
        elif kind == "notice":
            print(value, file=sys.stderr, flush=True)
            self._bridge.state("connecting", value)
        elif kind == "error":
            print(f"framegen: {value}", file=sys.stderr, flush=True)
        elif (who, kind) == ("server", "ready"):
            self._about.update(model=value["model"], device=value["device"])

    def _say(self, state: str) -> None:
        self._state = state
        self._bridge.state(state, **self._about)


def _film(args: argparse.Namespace, width: int, height: int, begin: Mapping[str, Any]) -> int:
    from framegen.demo.film import Film, schedule

    frames = max(1, round((args.seconds or VIDEO_S) * args.fps))
    prompts = {0: args.prompt} if args.prompt is not None else schedule(frames, args.fps)
    begin = {**begin, "temporal": {"stride": 1}}  # a film can wait for the network
    options = EngineOptions(width, height, args.fps, args.scene, begin, lockstep_frames=frames, prompts=prompts)
    with Crew(options, args.device) as crew:
        from framegen.demo.status import film_progress

        film = Film(args.video, width, height, args.fps, overwrite=args.overwrite)
        try:
            with film_progress(frames, args.video.name) as advance:
                while True:
                    message = crew.next(SILENCE_S)
                    if message is None:
                        raise FramegenError(
                            f"The demo's engine said nothing for {SILENCE_S / 60:.0f} minutes.",
                            hint="'framegen doctor' shows how fast this machine is.",
                        )
                    _, kind, value = message
                    if kind == "picture":
                        film.add(*value)
                        advance()
                    elif kind == "source" and value["note"]:
                        print(value["note"], file=sys.stderr, flush=True)
                    elif kind == "notice":
                        print(value, file=sys.stderr, flush=True)
                    elif kind == "done":
                        break
            print(f"Wrote {film.close()}", flush=True)
        finally:
            film.abandon()
    return 0


def _open_browser(url: str) -> None:
    """In a thread: some browsers keep their caller waiting. Not where only a text browser could come."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
