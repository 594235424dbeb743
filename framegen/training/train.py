"""The command line of ``framegen train``; what it does is in :mod:`framegen.training.embedded.loop`."""

from __future__ import annotations

import argparse
from pathlib import Path

from framegen.training.embedded.mix import Mix

MIX = Mix()
SIZES = ("large", "small", "tiny")
"""Of the network. Its table needs torch, which showing the options should not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``framegen train``."""
    parser.add_argument("--data", nargs="+", required=True, metavar="DIR", help="folders of rendered pairs")
    parser.add_argument("--out", required=True, metavar="DIR", help="where checkpoints, curves, sheets and model go")
    parser.add_argument("--minutes", type=float, default=240, help="training time, earlier runs of the folder included")
    parser.add_argument("--size", choices=SIZES, default="small", help="of the network")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument(
        "--batch", type=int, default=MIX.crops, help="crops per step, all judged at a quarter of the size"
    )
    parser.add_argument("--whole", type=float, default=MIX.whole, help="share of the steps that see whole pictures")
    parser.add_argument("--pictures", type=int, default=MIX.pictures, help="whole pictures per step")
    parser.add_argument("--full", type=int, default=4, help="crops of a batch that are judged at full size")
    parser.add_argument("--perceptual", type=int, default=3, help="crops of those that the feature losses see")
    parser.add_argument("--crop", type=int, nargs=2, default=MIX.crop, metavar=("HEIGHT", "WIDTH"))
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--start",
        type=Path,
        metavar="PATH",
        help="begin with the weights of this checkpoint, or of a folder of shipped ones (framegen/models/embedded)",
    )
    parser.add_argument("--limit", type=int, default=0, help="use only so many samples (0: all)")
    parser.add_argument("--validation", type=int, default=16, help="held-out frames that are judged")
    parser.add_argument("--save-minutes", type=float, default=3)
    parser.add_argument("--judge-minutes", type=float, default=25)
    parser.add_argument(
        "--no-export", dest="export", action="store_false", help="only the checkpoint, no files to ship"
    )


def run(args: argparse.Namespace) -> int:
    """Train; 0 on a clean end."""
    from framegen.training.embedded.loop import run as train

    return train(args)
