"""The command line of ``framegen train``; what it does is in :mod:`framegen.training.embedded.loop`."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from framegen.training.embedded.mix import Mix
from framegen.values import number, positive, whole

MIX = Mix()
SIZES = ("large", "small", "tiny")
"""Of the network. Its table needs torch, which showing the options should not."""


def _crop(text: str) -> int:
    value = whole(64)(text)
    if value % 16:
        raise argparse.ArgumentTypeError(f"a multiple of 16 pixels is expected, not {text!r}")
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``framegen train``."""
    parser.add_argument("--data", nargs="+", required=True, metavar="DIR", help="folders of rendered pairs")
    parser.add_argument("--out", required=True, metavar="DIR", help="where checkpoints, curves, sheets and model go")
    parser.add_argument(
        "--minutes", type=positive, default=240, help="training time, earlier runs of the folder included"
    )
    parser.add_argument("--size", choices=SIZES, default="small", help="of the network")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument(
        "--batch", type=whole(1), default=MIX.crops, help="crops per step, all judged at a quarter of the size"
    )
    parser.add_argument(
        "--whole", type=number(0, 1), default=MIX.whole, help="share of the steps that see whole pictures"
    )
    parser.add_argument("--pictures", type=whole(1), default=MIX.pictures, help="whole pictures per step")
    parser.add_argument("--full", type=whole(1), default=4, help="crops of a batch that are judged at full size")
    parser.add_argument("--perceptual", type=whole(1), default=3, help="crops of those that the feature losses see")
    parser.add_argument(
        "--crop", type=_crop, nargs=2, default=MIX.crop, metavar=("HEIGHT", "WIDTH"), help="in pixels, multiples of 16"
    )
    parser.add_argument("--rate", type=positive, default=1e-3, help="learning rate at its highest")
    parser.add_argument("--threads", type=whole(1), default=2)
    parser.add_argument("--seed", type=whole(0), default=0)
    parser.add_argument(
        "--start",
        type=Path,
        metavar="PATH",
        help="begin with the weights of this checkpoint, or of a folder of shipped ones (framegen/models/embedded)",
    )
    parser.add_argument("--limit", type=whole(0), default=0, help="use only so many samples (0: all)")
    parser.add_argument("--validation", type=whole(0), default=16, help="held-out frames that are judged")
    parser.add_argument("--save-minutes", type=number(0, math.inf), default=3)
    parser.add_argument("--judge-minutes", type=number(0, math.inf), default=25)
    parser.add_argument(
        "--no-export", dest="export", action="store_false", help="only the checkpoint, no files to ship"
    )


def run(args: argparse.Namespace) -> int:
    """Train; 0 on a clean end."""
    from framegen.training.embedded.loop import run as train

    return train(args)
