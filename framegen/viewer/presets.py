"""Looks that the page offers at a click: words that the embedded model obeys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A button: its name, and the prompt that it writes."""

    name: str
    prompt: str


PRESETS: tuple[Preset, ...] = (
    Preset("Golden hour", "golden hour, low warm sun, clear sky, summer"),
    Preset("Noon", "bright noon, blue sky, summer"),
    Preset("Overcast", "overcast morning, soft light, spring"),
    Preset("Autumn", "late afternoon in autumn, scattered clouds"),
    Preset("Fog", "thick morning fog"),
    Preset("Rain", "heavy rain at dusk, wet streets"),
    Preset("Winter snow", "winter morning, deep snow, clear sky"),
    Preset("Blue hour", "blue hour, clear evening, summer"),
    Preset("Night rain", "night, rain, wet streets"),
    Preset("Starry night", "starry night, full moon"),
    Preset("Cinematic", "golden hour, after rain, cinematic"),
)
