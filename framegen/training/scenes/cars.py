"""Cars: lofted bodies with door lines, plates and lamps, and box cars as low-poly games have them. Ahead is +y."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from framegen.frame import F64
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.matter import Matter, Pane, Surface
from framegen.training.scenes.synthesis import Color, Rng

PAINTS: tuple[Color, ...] = (
    (0.35, 0.01, 0.01), (0.01, 0.03, 0.14), (0.42, 0.43, 0.44), (0.012, 0.012, 0.014), (0.6, 0.6, 0.58),
    (0.02, 0.09, 0.05), (0.1, 0.11, 0.12), (0.22, 0.24, 0.26), (0.3, 0.22, 0.12), (0.05, 0.12, 0.2), (0.45, 0.3, 0.02),
)  # fmt: skip
WINDOW = Pane("dark", wavy=0.0, lowfi=(0.15, 0.21, 0.28))
TYRE = Surface("tyre", (0.015, 0.015, 0.016), rough=0.75, bump=0.0, snow=0.2)
RIM = Surface("metal", (0.42, 0.43, 0.44), rough=0.3, metal=0.9, bump=0.0, snow=0.0)
TRIM = Surface("plastic", (0.012, 0.012, 0.013), rough=0.5, bump=0.0)
PLATE = Surface("sign", (0.62, 0.6, 0.5), rough=0.4, bump=0.0, snow=0.0)
INK = Surface("sign", (0.02, 0.02, 0.025), rough=0.5, bump=0.0, snow=0.0)


def _lamp(color: Color, light: Color, strength: float, *, on: bool) -> Surface:
    return Surface(
        "lamp", color, rough=0.1, bump=0.0, wet=0.0, snow=0.0, stain=0.0,
        glow="night" if on else "", glow_color=light, glow_strength=strength,
    )  # fmt: skip


@dataclass(frozen=True)
class _Shape:
    """Outline along the body (place -1 rear .. 1 front): belt height and roof as shares; pillar between the doors."""

    length: float
    half_width: float
    height: float
    belt: tuple[tuple[float, float], ...]
    roof: tuple[tuple[float, float], ...]
    pillar: float
    clearance: float
    weight: float


_SEDAN = _Shape(
    4.5, 0.9, 1.44,
    ((-1, 0.62), (-0.97, 0.92), (-0.7, 0.98), (-0.63, 1), (0.46, 1), (0.62, 0.95), (0.93, 0.78), (1, 0.52)),
    ((-0.68, 0), (-0.42, 0.9), (-0.2, 1), (0.1, 1), (0.48, 0)), -0.04, 0.2, 0.32,
)  # fmt: skip
_HATCH = _Shape(
    4.0, 0.87, 1.5,
    ((-1, 0.7), (-0.97, 0.98), (-0.9, 1), (0.5, 1), (0.64, 0.95), (0.93, 0.8), (1, 0.52)),
    ((-0.97, 0), (-0.8, 0.85), (-0.3, 1), (0.1, 0.98), (0.5, 0)), -0.06, 0.2, 0.3,
)  # fmt: skip
_SUV = _Shape(
    4.6, 0.95, 1.72,
    ((-1, 0.7), (-0.98, 0.98), (-0.92, 1), (0.46, 1), (0.62, 0.97), (0.93, 0.86), (1, 0.55)),
    ((-0.97, 0), (-0.85, 0.9), (-0.3, 1), (0.12, 0.98), (0.47, 0)), -0.08, 0.27, 0.24,
)  # fmt: skip
_VAN = _Shape(
    5.0, 0.98, 2.1,
    ((-1, 0.7), (-0.99, 1), (0.6, 1), (0.8, 0.93), (0.95, 0.75), (1, 0.5)),
    ((-0.99, 0), (-0.96, 0.95), (-0.3, 1), (0.35, 1), (0.8, 0)), 0.1, 0.2, 0.14,
)  # fmt: skip
_SHAPES = (_SEDAN, _HATCH, _SUV, _VAN)


def car(rng: Rng, *, moving: bool, plain: bool) -> Builder:
    """A car on the origin; ``moving``: its lamps burn at night; ``plain``: boxes, as low-poly games have them."""
    shape = _SHAPES[int(rng.choice(4, p=[s.weight for s in _SHAPES]))]
    color = PAINTS[int(rng.integers(len(PAINTS)))]
    paint = Surface(
        "car paint",
        color,
        rough=rng.uniform(0.12, 0.3),
        specular=0.7,
        metal=0.25,
        coat=0.8,
        bump=0.0,
        wet=0.2,
        stain=0.03,
    )
    out = Builder()
    with out.at(moved(turn_rad=math.pi / 2)):
        if plain:
            _boxes(out, shape, paint)
        else:
            _loft(out, shape, paint)
            _lines(out, shape)
        _lamps_and_plates(out, rng, shape, on=moving)
        _wheels(out, shape, plain=plain)
    return out


def _boxes(out: Builder, s: _Shape, paint: Surface) -> None:
    """Two blocks: body and cabin, the cabin narrower at the top."""
    h, w, belt = s.length / 2, s.half_width, s.height * 0.62
    out.box((-h, -w, s.clearance), (h, w, belt), paint)
    a, b = s.roof[0][0] * h, s.roof[-1][0] * h
    low = [(a, -w * 0.95, belt), (b, -w * 0.95, belt), (b, w * 0.95, belt), (a, w * 0.95, belt)]
    inset = 0.18 * s.length
    c, d, top = a + 0.35 * inset, b - inset, s.height
    high = [(c, -w * 0.78, top), (d, -w * 0.78, top), (d, w * 0.78, top), (c, w * 0.78, top)]
    out.add(low + high, [(0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)], WINDOW)
    out.add(high, [(0, 1, 2, 3)], paint)


def _curve(x: F64, points: tuple[tuple[float, float], ...]) -> F64:
    places, values = np.array(points).T
    return np.asarray(np.interp(x, places, values), np.float64)


def _outline(s: _Shape) -> tuple[F64, F64, F64, F64]:
    """Places along the body, belt height, roof share and half width at each."""
    x = np.unique(np.concatenate([np.linspace(-1, 1, 46), [-0.995, -0.98, 0.98, 0.995]]))
    soft = np.array([0.25, 0.5, 0.25])
    belt = _curve(x, s.belt) * s.height * 0.645
    roof = np.where((x < s.roof[0][0]) | (x > s.roof[-1][0]), 0.0, _curve(x, s.roof))
    roof = np.where(roof > 0, np.convolve(np.pad(roof, 1, "edge"), soft, "valid"), 0)
    belt = np.convolve(np.pad(belt, 1, "edge"), soft, "valid")
    return x, belt, roof, s.half_width * (1 - 0.16 * np.abs(x) ** 6 - 0.05 * x**2)


def _loft(out: Builder, s: _Shape, paint: Surface) -> None:
    """Sections across the body, from rear to front, skinned; each quad gets paint, glass or trim by its place."""
    x, belt, roof, wide = _outline(s)
    rings = []
    for place, t, r, w in zip(x, belt, roof, wide, strict=True):
        low = s.clearance + 0.06 * max(0.0, abs(place) - 0.8) * 5
        top, narrow = t + s.height * 0.355 * r, w * (1 - 0.24 * r)
        half = [(w * 0.8, low), (w * 0.97, low + 0.06), (w, low + (t - low) * 0.35), (w * 0.995, low + (t - low) * 0.7)]
        half += [(w * 0.97, t - 0.05), (w * 0.93, t - 0.012)]
        half += [(w * 0.92 + (narrow - w * 0.92) * q, t + (top - t) * q) for q in (0.06, 0.5, 0.9)]
        half += [(narrow * 0.88, top + 0.012 * r), (narrow * 0.5, top + 0.03 * r + 0.015), (0.0, top + 0.04 * r + 0.02)]
        ring = [(place * s.length / 2, -y, z) for y, z in half]
        rings.append(ring + [(place * s.length / 2, y, z) for y, z in half[-2::-1]])
    points = np.array(rings)
    count = points.shape[1]
    faces: dict[Matter, list[tuple[int, int, int, int]]] = {}
    for i in range(len(x) - 1):
        for j in range(count - 1):
            matter = _skin(s, x, roof, i, min(j, count - 2 - j), paint)
            a, b = i * count + j, (i + 1) * count + j
            faces.setdefault(matter, []).append((a, b, b + 1, a + 1))
    flat = points.reshape(-1, 3)
    for matter, quads in faces.items():
        out.add(flat, quads, matter, smooth=True)
    out.add(points[0], [list(range(count))[::-1]], paint)
    out.add(points[-1], [list(range(count))], TRIM)


def _skin(s: _Shape, x: F64, roof: F64, i: int, row: int, paint: Surface) -> Matter:
    """What a quad of the skin is: ``row`` counts from the sill (0) to the middle of the roof."""
    middle, r0, r1 = (x[i] + x[i + 1]) / 2, float(roof[i]), float(roof[i + 1])
    if row == 0:
        return TRIM
    steep = abs(r1 - r0) > 0.035 and max(r0, r1) > 0.08
    van = s is _VAN
    if row in (6, 7) and min(r0, r1) > 0.12 and abs(middle - s.pillar) > 0.035 and not (van and middle < 0):
        return WINDOW
    if steep and (row >= 9 or (row >= 7 and (middle > 0 or not van))):
        return WINDOW
    return paint


def _lines(out: Builder, s: _Shape) -> None:
    """Door gaps, handles, mirrors and the grille."""
    h, w, belt = s.length / 2, s.half_width, s.height * 0.645
    low = s.clearance + 0.1
    for side in (-1, 1):
        for place in (s.pillar - 0.42, s.pillar, s.pillar + 0.4):
            wide = w * (1 - 0.05 * place**2) + 0.003
            x = place * h
            quad = [
                (x, side * wide, low),
                (x + 0.014, side * wide, low),
                (x + 0.014, side * wide, belt - 0.08),
                (x, side * wide, belt - 0.08),
            ]
            out.polygon(quad if side < 0 else quad[::-1], TRIM)
        for place in (s.pillar - 0.1, s.pillar + 0.3):
            y0, y1 = sorted((side * w * 0.985, side * (w + 0.025)))
            out.box((place * h - 0.1, y0, belt - 0.16), (place * h + 0.05, y1, belt - 0.12), TRIM)
        y0, y1 = sorted((side * w * 0.93, side * (w + 0.17)))
        out.box((0.36 * h, y0, belt + 0.03), (0.36 * h + 0.1, y1, belt + 0.16), TRIM)
    out.box((h - 0.03, -0.5 * w, 0.42), (h + 0.015, 0.5 * w, 0.55), TRIM)
    out.box((h - 0.05, -0.85 * w, s.clearance + 0.02), (h + 0.03, 0.85 * w, s.clearance + 0.16), TRIM)
    out.box((-h - 0.03, -0.85 * w, s.clearance + 0.02), (-h + 0.05, 0.85 * w, s.clearance + 0.2), TRIM)


def _lamps_and_plates(out: Builder, rng: Rng, s: _Shape, *, on: bool) -> None:
    h, w = s.length / 2, s.half_width
    head = _lamp((0.7, 0.72, 0.75), (1.0, 0.95, 0.85), 30.0, on=on)
    tail = _lamp((0.35, 0.01, 0.008), (1.0, 0.03, 0.015), 3.5, on=on)
    front, back = 0.47 * s.height, 0.55 * s.height
    for side in (-1, 1):
        y0, y1 = sorted((side * 0.52 * w, side * 0.83 * w))
        out.box((h - 0.09, y0, front - 0.07), (h + 0.012, y1, front + 0.05), head)
        y0, y1 = sorted((side * 0.6 * w, side * 0.86 * w))
        out.box((-h - 0.012, y0, back - 0.1), (-h + 0.09, y1, back + 0.08), tail)
    for x, z in ((h + 0.03, s.clearance + 0.19), (-h - 0.03, back - 0.16)):
        out.box((x - 0.012, -0.26, z), (x + 0.012, 0.26, z + 0.11), PLATE)
        for k in range(7):
            if k != 2:
                tall = 0.07 * rng.uniform(0.75, 1.0)
                out.box((x - 0.016, -0.21 + 0.06 * k, z + 0.02), (x + 0.016, -0.17 + 0.06 * k, z + 0.02 + tall), INK)


def _wheels(out: Builder, s: _Shape, *, plain: bool) -> None:
    radius = 0.36 if s is _SUV else 0.31
    sides = 10 if plain else 24
    w = s.half_width
    for x in (-0.31 * s.length, 0.315 * s.length):
        for side in (-1, 1):
            for y0, y1, r, matter in (
                (0.7, 1.0, radius, TYRE),
                (0.9, 1.006, radius * 0.66, RIM),
                (0.5, 0.984, radius * 1.14, TRIM),
            ):
                if plain and matter is TRIM:
                    continue
                path = np.array([(x, side * w * y0, radius), (x, side * w * y1, radius)])
                out.tube(path, r, matter, sides)
            if not plain:
                for k in range(5):
                    turn = 2 * math.pi * k / 5
                    at = np.array(
                        [
                            (x, side * w * 1.004, radius),
                            (
                                x + 0.55 * radius * math.cos(turn),
                                side * w * 1.008,
                                radius + 0.55 * radius * math.sin(turn),
                            ),
                        ]
                    )
                    out.tube(at, 0.03, TRIM, 6)
