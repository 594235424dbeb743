"""Fréchet distance of sets of pictures by spatial EfficientNet-Lite0 features (FD-EffLite0; it is not FID).

Every position of a feature map is a sample, so a few dozen pictures are enough for covariances of full rank.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from framegen.frame import U8
from framegen.training.embedded.losses import TAPS, Features, frechet

RIDGE = 1e-5
"""Added to every variance, so that channels which never light up say nothing."""


class Spread:
    """Mean and covariance of a growing set of feature vectors."""

    def __init__(self) -> None:
        self._count = 0.0
        self._sum: torch.Tensor | float = 0.0
        self._square: torch.Tensor | float = 0.0

    def add(self, features: torch.Tensor) -> None:
        """``[C, h, w]`` of one picture."""
        x = features.flatten(1).T.double()
        self._count += x.shape[0]
        self._sum = self._sum + x.sum(0)
        self._square = self._square + x.T @ x

    def moments(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean ``[C]`` and covariance ``[C, C]``, float64."""
        assert isinstance(self._sum, torch.Tensor) and isinstance(self._square, torch.Tensor)
        mean = self._sum / self._count
        covariance = self._square / self._count - torch.outer(mean, mean)
        return mean, covariance + RIDGE * torch.eye(len(mean), dtype=torch.float64)


class Gallery:
    """A set of pictures as the features of all taps see it."""

    def __init__(self) -> None:
        self._taps = [Spread() for _ in TAPS]

    def add(self, found: Sequence[torch.Tensor]) -> None:
        """Features of one picture, of :func:`look`."""
        for tap, values in zip(self._taps, found, strict=True):
            tap.add(values)

    def distances(self, other: Gallery) -> list[float]:
        """Fréchet distance at each tap, fine to coarse."""
        pairs = zip(self._taps, other._taps, strict=True)
        return [frechet(*mine.moments(), *theirs.moments()) for mine, theirs in pairs]


@torch.no_grad()
def look(features: Features, picture: U8) -> list[torch.Tensor]:
    """Features ``[C, h, w]`` float32 of a ``[H, W, 3]`` uint8 picture at 1/2, 1/4, 1/8 and 1/16 of its size."""
    planes = torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None] / 255
    return [tap[0] for tap in features(planes.contiguous(memory_format=torch.channels_last))]
