"""The command line of ``framegen demo``."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from framegen.errors import ConfigError
from framegen.loopback import port
from framegen.values import checked, number, positive, setting
from framegen.video.sink import check_output

DEFAULT_PROMPT = "golden hour, low warm sun, clear sky, summer"
DEFAULT_PORT = 8080


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``framegen demo``."""
    parser.add_argument("--prompt", type=setting("prompt"), help="the look to begin with; with --video, the only one")
    parser.add_argument(
        "--size", type=checked(size_of), default="512x288", metavar="WxH", help="size of the frames (default: 512x288)"
    )
    parser.add_argument("--scene", type=Path, metavar="LEVEL.glb", help="fly through a level of your own")
    parser.add_argument("--port", type=port, help=f"of the page (default: {DEFAULT_PORT}, or any that is free)")
    parser.add_argument("--no-browser", action="store_true", help="only print the page's address")
    parser.add_argument("--seconds", type=positive, metavar="N", help="stop after so long (default with --video: 20)")
    parser.add_argument("--video", type=Path, metavar="OUT.mp4", help="write the side by side instead of showing it")
    parser.add_argument("--overwrite", action="store_true", help="replace the video if it exists")
    parser.add_argument("--fps", type=number(1, 240), default=30.0, help="frames a second at most (default: 30)")
    parser.add_argument(
        "--device", default="auto", choices=["auto", "cpu", "gpu"], help="for the model (default: auto)"
    )


def check(args: argparse.Namespace) -> tuple[int, int]:
    """Width and height in pixels. Raises FramegenError for what cannot work, before anything is started."""
    if args.scene is not None and not args.scene.is_file():
        raise ConfigError(f"There is no file {args.scene}.", hint="--scene takes a .glb or .gltf file.")
    if args.video is not None:
        check_output(args.video, overwrite=args.overwrite)
    width, height = args.size
    return width, height


def size_of(text: str) -> tuple[int, int]:
    """``512x288`` -> (512, 288). Raises ConfigError."""
    match = re.fullmatch(r"(\d{2,4})[x×](\d{2,4})", text.strip().lower())
    if match is None:
        raise ConfigError(f"'{text}' is no size.", hint="Write WIDTHxHEIGHT, such as 512x288.")
    width, height = int(match[1]), int(match[2])
    if not (64 <= width <= 3840 and 64 <= height <= 2160):
        raise ConfigError(f"{width}x{height} is out of range.", hint="From 64x64 to 3840x2160.")
    return width, height
