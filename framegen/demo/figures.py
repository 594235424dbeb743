"""Cars and people. Local frames: the foot at the origin, looking along +x, +Z up, metres."""

from __future__ import annotations

import numpy as np

from framegen.demo import materials as m
from framegen.demo.materials import Material
from framegen.demo.mesh import MeshBuilder, translation


def car(builder: MeshBuilder, rng: np.random.Generator, paint: Material) -> None:
    """A car looking along +x: lofted body with sloped bonnet, glasshouse, wheels and lamps."""
    kind = ("saloon", "hatch", "van")[int(rng.choice(3, p=(0.45, 0.4, 0.15)))]
    length, half, height = {"saloon": (4.5, 0.88, 1.44), "hatch": (4.0, 0.86, 1.5), "van": (5.0, 0.96, 2.1)}[kind]
    belt, nose = (0.92, 0.72) if kind != "van" else (1.1, 0.95)
    front, back, floor = length / 2, -length / 2, 0.22
    side = [
        (back, floor),
        (front, floor),
        (front, nose - 0.1),
        (front - 0.15, nose),
        (front * 0.42, belt),
        (back + 0.1, belt),
        (back, belt - 0.2),
    ]
    _extrude(builder, side, half, paint, bulge=0.06)
    windscreen, roof_front = (front * 0.42, front * 0.05) if kind != "van" else (front * 0.62, front * 0.38)
    roof_back, tail = {
        "saloon": (back * 0.42, back * 0.74),
        "hatch": (back * 0.72, back * 0.95),
        "van": (back * 0.97, back * 0.99),
    }[kind]
    _glasshouse(builder, (windscreen, roof_front, roof_back, tail), belt, height, half, paint, van=kind == "van")
    for x in (back * 0.62, front * 0.63):
        for y in (-half - 0.01, half - 0.2):
            with builder.at(translation(x, y, 0.32) @ _ROLL):
                builder.lathe([(0.32, -0.21), (0.32, 0.0)], m.TYRE, sides=9)
                outer = 0.005 if y < 0 else -0.215
                builder.lathe(
                    [(0.19, outer - 0.004), (0.19, outer)] if y < 0 else [(0.19, outer), (0.19, outer + 0.004)],
                    m.STEEL,
                    sides=8,
                )
    for y0 in (-half + 0.08, half - 0.42):
        builder.box((front - 0.02, y0, nose - 0.28), (front + 0.02, y0 + 0.34, nose - 0.12), m.HEADLAMP)
        builder.box((back - 0.02, y0, belt - 0.36), (back + 0.02, y0 + 0.34, belt - 0.2), m.TAILLAMP)
    for x0, x1 in ((front - 0.05, front + 0.05), (back - 0.05, back + 0.05)):
        builder.box((x0, -half + 0.05, floor), (x1, half - 0.05, floor + 0.2), m.CAR_TRIM, faces="nsewtb")


_ROLL = np.array([(1.0, 0, 0, 0), (0, 0, -1.0, 0), (0, 1.0, 0, 0), (0, 0, 0, 1.0)])
"""Turns a vertical axis of revolution to lie along -y."""


def _extrude(
    builder: MeshBuilder, profile: list[tuple[float, float]], half: float, material: Material, bulge: float
) -> None:
    """A side view (x, z), counter-clockwise, pulled to both sides, a little narrower at top and bottom."""
    points = np.asarray(profile)
    low, high = points[:, 1].min(), points[:, 1].max()
    relative = (points[:, 1] - low) / (high - low)
    width = half - bulge * (2 * relative - 1) ** 2
    right = np.stack([points[:, 0], -width, points[:, 1]], axis=1)
    left = right * (1, -1, 1)
    following = np.roll(np.arange(len(points)), -1)
    builder.polygons(np.stack([right, left, left[following], right[following]], axis=1), material)
    builder.polygons(right[None], material)
    builder.polygons(left[None, ::-1], material)


def _glasshouse(
    builder: MeshBuilder,
    xs: tuple[float, float, float, float],
    belt: float,
    height: float,
    half: float,
    paint: Material,
    *,
    van: bool,
) -> None:
    """The windows and roof: ``xs`` are windscreen foot, roof front, roof back, rear-window foot."""
    x0, x1, x2, x3 = xs
    low, high, roof = half - 0.05, half - 0.2, height - 0.05
    builder.polygon([(x0, -low, belt), (x0, low, belt), (x1, high, roof), (x1, -high, roof)], m.CAR_GLASS)
    builder.polygon([(x3, low, belt), (x3, -low, belt), (x2, -high, roof), (x2, high, roof)], m.CAR_GLASS)
    builder.polygon([(x2, -high, roof), (x1, -high, roof), (x1, high, roof), (x2, high, roof)], paint)
    for sign in (-1, 1):
        outline = [(x3, sign * low, belt), (x0, sign * low, belt), (x1, sign * high, roof), (x2, sign * high, roof)]
        builder.polygon(outline if sign < 0 else outline[::-1], paint)
        for a, b in ((0.72, 0.95),) if van else ((0.06, 0.47), (0.53, 0.94)):
            corners = []
            for share, rise in ((a, 0.1), (b, 0.1), (b, 0.88), (a, 0.88)):
                bottom, top = x3 + (x0 - x3) * share, x2 + (x1 - x2) * share
                width = low + (high - low) * rise + 0.008
                corners.append((bottom + (top - bottom) * rise, sign * width, belt + (roof - belt) * rise))
            builder.polygon(corners if sign < 0 else corners[::-1], m.CAR_GLASS)


def person_body(builder: MeshBuilder, rng: np.random.Generator, coat: Material) -> None:
    """Torso, arms and head of a person 1.75 m tall, looking along +x; the legs are :func:`person_leg`."""
    builder.lathe([(0.15, 0.82), (0.19, 0.95), (0.17, 1.15), (0.22, 1.40), (0.10, 1.50)], coat, sides=8, squash=1.25)
    builder.lathe([(0.06, 1.48), (0.06, 1.54)], m.SKIN, sides=6)
    builder.blob((0.0, 0.0, 1.63), (0.105, 0.095, 0.125), m.SKIN, rng, sides=8)
    builder.blob(
        (-0.02, 0.0, 1.67),
        (0.105, 0.105, 0.10),
        Material("person", (0.12, 0.08, 0.05)).shaded(float(rng.uniform(0.4, 2.2))),
        rng,
    )
    for sign in (-1, 1):
        with builder.at(translation(0.0, sign * 0.28)):
            builder.lathe([(0.045, 0.80), (0.06, 1.1), (0.07, 1.40)], coat, sides=6)


def person_leg(builder: MeshBuilder, trousers: Material) -> None:
    """A leg that hangs from the hip at the origin, 0.86 m long."""
    builder.lathe([(0.065, -0.80), (0.075, -0.40), (0.10, 0.02)], trousers, sides=6)
    builder.box((-0.09, -0.055, -0.86), (0.17, 0.055, -0.78), m.CAR_TRIM)
