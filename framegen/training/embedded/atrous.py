"""Torch twin of :mod:`framegen.ops.atrous_reference`: coefficients averaged along surfaces, with gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from framegen.ops import features as ft
from framegen.ops.atrous_reference import PAIRS, SAME_COLOR, SMOOTHED, SOFT, STEPS, SURFACE

if TYPE_CHECKING:
    from framegen.training.embedded.batch import Item

Shares = list[list[Tensor]]
"""For each step, for each pair of neighbours: how alike they are, ``[B, 1, h, w]``."""


def guide(item: Item) -> Tensor:
    """``[B, GUIDE, h, w]`` of a stack of crops."""
    color = F.avg_pool2d(item.color, ft.CELL_PX) / SAME_COLOR
    return torch.cat([color, *(item.cells[:, channel, None] / size for channel, size in SURFACE)], 1)


def smooth(latent: Tensor, guide: Tensor) -> Tensor:
    """``latent`` ``[B, LATENT, h, w]`` along the surfaces of ``guide`` ``[B, GUIDE, h, w]``, which gets no gradient."""
    with torch.no_grad():
        alike = [[_alike(guide, down * step, right * step, weight) for down, right, weight in PAIRS] for step in STEPS]
    smoothed: Tensor = _Smooth.apply(latent[:, SMOOTHED], alike)  # type: ignore[no-untyped-call]
    return torch.cat([smoothed, latent[:, SMOOTHED.stop :]], 1)


def _alike(guide: Tensor, down: int, right: int, weight: float) -> Tensor:
    here, there = _both(guide, down, right)
    return weight * (1 + (here - there).square().sum(1, keepdim=True) / SOFT) ** -8


def _both(plane: Tensor, down: int, right: int) -> tuple[Tensor, Tensor]:
    """What has a neighbour so far away, and those neighbours."""
    h, w = plane.shape[-2:]
    down, near = min(down, h), min(abs(right), w)
    rows, under = plane[..., : h - down, :], plane[..., down:, :]
    left, beside = (slice(0, w - near), slice(near, w)) if right >= 0 else (slice(near, w), slice(0, w - near))
    return rows[..., left], under[..., beside]


def _gather(planes: Tensor, alike: list[Tensor], step: int) -> Tensor:
    """Each cell and its neighbours, by how alike they are: a symmetric matrix times ``planes``."""
    total = planes.clone()
    for (down, right, _), share in zip(PAIRS, alike, strict=True):
        to_here, to_there = _both(total, down * step, right * step)
        here, there = _both(planes, down * step, right * step)
        to_here.addcmul_(share, there)
        to_there.addcmul_(share, here)
    return total


class _Smooth(torch.autograd.Function):
    """Each step multiplies by a symmetric matrix and divides by its rows' sums: backwards, the other way round."""

    @staticmethod
    def forward(ctx: Any, planes: Tensor, alike: Shares) -> Tensor:
        ctx.alike = alike
        ctx.sums = [_gather(torch.ones_like(planes[:, :1]), shares, s) for shares, s in zip(alike, STEPS, strict=True)]
        for shares, total, step in zip(alike, ctx.sums, STEPS, strict=True):
            planes = _gather(planes, shares, step) / total
        return planes

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        (slope,) = slopes
        for shares, total, step in zip(reversed(ctx.alike), reversed(ctx.sums), reversed(STEPS), strict=True):
            slope = _gather((slope / total).contiguous(), shares, step)
        return slope, None
