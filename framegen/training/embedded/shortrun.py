"""Training runs of minutes, for comparing ways of doing things: whatever has parameters and a loss."""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from framegen.training.embedded import losses, network, pairs
from framegen.training.embedded.draw import Lesson, Pool, lesson
from framegen.training.embedded.loop import held_out
from framegen.training.embedded.mix import Mix
from framegen.training.embedded.precision import autocast
from framegen.values import positive, whole

_Net = TypeVar("_Net", bound=nn.Module)

RATE = 1e-3
CROPS = Mix(crops=4, whole=0.0)
AVERAGE = 0.99
SAVE_S = 60.0


class Stopped(Exception):
    """A file ``STOP`` lies beside the run's state: the same command goes on where it stopped, once that is gone."""


class Kept(Protocol):
    """What has a state that goes into a checkpoint, as torch's modules and optimisers do."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> Any: ...


@dataclass(frozen=True)
class Plan:
    """How a run is trained.

    Attributes:
        minutes: of processor time, so that runs are comparable on a machine that is busy.
        mix: what the steps see. rate: at its highest; it rises over 50 steps and falls along a cosine.
        seed: of the random crops, the same for one seed. temporal: every so many steps have the frames before; 0: none.
        state: file to which the run is saved every minute, and from which it goes on; None: neither.
        about: what is saved along.
    """

    minutes: float
    mix: Mix = CROPS
    rate: float = RATE
    seed: int = 0
    temporal: int = 0
    state: Path | None = None
    about: tuple[tuple[str, str], ...] = ()


def fit(
    net: _Net,
    loss: Callable[[_Net, Lesson], Tensor],
    pool: Pool,
    plan: Plan,
    *,
    after: Callable[[Lesson], None] | None = None,
    beside: Kept | None = None,
) -> tuple[_Net, int]:
    """Trains ``net``; its averaged weights and the number of steps.

    ``after`` is called after every step, for what is trained beside it, whose state ``beside`` holds. Raises Stopped.
    """
    average = copy.deepcopy(net)
    parameters, averaged = list(net.parameters()), list(average.parameters())
    optimizer = torch.optim.AdamW(parameters, plan.rate, betas=(0.9, 0.99), weight_decay=1e-4)
    steps, spent_s, state = 0, 0.0, plan.state
    if state is not None and state.exists():
        saved: dict[str, Any] = torch.load(state, weights_only=True, map_location="cpu")
        net.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        if beside is not None:
            beside.load_state_dict(saved["beside"])
        steps, spent_s = int(saved["steps"]), float(saved["spent_s"])
    rng = np.random.default_rng(plan.seed + steps)

    def save() -> None:
        if state is None:
            return
        torch.save(
            {
                **dict(plan.about),
                "model": net.state_dict(),
                "average": average.state_dict(),
                "optimizer": optimizer.state_dict(),
                "beside": {} if beside is None else beside.state_dict(),
                "steps": steps,
                "spent_s": spent_s,
            },
            state.with_suffix(".part"),
        )
        state.with_suffix(".part").replace(state)

    before_s, started, saved_at = spent_s, time.process_time(), spent_s
    total = 0.0
    while (share := spent_s / (plan.minutes * 60)) < 1 or not steps:
        if state is not None and (state.parent / "STOP").exists():
            save()
            raise Stopped(f"stopped after {steps} steps; remove {state.parent / 'STOP'} to go on")
        pace = min(1.0, (steps + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, share)))
        optimizer.param_groups[0]["lr"] = plan.rate * pace
        temporal = plan.temporal > 0 and steps % plan.temporal == plan.temporal - 1
        seen = lesson(pool, plan.mix, rng, temporal=temporal)
        optimizer.zero_grad(set_to_none=True)
        value = loss(net, seen)
        value.backward()  # type: ignore[no-untyped-call]
        if torch.isfinite(nn.utils.clip_grad_norm_(parameters, 1.0)):
            optimizer.step()
        with torch.no_grad():
            kept = min(AVERAGE, (steps + 1) / (steps + 20))
            torch._foreach_lerp_(averaged, parameters, 1 - kept)  # type: ignore[arg-type]
        if after is not None:
            after(seen)
        steps += 1
        total += float(value.detach())
        spent_s = before_s + time.process_time() - started
        if state is not None and steps % 25 == 0:
            print(f"{state.stem}: {spent_s:.0f} s, step {steps}, loss {total / 25:.4f}", flush=True)
            total = 0.0
        if spent_s - saved_at > SAVE_S:
            save()
            saved_at = spent_s
    save()
    return average.eval(), steps


def picture_loss(features: losses.Features, out: Tensor, target: Tensor) -> Tensor:
    """What the main training asks of pictures at full size: pixels, edges, energies of bands, and features."""
    with autocast(out.device):
        with torch.no_grad():
            wanted = features(target.contiguous(memory_format=torch.channels_last))
        got = features(out.contiguous(memory_format=torch.channels_last))
    total = 2 * losses.charbonnier(out - target) + 0.5 * losses.gradients(out, target)
    total = total + 1.5 * losses.band_energy(out, target) + 0.15 * losses.feature_distance(got, wanted)
    return total + 0.2 * losses.feature_statistics(got, wanted) + losses.batch_frechet(got, wanted)


def add_arguments(parser: argparse.ArgumentParser, *, minutes: float) -> None:
    """Options that comparisons share."""
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR", help="folders of rendered pairs")
    parser.add_argument("--minutes", type=positive, default=minutes, help="of processor time for each thing compared")
    parser.add_argument("--size", choices=sorted(network.SIZES), default="small", help="of the network")
    parser.add_argument("--validation", type=whole(0), default=16, help="held-out frames")
    parser.add_argument("--limit", type=whole(0), default=0, help="use only so many samples (0: all)")


def begin(args: argparse.Namespace) -> tuple[Pool, list[pairs.Sample], losses.Features]:
    """What :func:`add_arguments` asks for: training pairs, held-out frames, and what they are judged by."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(0)
    pool = Pool(args.data, args.limit)
    return pool, held_out(pool, args.validation), losses.Features()


def markdown(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table."""
    header = list(header)
    lines = [header, ["---"] * len(header), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
