"""The condition vector: what the embedded model is told of light, weather and season."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from framegen.engines.prompt import Look, sun_of
from framegen.frame import F32
from framegen.ops import layout

SUN_RIGHT = layout.CONDITION - 4
"""Index of the component that changes sign when the picture is mirrored."""

Vector = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Condition:
    """A look as numbers.

    Attributes:
        shares: ``[CONDITION - 4]`` float32, everything but the sun, which is added per frame.
        fog_per_m: extinction per metre. ``dark``: 0..1, share of dusk and night, when there is no sun.
    """

    shares: F32
    fog_per_m: float
    dark: float

    @property
    def clouds(self) -> tuple[float, float]:
        """Cover and gloom of :func:`framegen.ops.clouds.cloudy_air`."""
        weather = {k: float(self.shares[len(layout.TIMES) + i]) for i, k in enumerate(layout.WEATHERS)}
        cover = 0.28 * weather["clear"] + 0.6 * weather["partly cloudy"]
        return cover, 0.7 * weather["overcast"] + 0.9 * weather["rain"]


def condition_of(look: Look) -> Condition:
    """The numbers of a look."""
    dark = look.times.get("dusk", 0.0) + look.times.get("night", 0.0)
    return Condition(shares(look), look.fog_per_m, dark)


def shares(look: Look) -> F32:
    """``[CONDITION - 4]`` float32: shares of times, weathers, seasons; snow; log fog."""
    out = [float(look.times.get(k, 0.0)) for k in layout.TIMES]
    out += [float(look.weathers.get(k, 0.0)) for k in layout.WEATHERS]
    out += [float(look.seasons.get(k, 0.0)) for k in layout.SEASONS]
    out += [look.snow, log_fog(look.fog_per_m)]
    return np.asarray(out, np.float32)


def log_fog(fog_per_m: float) -> float:
    """Extinction per metre -> about -0.7 (clear) to 1.2 (thick fog)."""
    return (math.log10(max(fog_per_m, 1e-4)) + 3.0) / 1.5


def vector(known: F32, sun_level: F32 | None) -> F32:
    """``[CONDITION]`` float32 from :func:`shares` and the sun in the level camera frame (right, up, ahead)."""
    sun = np.zeros(4, np.float32)
    if sun_level is not None:
        sun[:3] = sun_level * np.asarray([1.0, 2.0, 1.0], np.float32)
        sun[3] = 1.0
    return np.concatenate([known, sun])


def blend(a: Condition, b: Condition, share: float) -> Condition:
    """The condition ``share`` of the way from a to b; fog fades by its logarithm, as it looks."""
    fog = math.exp((1 - share) * math.log(a.fog_per_m) + share * math.log(b.fog_per_m))
    return Condition(a.shares + np.float32(share) * (b.shares - a.shares), fog, a.dark + share * (b.dark - a.dark))


def blend_sun(a: Vector | None, b: Vector | None, share: float) -> Vector | None:
    """Two sun directions: turned from one to the other; where one has none, whichever side is nearer."""
    if a is None or b is None:
        return b if share >= 0.5 else a
    mixed = (1 - share) * np.asarray(a, np.float64) + share * np.asarray(b, np.float64)
    length = float(np.linalg.norm(mixed))
    if length < 1e-6:
        return b
    x, y, z = (mixed / length).tolist()
    return x, y, z


__all__ = ["Condition", "Look", "blend", "blend_sun", "condition_of", "log_fog", "shares", "sun_of", "vector"]
