"""``framegen evaluate``: a checkpoint's figures on held-out pairs, and a sheet to look at."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import torch

from framegen.engines.embedded.network import FOLDER
from framegen.errors import MediaError
from framegen.ops.fields import load_atlas
from framegen.training.embedded import evaluate, losses, pairs
from framegen.training.embedded.export import load_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``framegen evaluate``."""
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="FILE", help="checkpoint.pt of a run")
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR", help="folders of rendered pairs")
    parser.add_argument("--samples", type=int, default=16, metavar="N", help="held-out frames to judge (default: 16)")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="write input, output and target side by side")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")


def run(args: argparse.Namespace) -> int:
    """Judge and print. Raises MediaError where there is nothing to judge, or with."""
    if not args.checkpoint.is_file():
        raise MediaError(f"There is no checkpoint {args.checkpoint}.", hint="Make one: framegen train")
    folders = [folder for folder in pairs.find(args.data) if pairs.is_validation(pairs.seed_of(folder))]
    if not folders:
        raise MediaError("There are no held-out pairs in " + ", ".join(map(str, args.data)) + ".")
    atlas = load_atlas(FOLDER)
    held_out = [pairs.load(folder, atlas) for folder in folders[: args.samples]]
    model, about = load_model(args.checkpoint)
    features = losses.Features()
    features.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    report = evaluate.judge(model, held_out, features)
    print(f"{args.checkpoint}: {about['steps']} steps, {len(held_out)} held-out frames\n{report.line()}")
    if args.sheet is not None:
        evaluate.sheet(model, held_out, args.sheet)
    if args.json is not None:
        figures = {**dataclasses.asdict(report), "steps": about["steps"], "frames": len(held_out)}
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0
