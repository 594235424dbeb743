"""Light, weather and season of a target: what is drawn for it, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from framegen.training.scenes.synthesis import Color, Rng

SUN_ELEVATION_DEG: dict[str, tuple[float, float]] = {
    "noon": (35.0, 65.0),
    "morning": (14.0, 30.0),
    "golden_hour": (4.0, 10.0),
    "dusk": (-3.5, -0.5),
    "night": (-14.0, -9.0),
}

Pairing = tuple[str, str]
"""Time of day and weather."""

OUTDOORS: dict[Pairing, float] = {
    ("noon", "clear"): 4.0,
    ("noon", "partly cloudy"): 4.0,
    ("noon", "overcast"): 3.0,
    ("noon", "rain"): 2.0,
    ("noon", "fog"): 1.5,
    ("morning", "clear"): 3.0,
    ("morning", "partly cloudy"): 2.0,
    ("morning", "fog"): 2.0,
    ("golden_hour", "clear"): 4.0,
    ("golden_hour", "partly cloudy"): 3.0,
    ("golden_hour", "fog"): 1.0,
    ("dusk", "clear"): 2.0,
    ("dusk", "partly cloudy"): 1.5,
    ("dusk", "rain"): 0.7,
    ("night", "clear"): 1.5,
    ("night", "rain"): 0.5,
}
"""How often each pairing is drawn."""

STREETS: dict[Pairing, float] = {("night", "clear"): 3.0, ("night", "rain"): 3.0, ("dusk", "rain"): 1.5}
INDOORS: dict[Pairing, float] = {("night", "clear"): 4.0, ("dusk", "clear"): 2.0}


@dataclass(frozen=True)
class SeasonColors:
    """Linear RGB: two leaf colours to mix between, grass, and a factor on soil and lawn."""

    leaf_a: Color
    leaf_b: Color
    grass: Color
    ground: Color


SEASONS: dict[str, SeasonColors] = {
    "summer": SeasonColors((0.045, 0.095, 0.018), (0.08, 0.135, 0.028), (0.085, 0.13, 0.03), (1.0, 1.0, 0.9)),
    "spring": SeasonColors((0.09, 0.16, 0.03), (0.15, 0.22, 0.05), (0.1, 0.17, 0.035), (1.0, 1.08, 0.85)),
    "autumn": SeasonColors((0.32, 0.1, 0.018), (0.36, 0.22, 0.035), (0.2, 0.16, 0.06), (1.6, 1.1, 0.6)),
    "winter": SeasonColors((0.1, 0.1, 0.05), (0.12, 0.1, 0.05), (0.2, 0.18, 0.1), (1.3, 1.1, 0.8)),
}


@dataclass(frozen=True)
class Condition:
    """One target's light and weather.

    ``snow`` 0..1; ``fog_density`` extinction per metre; azimuth in degrees from +Y towards +X; ``haze`` Cycles'
    aerosol density; ``lit`` share of windows with light; ``key`` factor on the exposure; ``cloud_seed`` any.
    """

    time_of_day: str
    weather: str
    season: str
    snow: float
    fog_density: float
    sun_elevation_deg: float
    sun_azimuth_deg: float
    haze: float
    lit: float
    key: float
    cloud_seed: float

    @property
    def night(self) -> float:
        """0 by day, 1 at night, between at dusk: strength of lamps."""
        return {"night": 1.0, "dusk": 0.6}.get(self.time_of_day, 0.0)

    @property
    def wet(self) -> float:
        """0 dry .. 1 rain."""
        return {"rain": 1.0, "fog": 0.25}.get(self.weather, 0.0)

    @property
    def sunny(self) -> bool:
        """Whether the sun throws shadows."""
        return self.sun_elevation_deg > 0 and self.weather in ("clear", "partly cloudy")

    def towards_sun(self) -> tuple[float, float, float]:
        """Unit vector towards the sun, +Z up."""
        azimuth, elevation = np.radians(self.sun_azimuth_deg), np.radians(self.sun_elevation_deg)
        flat = float(np.cos(elevation))
        return float(np.sin(azimuth)) * flat, float(np.cos(azimuth)) * flat, float(np.sin(elevation))


def _pairings(kind: str) -> dict[Pairing, float]:
    table = dict(OUTDOORS)
    extra = INDOORS if kind == "interior" else STREETS if kind in ("street", "town") else {}
    for pairing, weight in extra.items():
        table[pairing] = table.get(pairing, 0.0) + weight
    if kind == "desert":
        table = {k: w for k, w in table.items() if k[1] not in ("rain", "fog")}
    if kind == "interior":
        table = {k: w for k, w in table.items() if k[1] != "fog"}
    return table


def draw(rng: Rng, kind: str, seasons: list[str], used: set[Pairing], sun_azimuth_deg: float | None) -> Condition:
    """A condition that differs in time or weather from those ``used``, for a kind of scene.

    ``sun_azimuth_deg``: where the sun should mostly stand (rooms have their windows on one side), or None.
    """
    table = _pairings(kind)
    foggy = any(weather == "fog" for _, weather in used)
    free = {k: w for k, w in table.items() if k not in used and not (k[1] == "fog" and foggy)} or table
    keys = list(free)
    weights = np.array([free[k] for k in keys])
    time_of_day, weather = keys[int(rng.choice(len(keys), p=weights / weights.sum()))]
    season = seasons[int(rng.integers(len(seasons)))]
    snow = 0.0
    if season == "winter":
        snow = 1.0 if rng.random() < 0.8 else 0.45
        weather = "overcast" if weather == "rain" else weather
    fog = {
        "fog": 10 ** rng.uniform(-2.35, -1.65),
        "rain": rng.uniform(0.002, 0.008),
        "overcast": rng.uniform(0.0003, 0.002),
    }
    around = rng.random() < 0.3 or sun_azimuth_deg is None
    azimuth = rng.uniform(0, 360) if around or sun_azimuth_deg is None else (sun_azimuth_deg + 35 * rng.normal()) % 360
    return Condition(
        time_of_day=time_of_day,
        weather=weather,
        season=season,
        snow=snow,
        fog_density=float(fog.get(weather, 10 ** rng.uniform(-3.9, -3.0))),
        sun_elevation_deg=float(rng.uniform(*SUN_ELEVATION_DEG[time_of_day])),
        sun_azimuth_deg=float(azimuth),
        haze=float(rng.uniform(0.4, 1.8)),
        lit=float(rng.uniform(0.4, 0.8)),
        key=float(rng.uniform(0.85, 1.15)),
        cloud_seed=float(rng.uniform(0, 1000)),
    )


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def prompts(words: list[str], place: str, condition: Condition, rng: Rng, *, indoors: bool) -> list[str]:
    """Three prompts for a target, from terse to wordy."""
    c = condition
    time = {"noon": "midday", "golden_hour": "golden hour"}.get(c.time_of_day, c.time_of_day)
    fog = "thick fog" if c.fog_density > 0.01 else "mist"
    rain = "rain" if indoors else "rain, wet ground"
    weather = {"clear": "clear sky", "fog": fog, "rain": rain}.get(c.weather, c.weather)
    snow = "" if indoors or not c.snow else "deep snow" if c.snow > 0.9 else "patchy snow"
    season = "" if indoors else c.season
    count = min(len(words), int(rng.integers(2, 5)))
    some = [words[i] for i in sorted(rng.choice(len(words), count, replace=False)) if words[i] != place]
    return [
        _listed(f"photo of {place}", f"{season} {time}".strip(), "" if indoors else weather, snow, *some),
        _listed(f"{place} at {time}", weather, snow, season, "photorealistic"),
        _listed(f"{time} light", weather, snow, f"{season} {place}".strip(), *some[:2]),
    ]


def record(condition: Condition) -> dict[str, Any]:
    """What ``meta.json`` keeps of a condition."""
    names = ("time_of_day", "weather", "season", "snow", "fog_density", "sun_azimuth_deg", "sun_elevation_deg")
    return {name: getattr(condition, name) for name in names}


def condition_words(condition: Condition, *, indoors: bool) -> list[str]:
    """Words of the condition, to go with those of the scene."""
    out = [] if indoors else [condition.season]
    out += [condition.time_of_day.replace("_", " "), condition.weather]
    return out + (["snow"] if condition.snow and not indoors else [])
