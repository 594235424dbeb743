"""Street furniture as meshes on the origin: lamps, benches, bins, bollards, signs, stalls."""

from __future__ import annotations

import math

import numpy as np

from framegen.training.scenes.facade import GOODS, SIGN_COLORS
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.synthesis import Color, Rng

IRON = Surface("metal", (0.03, 0.032, 0.035), rough=0.45, metal=0.3, bump=0.0)
STEEL = Surface("metal", (0.36, 0.37, 0.38), rough=0.4, metal=0.8, bump=0.0)
PLANK = Surface("wood", (0.26, 0.16, 0.08), "boards", rough=0.6, bump=0.3)
CONCRETE = Surface("concrete", (0.34, 0.33, 0.31), "concrete", bump=0.3)


def street_lamp(height: float, arm: float, light: Color) -> Builder:
    """A lamp with its head ``arm`` metres towards +x; 0: a lantern on top."""
    bulb = Surface(
        "lamp",
        (0.7, 0.66, 0.56),
        rough=0.3,
        bump=0.0,
        wet=0.0,
        snow=0.0,
        glow="night",
        glow_color=light,
        glow_strength=12.0,
    )
    out = Builder()
    out.tube(np.array([(0, 0, 0), (0, 0, 0.8)]), np.array((0.12, 0.1)), IRON, 12)
    out.tube(np.array([(0, 0, 0.7), (0, 0, height)]), np.array((0.075, 0.05)), IRON, 12)
    if not arm:
        with out.at(moved(z=height)):
            out.lathe([(0.11, 0.0), (0.19, 0.38)], bulb, 8, smooth=False)
            out.lathe([(0.24, 0.38), (0.03, 0.6)], IRON, 8, smooth=False)
        return out
    out.tube(np.array([(0, 0, height - 0.3), (0.35 * arm, 0, height), (arm, 0, height)]), 0.035, IRON, 8)
    out.box((arm - 0.45, -0.13, height - 0.04), (arm + 0.15, 0.13, height + 0.06), IRON)
    out.box((arm - 0.4, -0.1, height - 0.06), (arm + 0.1, 0.1, height - 0.04), bulb)
    return out


def bench() -> Builder:
    """A bench that faces +x, its length along y."""
    out = Builder()
    for k in range(3):
        out.box((-0.1 + 0.14 * k, -0.8, 0.43), (0.02 + 0.14 * k, 0.8, 0.47), PLANK)
    for k in range(2):
        out.box((-0.18, -0.8, 0.6 + 0.14 * k), (-0.15, 0.8, 0.71 + 0.14 * k), PLANK)
    for y in (-0.65, 0.6):
        out.box((-0.16, y, 0), (0.3, y + 0.05, 0.43), IRON)
        out.box((-0.2, y, 0.4), (-0.16, y + 0.05, 0.88), IRON)
    return out


def bin_(color: Color) -> Builder:
    """A litter bin."""
    body = Surface("metal", color, rough=0.5, bump=0.0)
    out = Builder()
    out.lathe([(0.2, 0.05), (0.24, 0.85)], body, 14)
    out.lathe([(0.25, 0.85), (0.2, 0.93)], IRON, 14)
    return out


def bollard() -> Builder:
    """An iron post."""
    out = Builder()
    out.lathe([(0.07, 0.0), (0.06, 0.75), (0.075, 0.8), (0.06, 0.95), (0.01, 0.97)], IRON, 10)
    return out


def road_sign(rng: Rng) -> Builder:
    """A round or square sign on a pole, facing -y."""
    out = Builder()
    out.tube(np.array([(0, 0, 0), (0, 0, 2.7)]), 0.03, STEEL, 8)
    color = SIGN_COLORS[int(rng.integers(3))]
    face = Surface("sign", color, rough=0.4, bump=0.0, snow=0.2)
    pale = Surface("sign", (0.65, 0.64, 0.62), rough=0.4, bump=0.0, snow=0.2)
    if rng.random() < 0.5:
        out.tube(np.array([(0, -0.03, 2.4), (0, -0.05, 2.4)]), 0.3, face, 20)
        out.tube(np.array([(0, -0.05, 2.4), (0, -0.055, 2.4)]), 0.21, pale, 20)
    else:
        out.box((-0.3, -0.05, 2.1), (0.3, -0.03, 2.7), face)
        out.box((-0.22, -0.056, 2.3), (0.22, -0.05, 2.5), pale)
    return out


def post_box() -> Builder:
    """A pillar box."""
    red = Surface("metal", (0.38, 0.02, 0.015), rough=0.35, bump=0.0)
    out = Builder()
    out.lathe([(0.26, 0.0), (0.22, 0.06), (0.22, 1.35), (0.27, 1.4), (0.2, 1.52), (0.01, 1.57)], red, 16)
    out.box((-0.1, -0.235, 1.15), (0.1, -0.2, 1.19), IRON)
    return out


def planter(rng: Rng) -> Builder:
    """A tub with flowers."""
    tub = (CONCRETE, PLANK)[int(rng.integers(2))]
    out = Builder()
    out.box((-0.4, -0.4, 0), (0.4, 0.4, 0.45), tub)
    colors: tuple[Color, ...] = ((0.5, 0.04, 0.05), (0.6, 0.5, 0.05), (0.4, 0.1, 0.35), (0.65, 0.62, 0.6))
    flower = Surface("foliage", colors[int(rng.integers(4))], bump=0.0, snow=0.2)
    green = Surface("foliage", (0.05, 0.1, 0.025), "leaf mass", bump=0.6)
    for _ in range(9):
        x, y = rng.uniform(-0.3, 0.3, 2).tolist()
        with out.at(moved(x, y, 0.5 + rng.uniform(0, 0.2))):
            out.sphere((0.16, 0.16, 0.13), green, rng, 0.2, 4)
        with out.at(moved(x + rng.normal() * 0.05, y, 0.66 + rng.uniform(0, 0.15))):
            out.sphere((0.05, 0.05, 0.04), flower, rng, 0.2, 4)
    return out


def stall(rng: Rng) -> Builder:
    """A market stall with an awning and crates, open towards -y."""
    stripe = [SIGN_COLORS[int(i)] for i in rng.choice(6, 2, replace=False)]
    cloth = [Surface("fabric", c, "canvas", translucent=0.25, bump=0.1) for c in stripe]
    out = Builder()
    for x in (-1.4, 1.4):
        for y, z in ((-0.9, 2.1), (0.9, 2.5)):
            out.tube(np.array([(x, y, 0), (x, y, z)]), 0.03, STEEL, 8)
    for k in range(10):
        x0, x1 = -1.5 + 0.3 * k, -1.2 + 0.3 * k
        out.polygon([(x0, -1.1, 2.06), (x1, -1.1, 2.06), (x1, 1.0, 2.52), (x0, 1.0, 2.52)], cloth[k % 2])
        out.polygon([(x0, -1.1, 1.86), (x1, -1.1, 1.86), (x1, -1.1, 2.06), (x0, -1.1, 2.06)], cloth[k % 2])
    out.box((-1.4, -0.7, 0.75), (1.4, 0.4, 0.8), PLANK)
    for k in range(6):
        x = -1.35 + 0.46 * k
        out.box((x, -0.65, 0.8), (x + 0.4, 0.0, 0.95), PLANK)
        ware = GOODS[int(rng.integers(len(GOODS)))]
        for _ in range(10):
            with out.at(moved(x + rng.uniform(0.06, 0.34), rng.uniform(-0.6, -0.05), 0.97 + rng.uniform(0, 0.05))):
                out.sphere((0.05, 0.05, 0.05), ware, detail=4)
    return out


def cafe_table(rng: Rng) -> Builder:
    """A round table with two or three chairs."""
    out = Builder()
    out.lathe([(0.03, 0.0), (0.03, 0.72)], IRON, 8)
    out.lathe([(0.35, 0.72), (0.35, 0.75)], PLANK, 18, smooth=False)
    for k in range(int(rng.integers(2, 4))):
        with out.at(moved(turn_rad=2 * math.pi * k / 3 + rng.normal() * 0.2) @ moved(0, -0.62)):
            out.box((-0.2, -0.2, 0.43), (0.2, 0.2, 0.46), PLANK)
            out.box((-0.2, -0.22, 0.46), (0.2, -0.19, 0.88), PLANK)
            for x in (-0.18, 0.15):
                for y in (-0.18, 0.15):
                    out.box((x, y, 0), (x + 0.03, y + 0.03, 0.43), IRON)
    return out
