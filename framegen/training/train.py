"""The command line of ``framegen train``; what it does is in :mod:`framegen.training.embedded.loop`."""

from __future__ import annotations

import argparse
from pathlib import Path

from framegen.training.embedded.mix import Mix

MIX = Mix()
SIZES = ("large", "small", "tiny")
"""Of the network. Its table needs torch, which showing the options should not."""


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def _none_or_more(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _crop(text: str) -> int:
    value = int(text)
    if value < 64 or value % 16:
        raise argparse.ArgumentTypeError(f"{text} is not a multiple of 16 pixels, 64 or more")
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``framegen train``."""
    parser.add_argument("--data", nargs="+", required=True, metavar="DIR", help="folders of rendered pairs")
    parser.add_argument("--out", required=True, metavar="DIR", help="where checkpoints, curves, sheets and model go")
    parser.add_argument(
        "--minutes", type=_positive, default=240, help="training time, earlier runs of the folder included"
    )
    parser.add_argument("--size", choices=SIZES, default="small", help="of the network")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument(
        "--batch", type=_count, default=MIX.crops, help="crops per step, all judged at a quarter of the size"
    )
    parser.add_argument("--whole", type=_share, default=MIX.whole, help="share of the steps that see whole pictures")
    parser.add_argument("--pictures", type=_count, default=MIX.pictures, help="whole pictures per step")
    parser.add_argument("--full", type=_count, default=4, help="crops of a batch that are judged at full size")
    parser.add_argument("--perceptual", type=_count, default=3, help="crops of those that the feature losses see")
    parser.add_argument(
        "--crop", type=_crop, nargs=2, default=MIX.crop, metavar=("HEIGHT", "WIDTH"), help="in pixels, multiples of 16"
    )
    parser.add_argument("--rate", type=_positive, default=1e-3, help="learning rate at its highest")
    parser.add_argument("--threads", type=_count, default=2)
    parser.add_argument("--seed", type=_none_or_more, default=0)
    parser.add_argument(
        "--start",
        type=Path,
        metavar="PATH",
        help="begin with the weights of this checkpoint, or of a folder of shipped ones (framegen/models/embedded)",
    )
    parser.add_argument("--limit", type=_none_or_more, default=0, help="use only so many samples (0: all)")
    parser.add_argument("--validation", type=_none_or_more, default=16, help="held-out frames that are judged")
    parser.add_argument("--save-minutes", type=float, default=3)
    parser.add_argument("--judge-minutes", type=float, default=25)
    parser.add_argument(
        "--no-export", dest="export", action="store_false", help="only the checkpoint, no files to ship"
    )


def run(args: argparse.Namespace) -> int:
    """Train; 0 on a clean end."""
    from framegen.training.embedded.loop import run as train

    return train(args)
