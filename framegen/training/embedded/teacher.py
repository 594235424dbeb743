"""The several-step teacher of the light: a rectified flow of the small picture of cells' mean colours.

The small picture ``y`` holds the mean colour of every cell of 4x4 pixels, in -1..1. On the line
``x(t) = (1 - t) noise + t y`` (rectified flow: Liu, Gong and Liu, "Flow Straight and Fast", 2022) the network says
where it ends, ``y``, from which the velocity follows: ``(y - x) / (1 - t)``. It has the shipped network's trunk and
begins with its weights, so at first it says what the shipped one says in a single step; in several steps it settles on
one of the answers that a single step can only average.

The noise is the network's own anchored noise, one number a cell: a one-step student that is shown it can learn which
answer the teacher comes to from there.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from framegen.ops import features as ft
from framegen.ops import layout
from framegen.training.embedded import atrous, network
from framegen.training.embedded.batch import Item
from framegen.training.embedded.draw import Lesson
from framegen.training.embedded.model import Model
from framegen.training.embedded.network import FLOOR, shares, taps
from framegen.training.embedded.precision import autocast

UNCONDITIONED = 0.12
"""Share of the training crops without a prompt, which guidance needs (Ho and Salimans, "Classifier-Free Diffusion
Guidance", 2022)."""
LATEST = 0.9
"""Later times than this weigh no more in the loss: there the velocity's error is the answer's ten times over."""


class Teacher(nn.Module):
    """Where the line through ``x`` at time ``t`` ends, seen beside the frame and its condition."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.net, self.style = model.net, model.style
        channels = self.net.head.in_channels
        self.seen = nn.Conv2d(4, channels, 3, padding=1)
        self.when = nn.Sequential(nn.Linear(1, 64), nn.SiLU(), nn.Linear(64, self.net.film))
        self.rest = nn.Conv2d(channels, 3, 1)
        for layer in (self.seen, self.when[-1], self.rest):
            nn.init.zeros_(layer.weight)  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, item: Item, x: Tensor, t: Tensor, *, told: Tensor | None = None) -> Tensor:
        """``y`` ``[B, 3, h, w]``.

        Args:
            x: ``[B, 3, h, w]``. t: ``[B]`` 0..1. told: ``[B]``, 0 where the condition is kept back.
        """
        b, _, h, w = x.shape
        history = x.new_zeros(b, layout.HISTORY, h, w)
        condition = item.condition if told is None else item.condition * told[:, None]
        seen = torch.cat([x, t[:, None, None, None].expand(b, 1, h, w)], 1)
        with autocast(x.device):
            film = self.style(condition) + self.when(t[:, None])
            extra = self.seen(seen)
            inner, whole = self.net.trunk(item.color - 0.5, item.cells, item.label, history, film, extra)
        inner = inner.float()
        latent = atrous.smooth(self.net.latent(inner, whole.float(), film.float()), atrous.guide(item))
        cover = item.strength.mul(2).clamp_max(1)
        means = network.compose_cells(latent, item.color, item.through, cover)
        y: Tensor = means * 2 - 1 + self.rest(inner)
        return y

    def guided(self, item: Item, x: Tensor, t: Tensor, guidance: float) -> Tensor:
        """``y``, led away from what it would be without a condition by ``guidance``; 1: not at all."""
        y: Tensor = self(item, x, t)
        if guidance == 1:
            return y
        without = self(item, x, t, told=torch.zeros_like(t))
        return torch.lerp(without, y, guidance)

    def walk(self, item: Item, steps: int, guidance: float = 1.0) -> Tensor:
        """The small picture in several steps of equal length (Euler's method)."""
        x = start(item)
        for i in range(steps):
            t = x.new_full((len(x),), i / steps)
            y = self.guided(item, x, t, guidance)
            x = x + (y - x) / (steps - i)
        return x


def start(item: Item) -> Tensor:
    """The noise ``[B, 3, h, w]`` that a walk begins with: the network's own, for all three colours."""
    return item.cells[:, ft.NOISE : ft.NOISE + 1].expand(-1, 3, -1, -1)


def small(picture: Tensor) -> Tensor:
    """``[B, 3, H, W]`` 0..1 -> its cells' means in -1..1."""
    return F.avg_pool2d(picture, ft.CELL_PX) * 2 - 1


def lift(y: Tensor, picture: Tensor, nearness: Tensor, most: float = 50.0) -> Tensor:
    """A picture ``[B, 3, H, W]`` under gains that make its cells' means those of ``y``, shared out by depth.

    ``most``: no gain is larger, or smaller than its reciprocal.
    """
    raised = picture.clamp_min(FLOOR)
    means = F.avg_pool2d(raised, ft.CELL_PX)
    gain = (((y + 1) / 2).clamp(0.004, 1.5) / means).clamp(1 / most, most)
    fine = torch.stack([w * tap for w, tap in zip(shares(nearness), taps(gain), strict=True)]).sum(0)
    return torch.mul(raised, fine)


def teacher_loss(teacher: Teacher, seen: Lesson) -> Tensor:
    """Flow matching: the squared error of the velocity."""
    item = seen.now
    y, noise = small(item.target), start(item)
    t = torch.rand(len(y))
    told = (torch.rand(len(y)) > UNCONDITIONED).float()
    x = torch.lerp(noise, y, t[:, None, None, None])
    off = (teacher(item, x, t, told=told) - y).square().mean((1, 2, 3))
    loss: Tensor = (off / (1 - t).clamp_min(1 - LATEST).square()).mean()
    return loss
