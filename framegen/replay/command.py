"""The command line of ``framegen replay``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from framegen.client.blocking import DEFAULT_ADDRESS
from framegen.client.stats import percentile
from framegen.errors import ConfigError, FramegenError
from framegen.recording import check_frames, shipped_recording
from framegen.replay.player import Replay, Tally
from framegen.replay.script import cues
from framegen.values import checked, endpoint, positive, setting

TOKEN_VARIABLE = "FRAMEGEN_TOKEN"
MAX_RATE = 1000.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``framegen replay`` takes."""
    parser.add_argument(
        "recording", nargs="?", type=Path, metavar="FILE", help="a recording (the one that comes with framegen)"
    )
    where = f"the server ({DEFAULT_ADDRESS})"
    parser.add_argument("--endpoint", type=endpoint, default=DEFAULT_ADDRESS, metavar="ADDRESS", help=where)
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="holds the server's token")
    parser.add_argument(
        "--pace", type=checked(_pace), default="own", metavar="own|fast|FPS", help="when to send each frame (own)"
    )
    parser.add_argument("--prompt", type=setting("prompt"), metavar="WORDS", help="instead of the recorded prompts")
    parser.add_argument("--model", metavar="NAME", help="instead of the recorded model")
    parser.add_argument("--loop", action="store_true", help="again and again, until Ctrl-C or --seconds")
    parser.add_argument("--seconds", type=positive, metavar="N", help="stop after so long")
    parser.add_argument("--video", type=Path, metavar="OUT.mp4", help="write the pictures that come back")
    parser.add_argument("--side-by-side", action="store_true", help="with the recorded frames on the left of the video")
    parser.add_argument("--overwrite", action="store_true", help="replace OUT.mp4 if it exists")


def run(args: argparse.Namespace) -> int:
    """Replay a recording and print what became of its frames. Raises FramegenError."""
    from rich.console import Console

    from framegen.server.options import read_token
    from framegen.video.sink import check_output

    console = Console(stderr=True, markup=False)  # names of files may have brackets
    path = args.recording or shipped_recording()
    check_frames(path)  # a wrong file is better refused before a server is looked for
    if args.video is not None:
        check_output(args.video, overwrite=args.overwrite, inputs=(path,))
    token = read_token(args.token_file) if args.token_file else os.environ.get(TOKEN_VARIABLE) or None
    options = {"address": args.endpoint, "token": token, "name": f"replay of {path.name}"}
    override = {key: value for key in ("prompt", "model") if (value := getattr(args, key)) is not None}
    replay = Replay(options, args.pace, override, args.video, args.side_by_side, args.overwrite, args.loop)
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
    if not 0.0 < rate <= MAX_RATE:
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
