"""A training run of minutes, for comparing ways of doing things: whatever has parameters and a loss."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from framegen.training.embedded import losses
from framegen.training.embedded.batch import Item
from framegen.training.embedded.draw import Pool, draw

_Net = TypeVar("_Net", bound=nn.Module)

CROP = (192, 256)
RATE = 1e-3
AVERAGE = 0.99


def fit(
    net: _Net,
    loss: Callable[[_Net, Item], Tensor],
    pool: Pool,
    minutes: float,
    *,
    batch: int = 4,
    seed: int = 0,
    after: Callable[[_Net, Item], None] | None = None,
) -> tuple[_Net, int]:
    """Trains ``net`` for so many minutes of processor time; its averaged weights and the number of steps.

    Processor time, so that runs are comparable on a machine that is busy. ``after`` is called after every step (for
    what is trained beside it). The rate falls along a cosine; the random crops are the same for one ``seed``.
    """
    rng = np.random.default_rng(seed)
    average = copy.deepcopy(net)
    parameters, averaged = list(net.parameters()), list(average.parameters())
    optimizer = torch.optim.AdamW(parameters, RATE, betas=(0.9, 0.99), weight_decay=1e-4)
    started, steps = time.process_time(), 0
    while (share := (time.process_time() - started) / (minutes * 60)) < 1 or not steps:
        optimizer.param_groups[0]["lr"] = RATE * min(1, (steps + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * share))
        item, _ = draw(pool, batch, CROP, rng, temporal=False)
        optimizer.zero_grad(set_to_none=True)
        value = loss(net, item)
        value.backward()  # type: ignore[no-untyped-call]
        if torch.isfinite(nn.utils.clip_grad_norm_(parameters, 1.0)):
            optimizer.step()
        with torch.no_grad():
            kept = min(AVERAGE, (steps + 1) / (steps + 20))
            torch._foreach_lerp_(averaged, parameters, 1 - kept)  # type: ignore[arg-type]
        if after is not None:
            after(net, item)
        steps += 1
    return average.eval(), steps


def picture_loss(features: losses.Features, out: Tensor, target: Tensor) -> Tensor:
    """What the main training asks of pictures at full size: pixels, edges, energies of bands, and features."""
    with torch.autocast("cpu", torch.bfloat16):
        with torch.no_grad():
            wanted = features(target.contiguous(memory_format=torch.channels_last))
        got = features(out.contiguous(memory_format=torch.channels_last))
    total = 2 * losses.charbonnier(out - target) + 0.5 * losses.gradients(out, target)
    total = total + 1.5 * losses.band_energy(out, target) + 0.15 * losses.feature_distance(got, wanted)
    return total + 0.2 * losses.feature_statistics(got, wanted) + losses.batch_frechet(got, wanted)


def markdown(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table."""
    header = list(header)
    lines = [header, ["---"] * len(header), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
