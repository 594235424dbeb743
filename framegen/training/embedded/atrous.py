"""Torch twin of :mod:`framegen.ops.atrous_reference`: coefficients averaged along surfaces, with gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from framegen.ops import features as ft
from framegen.ops.atrous_reference import FALL, PAIRS, SAME_COLOR, SAME_LABEL, SMOOTHED, SOFT, STEPS, SURFACE, both

if TYPE_CHECKING:
    from framegen.training.embedded.batch import Item

Alike = list[list[Tensor]]
"""For each step, for each pair of neighbours: how much they say of each other, ``[B, 1, h, w]``."""


def guide(item: Item) -> Tensor:
    """``[B, GUIDE, h, w]`` of a stack of crops."""
    color = F.avg_pool2d(item.color, ft.CELL_PX) / SAME_COLOR
    planes = [item.cells[:, channel, None] / size for channel, size in SURFACE]
    return torch.cat([color, *planes, item.label[:, None] / SAME_LABEL], 1)


def smooth(latent: Tensor, guide: Tensor) -> Tensor:
    """``latent`` ``[B, LATENT, h, w]`` along the surfaces of ``guide`` ``[B, GUIDE, h, w]``, which gets no gradient."""
    with torch.no_grad():
        alike = [[_alike(guide, down * step, right * step, weight) for down, right, weight in PAIRS] for step in STEPS]
    smoothed: Tensor = _Smooth.apply(latent[:, SMOOTHED], alike)  # type: ignore[no-untyped-call]
    return torch.cat([smoothed, latent[:, SMOOTHED.stop :]], 1)


def _alike(guide: Tensor, down: int, right: int, weight: float) -> Tensor:
    here, there = _both(guide, down, right)
    return weight * (1 + (here - there).square().sum(1, keepdim=True) / SOFT) ** -FALL


def _both(plane: Tensor, down: int, right: int) -> tuple[Tensor, Tensor]:
    """What has a neighbour so far away, and those neighbours."""
    (rows, columns), (under, beside) = both(plane.shape[-2:], down, right)
    return plane[..., rows, columns], plane[..., under, beside]


def _gather(planes: Tensor, alike: list[Tensor], step: int) -> Tensor:
    """Each cell and its neighbours, by how alike they are: a symmetric matrix times ``planes``."""
    total = planes.clone()
    for (down, right, _), weight in zip(PAIRS, alike, strict=True):
        to_here, to_there = _both(total, down * step, right * step)
        here, there = _both(planes, down * step, right * step)
        to_here.addcmul_(weight, there)
        to_there.addcmul_(weight, here)
    return total


class _Smooth(torch.autograd.Function):
    """Each step multiplies by a symmetric matrix and divides by its rows' sums: backwards, the other way round."""

    @staticmethod
    def forward(ctx: Any, planes: Tensor, alike: Alike) -> Tensor:
        ctx.alike = alike
        ctx.sums = [_gather(torch.ones_like(planes[:, :1]), pairs, s) for pairs, s in zip(alike, STEPS, strict=True)]
        for pairs, total, step in zip(alike, ctx.sums, STEPS, strict=True):
            planes = _gather(planes, pairs, step) / total
        return planes

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        (slope,) = slopes
        for pairs, total, step in zip(reversed(ctx.alike), reversed(ctx.sums), reversed(STEPS), strict=True):
            slope = _gather(slope / total, pairs, step)
        return slope, None
