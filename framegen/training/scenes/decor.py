"""The colours and materials of a room, drawn once and shared by all its furniture."""

from __future__ import annotations

from typing import Any

import numpy as np

from framegen.training.scenes.bank import PICTURES, RUGS, mean_color
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.synthesis import Color, Rng, scaled

PAINTS: tuple[Color, ...] = (
    (0.62, 0.6, 0.55), (0.55, 0.6, 0.6), (0.64, 0.64, 0.62), (0.62, 0.52, 0.4), (0.3, 0.38, 0.34), (0.5, 0.42, 0.4),
    (0.22, 0.3, 0.4), (0.68, 0.66, 0.6), (0.42, 0.48, 0.36), (0.6, 0.48, 0.2), (0.45, 0.2, 0.14), (0.2, 0.22, 0.22),
)  # fmt: skip
CLOTHS: tuple[Color, ...] = (
    (0.28, 0.26, 0.22), (0.05, 0.09, 0.16), (0.24, 0.06, 0.04), (0.12, 0.16, 0.1), (0.42, 0.39, 0.33), (0.1, 0.1, 0.11),
    (0.35, 0.22, 0.07), (0.36, 0.15, 0.11), (0.07, 0.2, 0.2), (0.5, 0.47, 0.42), (0.2, 0.12, 0.18), (0.3, 0.31, 0.32),
)  # fmt: skip
THINGS: tuple[Color, ...] = (
    (0.5, 0.45, 0.38), (0.3, 0.07, 0.05), (0.05, 0.1, 0.18), (0.1, 0.17, 0.09), (0.58, 0.55, 0.5), (0.06, 0.05, 0.05),
    (0.45, 0.27, 0.07), (0.3, 0.3, 0.3), (0.12, 0.24, 0.26), (0.4, 0.14, 0.2), (0.62, 0.5, 0.16), (0.2, 0.12, 0.07),
)  # fmt: skip
LIGHTS: tuple[Color, ...] = ((1.0, 0.62, 0.34), (1.0, 0.72, 0.47), (1.0, 0.84, 0.66))
COOL_LIGHT: Color = (0.95, 0.97, 1.0)


def _inside(label: str, color: Color, field: str = "", **more: Any) -> Surface:
    return Surface(label, color, field, **{"stain": 0.05, **more}).indoors()


STEEL = _inside("metal", (0.5, 0.5, 0.5), rough=0.28, metal=1.0, bump=0.0)
BRASS = _inside("metal", (0.55, 0.38, 0.14), rough=0.3, metal=1.0, bump=0.0)
BLACK = _inside("plastic", (0.015, 0.015, 0.017), rough=0.3, bump=0.0)
DARK_METAL = _inside("metal", (0.04, 0.04, 0.045), rough=0.45, metal=0.4, bump=0.0)
WHITE = _inside("plastic", (0.68, 0.67, 0.64), rough=0.4, bump=0.0)
CHINA = _inside("tile", (0.72, 0.71, 0.69), rough=0.12, bump=0.0, coat=0.5)
SCREEN = _inside("glass", (0.01, 0.011, 0.013), rough=0.08, bump=0.0)
MIRROR = _inside("glass", (0.85, 0.86, 0.86), rough=0.02, metal=1.0, bump=0.0, stain=0.0)
SOIL = _inside("soil", (0.05, 0.035, 0.025), bump=0.2)


def _any_color(rng: Rng, low: float, high: float) -> Color:
    r, g, b = rng.uniform(low, high, 3).tolist()
    return r, g, b


class Decor:
    """Materials of one room. ``bare``: a room of work, with concrete and brick rather than paper and carpet.

    Attributes:
        wall, accent: three walls and the fourth. floor, ceiling, trim.
        wood, dark_wood: of the furniture. cloths: upholstery. pillows, things, spines: small things.
        curtain, shade: cloth that light passes. light: colour of the lamps.
    """

    def __init__(self, rng: Rng, *, bare: bool = False, wet: bool = False) -> None:
        self.rng = rng
        self.light = LIGHTS[int(rng.integers(3))]
        self.trim = _inside("wood", (0.66, 0.65, 0.62), rough=0.45, bump=0.0)
        if rng.random() < 0.25:
            self.trim = _inside("wood", scaled((0.25, 0.14, 0.07), rng.uniform(0.6, 1.3)), "wood", rough=0.45, bump=0.1)
        self.wall = self._wall(bare, wet)
        self.accent = self._accent(bare) if rng.random() < 0.5 else self.wall
        white = rng.uniform(0.6, 0.74)
        self.ceiling = _inside("plaster", (white, white, white * 0.98), "smooth plaster", bump=0.05)
        self.floor = self._floor(bare, wet)
        grains = ("wood", "boards", "planks", "painted boards")
        gain = rng.uniform(0.35, 1.9)
        self.wood = self._wood(str(rng.choice(grains[:3])), gain)
        self.dark_wood = self._wood("wood", 0.45) if gain > 0.9 else self._wood(str(rng.choice(grains)), 1.7)
        self.cloths = [self._cloth(CLOTHS) for _ in range(3)]
        self.pillows = [self._cloth(CLOTHS if rng.random() < 0.6 else THINGS) for _ in range(4)]
        self.things = [self._thing(THINGS) for _ in range(8)]
        self.spines = [self._thing(THINGS, 0.75) for _ in range(9)]
        sheer = _any_color(rng, 0.3, 0.7)
        self.curtain = Surface("fabric", sheer, "canvas", rough=0.95, translucent=0.4, bump=0.1, bump_m=0.003).indoors()
        glow = {"glow_color": self.light, "glow_strength": 2.4}
        self.shade = Surface("lamp", (0.7, 0.62, 0.5), "canvas", glow="night", bump=0.05, **glow).indoors()  # type: ignore[arg-type]
        self.linen = _inside("fabric", (0.66, 0.65, 0.62), "canvas", rough=0.95, bump=0.15, bump_m=0.003)
        self.pictures = [self._picture(str(name)) for name in rng.choice(PICTURES, 4, replace=False)]
        self.rug = self._picture(str(rng.choice(RUGS))) if rng.random() < 0.6 else self.cloths[2]

    def _wall(self, bare: bool, wet: bool) -> Surface:
        rng = self.rng
        paint = scaled(PAINTS[int(rng.integers(len(PAINTS)))], rng.uniform(0.85, 1.1))
        if wet and rng.random() < 0.6:
            return _inside("tile", (0.66, 0.66, 0.63), str(rng.choice(("white tiles", "metro tiles"))), rough=0.2)
        if bare:
            name = str(rng.choice(("concrete", "painted brick", "brick", "old brick", "rough plaster")))
            label = "brick" if "brick" in name else "concrete" if name == "concrete" else "plaster"
            color = scaled(mean_color(name), rng.uniform(1.2, 1.8) if name == "concrete" else 1.0)
            return _inside(label, color if name != "rough plaster" else paint, name, bump=0.5)
        choice = rng.random()
        if choice < 0.3:
            name = str(rng.choice(("striped wallpaper", "damask wallpaper")))
            hue = _any_color(rng, 0.6, 1.25)
            return _inside("plaster", scaled(mean_color(name), hue), name, bump=0.05)
        return _inside("plaster", paint, "smooth plaster" if choice < 0.8 else "plaster", bump=0.1, bump_m=0.004)

    def _accent(self, bare: bool) -> Surface:
        rng = self.rng
        if rng.random() < 0.4:
            name = str(rng.choice(("brick", "old brick", "painted brick", "rubble", "red brick")))
            return _inside("stone" if name == "rubble" else "brick", mean_color(name), name, bump=0.6)
        if rng.random() < 0.35 and not bare:
            return _inside("wood", scaled(mean_color("boards"), rng.uniform(0.5, 1.3)), "boards", rough=0.5, bump=0.2)
        return _inside("plaster", scaled(PAINTS[int(rng.integers(len(PAINTS)))], 0.7), "smooth plaster", bump=0.1)

    def _floor(self, bare: bool, wet: bool) -> Surface:
        rng = self.rng
        if bare:
            names, labels = (
                ("concrete", "concrete", "floor tiles", "steel plates"),
                ("concrete", "concrete", "tile", "metal"),
            )
            k = int(rng.integers(4))
            gain = rng.uniform(0.9, 1.5)
            return _inside(
                labels[k], scaled(mean_color(names[k]), gain), names[k], rough=rng.uniform(0.3, 0.7), bump=0.2
            )
        if wet:
            name = str(rng.choice(("floor tiles", "terrazzo", "white tiles", "paving slabs")))
            return _inside("tile", scaled(mean_color(name), rng.uniform(0.8, 1.2)), name, rough=0.2, bump=0.15)
        choice = rng.random()
        if choice < 0.6:
            name = str(rng.choice(("floor boards", "parquet", "planks", "boards")))
            gain = (rng.uniform(0.6, 1.4) * np.array((1.05, 1.0, 0.9))).tolist()
            color = scaled(mean_color(name), (gain[0], gain[1], gain[2]))
            return _inside("wood", color, name, rough=rng.uniform(0.2, 0.5), bump=0.12, bump_m=0.006)
        if choice < 0.82:
            name = str(rng.choice(("carpet", "flecked carpet")))
            return _inside("fabric", scaled(CLOTHS[int(rng.integers(len(CLOTHS)))], 1.1), name, rough=0.95, bump=0.4)
        name = str(rng.choice(("floor tiles", "terrazzo")))
        return _inside("tile", mean_color(name), name, rough=0.2, bump=0.1)

    def _wood(self, field: str, gain: float) -> Surface:
        warm = scaled((0.2, 0.125, 0.07), (gain, gain * 0.98, gain * 0.9))
        return _inside("wood", warm, field, rough=self.rng.uniform(0.3, 0.55), bump=0.1, bump_m=0.006)

    def _cloth(self, colors: tuple[Color, ...]) -> Surface:
        rng = self.rng
        field = str(
            rng.choice(("wool", "canvas", "corduroy", "printed cloth", "leather"), p=(0.3, 0.3, 0.15, 0.13, 0.12))
        )
        color = scaled(colors[int(rng.integers(len(colors)))], rng.uniform(0.8, 1.25))
        rough = 0.45 if field == "leather" else 0.95
        return _inside("fabric", color, field, rough=rough, bump=0.3, bump_m=0.004, specular=0.25)

    def _thing(self, colors: tuple[Color, ...], rough: float = 0.0) -> Surface:
        rng = self.rng
        label = "plastic" if rng.random() < 0.7 else "wood"
        color = scaled(colors[int(rng.integers(len(colors)))], rng.uniform(0.8, 1.2))
        return _inside(label, color, rough=rough or rng.uniform(0.2, 0.8), bump=0.0)

    def _picture(self, name: str) -> Surface:
        label = "fabric" if name in RUGS else "picture"
        return Surface(label, (0.4, 0.4, 0.4), picture=name, rough=0.6, bump=0.0, stain=0.0).indoors()

    def thing(self) -> Surface:
        """Any of the small things' materials."""
        return self.things[int(self.rng.integers(len(self.things)))]
