"""Furniture to sit, lie and eat at: sofas, chairs, beds, tables, lamps, plants, rugs."""

from __future__ import annotations

import math

import numpy as np

from framegen.training.scenes import plants
from framegen.training.scenes.decor import BLACK, BRASS, DARK_METAL, SOIL, STEEL, Decor
from framegen.training.scenes.geometry import moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.piece import Piece
from framegen.training.scenes.relief import octaves, smoothstep

HOUSE_LEAF = Surface("foliage", (0.035, 0.085, 0.02), rough=0.35, translucent=0.25, stain=0.2, bump=0.0).indoors()


def sofa(decor: Decor, width: float = 0.0) -> Piece:
    """A sofa with cushions, or an armchair when narrow."""
    rng = decor.rng
    w, d = width or rng.uniform(1.7, 2.4), rng.uniform(0.85, 0.98)
    out, cloth = Piece(decor, w, d), decor.cloths[0 if width < 1 else int(rng.integers(2))]
    seat, back, arm = rng.uniform(0.4, 0.46), rng.uniform(0.78, 0.92), rng.uniform(0.14, 0.24)
    out.soft_box((-w / 2, 0.02, 0.12), (w / 2, d, seat - 0.12), cloth, 0.04)
    out.soft_box((-w / 2, 0.02, 0.12), (w / 2, 0.24, back), cloth, 0.07)
    for side in (-1, 1):
        x0, x1 = sorted((side * w / 2, side * (w / 2 - arm)))
        out.soft_box((x0, 0.04, 0.12), (x1, d, seat + 0.17), cloth, 0.06)
    out.legs(w / 2 - 0.08, 0.08, d - 0.08, 0.13, decor.dark_wood)
    count = max(1, round((w - 2 * arm) / 0.7))
    each = (w - 2 * arm) / count
    for k in range(count):
        x = -w / 2 + arm + each * (k + 0.5)
        out.cushion(
            (x, 0.24 + (d - 0.22) / 2, seat - 0.04), (each / 2 - 0.004, (d - 0.22) / 2, 0.1), cloth, square=0.22
        )
        with out.at(np.array([[1, 0, 0, x], [0, 0.95, 0.3, 0.3], [0, -0.3, 0.95, seat + 0.22], [0, 0, 0, 1.0]])):
            out.cushion((0, 0, 0), (each / 2 - 0.01, 0.1, 0.22), cloth, square=0.3)
    for _ in range(int(rng.integers(0, 2 + count))):
        x, tilt = rng.uniform(-w / 2 + arm + 0.15, w / 2 - arm - 0.15), rng.uniform(0.3, 0.7)
        c, s = math.cos(tilt), math.sin(tilt)
        place = np.array([[1, 0, 0, x], [0, c, s, 0.42], [0, -s, c, seat + 0.25], [0, 0, 0, 1.0]])
        with out.at(place @ moved(turn_rad=rng.normal() * 0.1)):
            out.cushion((0, 0, 0), (0.2, 0.07, 0.2), decor.pillows[int(rng.integers(4))], square=0.5)
    if rng.random() < 0.3:
        x = rng.uniform(-w / 2 + 0.3, w / 2 - 0.3)
        out.soft_box((x - 0.25, 0.0, seat), (x + 0.25, 0.28, back + 0.015), decor.pillows[0], 0.03)
    return out


def armchair(decor: Decor) -> Piece:
    """An armchair."""
    return sofa(decor, decor.rng.uniform(0.78, 0.95))


def chair(decor: Decor, out: Piece, x: float, y: float, turn: float) -> None:
    """A chair in the frame of ``out``; it looks along its own +y."""
    wood, seat = decor.wood, decor.cloths[1]
    with out.at(moved(x, y, 0, turn)):
        out.soft_box((-0.21, -0.21, 0.43), (0.21, 0.21, 0.465), seat if decor.light[1] > 0.7 else wood, 0.012)
        for side in (-1, 1):
            out.rod((side * 0.18, 0.18, 0), (side * 0.17, 0.17, 0.44), 0.017, wood)
            out.rod((side * 0.18, -0.2, 0), (side * 0.18, -0.23, 0.9), 0.017, wood)
        for z in (0.62, 0.74, 0.84):
            out.soft_box((-0.18, -0.235, z), (0.18, -0.215, z + 0.06), wood, 0.006)


def table(decor: Decor, *, chairs: bool) -> Piece:
    """A dining or kitchen table about the origin, laid or littered, with its chairs."""
    rng = decor.rng
    w, d = rng.uniform(1.2, 2.0), rng.uniform(0.75, 1.0)
    out = Piece(decor, w + (0.2 if chairs else 0), d + (1.2 if chairs else 0))
    out.soft_box((-w / 2, -d / 2, 0.71), (w / 2, d / 2, 0.75), decor.wood, 0.012)
    out.soft_box((-w / 2 + 0.06, -d / 2 + 0.06, 0.62), (w / 2 - 0.06, d / 2 - 0.06, 0.71), decor.wood, 0.005)
    out.legs(w / 2 - 0.09, -d / 2 + 0.09, d / 2 - 0.09, 0.7, decor.wood, 0.035)
    if chairs:
        for x in np.linspace(-w / 2 + 0.35, w / 2 - 0.35, max(2, round(w / 0.65))):
            for side in (-1, 1):
                if rng.random() < 0.9:
                    pushed = rng.uniform(0.0, 0.28)
                    chair(
                        decor,
                        out,
                        float(x),
                        side * (d / 2 + 0.05 + pushed),
                        (0.0 if side < 0 else math.pi) + rng.normal() * 0.12,
                    )
    out.clutter((-w / 2 + 0.2, -d / 4), (w / 2 - 0.2, d / 4), 0.75, 6)
    return out


def low_table(decor: Decor) -> Piece:
    """A coffee table about the origin."""
    rng = decor.rng
    w, d, h = rng.uniform(0.8, 1.2), rng.uniform(0.5, 0.65), rng.uniform(0.36, 0.44)
    out = Piece(decor, w, d)
    out.soft_box((-w / 2, -d / 2, h - 0.04), (w / 2, d / 2, h), decor.wood, 0.01)
    out.legs(w / 2 - 0.06, -d / 2 + 0.06, d / 2 - 0.06, h - 0.03, DARK_METAL if rng.random() < 0.4 else decor.wood)
    out.soft_box((-w / 2 + 0.06, -d / 2 + 0.06, 0.12), (w / 2 - 0.06, d / 2 - 0.06, 0.14), decor.wood, 0.004)
    out.clutter((-w / 2 + 0.15, -d / 4), (w / 2 - 0.15, d / 4), h, 5)
    return out


def bed(decor: Decor) -> Piece:
    """A bed with pillows and a rumpled cover."""
    rng = decor.rng
    w, length = rng.uniform(1.3, 1.9), 2.05
    out = Piece(decor, w + 0.1, length + 0.1)
    board = decor.cloths[0] if rng.random() < 0.4 else decor.wood
    out.soft_box((-w / 2 - 0.04, 0.02, 0.1), (w / 2 + 0.04, 0.1, rng.uniform(0.9, 1.25)), board, 0.025)
    out.soft_box((-w / 2 - 0.03, 0.08, 0.12), (w / 2 + 0.03, length + 0.05, 0.3), decor.wood, 0.015)
    out.cushion((0, 0.1 + length / 2, 0.42), (w / 2, length / 2, 0.15), decor.linen, square=0.12)
    nx, ny = 34, 40
    x, y = np.meshgrid(np.linspace(-w / 2 - 0.08, w / 2 + 0.08, nx), np.linspace(0.75, length + 0.14, ny))
    folds = 0.03 * octaves(x, y, 1.7, 4, int(rng.integers(1 << 20)), ridged=True)
    edge = smoothstep(w / 2 - 0.04, w / 2 + 0.08, np.abs(x)) + smoothstep(length - 0.02, length + 0.14, y)
    z = 0.6 + folds - 0.28 * np.minimum(edge, 1.0)
    i, j = np.meshgrid(np.arange(nx - 1), np.arange(ny - 1))
    corner = (j * nx + i).ravel()
    faces = np.stack([corner, corner + 1, corner + nx + 1, corner + nx], 1)
    out.add(np.stack([x, y, z], -1).reshape(-1, 3), faces, decor.pillows[0], smooth=True)
    for side in (-1, 1):
        tilt = rng.uniform(0.15, 0.5)
        c, s = math.cos(tilt), math.sin(tilt)
        with out.at(np.array([[1, 0, 0, side * w * 0.25], [0, c, -s, 0.38], [0, s, c, 0.64], [0, 0, 0, 1.0]])):
            out.cushion((0, 0, 0), (w * 0.22, 0.2, 0.09), decor.linen, square=0.45)
    if rng.random() < 0.6:
        out.cushion((rng.normal() * 0.1, 0.62, 0.66), (0.2, 0.1, 0.16), decor.pillows[1], square=0.5)
    return out


def nightstand(decor: Decor) -> Piece:
    """A bedside table with a lamp."""
    out = Piece(decor, 0.45, 0.42)
    out.soft_box((-0.22, 0.02, 0.1), (0.22, 0.4, 0.5), decor.wood, 0.008)
    out.legs(0.19, 0.06, 0.36, 0.11, decor.wood, 0.015)
    for z in (0.13, 0.32):
        out.soft_box((-0.2, 0.395, z), (0.2, 0.412, z + 0.165), decor.wood, 0.004)
        out.rod((0, 0.41, z + 0.08), (0, 0.43, z + 0.08), 0.012, BRASS)
    out.lamp(-0.06, 0.2, 0.5, 0.42, 9)
    out.clutter((0.08, 0.2), (0.16, 0.3), 0.5, 2)
    return out


def floor_lamp(decor: Decor) -> Piece:
    """A lamp on a tall stand."""
    out = Piece(decor, 0.5, 0.5)
    out.lamp(0, 0.28, 0, decor.rng.uniform(1.4, 1.7), 22)
    return out


def plant(decor: Decor) -> Piece:
    """A house plant: a little tree, or a tuft of long leaves, in a pot."""
    rng = decor.rng
    out = Piece(decor, 0.6, 0.6)
    pot, tall = rng.uniform(0.22, 0.36), rng.uniform(0.7, 1.4)
    with out.at(moved(0, 0.32, 0)):
        out.lathe([(pot * 0.36, 0), (pot * 0.5, pot), (pot * 0.46, pot), (pot * 0.45, pot - 0.03)], decor.thing(), 18)
        out.lathe([(pot * 0.44, pot - 0.05), (0.01, pot - 0.03)], SOIL, 14)
        count = int(rng.integers(14, 30)) if rng.random() < 0.5 else int(rng.integers(40, 80))
        for _ in range(count):
            turn, lean = rng.uniform(0, 6.28), rng.uniform(0.1, 0.75)
            length = tall * rng.uniform(0.4, 0.9) if count < 32 else tall * rng.uniform(0.2, 0.5)
            way = np.array((math.cos(turn) * lean, math.sin(turn) * lean, 1.0 - 0.5 * lean))
            share = np.linspace(0, 1, 6)[:, None]
            base = np.array((0, 0, pot - 0.04)) + (0 if count < 32 else 1) * np.array(
                (0, 0, rng.uniform(0.1, 0.5) * tall)
            )
            spine = base + way * length * share + np.array((way[0], way[1], -1.2)) * (share**2.2) * length * 0.35
            side = np.array((-math.sin(turn), math.cos(turn), 0.0))
            wide = (0.035 if count < 32 else 0.06) * np.sin(np.pi * (0.08 + 0.9 * share)) * tall
            points = np.concatenate([spine - side * wide, spine + side * wide])
            k = np.arange(5)
            out.add(points, np.stack([k, k + 6, k + 7, k + 1], 1), HOUSE_LEAF, smooth=True)
        if count >= 32:
            out.rod((0, 0, pot - 0.05), (0, 0, pot + 0.5 * tall), 0.014, plants.BARK.indoors())
    return out


def rug(decor: Decor) -> Piece:
    """A rug about the origin."""
    rng = decor.rng
    w, d = rng.uniform(1.6, 2.8), rng.uniform(1.2, 1.9)
    out = Piece(decor, w, d)
    out.box((-w / 2, -d / 2, 0.001), (w / 2, d / 2, 0.011), decor.cloths[2])
    corners = [(-w / 2, -d / 2, 0.013), (w / 2, -d / 2, 0.013), (w / 2, d / 2, 0.013), (-w / 2, d / 2, 0.013)]
    out.polygon(corners, decor.rug, [(0, 0), (1, 0), (1, 1), (0, 1)])
    return out


def pendant(decor: Decor, height: float) -> Piece:
    """A ceiling lamp over the origin; its cord ends at ``height``."""
    rng = decor.rng
    out = Piece(decor, 0.5, 0.5)
    drop, wide = rng.uniform(0.35, 0.8), rng.uniform(0.16, 0.3)
    z = height - drop
    out.rod((0, 0, z), (0, 0, height), 0.006, BLACK)
    matter = decor.shade if rng.random() < 0.6 else decor.things[0]
    turn = np.arange(24) / 24 * 2 * np.pi
    points = np.array(
        [(r * math.cos(t), r * math.sin(t), q) for r, q in ((wide, z - 0.2), (wide * 0.5, z)) for t in turn]
    )
    k = np.arange(24)
    out.add(points, np.stack([k, (k + 1) % 24, 24 + (k + 1) % 24, 24 + k], 1), matter, smooth=True)
    with out.at(moved(0, 0, z - 0.16)):
        out.sphere((0.05, 0.05, 0.06), decor.shade, detail=6)
    out.bulb((0, 0, z - 0.26), 75, 0.1)
    return out


def radiator(decor: Decor, width: float) -> Piece:
    """A ribbed radiator against the wall."""
    out = Piece(decor, width, 0.15)
    for x in np.arange(-width / 2, width / 2, 0.06):
        out.soft_box((float(x), 0.04, 0.12), (float(x) + 0.045, 0.12, 0.68), decor.trim, 0.012)
    out.rod((-width / 2 - 0.06, 0.08, 0.0), (-width / 2 - 0.06, 0.08, 0.2), 0.01, STEEL)
    return out
