"""The training loop of the embedded model.

``python -m framegen.training.embedded.loop --data DIR... --out DIR --minutes N``. Ends early, and cleanly, when a file
``STOP`` appears in the output folder; the same command goes on from the last checkpoint. New pairs are picked up
while it runs.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from framegen.ops import layout
from framegen.training.embedded import evaluate, losses, network, pairs
from framegen.training.embedded.batch import Item
from framegen.training.embedded.draw import Past, Pool, draw, warp


@dataclass(eq=False)
class Model:
    """Network and style, side by side."""

    net: network.Network
    style: network.Style

    @staticmethod
    def new(width: str) -> Model:
        net = network.Network(network.WIDTHS[width])
        return Model(net, network.Style(net.film, net.scales()))

    def both(self) -> nn.ModuleList:
        return nn.ModuleList([self.net, self.style])

    def latent(self, item: Item, history: Tensor | None = None) -> Tensor:
        b, _, h, w = item.cells.shape
        if history is None:
            history = item.cells.new_zeros(b, layout.HISTORY, h, w)
        with torch.autocast("cpu", torch.bfloat16):
            out: Tensor = self.net(item.color - 0.5, item.cells, item.label, history, self.style(item.condition))
        return out


def step_loss(
    model: Model, judge: losses.Features, now: Item, past: Past | None, full: int, perceptual: int
) -> tuple[Tensor, dict[str, float]]:
    """The loss of one batch and its parts, for the log.

    All crops are judged at a quarter of the size, where light, colour and paint live and judging is cheap; the first
    ``full`` of them at full size too, and ``perceptual`` of those by features.
    """
    history = previous = None
    if past is not None:
        with torch.no_grad():
            old = model.latent(past.items)
            history = torch.cat([warp(old, past.cells_xy) * past.trust[:, None], past.trust[:, None]], 1)
            shown = network.picture(old[:full], past.items.first(full))
            xy = F.interpolate(past.cells_xy[:full], scale_factor=4, mode="bilinear", align_corners=False)
            previous = warp(shown, xy * 4 + 1.5)
    latent = model.latent(now, history)
    cover = now.strength.mul(2).clamp_max(1)
    coarse = network.compose_cells(latent, now.color, now.through, cover)
    wanted_coarse = F.avg_pool2d(now.target, 4)
    parts = {
        "coarse": losses.charbonnier(coarse - wanted_coarse, losses.highlights(wanted_coarse)),
        # borders of shadows
        "borders": 0.3 * losses.gradients(coarse, wanted_coarse),
        # paint spread thin would be a blurred picture laid over the frame; the strength setting says how much may be
        "cover": 0.2 * ((1 - now.strength) * latent[:, layout.COVER : layout.COVER + 1]).mean(),
        # sky and air change slowly over the picture: edges in them would be haloes around what stands before the sky
        "air": 0.3 * losses.variation(latent[:, layout.AIR]),
        # gains that overshoot on both sides of an edge draw a rim around things
        "gain": 0.04 * losses.variation(latent[:, layout.GAIN]),
        "spread": 0.3 * losses.spread(coarse, wanted_coarse, 2),
        "rivals": 0.5 * losses.rivalry(F.avg_pool2d(coarse, 2), F.avg_pool2d(wanted_coarse, 2), now.rivals),
    }
    known = now.field != pairs.NO_FIELD
    if known.any():
        probability = latent[:, layout.CHOICE].permute(0, 2, 3, 1)[known]
        right = probability.gather(1, now.field[known][:, None]).clamp_min(1e-6)
        parts["field"] = -0.05 * right.log().mean()
    sharp = now.first(full)
    out = network.picture(latent[:full], sharp)
    parts |= {
        "pixel": losses.charbonnier(out - sharp.target),
        "edges": 0.5 * losses.gradients(out, sharp.target),
        "energy": 1.0 * losses.band_energy(out, sharp.target),
    }
    with torch.autocast("cpu", torch.bfloat16):
        with torch.no_grad():
            wanted = judge(sharp.target[:perceptual].contiguous(memory_format=torch.channels_last))
        got = judge(out[:perceptual].contiguous(memory_format=torch.channels_last))
    parts["features"] = 0.15 * losses.feature_distance(got, wanted)
    parts["statistics"] = 0.1 * losses.feature_statistics(got, wanted)
    parts["frechet"] = 0.25 * losses.batch_frechet(got, wanted)
    if past is not None and previous is not None:
        held = (past.trust * past.same_look[:, None, None])[:full, None]
        mask = F.interpolate(held, scale_factor=4, mode="nearest")
        parts["steady"] = 0.3 * ((out - previous).abs() * mask).mean()
    total = torch.stack(list(parts.values())).sum()
    return total, {k: float(v.detach()) for k, v in parts.items()}


def _begin_with(model: Model, checkpoint: Path) -> None:
    """Takes over what fits of a checkpoint's averaged weights; rows that it lacks keep their fresh values."""
    known = torch.load(checkpoint, weights_only=True)["average"]
    own = model.both().state_dict()
    for name, value in own.items():
        old = known.get(name)
        if old is None:
            continue
        if value.ndim == 2 and old.shape[1] < value.shape[1]:
            # a longer condition: what is new says nothing yet
            value[:, old.shape[1] :] = 0
            value[:, : old.shape[1]] = old
        elif old.shape[1:] == value.shape[1:]:
            rows = min(old.shape[0], value.shape[0]) if value.ndim else 0
            value[:rows] = old[:rows]
    model.both().load_state_dict(own)


def run(args: argparse.Namespace) -> int:
    """Trains until the minutes are spent or ``STOP`` appears; 0 on a clean end."""
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(args.seed)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    stop = out / "STOP"
    roots = [Path(d) for d in args.data]
    pool = Pool(roots, args.limit)
    held_out = [pairs.load(f, pool.atlas) for f in pairs.find(roots) if pairs.is_validation(pairs.seed_of(f))]
    # in an order that brings every kind in early
    held_out = sorted((s for s in held_out if s.previous is None), key=lambda s: zlib.crc32(s.name.encode()))
    held_out = held_out[: args.validation]
    judge = losses.Features()
    judge.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    model = Model.new(args.width)
    model.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parameters: list[Tensor] = list(model.both().parameters())
    # the condition reaches everything through few weights, which may move faster
    groups: list[dict[str, Any]] = [
        {"params": list(model.net.parameters())},
        {"params": list(model.style.parameters()), "pace": 2.0},
    ]
    optimizer = torch.optim.AdamW(groups, args.rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)
    if args.start:
        _begin_with(model, args.start)
    average = copy.deepcopy(model)
    steps, spent_s = 0, 0.0
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.both().load_state_dict(saved["model"])
        average.both().load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        steps, spent_s = int(saved["steps"]), float(saved["spent_s"])
    rng = np.random.default_rng(args.seed + steps)
    averaged: list[Tensor] = list(average.both().parameters())
    count = sum(p.numel() for p in parameters)
    print(
        f"{len(pool.samples)} samples, {len(pool.entries)} targets, {len(held_out)} held out, {count / 1e6:.2f} M",
        flush=True,
    )

    def save() -> None:
        part = out / "checkpoint.part"
        torch.save(
            {
                "width": args.width,
                "model": model.both().state_dict(),
                "average": average.both().state_dict(),
                "optimizer": optimizer.state_dict(),
                "steps": steps,
                "spent_s": spent_s,
            },
            part,
        )
        part.replace(checkpoint)

    started, base_s = time.monotonic(), spent_s
    saved_at = looked_at = scanned_at = time.monotonic()
    sums: dict[str, float] = {}
    since = 0
    judged_s = 0.0
    while True:
        spent_s = base_s + time.monotonic() - started
        share = spent_s / (args.minutes * 60)
        if share >= 1 or stop.exists():
            break
        rate = args.rate * min(1.0, (steps + 1) / 150) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * min(1.0, share))))
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("pace", 1.0)
        now, past = draw(pool, args.batch, tuple(args.crop), rng, temporal=steps > 300 and steps % 4 == 0)
        loss, parts = step_loss(model, judge, now, past, args.full, args.perceptual)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(parameters, 1.0)
        if torch.isfinite(norm):
            optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(averaged, parameters, 1 - min(0.998, (steps + 1) / (steps + 20)))
        steps += 1
        since += 1
        for key, value in parts.items():
            sums[key] = sums.get(key, 0.0) + value
        clock = time.monotonic()
        if steps % 50 == 0:
            told = " ".join(f"{k} {v / since:.4f}" for k, v in sums.items())
            print(
                f"{spent_s:.0f} s, step {steps}, {args.batch * since / (clock - looked_at):.1f} crops/s: {told}",
                flush=True,
            )
            sums, since, looked_at = {}, 0, time.monotonic()
        if clock - saved_at > args.save_minutes * 60:
            save()
            saved_at = time.monotonic()
        if clock - judged_s > args.judge_minutes * 60 and steps > 100:
            report = evaluate.judge(average, held_out, judge)
            evaluate.log(out / "curves.csv", steps, spent_s, report)
            evaluate.sheet(average, held_out, out / f"sheet-{steps:06d}.png")
            print(f"step {steps}: {report.line()}", flush=True)
            judged_s = looked_at = time.monotonic()
            sums, since = {}, 0
        if clock - scanned_at > 600:
            pool.rescan()
            scanned_at = time.monotonic()
    save()
    print(f"stopped after {steps} steps, {spent_s:.0f} s", flush=True)
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``framegen train embedded``."""
    parser.add_argument("--data", nargs="+", required=True, help="folders of rendered pairs")
    parser.add_argument("--out", required=True, help="where checkpoints, curves and sheets go")
    parser.add_argument("--minutes", type=float, default=60, help="training time, earlier runs of the folder included")
    parser.add_argument("--width", choices=sorted(network.WIDTHS), default="A")
    parser.add_argument("--batch", type=int, default=12, help="crops per step, all judged at a quarter of the size")
    parser.add_argument("--full", type=int, default=4, help="crops of a batch that are judged at full size")
    parser.add_argument("--crop", type=int, nargs=2, default=(192, 256), metavar=("HEIGHT", "WIDTH"))
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--perceptual", type=int, default=3, help="crops of those that the feature losses see")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="begin with the averaged weights of this checkpoint")
    parser.add_argument("--limit", type=int, default=0, help="use only so many samples (0: all)")
    parser.add_argument("--validation", type=int, default=16, help="held-out frames that are judged")
    parser.add_argument("--save-minutes", type=float, default=3)
    parser.add_argument("--judge-minutes", type=float, default=25)


def main() -> int:
    parser = argparse.ArgumentParser(prog="framegen train embedded", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args())


if __name__ == "__main__":
    raise SystemExit(main())
