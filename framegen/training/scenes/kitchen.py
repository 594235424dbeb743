"""Kitchens and bathrooms: units along a wall, stoves, sinks, refrigerators, tubs."""

from __future__ import annotations

import numpy as np

from framegen.training.scenes.decor import BLACK, CHINA, DARK_METAL, MIRROR, STEEL, WHITE, Decor
from framegen.training.scenes.geometry import moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.piece import Piece

UNIT_M = 0.6


def _stone(decor: Decor) -> Surface:
    shade = decor.rng.uniform(0.04, 0.5)
    return Surface("stone", (shade, shade, shade * 0.97), "terrazzo", rough=0.2, bump=0.05).indoors()


def _tap(out: Piece, x: float, y: float, z: float) -> None:
    out.tube(np.array([(x, y, z), (x, y, z + 0.26), (x, y + 0.1, z + 0.3), (x, y + 0.17, z + 0.24)]), 0.014, STEEL, 8)
    out.rod((x + 0.05, y, z), (x + 0.05, y, z + 0.08), 0.012, STEEL)


def _stove(out: Piece, x: float, z: float) -> None:
    out.soft_box((x - 0.28, 0.03, 0.1), (x + 0.28, 0.6, z - 0.02), STEEL, 0.006)
    out.soft_box((x - 0.22, 0.595, 0.2), (x + 0.22, 0.606, 0.62), BLACK, 0.004)
    out.rod((x - 0.22, 0.63, 0.69), (x + 0.22, 0.63, 0.69), 0.011, STEEL)
    for k in range(4):
        out.rod((x - 0.18 + 0.12 * k, 0.6, 0.78), (x - 0.18 + 0.12 * k, 0.625, 0.78), 0.018, DARK_METAL)
    out.soft_box((x - 0.27, 0.08, z + 0.02), (x + 0.27, 0.56, z + 0.03), BLACK, 0.003)
    for dx in (-0.13, 0.13):
        for dy in (0.2, 0.43):
            with out.at(moved(x + dx, dy, z + 0.03)):
                out.lathe([(0.085, 0.0), (0.085, 0.008)], DARK_METAL, 14)
    if out.rng.random() < 0.7:
        with out.at(moved(x + 0.13, 0.2, z + 0.04)):
            out.lathe([(0.1, 0), (0.11, 0.13), (0.105, 0.13), (0.1, 0.02)], STEEL, 16)


def _upper(out: Piece, x0: float, x1: float, door: Surface) -> None:
    out.soft_box((x0, 0.01, 1.45), (x1, 0.33, 2.15), door, 0.004)
    for x in np.arange(x0, x1 - 0.3, 0.45):
        out.soft_box((float(x) + 0.006, 0.325, 1.455), (min(float(x) + 0.444, x1 - 0.006), 0.346, 2.145), door, 0.004)
        out.rod((float(x) + 0.4, 0.36, 1.5), (float(x) + 0.4, 0.36, 1.6), 0.006, STEEL)


def kitchen_run(decor: Decor, length: float, *, upper: bool) -> Piece:
    """Base units with a worktop, a sink, a stove, tiles behind; ``upper``: wall cabinets and a hood."""
    rng = decor.rng
    count = max(3, int(length / UNIT_M))
    w = count * UNIT_M
    out = Piece(decor, w, 0.62)
    color = decor.things[0].color if rng.random() < 0.35 else (0.6, 0.59, 0.56)
    door = decor.wood if rng.random() < 0.45 else Surface("wood", color, rough=0.4, bump=0.0).indoors()
    top, z = decor.wood if rng.random() < 0.35 else _stone(decor), 0.88
    stove, sink = rng.choice(count, 2, replace=False).tolist()
    out.box((-w / 2, 0.06, 0), (w / 2, 0.52, 0.1), BLACK)
    out.soft_box((-w / 2 - 0.01, 0.0, z - 0.02), (w / 2 + 0.01, 0.63, z + 0.02), top, 0.006)
    tiles = Surface(
        "tile", (0.62, 0.6, 0.55), str(rng.choice(("metro tiles", "white tiles", "floor tiles"))), rough=0.2
    )
    out.box((-w / 2, 0.0, z), (w / 2, 0.012, 1.45 if upper else 1.3), tiles.indoors())
    for k in range(count):
        x0 = -w / 2 + UNIT_M * k
        x = x0 + UNIT_M / 2
        if k == stove:
            _stove(out, x, z)
            continue
        out.box((x0, 0.02, 0.1), (x0 + UNIT_M, 0.58, z - 0.02), door)
        drawers = 3 if rng.random() < 0.35 else 1
        for r in range(drawers):
            q0, q1 = (0.11 + 0.74 * q / drawers for q in (r, r + 1))
            out.soft_box((x0 + 0.004, 0.575, q0), (x0 + UNIT_M - 0.004, 0.597, q1 - 0.006), door, 0.004)
            out.rod((x - 0.1, 0.615, q1 - 0.07), (x + 0.1, 0.615, q1 - 0.07), 0.007, STEEL)
        if k == sink:
            out.box((x - 0.24, 0.12, z + 0.021), (x + 0.24, 0.5, z + 0.024), STEEL)
            out.box((x - 0.2, 0.15, z + 0.024), (x + 0.2, 0.47, z + 0.026), DARK_METAL)
            _tap(out, x, 0.1, z + 0.02)
        else:
            out.clutter((x0 + 0.1, 0.12), (x0 + UNIT_M - 0.1, 0.38), z + 0.02, 4)
    if upper:
        edge = -w / 2 + UNIT_M * stove
        for x0, x1 in ((-w / 2, edge), (edge + UNIT_M, w / 2)):
            if x1 - x0 > 0.3:
                _upper(out, x0, x1, door)
        out.soft_box((edge + 0.03, 0.01, 1.55), (edge + UNIT_M - 0.03, 0.45, 1.66), STEEL, 0.01)
        out.box((edge + 0.18, 0.01, 1.66), (edge + UNIT_M - 0.18, 0.25, 2.3), STEEL)
        out.bulb((edge + UNIT_M / 2, 0.3, 1.52), 6, 0.04)
    else:
        out.soft_box((-w / 2 + 0.2, 0.0, 1.6), (w / 2 - 0.2, 0.24, 1.63), decor.wood, 0.004)
        for x in np.arange(-w / 2 + 0.35, w / 2 - 0.3, 0.16):
            out.vase(float(x), 0.12, 1.63, rng.uniform(0.08, 0.26))
    return out


def fridge(decor: Decor) -> Piece:
    """A refrigerator with notes on it."""
    rng = decor.rng
    body = STEEL if rng.random() < 0.4 else WHITE if rng.random() < 0.7 else decor.thing()
    out = Piece(decor, 0.62, 0.66)
    out.soft_box((-0.3, 0.03, 0.03), (0.3, 0.6, 1.85), body, 0.015)
    for z0, z1 in ((0.05, 0.68), (0.69, 1.83)):
        out.soft_box((-0.295, 0.6, z0), (0.295, 0.65, z1), body, 0.012)
    for z0, z1 in ((0.4, 0.64), (0.75, 1.1)):
        out.rod((-0.25, 0.685, z0), (-0.25, 0.685, z1), 0.011, STEEL)
    for _ in range(int(rng.integers(0, 6))):
        x, z, size = rng.uniform(-0.15, 0.2), rng.uniform(1.0, 1.6), rng.uniform(0.04, 0.1)
        note = decor.things[int(rng.integers(8))] if rng.random() < 0.6 else WHITE
        out.box((x - size, 0.65, z - size), (x + size, 0.652, z + size), note)
    return out


def bath(decor: Decor) -> Piece:
    """A bathtub along the wall."""
    out = Piece(decor, 1.75, 0.78)
    out.soft_box((-0.86, 0.01, 0.0), (0.86, 0.76, 0.5), CHINA, 0.03)
    out.soft_box((-0.88, 0.0, 0.5), (0.88, 0.78, 0.56), CHINA, 0.025)
    out.cushion(
        (0, 0.39, 0.55), (0.76, 0.29, 0.012), Surface("water", (0.4, 0.46, 0.46), rough=0.1, bump=0.0).indoors()
    )
    _tap(out, 0.6, 0.1, 0.56)
    return out


def basin(decor: Decor) -> Piece:
    """A washbasin on a cabinet under a mirror."""
    out = Piece(decor, 0.9, 0.5)
    out.soft_box((-0.4, 0.02, 0.2), (0.4, 0.45, 0.8), decor.wood, 0.008)
    out.soft_box((-0.44, 0.0, 0.8), (0.44, 0.5, 0.86), CHINA, 0.02)
    out.cushion((0, 0.27, 0.865), (0.24, 0.16, 0.01), Surface("tile", (0.5, 0.5, 0.5), rough=0.1, bump=0.0).indoors())
    _tap(out, 0, 0.1, 0.86)
    out.clutter((-0.38, 0.08), (-0.28, 0.2), 0.86, 3)
    out.soft_box((-0.42, 0.0, 1.1), (0.42, 0.03, 1.9), decor.dark_wood, 0.006)
    out.polygon([(0.39, 0.032, 1.13), (-0.39, 0.032, 1.13), (-0.39, 0.032, 1.87), (0.39, 0.032, 1.87)], MIRROR)
    with out.at(moved(0, 0.09, 2.02)):
        out.sphere((0.2, 0.05, 0.05), decor.shade, detail=8)
    out.bulb((0, 0.2, 2.02), 14, 0.05)
    return out


def toilet(decor: Decor) -> Piece:
    """A toilet with its cistern."""
    out = Piece(decor, 0.45, 0.7)
    out.soft_box((-0.2, 0.02, 0.4), (0.2, 0.2, 0.8), CHINA, 0.03)
    out.cushion((0, 0.42, 0.36), (0.19, 0.26, 0.06), CHINA, square=0.8)
    out.tube(np.array([(0, 0.35, 0), (0, 0.38, 0.34)]), np.array((0.12, 0.17)), CHINA, 16)
    return out
