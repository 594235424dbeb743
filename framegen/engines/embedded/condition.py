"""The condition vector: what the embedded model is told of light, weather and season."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from framegen.engines.prompt import Look, sun_of
from framegen.frame import F32
from framegen.ops import layout
from framegen.ops.night_sky_reference import NightSky
from framegen.ops.photo_reference import Photo
from framegen.ops.ramp import ramp

Vector = tuple[float, float, float]

_MOST_PROMPTS = 4
_COLORED = [layout.LABELS.index(name) for name in ("soil", "sand", "brick")]
SEEN_BETWEEN = 1.7
"""How much more of the moon is seen than of the sky that clouds leave open: it shines between them."""
SETS = 0.35, 0.65
"""Share of dusk and night up to which the network is told where the sun stands, and from which on it is told of none.
Between, it is asked both, so that a day does not become a night at one stroke."""
WHITE_ALL_OVER = 0.9
"""Snow from which on light comes from all sides."""
MOON: Vector = (-0.66, 0.5, 0.56)
"""Where the moon stands if the engine has no light in the sky: fixed in the world, about where the prompt's sun is."""
LOWEST_MOON = 0.05
"""Sine of the height below which a light is none in the sky."""


@dataclass(frozen=True, eq=False)
class Condition:
    """A look as numbers.

    Attributes:
        shares: ``[SUN.start]`` float32, light, weather and season; the sun is added per frame.
        materials: ``[len(LABELS)]`` float32, 1 for each material that the prompt names.
        fog_per_m: extinction per metre. ``dark``: 0..1, share of dusk and night, when there is no sun. ``day_sun``:
            unit vector (+Y up) towards the sun of what else there is, or None.
        photo: how it is photographed. stars, moon, aurora: 0..1, how much of them a clear night shows.
        drops, flakes: 0..1, how much rain and snow falls.
        prompts: whose words surfaces go by, and the share of each: several while one fades into the next.
    """

    shares: F32
    materials: F32
    fog_per_m: float
    dark: float
    day_sun: Vector | None
    photo: Photo
    stars: float
    moon: float
    aurora: float
    drops: float
    flakes: float
    prompts: Mapping[str, float]

    @property
    def times(self) -> dict[str, float]:
        """Shares of the times of day."""
        return {name: float(self.shares[i]) for i, name in enumerate(layout.TIMES)}

    @property
    def lights(self) -> float:
        """0..1, how much lights are on: wholly at night, less at dusk."""
        return self.times["night"] + 0.75 * self.times["dusk"]

    @property
    def sunless(self) -> float:
        """0..1, how dark clouds stand before the sky."""
        return self.times["night"] + 0.4 * self.times["dusk"]

    @property
    def weathers(self) -> dict[str, float]:
        """Shares of the weathers."""
        return {name: float(self.shares[len(layout.TIMES) + i]) for i, name in enumerate(layout.WEATHERS)}

    @property
    def wet(self) -> float:
        """0..1, how wet the ground is."""
        return self.weathers["rain"]

    @property
    def fog(self) -> float:
        """0..1, how much of the look is fog."""
        return self.weathers["fog"]

    @property
    def snow(self) -> float:
        """0..1, how much lies on the ground."""
        return float(self.shares[len(layout.TIMES) + len(layout.WEATHERS) + len(layout.SEASONS)])

    @property
    def sunny(self) -> float:
        """0..1, how clear the sun shines."""
        weather = self.weathers
        return (weather["clear"] + 0.7 * weather["partly cloudy"]) * (1 - self.dark)

    @property
    def daylight(self) -> float:
        """0..1, how much the network is still told of the sun as it gets dark."""
        return 1 - ramp(self.dark, SETS)

    @property
    def plain_day(self) -> float:
        """0..1, how much greys are to stay grey: by day, neither in fog nor over snow, and unless words ask for ground
        that is none."""
        times = self.times
        bare = max(0.0, 1 - self.snow / WHITE_ALL_OVER) * (1 - float(self.materials[_COLORED].max()))
        return (times["noon"] + times["morning"]) * (1 - self.fog) * bare

    @property
    def by_starlight(self) -> float:
        """0..1, how much what is dark outdoors loses its colour."""
        return self.times["night"]

    @property
    def starlit(self) -> float:
        """0..1, how much of the sky weather leaves open."""
        weather = self.weathers
        return weather["clear"] + 0.6 * weather["partly cloudy"]

    def night_sky(self, light: Vector | None) -> NightSky | None:
        """What the sky shows at night, the moon where the engine's ``light`` comes from; None: nothing."""
        clear = self.times["night"] * self.starlit
        if clear <= 0 or self.stars + self.moon + self.aurora <= 0:
            return None
        toward = light if light is not None and light[1] > LOWEST_MOON else MOON
        return NightSky(clear * self.stars, min(1.0, clear * SEEN_BETWEEN) * self.moon, toward, clear * self.aurora)

    @property
    def clouds(self) -> tuple[float, float]:
        """Cover and gloom of :func:`framegen.ops.clouds.cloudy_air`."""
        weather = self.weathers
        cover = 0.28 * weather["clear"] + 0.6 * weather["partly cloudy"]
        return cover, 0.7 * weather["overcast"] + 0.9 * weather["rain"]


def condition_of(look: Look, prompt: str = "") -> Condition:
    """The numbers of a look, of ``prompt`` or a part of it."""
    dark = look.times.get("dusk", 0.0) + look.times.get("night", 0.0)
    return Condition(
        shares=shares(look),
        materials=named(look.materials),
        fog_per_m=look.fog_per_m,
        dark=dark,
        day_sun=sun_of(look),
        photo=look.photo,
        stars=look.stars,
        moon=look.moon,
        aurora=look.aurora,
        drops=look.drops,
        flakes=look.flakes,
        prompts={prompt: 1.0},
    )


def named(materials: Iterable[str]) -> F32:
    """``[len(LABELS)]`` float32, 1 for each of ``materials``."""
    chosen = set(materials)
    return np.asarray([float(name in chosen) for name in layout.LABELS], np.float32)


def shares(look: Look) -> F32:
    """``[SUN.start]`` float32: shares of times, weathers, seasons; snow; log fog."""
    out = [float(look.times.get(k, 0.0)) for k in layout.TIMES]
    out += [float(look.weathers.get(k, 0.0)) for k in layout.WEATHERS]
    out += [float(look.seasons.get(k, 0.0)) for k in layout.SEASONS]
    out += [look.snow, log_fog(look.fog_per_m)]
    return np.asarray(out, np.float32)


def log_fog(fog_per_m: float) -> float:
    """Extinction per metre -> about -0.7 (clear) to 1.2 (thick fog)."""
    return (math.log10(max(fog_per_m, 1e-4)) + 3.0) / 1.5


def vector(known: F32, sun_level: F32 | None, materials: F32 | None = None, strength: float = 0.5) -> F32:
    """``[CONDITION]`` float32 from :func:`shares`, the sun in the level camera frame, :func:`named`, the strength."""
    sun = np.zeros(4, np.float32)
    if sun_level is not None:
        # right, up, ahead
        sun[:3] = sun_level * np.asarray([1.0, 2.0, 1.0], np.float32)
        sun[3] = 1.0
    if materials is None:
        materials = named(())
    return np.concatenate([known, sun, materials, np.asarray([strength - 0.5], np.float32)])


def strength_factors(strength: float) -> tuple[float, float]:
    """Strength 0..1 -> what is left of (paint, detail): none at 0, where the texture is the engine's own; all from 0.5.

    Beyond 0.5 the network itself, which is told the strength, covers more of the engine's texture.
    """
    share = min(1.0, 2.0 * strength)
    return share, share


def blend(a: Condition, b: Condition, share: float) -> Condition:
    """The condition ``share`` of the way from a to b; fog fades by its logarithm, as it looks."""

    def between(one: float, other: float) -> float:
        return one + share * (other - one)

    part = np.float32(share)
    return Condition(
        shares=a.shares + part * (b.shares - a.shares),
        materials=a.materials + part * (b.materials - a.materials),
        fog_per_m=math.exp(between(math.log(a.fog_per_m), math.log(b.fog_per_m))),
        dark=between(a.dark, b.dark),
        day_sun=_either(a.day_sun, b.day_sun, share),
        photo=a.photo.faded(b.photo, share),
        stars=between(a.stars, b.stars),
        moon=between(a.moon, b.moon),
        aurora=between(a.aurora, b.aurora),
        drops=between(a.drops, b.drops),
        flakes=between(a.flakes, b.flakes),
        prompts=_most(a.prompts, b.prompts, share),
    )


def _most(a: Mapping[str, float], b: Mapping[str, float], share: float) -> dict[str, float]:
    """The prompts that count most ``share`` of the way from a to b: who types sets another with every letter."""
    mixed = {prompt: (1 - share) * a.get(prompt, 0.0) + share * b.get(prompt, 0.0) for prompt in {**b, **a}}
    kept = sorted(mixed.items(), key=lambda item: -item[1])[:_MOST_PROMPTS]
    total = sum(part for _, part in kept)
    return {prompt: part / total for prompt, part in kept if part > 0}


def blend_sun(a: Vector | None, b: Vector | None, share: float) -> Vector | None:
    """Two sun directions: turned from one to the other; where one has none, whichever side is nearer."""
    if a is None or b is None:
        return b if share >= 0.5 else a
    return _turned(a, b, share)


def _either(a: Vector | None, b: Vector | None, share: float) -> Vector | None:
    """The same; where one has none, the other."""
    return _turned(a, b, share) if a is not None and b is not None else a or b


def _turned(a: Vector, b: Vector, share: float) -> Vector:
    mixed = (1 - share) * np.asarray(a, np.float64) + share * np.asarray(b, np.float64)
    length = float(np.linalg.norm(mixed))
    if length < 1e-6:
        return b
    x, y, z = (mixed / length).tolist()
    return x, y, z


__all__ = [
    "Condition", "Look", "blend", "blend_sun", "condition_of", "log_fog", "named", "shares", "strength_factors",
    "sun_of", "vector",
]  # fmt: skip
