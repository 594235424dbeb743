"""Three ways to make a picture, trained equally long from nothing and judged on the same held-out frames.

``python -m framegen.training.embedded.trials --data DIR... --minutes N`` prints a table:

* ``plain``: the network paints the picture itself, sixteen colours a cell;
* ``light``: gain and air on the engine's own frame, texture from world-anchored fields;
* ``materials``: the same, and paint may take the place of the engine's surfaces.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from framegen.ops import features as ft
from framegen.ops import layout
from framegen.plainly import plain_errors
from framegen.training.embedded import batch, evaluate, losses, network, pairs, shortrun
from framegen.training.embedded.antialias import antialiased
from framegen.training.embedded.batch import Item
from framegen.training.embedded.draw import Lesson
from framegen.training.embedded.model import Model
from framegen.training.embedded.precision import autocast
from framegen.training.embedded.shortrun import Plan, fit, markdown, picture_loss


class Design(nn.Module):
    """Network and style of one design; called with a stack of crops it gives their pictures and the latent."""

    def __init__(self, size: str, paints: bool) -> None:
        super().__init__()
        model = Model.new(size)
        self.net, self.style, self.paints = model.net, model.style, paints
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, item: Item) -> tuple[Tensor, Tensor]:
        latent = Model(self.net, self.style).latent(item)
        return self.compose(latent, item), latent

    def compose(self, latent: Tensor, item: Item) -> Tensor:
        cover = 1.0 if self.paints else 0.0
        out = network.compose(latent, item.color, item.through, item.detail, item.nearness, cover=cover)
        return antialiased(out, torch.ones_like(item.strength))


class Plain(Design):
    """Sixteen colours a cell, no composition."""

    def __init__(self, size: str) -> None:
        super().__init__(size, False)
        self.colors = nn.Conv2d(self.net.head.in_channels, 3 * ft.CELL_PX**2, 1)

    def forward(self, item: Item) -> tuple[Tensor, Tensor]:
        b, _, h, w = item.cells.shape
        history = item.cells.new_zeros(b, layout.HISTORY, h, w)
        with autocast(item.color.device):
            film = self.style(item.condition)
            x, _ = self.net.trunk(item.color - 0.5, item.cells, item.label, history, film)
        painted = F.pixel_shuffle(self.colors(x.float()), ft.CELL_PX)
        return antialiased(painted + 0.5, torch.ones_like(item.strength)), painted


DESIGNS: dict[str, Callable[[str], Design]] = {
    "plain": Plain,
    "light": partial(Design, paints=False),
    "materials": partial(Design, paints=True),
}


def loss_of(features: losses.Features, design: Design, seen: Lesson) -> Tensor:
    """The same for every design, and the choice of field where there is one."""
    item = seen.now
    out, latent = design(item)
    total = picture_loss(features, out, item.target)
    known = item.field < layout.FIELDS
    if not isinstance(design, Plain) and known.any():
        probability = latent[:, layout.CHOICE].permute(0, 2, 3, 1)[known]
        right = probability.gather(1, item.field[known][:, None]).clamp_min(1e-6)
        total = total - 0.05 * right.log().mean()
    return total


@torch.no_grad()
def render(design: Design, sample: pairs.Sample, index: int) -> Tensor:
    """One whole frame ``[3, H, W]``, from the first prompt and the sun."""
    how = batch.Draw(prompt=0, strength=1.0 if design.paints else 0.5)
    one = batch.stack([batch.item(sample, index, batch.WHOLE, np.random.default_rng(0), how)])
    picture: Tensor = design(one)[0][0].clamp(0, 1)
    return picture


def compare(args: argparse.Namespace) -> None:
    """Trains every design, judges it, and prints the table."""
    pool, judged, features = shortrun.begin(args)
    rows = []
    for name, make in DESIGNS.items():
        torch.manual_seed(0)
        design, steps = fit(make(args.size), partial(loss_of, features), pool, Plan(args.minutes))
        report = evaluate.judge(partial(render, design), judged, features)
        taps = ", ".join(f"{v:.2f}" for v in report.frechet)
        print(f"{name}: {report.line()}", flush=True)
        mean = float(np.mean(report.frechet))
        rows.append([name, str(steps), f"{report.psnr_db:.2f}", taps, f"{mean:.2f}", f"{report.prompt:.2f}"])
    print(markdown(["design", "steps", "PSNR, dB", "FD ratios at 1/2, 1/4, 1/8, 1/16", "mean", "prompt"], rows))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    shortrun.add_arguments(parser, minutes=9)
    args = parser.parse_args()
    with plain_errors():
        compare(args)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
