"""People-like figures: rounded limbs, clothes, hair; standing, walking, or as box figures. They face +y."""

from __future__ import annotations

import math

import numpy as np

from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.synthesis import Color, Rng

SKINS: tuple[Color, ...] = ((0.48, 0.3, 0.21), (0.55, 0.36, 0.27), (0.3, 0.17, 0.1), (0.12, 0.065, 0.04))
CLOTHES: tuple[Color, ...] = (
    (0.3, 0.06, 0.05), (0.06, 0.1, 0.2), (0.05, 0.05, 0.055), (0.35, 0.32, 0.27), (0.1, 0.16, 0.1), (0.45, 0.36, 0.2),
    (0.2, 0.21, 0.23), (0.55, 0.53, 0.5), (0.16, 0.09, 0.05), (0.42, 0.2, 0.04),
)  # fmt: skip
HAIRS: tuple[Color, ...] = ((0.02, 0.014, 0.01), (0.09, 0.05, 0.025), (0.28, 0.19, 0.09), (0.3, 0.29, 0.28))
SHOE = Surface("person", (0.03, 0.025, 0.02), rough=0.5, bump=0.0, snow=0.0)
EYE = Surface("person", (0.02, 0.016, 0.014), rough=0.3, bump=0.0, snow=0.0)

POSES = ("hanging", "hanging", "pocket", "holding", "carrying")
"""What one of the arms does; the other hangs, or swings with the step."""


def _cloth(rng: Rng, field: str) -> Surface:
    color = CLOTHES[int(rng.integers(len(CLOTHES)))]
    return Surface("person", color, field, rough=0.9, bump=0.2, bump_m=0.003, specular=0.2, wet=0.4, snow=0.0)


def person(rng: Rng, *, walking: bool, plain: bool) -> Builder:
    """A figure on the origin, 1.55 to 1.9 m tall; ``plain``: few sides, as low-poly games have them."""
    out = Builder()
    sides = 6 if plain else 12
    scale = rng.uniform(1.55, 1.9) / 1.75
    skin = Surface("person", SKINS[int(rng.integers(4))], rough=0.5, bump=0.0, wet=0.2, snow=0.0)
    hair = Surface("person", HAIRS[int(rng.integers(4))], rough=0.6, bump=0.0, snow=0.0)
    coat, trousers = (
        _cloth(rng, str(rng.choice(("wool", "canvas", "leather")))),
        _cloth(rng, str(rng.choice(("denim", "canvas")))),
    )
    bag = _cloth(rng, str(rng.choice(("canvas", "leather"))))
    stride = rng.uniform(0.25, 0.5) if walking else rng.uniform(-0.05, 0.05)
    pose, busy = str(rng.choice(POSES)), int(rng.choice((-1, 1)))
    long_coat, skirt = rng.random() < 0.3, rng.random() < 0.2
    stride *= 0.6 if long_coat or skirt else 1.0
    with out.at(moved(scale=scale)):
        for side in (-1, 1):
            swing = side * stride
            knee = (side * 0.1, 0.45 * swing + 0.06 * abs(swing), 0.5)
            heel = (side * 0.1, swing, 0.07 + 0.12 * max(0.0, -swing))
            legs = skin if skirt else trousers
            out.tube(np.array([(side * 0.09, 0.0, 0.92), knee, heel]), np.array((0.086, 0.066, 0.046)), legs, sides)
            foot = np.array([(heel[0], heel[1] - 0.07, heel[2] - 0.02), (heel[0], heel[1] + 0.17, heel[2] - 0.035)])
            out.tube(foot, np.array((0.05, 0.044)), SHOE, sides, squash=0.8)
            shoulder, elbow, hand = _arm(side, swing, pose if side == busy else "hanging")
            out.tube(np.array([shoulder, elbow, hand]), np.array((0.064, 0.05, 0.036)), coat, sides)
            with out.at(moved(*shoulder)):
                out.sphere((0.064, 0.064, 0.064), coat, detail=4 if plain else 6)
            with out.at(moved(*elbow)):
                out.sphere((0.051, 0.051, 0.051), coat, detail=4 if plain else 6)
            if pose == "carrying" and side == busy:
                x, y, z = hand
                out.box((x - 0.05, y - 0.16, z - 0.4), (x + 0.05, y + 0.16, z - 0.12), bag)
                out.tube(np.array([(x, y - 0.08, z - 0.12), hand, (x, y + 0.08, z - 0.12)]), 0.008, bag, 4)
            with out.at(moved(*hand)):
                out.sphere((0.032, 0.045, 0.075), skin, detail=4 if plain else 6)
        heights = (0.82, 0.98, 1.12, 1.33, 1.42, 1.47, 1.5)
        girth = np.array((0.186, 0.172, 0.155, 0.188, 0.18, 0.125, 0.06))
        out.tube(np.array([(0, 0, z) for z in heights]), girth, coat, sides + 2, squash=0.62)
        if skirt or long_coat:
            below = coat if long_coat else trousers
            out.tube(np.array([(0, 0, 0.52), (0, 0, 0.98)]), np.array((0.26, 0.168)), below, sides + 2, squash=0.85)
        with out.at(moved(0, 0, 0, rng.normal() * (0.15 if walking else 0.4))):
            _head(out, rng, skin, hair, sides, plain=plain)
        if rng.random() < 0.35:
            out.box((-0.15, -0.28, 1.02), (0.15, -0.11, 1.42), _cloth(rng, "canvas"))
    return out


Point = tuple[float, float, float]


def _arm(side: int, swing: float, pose: str) -> tuple[Point, Point, Point]:
    """Shoulder, elbow and hand; ``swing``: how far the leg of that side is ahead, in metres."""
    shoulder = (side * 0.17, 0.0, 1.415)
    if pose == "pocket":
        return shoulder, (side * 0.27, -0.1, 1.15), (side * 0.18, 0.06, 0.96)
    if pose == "holding":
        return shoulder, (side * 0.22, 0.0, 1.15), (side * 0.09, 0.26, 1.24)
    if pose == "carrying":
        return shoulder, (side * 0.215, -0.02, 1.14), (side * 0.22, 0.04, 0.87)
    return shoulder, (side * 0.225, -0.4 * swing - 0.03, 1.14), (side * 0.21, -0.75 * swing + 0.06, 0.89)


def _head(out: Builder, rng: Rng, skin: Surface, hair: Surface, sides: int, *, plain: bool) -> None:
    out.tube(np.array([(0, 0, 1.46), (0, 0.01, 1.56)]), 0.055, skin, sides)
    detail = 4 if plain else 8
    with out.at(moved(0, 0.015, 1.65)):
        out.sphere((0.078, 0.095, 0.115), skin, detail=detail)
    with out.at(moved(0, -0.012, 1.685)):
        out.sphere((0.086, 0.098, 0.1), hair, detail=detail)
    with out.at(moved(0, 0.108, 1.645)):
        out.sphere((0.014, 0.018, 0.022), skin, detail=4)
    for side in () if plain else (-1, 1):
        with out.at(moved(side * 0.032, 0.092, 1.668)):
            out.sphere((0.013, 0.014, 0.009), EYE, detail=4)
    if rng.random() < 0.2:
        hat = _cloth(rng, "wool")
        with out.at(moved(0, -0.005, 1.7)):
            out.lathe([(0.105, 0.0), (0.1, 0.06), (0.07, 0.1), (0.01, 0.115)], hat, sides)


def group(rng: Rng, *, plain: bool) -> Builder:
    """Two or three people in talk."""
    out = Builder()
    count = int(rng.integers(2, 4))
    for k in range(count):
        turn = 2 * math.pi * k / count
        with out.at(moved(0.45 * math.sin(turn), -0.45 * math.cos(turn), 0, turn + rng.normal() * 0.2)):
            out.take(person(rng, walking=False, plain=plain))
    return out
