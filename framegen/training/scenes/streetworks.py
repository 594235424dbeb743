"""More of a street: signals, bicycles, refuse, bus shelters, covers and drains, poles with wires, stop lines."""

from __future__ import annotations

import math

import numpy as np

from framegen.frame import F64
from framegen.training.scenes.facade import SIGN_COLORS
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.matter import Pane, Surface
from framegen.training.scenes.props import CONCRETE, IRON, PLANK, STEEL
from framegen.training.scenes.roadway import KERB_TOP_M, MARKING, Measures
from framegen.training.scenes.route import Route
from framegen.training.scenes.synthesis import Color, Rng

RUBBER = Surface("tyre", (0.02, 0.02, 0.02), rough=0.8, bump=0.0)
COVER = Surface("metal", (0.07, 0.065, 0.06), "steel plates", rough=0.5, metal=0.5, bump=0.4, puddles=True)
SHELTER = Pane("dark", wavy=0.01, lowfi=(0.3, 0.38, 0.42))
CREOSOTE = Surface("wood", (0.09, 0.065, 0.045), "grey boards", rough=0.85, bump=0.4)
_BIN_COLORS: tuple[Color, ...] = ((0.04, 0.1, 0.06), (0.05, 0.06, 0.07), (0.06, 0.1, 0.2), (0.2, 0.14, 0.05))


def traffic_light(rng: Rng) -> Builder:
    """A signal facing -y, one of its lamps burning."""
    out = Builder()
    out.tube(np.array([(0, 0, 0), (0, 0, 3.2)]), 0.055, IRON, 10)
    out.soft_box((-0.16, -0.16, 2.35), (0.16, 0.08, 3.2), IRON, 0.02)
    colors: tuple[Color, ...] = ((1.0, 0.05, 0.02), (1.0, 0.45, 0.02), (0.05, 0.9, 0.35))
    on = int(rng.choice((0, 2)))
    for k, color in enumerate(colors):
        dim = (color[0] * 0.12, color[1] * 0.12, color[2] * 0.12)
        lit = {"glow": "always", "glow_color": color, "glow_strength": 6.0} if k == on else {}
        lens = Surface("lamp", dim, rough=0.3, bump=0.0, wet=0.0, snow=0.0, **lit)  # type: ignore[arg-type]
        z = 3.05 - 0.26 * k
        out.tube(np.array([(0, -0.16, z), (0, -0.175, z)]), 0.1, lens, 14)
        out.box((-0.12, -0.28, z + 0.09), (0.12, -0.16, z + 0.105), IRON)
    return out


def bicycle(rng: Rng) -> Builder:
    """A bicycle along y that leans a little."""
    color = SIGN_COLORS[int(rng.integers(6))]
    paint = Surface("metal", color, rough=0.3, bump=0.0, coat=0.5)
    out = Builder()
    c, s = math.cos(0.12), math.sin(0.12)
    with out.at(np.array([[c, 0, s, 0], [0, 1, 0, 0], [-s, 0, c, 0], [0, 0, 0, 1.0]])):
        turn = np.linspace(0, 2 * np.pi, 25)
        for y in (-0.52, 0.52):
            rim = np.stack([0 * turn, y + 0.33 * np.cos(turn), 0.34 + 0.33 * np.sin(turn)], 1)
            out.tube(rim, 0.018, RUBBER, 6, caps=False)
            for k in range(6):
                spoke = k / 6 * np.pi
                dy, dz = 0.32 * math.cos(spoke), 0.32 * math.sin(spoke)
                out.tube(np.array([(0, y - dy, 0.34 - dz), (0, y + dy, 0.34 + dz)]), 0.003, STEEL, 4)
        saddle, crank, head = (0, -0.18, 0.88), (0, -0.05, 0.3), (0, 0.38, 0.9)
        hubs = ((0, -0.52, 0.34), (0, 0.52, 0.34))
        for a, b in (
            (saddle, crank),
            (crank, head),
            (saddle, head),
            (hubs[0], crank),
            (hubs[0], saddle),
            (head, hubs[1]),
        ):
            out.tube(np.array([a, b]), 0.017, paint, 8)
        out.tube(np.array([head, (0, 0.34, 1.04)]), 0.013, STEEL, 6)
        out.tube(np.array([(-0.25, 0.26, 1.03), (0, 0.34, 1.05), (0.25, 0.26, 1.03)]), 0.013, STEEL, 6)
        out.soft_box((-0.08, -0.32, 0.93), (0.08, -0.06, 0.98), RUBBER, 0.02)
    return out


def refuse(rng: Rng) -> Builder:
    """Wheeled bins, and bags beside them."""
    out = Builder()
    for k in range(int(rng.integers(1, 4))):
        body = Surface("plastic", _BIN_COLORS[int(rng.integers(4))], rough=0.5, bump=0.0)
        with out.at(moved(0, 0.68 * k + rng.normal() * 0.03, 0, rng.normal() * 0.08)):
            out.add(
                [(-0.24, -0.24, 0.08), (0.24, -0.24, 0.08), (0.24, 0.24, 0.08), (-0.24, 0.24, 0.08),
                 (-0.3, -0.29, 1.0), (0.3, -0.29, 1.0), (0.3, 0.29, 1.0), (-0.3, 0.29, 1.0)],
                [(0, 3, 2, 1), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)], body,
            )  # fmt: skip
            out.soft_box((-0.33, -0.31, 1.0), (0.33, 0.31, 1.07), body, 0.02)
            for y in (-0.22, 0.22):
                out.tube(np.array([(-0.28, y - 0.03, 0.1), (-0.28, y + 0.03, 0.1)]), 0.1, RUBBER, 12)
    bag = Surface("plastic", (0.02, 0.02, 0.022), rough=0.3, bump=0.0)
    for _ in range(int(rng.integers(0, 4))):
        with out.at(moved(rng.uniform(0.1, 0.5), rng.uniform(-0.6, 0.1), 0.24, rng.uniform(0, 6))):
            out.sphere((0.26, 0.24, 0.26), bag, rng, 0.12, 6)
    return out


def bus_shelter(rng: Rng) -> Builder:
    """A shelter along y, open towards -x, with a bench and a poster that is lit at night."""
    out = Builder()
    for y in (-1.9, 1.9):
        for x in (-0.55, 0.55):
            out.box((x - 0.03, y - 0.03, 0), (x + 0.03, y + 0.03, 2.4), IRON)
    out.soft_box((-0.8, -2.05, 2.4), (0.7, 2.05, 2.48), IRON, 0.02)
    out.polygon(
        [(0.55, 1.87, 0.25), (0.55, -1.87, 0.25), (0.55, -1.87, 2.2), (0.55, 1.87, 2.2)], SHELTER, np.zeros((4, 2))
    )
    out.box((0.1, -1.5, 0.44), (0.45, 0.6, 0.49), PLANK)
    for y in (-1.3, 0.4):
        out.box((0.25, y, 0), (0.3, y + 0.05, 0.44), IRON)
    color = SIGN_COLORS[int(rng.integers(6))]
    poster = Surface("sign", color, rough=0.3, bump=0.0, glow="night", glow_color=color, glow_strength=1.6)
    pale = Surface(
        "sign", (0.6, 0.58, 0.55), rough=0.3, bump=0.0, glow="night", glow_color=(1, 1, 1), glow_strength=0.7
    )
    out.box((-0.5, 1.84, 0.5), (0.5, 1.92, 2.2), IRON)
    out.box((-0.46, 1.83, 0.55), (0.46, 1.93, 2.15), poster)
    out.box((-0.36, 1.825, 1.2), (0.36, 1.935, 1.75), pale)
    return out


def advert_column(rng: Rng) -> Builder:
    """A round column of posters."""
    out = Builder()
    out.lathe([(0.62, 0), (0.62, 0.25), (0.55, 0.3)], CONCRETE, 20)
    for k in range(5):
        color = SIGN_COLORS[int(rng.integers(6))]
        a0, a1 = 2 * np.pi * k / 5, 2 * np.pi * (k + 1) / 5 - 0.06
        turn = np.linspace(a0, a1, 6)
        rows = [np.stack([0.55 * np.cos(turn), 0.55 * np.sin(turn), np.full(6, z)], 1) for z in (0.4, 2.6)]
        i = np.arange(5)
        poster = Surface("sign", color, rough=0.5, bump=0.0)
        out.add(np.concatenate(rows), np.stack([i, i + 1, i + 7, i + 6], 1), poster)
    out.lathe([(0.545, 0.3), (0.545, 2.7), (0.66, 2.72), (0.5, 2.95), (0.05, 3.15)], IRON, 20)
    return out


def covers(builder: Builder, rng: Rng, route: Route, m: Measures) -> None:
    """Manhole covers in the carriageway and drains along the kerbs."""
    turn = -np.arange(16) / 16 * 2 * np.pi
    for _ in range(int(rng.integers(3, 10))):
        s, right = rng.uniform(-50, 110), rng.uniform(-0.8, 0.8) * m.road_m
        ring_s, ring_r = s + 0.33 * np.sin(turn), right + 0.33 * np.cos(turn)
        up = 0.055 * (1 - (ring_r / m.road_m) ** 2) + 0.003
        builder.polygon(route.point(ring_s, ring_r, up)[::-1].tolist(), COVER)
    for s in np.arange(-55, 120, rng.uniform(14, 26)):
        for side in (-1, 1):
            if m.open(float(s), 1):
                a, b = sorted((side * (m.road_m - 0.04), side * (m.road_m - 0.38)))
                stations, rights = np.array([s, s, s + 0.42, s + 0.42]), np.array([a, b, b, a])
                builder.polygon(route.point(stations, rights, 0.03).tolist(), COVER)


def stop_lines(builder: Builder, rng: Rng, route: Route, m: Measures) -> None:
    """Lines to stop at and arrows before crossings, in the lane that drives towards them."""

    def patch(points: list[tuple[float, float]]) -> None:
        s, r = np.array([p[0] for p in points]), np.array([p[1] for p in points])
        builder.polygon(route.point(s, r, 0.055 * (1 - (r / m.road_m) ** 2) + 0.0045).tolist(), MARKING)

    for c in m.crossings:
        for side in (-1, 1):
            # drivers keep to the right: those ahead of the crossing's low side come with rising stations
            s = c - side * (m.crossing_half_m + 4.2)
            r0, r1 = sorted((side * 0.15, side * (m.road_m - 0.3)))
            low, high = sorted((s, s - side * 0.35))
            patch([(low, r0), (low, r1), (high, r1), (high, r0)])
            if m.road_m > 3.5 and rng.random() < 0.7:
                middle, base = side * m.road_m * 0.5, s - side * 6.0
                tip = base + side * 2.6
                w = 0.07
                quad = [(base, middle - w), (base, middle + w), (tip, middle + w), (tip, middle - w)]
                head = [(tip, middle - 0.24), (tip, middle + 0.24), (tip + side * 0.9, middle)]
                patch(quad if side > 0 else quad[::-1])
                patch(head if side > 0 else head[::-1])


def wires(rng: Rng, route: Route, right_m: float, *, across_m: float) -> Builder:
    """Wooden poles on one side with sagging wires, some of which cross to the houses, in world coordinates."""
    out = Builder()
    height, before = rng.uniform(6.5, 8.0), None
    for s in np.arange(-70, 130, rng.uniform(22, 30)):
        foot = route.point(float(s), right_m, KERB_TOP_M)
        out.tube(np.stack([foot, foot + np.array((0.0, 0.0, height))]), np.array((0.14, 0.1)), CREOSOTE, 10)
        frame = route.frame(float(s), right_m, KERB_TOP_M + height - 0.4)
        with out.at(frame):
            out.box((-0.9, -0.06, -0.06), (0.9, 0.06, 0.06), CREOSOTE)
            for x in (-0.8, -0.3, 0.3, 0.8):
                out.tube(np.array([(x, 0, 0.06), (x, 0, 0.2)]), 0.035, CONCRETE, 6)
        ends = [frame[:3, 3] + frame[:3, :3] @ (x, 0.0, 0.2) for x in (-0.8, -0.3, 0.3, 0.8)]
        if before is not None:
            for a, b in zip(before, ends, strict=True):
                out.tube(_sagging(a, b, 0.45), 0.011, IRON, 4, caps=False)
        house = route.point(
            float(s) + rng.uniform(-4, 4), -math.copysign(across_m, right_m), KERB_TOP_M + rng.uniform(4, 6)
        )
        if rng.random() < 0.6:
            out.tube(_sagging(ends[0], house, 0.5), 0.009, IRON, 4, caps=False)
        before = ends
    return out


def _sagging(a: F64, b: F64, sag_m: float) -> F64:
    share = np.linspace(0, 1, 10)[:, None]
    drop = np.array((0.0, 0.0, 1.0)) * sag_m * 4 * share * (1 - share)
    return np.asarray(a * (1 - share) + b * share - drop, np.float64)
