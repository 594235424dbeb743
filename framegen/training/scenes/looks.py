"""The low-fidelity looks: how a game engine, a prototype or a level of plain colours would show the same geometry."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from framegen.training.scenes.synthesis import Rng


@dataclass(frozen=True)
class LowfiLook:
    """``texture`` 0 flat colours .. 1 tiny textures; ``shade`` strength of the fixed Lambert term; ``vary`` difference
    of tone from object to object; ``painted`` strength of soft tones as of vertex colours; ``shadows``: one hard light
    in place of the Lambert term; ``sun`` unit vector towards the light; ``sky`` linear RGB at horizon and zenith.
    """

    name: str
    texture: float
    shade: float
    vary: float
    painted: float
    shadows: bool
    sun: tuple[float, float, float]
    sky: tuple[tuple[float, float, float], tuple[float, float, float]]

    def record(self) -> dict[str, Any]:
        """What ``meta.json`` keeps of it."""
        return asdict(self)


_KINDS: dict[str, tuple[float, float, float, float, bool, float]] = {
    "textured": (1.0, 1.0, 0.0, 0.0, False, 0.34),
    "flat": (0.0, 1.0, 0.25, 0.0, False, 0.18),
    "unlit": (1.0, 0.15, 0.1, 0.0, False, 0.12),
    "plain": (0.0, 0.75, 0.0, 0.0, False, 0.1),
    "vertex colours": (0.0, 0.6, 0.1, 1.0, False, 0.1),
    "shadowed": (1.0, 0.0, 0.0, 0.3, True, 0.16),
}
"""Name -> texture, shade, vary, painted, shadows, and how often it is drawn."""


def draw_looks(rng: Rng) -> list[LowfiLook]:
    """Two different looks of a scene: that of ``lf.webp``, and that of ``lf_1.webp``."""
    names = list(_KINDS)
    chosen = rng.choice(len(names), 2, replace=False, p=[_KINDS[name][-1] for name in names])
    out = []
    for k in chosen:
        name = names[int(k)]
        texture, shade, vary, painted, shadows, _ = _KINDS[name]
        angle, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.1)
        sun = (float(np.cos(angle) * np.cos(height)), float(np.sin(angle) * np.cos(height)), float(np.sin(height)))
        pale = rng.uniform(0.7, 1.15)
        horizon = (0.55 * pale, 0.68 * pale, min(1.0, 0.85 * pale))
        zenith = (0.2 * pale, 0.4 * pale, 0.75 * pale) if rng.random() < 0.7 else horizon
        out.append(LowfiLook(name, texture, shade, vary, painted, shadows, sun, (horizon, zenith)))
    return out
