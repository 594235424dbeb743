"""Temporal reuse of a latent in PyTorch, on whatever device it lives: equal to :mod:`framegen.ops.temporal_reference`,
and :func:`carry` to :mod:`framegen.ops.carry_reference`.

Latents are ``[B, c, h, w]`` here, planes ``[B, h, w]``, all float32. Free of Python decisions on values, so that a
CUDA graph can capture it.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from framegen.ops.carry_reference import PRIOR, REACHES, RIDGE
from framegen.ops.fill_reference import KNOWN

_A = -0.75


def fetch_cubic(latent: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """A latent at columns x and rows y, bicubic (Keys 1981, a = -0.75); beyond the border its edge is repeated."""
    height, width = latent.shape[2:]
    flat = latent.flatten(2)
    # a place that is no number, or far away, sees the edge
    x = torch.nan_to_num(x, nan=-3.0).clamp(-3.0, width + 2.0)
    y = torch.nan_to_num(y, nan=-3.0).clamp(-3.0, height + 2.0)
    left, top = x.floor(), y.floor()
    across, down = _weights(x - left), _weights(y - top)
    out = torch.zeros(*latent.shape[:2], *x.shape[1:], dtype=latent.dtype, device=latent.device)
    for j in range(4):
        row = (top + (j - 1)).clamp(0, height - 1).long() * width
        for i in range(4):
            index = row + (left + (i - 1)).clamp(0, width - 1).long()
            taken = flat.gather(2, index.flatten(1)[:, None].expand(-1, latent.shape[1], -1))
            out += (down[j] * across[i])[:, None] * taken.reshape(out.shape)
    return out


def clamped_blend(new: torch.Tensor, past: torch.Tensor, weight: torch.Tensor, slack: float) -> torch.Tensor:
    """``new + weight (clamp(past) - new)``: the clamp is to each channel's 3x3 neighbourhood in ``new``, widened by
    ``slack`` standard deviations of the channel (of every fourth cell of every fourth row)."""
    wider = slack * deviation(new)[:, :, None, None]
    edged = functional.pad(new, (1, 1, 1, 1), mode="replicate")
    high = functional.max_pool2d(edged, 3, 1)
    low = -functional.max_pool2d(-edged, 3, 1)
    clamped = torch.minimum(torch.maximum(past, low - wider), high + wider)
    return new + weight[:, None] * (clamped - new)


def deviation(latent: torch.Tensor) -> torch.Tensor:
    """``[B, c]``: standard deviation of every fourth cell of every fourth row."""
    return latent[:, :, ::4, ::4].flatten(2).std(2, unbiased=False)


def start_latent(source: torch.Tensor, past: torch.Tensor, trust: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """``(1 - α m) E + α m ẑ``: the source's latent, pulled towards trusted history. ``alpha``: ``[B]``."""
    return source + (alpha[:, None, None] * trust)[:, None] * (past - source)


def carry(past: torch.Tensor, source: torch.Tensor, trust: torch.Tensor) -> torch.Tensor:
    """``past`` where it is trusted; where not, the guess that the frame's own latent ``source`` and the trusted cells
    around allow."""
    known = (trust >= KNOWN)[:, None]
    share = known.to(source.dtype)
    z, e = _local_means(torch.cat([past, source], 1), share).chunk(2, 1)
    # where nothing is known the sums are 0: with a slope of 1 and means of 0 the guess is the source
    count = share.sum((2, 3), keepdim=True).clamp_min(1.0)
    apart_z, apart_e = (planes.masked_fill(~known, 0.0) for planes in (past - z, source - e))
    spread = (apart_e * apart_e).sum((2, 3), keepdim=True) / count
    together = (apart_z * apart_e).sum((2, 3), keepdim=True) / count
    slope = ((together + RIDGE) / (spread + RIDGE)).clamp(0.0, 1.0)
    return torch.where(known, past, z + slope * (source - e))


def _local_means(values: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """Of ``[B, c, h, w]`` the mean of known cells around each; ``known``: ``[B, 1, h, w]``, 1 or 0."""
    taken = torch.cat([values.masked_fill(known == 0.0, 0.0), known], 1)
    totals = taken.sum((2, 3), keepdim=True)
    mean = totals[:, :-1] / totals[:, -1:].clamp_min(1.0)
    for reach in REACHES:
        side = 2 * reach + 1
        # pools give sums and count over side², what lies beyond the border counting as zero; so is the prior's weight
        across = functional.avg_pool2d(taken, (1, side), 1, (0, reach))
        sums = functional.avg_pool2d(across, (side, 1), 1, (reach, 0))
        prior = PRIOR / side**2
        mean = (sums[:, :-1] + prior * mean) / (sums[:, -1:] + prior)
    return mean


def _weights(t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Of the taps at -1, 0, 1 and 2."""

    def near(d: torch.Tensor) -> torch.Tensor:
        return ((_A + 2.0) * d - (_A + 3.0)) * d * d + 1.0

    def far(d: torch.Tensor) -> torch.Tensor:
        return ((_A * d - 5.0 * _A) * d + 8.0 * _A) * d - 4.0 * _A

    return far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)
