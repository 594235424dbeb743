"""Judging a model on held-out scenes: numbers against two baselines, curves, and sheets to look at."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from framegen.training.embedded import batch, losses, network
from framegen.training.embedded.pairs import Sample
from framegen.training.embedded.precision import autocast

if TYPE_CHECKING:
    from framegen.training.embedded.model import Model

Renderer = Callable[[Sample, int], Tensor]
"""A sample and the number of a target -> picture ``[3, H, W]`` 0..1."""
STRIDES = (16, 8, 4, 1)
"""Of the positions that enter the Fréchet distance, per tap."""


@dataclass(frozen=True)
class Report:
    """Averages over held-out targets.

    Attributes:
        psnr_db, input_psnr_db, affine_psnr_db: of the output, the input, and the input under the best global affine
            colour transform onto the target (which the model cannot know).
        frechet: distance to the targets' features over the input's own distance, per tap.
        frechet_affine: the same of the best global colour transform.
        prompt: share of outputs that lie, at 64x36, nearer to their own target than to those in other light or weather.
        energy, input_energy: error of Laplacian band energies.
    """

    psnr_db: float
    input_psnr_db: float
    affine_psnr_db: float
    frechet: tuple[float, ...]
    frechet_affine: tuple[float, ...]
    prompt: float
    energy: float
    input_energy: float

    def line(self) -> str:
        taps = " ".join(f"{v:.2f}" for v in self.frechet)
        base = " ".join(f"{v:.2f}" for v in self.frechet_affine)
        return (
            f"PSNR {self.psnr_db:.2f} dB (input {self.input_psnr_db:.2f}, affine {self.affine_psnr_db:.2f}), "
            f"FD ratio {taps} mean {np.mean(self.frechet):.2f} (affine {base}), prompt {self.prompt:.2f}, "
            f"energy {self.energy:.4f} (input {self.input_energy:.4f})"
        )


def moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and covariance of ``[n, c]``, float64."""
    x = features.double()
    return x.mean(0), torch.cov(x.T)


def psnr(a: Tensor, b: Tensor) -> float:
    """Decibels, for pictures in 0..1."""
    return 10 * math.log10(1 / max(1e-9, float(((a - b) ** 2).mean())))


def best_affine(source: Tensor, target: Tensor) -> Tensor:
    """``source`` under the affine colour transform that least squares fits to ``target`` (both ``[3, H, W]``)."""
    # in single precision the solver takes the faint colours of a frame for noise, and leaves them out
    x = torch.cat([source.flatten(1), torch.ones(1, source[0].numel())]).T.double()
    solution = torch.linalg.lstsq(x, target.flatten(1).T.double()).solution
    fitted: Tensor = (x @ solution).T.reshape(source.shape).clamp(0, 1).float()
    return fitted


@torch.no_grad()
def restyle(model: Model, sample: Sample, index: int, seed: int = 0) -> Tensor:
    """``[3, H, W]`` 0..1, whole frame, from the first prompt and the sun, no labels, no history."""
    how = batch.Draw(prompt=0)
    one = batch.stack([batch.item(sample, index, batch.WHOLE, np.random.default_rng(seed), how)])
    one = one.to(next(model.net.parameters()).device)
    return network.picture(model.latent(one), one)[0].clamp(0, 1).cpu()


@torch.no_grad()
def judge(render: Renderer, samples: Sequence[Sample], features: losses.Features) -> Report:
    """The report on all targets of ``samples``; ``render`` is such as ``partial(restyle, model)``."""
    rows = []
    where = next(features.parameters()).device
    sets: list[list[list[Tensor]]] = [[[], [], [], []] for _ in losses.TAPS]
    right = total = 0
    for sample in samples:
        source = sample.color.float() / 255
        goals = [t.picture.float() / 255 for t in sample.targets]
        small = [F.interpolate(g[None], (36, 64), mode="area")[0] for g in goals]
        for i, goal in enumerate(goals):
            out = render(sample, i)
            affine = best_affine(source, goal)
            with autocast(where):
                found = [features(p[None].to(where)) for p in (out, goal, source, affine)]
            for tap, stride in enumerate(STRIDES):
                for group, values in zip(sets[tap], found, strict=True):
                    group.append(values[tap][0].float().flatten(1).T[::stride].cpu())
            rows.append(
                [
                    psnr(out, goal),
                    psnr(source, goal),
                    psnr(affine, goal),
                    float(losses.band_energy(out[None], goal[None])),
                    float(losses.band_energy(source[None], goal[None])),
                ]
            )
            mine = F.interpolate(out[None], (36, 64), mode="area")[0]
            asked = sample.targets[i].condition
            others = [s for s, t in zip(small, sample.targets, strict=True) if batch.told_apart(asked, t.condition)]
            if others:
                own = float((mine - small[i]).abs().mean())
                right += int(all(own < float((mine - s).abs().mean()) for s in others))
                total += 1
    mean = np.mean(rows, 0)
    frechet, affine_ratio = [], []
    for gathered in sets:
        out_set, goal_set, source_set, affine_set = (moments(torch.cat(g)) for g in gathered)
        own = losses.frechet(*source_set, *goal_set)
        frechet.append(losses.frechet(*out_set, *goal_set) / own)
        affine_ratio.append(losses.frechet(*affine_set, *goal_set) / own)
    return Report(
        float(mean[0]),
        float(mean[1]),
        float(mean[2]),
        tuple(frechet),
        tuple(affine_ratio),
        right / max(1, total),
        float(mean[3]),
        float(mean[4]),
    )


def log(path: Path, steps: int, spent_s: float, report: Report) -> None:
    """One more row of the learning curve."""
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["step", "seconds", "psnr_db", "frechet_ratio", "prompt", "energy"])
        judged = (f"{report.psnr_db:.3f}", f"{np.mean(report.frechet):.3f}", f"{report.prompt:.3f}")
        writer.writerow([steps, round(spent_s), *judged, f"{report.energy:.5f}"])


def sheet(model: Model, samples: Sequence[Sample], path: Path, rows: int = 6) -> None:
    """A picture: one row per held-out target of rarer conditions first: input, output, target."""

    def rarity(sample: Sample, i: int) -> int:
        c = sample.targets[i].condition
        return -2 * (c.time_of_day == "night") - (c.weather in ("fog", "rain")) - (c.snow > 0.3)

    chosen = []
    for n, sample in enumerate(samples):
        order = sorted(range(len(sample.targets)), key=lambda i: rarity(sample, i))
        chosen.append((sample, order[n % len(order)]))
    lines = []
    for sample, i in chosen[:rows]:
        three = [sample.color.float() / 255, restyle(model, sample, i), sample.targets[i].picture.float() / 255]
        lines.append(torch.cat(three, 2))
    picture = (torch.cat(lines, 1).permute(1, 2, 0).numpy()[..., ::-1] * 255).round().astype(np.uint8)
    cv2.imwrite(str(path), picture)
