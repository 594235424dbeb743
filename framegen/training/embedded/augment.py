"""Making the generator's low-fidelity frames look like other games, and losing what other sources do not have."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from framegen.ops.fields import UNITS_PER_LOG

Random = np.random.Generator


@dataclass(frozen=True)
class Missing:
    """What this crop's source does not send."""

    depth: bool
    camera: bool
    sun: bool
    label: bool


def missing(rng: Random, grey: bool) -> Missing:
    """Depth is lost on a quarter of the crops, labels on most, unless the frame is a grey box."""
    depth = bool(rng.random() < (0.05 if grey else 0.22))
    camera = depth or bool(rng.random() < 0.06)
    return Missing(depth, camera, camera or bool(rng.random() < 0.12), bool(rng.random() < (0.3 if grey else 0.65)))


def recolor(color: Tensor, sky: Tensor, lit: Tensor, range_m: Tensor, detail: Tensor | None, rng: Random) -> Tensor:
    """``[3, H, W]`` 0..1 -> the same frame as another engine might draw it.

    Args:
        sky: ``[1, H, W]`` bool. lit: ``[1, H, W]`` 0..1, what an engine's own sun would leave lit.
        range_m: ``[1, H, W]`` metres. detail: ``[K, H, W]`` int8 detail of the fields, or None.
    """
    chance = rng.random
    if detail is not None and chance() < 0.35:
        k = int(rng.integers(detail.shape[0]))
        color = torch.where(sky, color, color * torch.exp(detail[k : k + 1] / UNITS_PER_LOG * (0.15 + 0.5 * chance())))
    if chance() < 0.25:
        color = torch.where(sky, color, color * (1 - (0.2 + 0.35 * chance()) * (1 - lit)))
    if chance() < 0.3:
        shade = torch.tensor(rng.uniform(0.15, 0.95, 3), dtype=torch.float32)[:, None, None]
        color = torch.where(sky, shade * torch.linspace(1, 0.8 + 0.4 * chance(), sky.shape[1])[None, :, None], color)
    if chance() < 0.12:
        haze = torch.tensor(rng.uniform(0.3, 0.9, 3), dtype=torch.float32)[:, None, None]
        share = 1 - torch.exp(-range_m * (10 ** rng.uniform(-2.6, -1.6)))
        color = color * (1 - share) + haze * share
    if chance() < 0.15:
        color = F.avg_pool2d(color[None], 2)
        mode = "nearest" if chance() < 0.5 else "bilinear"
        color = F.interpolate(color, scale_factor=2, mode=mode)[0]
    if chance() < 0.6:
        color = color * (0.55 + 0.75 * chance())
    if chance() < 0.12:
        color = color * (0.3 + 0.3 * chance())
    if chance() < 0.3:
        color = color.clamp_min(0) ** (0.7 + 0.7 * chance())
    if chance() < 0.5:
        mean = color.mean(0, keepdim=True)
        color = mean + (color - mean) * (0.4 + 1.1 * chance())
    if chance() < 0.3:
        color = color * (1 + 0.1 * torch.tensor(rng.normal(size=(3, 1, 1)), dtype=torch.float32))
    if chance() < 0.12:
        levels = 8 + 24 * chance()
        color = (color * levels).round() / levels
    if chance() < 0.12:
        color = color + 0.02 * torch.tensor(rng.normal(size=tuple(color.shape)), dtype=torch.float32)
    return color.clamp(0, 1)


def overlay(color: Tensor, target: Tensor, rng: Random) -> tuple[Tensor, Tensor]:
    """A head-up display on both pictures: it is to be left alone."""
    height, width = color.shape[1:]
    mask = np.zeros((height, width), np.uint8)
    ink = np.zeros((height, width, 3), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        tint = rng.integers(0, 256, 3).tolist()
        x, y = int(rng.integers(0, width - 40)), int(rng.integers(12, height - 8))
        if rng.random() < 0.5:
            end = (x + int(rng.integers(20, 80)), y + int(rng.integers(4, 24)))
            cv2.rectangle(mask, (x, y), end, 255, -1)
            cv2.rectangle(ink, (x, y), end, tint, -1)
        else:
            text = "".join(chr(int(c)) for c in rng.integers(48, 90, 8))
            size = float(rng.uniform(0.4, 0.8))
            for canvas, value in ((mask, 255), (ink, tint)):
                cv2.putText(canvas, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, value, 1 + int(size > 0.6))
    share = torch.from_numpy(mask.astype(np.float32) / 255)[None] * float(rng.uniform(0.6, 1))
    shown = torch.from_numpy(ink).permute(2, 0, 1).float() / 255
    return color * (1 - share) + shown * share, target * (1 - share) + shown * share
