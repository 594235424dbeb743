"""The command line of ``framegen evaluate``; what it does is in :mod:`framegen.training.embedded.judge`."""

from __future__ import annotations

import argparse
from pathlib import Path

from framegen.values import known_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``framegen evaluate``."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folders of rendered pairs, all judged")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="write input, output and target side by side (PNG)")
    parser.add_argument(
        "--labels",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="send frames with their labels, where there are any, as an engine does that tags things (default: yes)",
    )
    parser.add_argument(
        "--model", type=known_model, default="embedded", help="as in 'framegen models' (default: embedded)"
    )
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "gpu"))


def run(args: argparse.Namespace) -> int:
    """Judge and print. Raises MediaError where there is nothing to judge."""
    from framegen.training.embedded.judge import run as judge

    return judge(args)
