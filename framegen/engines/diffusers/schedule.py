"""From the strength knob to the numbers of a step: which timestep, how much of the source, how much noise.

Two parameterisations cover every family:

- variance preserving, noise prediction (Stable Diffusion and all that descend from it):
  ``x_t = √ᾱ z + √(1-ᾱ) n`` and ``z0 = (x_t - √(1-ᾱ) ε) / √ᾱ`` (Ho et al. 2020, eq. 4 and 15). Families of Euler's
  sampler say the same in units of the picture (Karras et al. 2022, sec. 3): ``x = z + σ n`` with ``σ = √((1-ᾱ)/ᾱ)``,
  the network sees ``x / √(σ²+1)``, and ``z0 = x - σ ε``. Equal on paper; in float32 the two round differently, and at
  t = 999 dividing by ``√ᾱ = 0.07`` makes 5e-5 of it. So each family is stepped in its own sampler's units, and the
  numbers are made in float32, in the order in which that sampler makes them;
- TrigFlow (Lu & Song 2024, *Simplifying, Stabilizing and Scaling Continuous-Time Consistency Models*, eq. 5):
  ``x_t = cos t · z + sin t · n`` and ``z0 = cos t · x_t - sin t · F``.

No PyTorch here: numbers are few.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from framegen.frame import F32

TRAIN_STEPS = 1000
TOP_ANGLE = 1.5708
"""Largest angle that SANA-Sprint is asked for: the value of its published sampler, a hair below a quarter turn."""
MIDDLE_ANGLE = 1.3
"""Its second angle in two steps."""
LEAST_T = 19
"""Below this timestep a network changes next to nothing."""
_MOST_KEPT = 0.95
_LCM_GRID = 20
"""Timesteps between two that latent consistency models were distilled on (1000 / 50)."""

Rule = Literal["even", "lcm", "grid", "fixed", "translate", "angle"]
Renoise = Literal["keep", "ancestral", "fresh"]


@lru_cache(maxsize=1)
def alpha_bar() -> F32:
    """``[1000]``: share of the signal's variance at each timestep, of the schedule that all Stable Diffusions share.

    To the last bit what PyTorch makes of it: ``linspace`` counts from both ends with a step in float32 and rounds once,
    ``cumprod`` multiplies in float64.
    """
    first, last = np.float32(0.00085**0.5), np.float32(0.012**0.5)
    stride = float((last - first) / np.float32(TRAIN_STEPS - 1))
    count = np.arange(TRAIN_STEPS)
    from_end = float(last) - stride * (TRAIN_STEPS - 1 - count)
    roots = np.where(count < TRAIN_STEPS // 2, float(first) + stride * count, from_end).astype(np.float32)
    return np.asarray(np.cumprod(np.float32(1.0) - roots**2, dtype=np.float64), np.float32)


@dataclass(frozen=True)
class Numbers:
    """One evaluation of the network.

    Attributes:
        t: what the network is told: a timestep, or for TrigFlow its rectified-flow time.
        signal, spread: share of picture and of noise in x. norm: the network sees ``x / norm``, whose picture and noise
            have shares whose squares sum to one.
        skip, out: ``z0' = skip · x + out · z0`` (the boundary condition of consistency models).
        next_signal, next_guess, next_noise: what the next x holds of z0', of the noise just predicted and of fresh
            noise; all zero at the last one but ``next_signal`` = 1.
    """

    t: float
    signal: float
    spread: float
    norm: float = 1.0
    skip: float = 0.0
    out: float = 1.0
    next_signal: float = 1.0
    next_guess: float = 0.0
    next_noise: float = 0.0


@dataclass(frozen=True)
class Course:
    """All of a frame's evaluations.

    Attributes:
        source, noise: the first x is ``source · z + noise · n``; over the first ``norm`` their squares sum to one, but
            for translation, which starts from the source alone or from a mixture whose shares sum to one.
        numbers: one entry per evaluation.
    """

    source: float
    noise: float
    numbers: tuple[Numbers, ...]

    @property
    def kept(self) -> float:
        """Share of the source in what the network sees first, 0..1."""
        return self.source / self.numbers[0].norm

    def table(self) -> F32:
        """``[1 + steps, 9]`` float32: the start, then each evaluation's numbers: what a captured graph reads."""
        rows = [[self.source, self.noise] + [0.0] * 7]
        rows += [list(dataclasses.astuple(numbers)) for numbers in self.numbers]
        return np.asarray(rows, np.float32)


@dataclass(frozen=True)
class Schedule:
    """How a family turns strength into timesteps.

    Attributes:
        rule: ``even``: t = 1000 · strength - 1, further steps evenly below it. ``lcm``: the same on the grid of fifty
            that latent consistency models were distilled on. ``grid``: the nearest of ``trained``. ``fixed``: always
            ``trained[0]``, of a network trained from pure noise: the start holds 2 (1 - strength) times as much of the
            source as that timestep implies, so none at 1.
            ``translate``: always ``trained[0]``, from the source without noise (strength has its say in the weights).
            ``angle``: TrigFlow, angle = strength · 1.5708.
        renoise: what is added between two evaluations: the predicted noise (``keep``, Euler's method), a part of it
            and fresh noise (``ancestral``), or fresh noise alone (``fresh``).
        trained: timesteps that the network was trained on, where it is only a few.
        boundary: whether z0 is bent by the boundary condition of consistency models.
    """

    rule: Rule
    renoise: Renoise = "keep"
    trained: tuple[int, ...] = ()
    boundary: bool = False

    def draws(self, steps: int) -> int:
        """How many independent noises a frame needs."""
        return 1 if self.renoise == "keep" else steps

    def course(self, strength: float, steps: int = 1, mixed: bool = False) -> Course:
        """The numbers of a frame.

        Args:
            strength: 0..1. The share of the source that is kept falls with it, never rises.
            steps: evaluations of the network.
            mixed: the network was taught to translate from a plain mixture of source and noise.
        """
        if self.rule == "angle":
            return _angles(strength, steps)
        times = self._times(strength, steps)
        make = self._in_sigmas if self.in_sigmas else self._in_shares
        numbers = [make(t, following) for t, following in zip(times, (*times[1:], None), strict=True)]
        first = numbers[0]
        if self.rule == "translate":
            noise = strength if mixed else 0.0
            return Course(1.0 - noise, noise, tuple(numbers))
        if self.rule == "fixed":
            kept = min(_MOST_KEPT, 2.0 * (1.0 - strength) * first.signal / first.norm)
            # Euler's sampler begins with the noise that its highest sigma means, a hair less than one
            if self.in_sigmas and kept * first.norm <= 1.0:
                return Course(kept * first.norm, first.spread, tuple(numbers))
            return Course(kept * first.norm, first.norm * math.sqrt(1.0 - kept * kept), tuple(numbers))
        return Course(first.signal, first.spread, tuple(numbers))

    @property
    def in_sigmas(self) -> bool:
        """Whether the family's sampler is one of Euler's, which counts in units of the picture."""
        return self.renoise in ("keep", "ancestral") and self.rule != "translate"

    def _times(self, strength: float, steps: int) -> Sequence[int]:
        if self.rule in ("fixed", "translate"):
            return [self.trained[0]] * steps
        if self.rule == "lcm":
            count = max(1, min(TRAIN_STEPS // _LCM_GRID, int(TRAIN_STEPS // _LCM_GRID * strength + 1e-9)))
            chosen = np.floor(np.linspace(0, count, num=min(steps, count), endpoint=False)).astype(int)
            return [int(_LCM_GRID * (count - i) - 1) for i in chosen]
        top = _even_t(strength)
        if self.rule == "grid":
            nearest = min(range(len(self.trained)), key=lambda i: abs(self.trained[i] - top))
            below = self.trained[nearest:]
            chosen = np.floor(np.linspace(0, len(below), num=min(steps, len(below)), endpoint=False)).astype(int)
            return [below[i] for i in chosen]
        return [max(1, round((top + 1) * (1.0 - i / steps)) - 1) for i in range(steps)]

    def _in_shares(self, t: int, following: int | None) -> Numbers:
        """In the units and order of DDPM's and LCM's samplers: shares of picture and noise whose squares sum to 1."""
        skip, out = _boundary(t) if self.boundary else (0.0, 1.0)
        signal, spread = _shares(t)
        if following is None:
            return Numbers(t, signal, spread, 1.0, skip, out)
        to_signal, to_spread = _shares(following)
        return Numbers(t, signal, spread, 1.0, skip, out, to_signal, 0.0, to_spread)

    def _in_sigmas(self, t: int, following: int | None) -> Numbers:
        """In those of Euler's: the picture as it is, and noise of standard deviation sigma."""
        sigma = _sigma(t)
        norm = float(np.sqrt(sigma**2 + np.float32(1.0)))
        if following is None:
            return Numbers(t, 1.0, float(sigma), norm)
        to = _sigma(following)
        if self.renoise == "keep":
            return Numbers(t, 1.0, float(sigma), norm, next_guess=float(to))
        # Ancestral sampling (Song et al. 2020, eq. 16 with eta 1)
        up = np.sqrt(to**2 * (sigma**2 - to**2) / sigma**2)
        down = np.sqrt(to**2 - up**2)
        return Numbers(t, 1.0, float(sigma), norm, next_guess=float(down), next_noise=float(up))


def _shares(t: int) -> tuple[float, float]:
    """√ᾱ and √(1-ᾱ), each rounded to float32 at every operation."""
    share = alpha_bar()[t]
    return float(np.sqrt(share)), float(np.sqrt(np.float32(1.0) - share))


def _sigma(t: int) -> np.float32:
    """√((1-ᾱ)/ᾱ), likewise."""
    share = alpha_bar()[t]
    sigma: np.float32 = np.sqrt((np.float32(1.0) - share) / share)
    return sigma


def _even_t(strength: float) -> int:
    return min(TRAIN_STEPS - 1, max(LEAST_T, round(TRAIN_STEPS * strength) - 1))


def _boundary(t: int) -> tuple[float, float]:
    """c_skip and c_out at a timestep (Luo et al. 2023, *Latent Consistency Models*: σ_data 0.5, scaling 10)."""
    scaled = np.float32(10.0 * t)
    total = scaled**2 + np.float32(0.25)
    return float(np.float32(0.25) / total), float(scaled / np.sqrt(total))


def _angles(strength: float, steps: int) -> Course:
    top = max(0.05, strength * TOP_ANGLE)
    angles = [top * (1.0 - i / steps) for i in range(steps)]
    if steps == 2:
        angles[1] = top * MIDDLE_ANGLE / TOP_ANGLE
    numbers = []
    for i, angle in enumerate(angles):
        signal, spread = math.cos(angle), math.sin(angle)
        time = spread / (spread + signal)
        if i + 1 == len(angles):
            numbers.append(Numbers(time, signal, spread))
        else:
            numbers.append(
                Numbers(time, signal, spread, 1.0, 0.0, 1.0, math.cos(angles[i + 1]), 0.0, math.sin(angles[i + 1]))
            )
    return Course(math.cos(top), math.sin(top), tuple(numbers))
