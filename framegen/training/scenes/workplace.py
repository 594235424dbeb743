"""Furniture of offices, shops, workshops and cellars."""

from __future__ import annotations

import numpy as np

from framegen.training.scenes.cases import desk
from framegen.training.scenes.decor import BLACK, DARK_METAL, STEEL, WHITE, Decor
from framegen.training.scenes.geometry import moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.piece import Piece

CARDBOARD = Surface("wood", (0.3, 0.2, 0.115), rough=0.9, bump=0.0, stain=0.1).indoors()
RED = Surface("metal", (0.4, 0.03, 0.02), rough=0.35, bump=0.0).indoors()


def desk_pair(decor: Decor) -> Piece:
    """Two office desks face to face about the origin, a screen between them."""
    out = Piece(decor, 1.9, 3.0)
    for turn in (0.0, np.pi):
        with out.at(moved(turn_rad=turn)):
            half = desk(decor, office=True)
            out.take(half)
    out.box((-0.85, -0.012, 0.74), (0.85, 0.012, 1.12), decor.cloths[0])
    return out


def filing(decor: Decor) -> Piece:
    """Steel drawers, papers on top."""
    rng = decor.rng
    count = int(rng.integers(1, 4))
    out = Piece(decor, 0.48 * count, 0.6)
    for k in range(count):
        x = 0.48 * (k - count / 2)
        rows = int(rng.integers(2, 5))
        paint = decor.trim if rng.random() < 0.5 else STEEL
        out.soft_box((x, 0.02, 0.02), (x + 0.47, 0.58, 0.33 * rows), paint, 0.005)
        for r in range(rows):
            out.soft_box((x + 0.012, 0.575, 0.33 * r + 0.03), (x + 0.458, 0.592, 0.33 * r + 0.32), paint, 0.004)
            out.rod((x + 0.17, 0.605, 0.33 * r + 0.24), (x + 0.3, 0.605, 0.33 * r + 0.24), 0.008, DARK_METAL)
        out.clutter((x + 0.1, 0.15), (x + 0.35, 0.4), 0.33 * rows, 3)
    return out


def whiteboard(decor: Decor) -> Piece:
    """A board with scribbles and notes."""
    rng = decor.rng
    w = rng.uniform(1.4, 2.2)
    out = Piece(decor, w, 0.08)
    out.soft_box((-w / 2, 0.005, 0.95), (w / 2, 0.03, 2.05), STEEL, 0.006)
    out.box((-w / 2 + 0.03, 0.03, 0.98), (w / 2 - 0.03, 0.033, 2.02), WHITE)
    inks = [
        Surface("sign", c, bump=0.0).indoors() for c in ((0.02, 0.02, 0.03), (0.35, 0.03, 0.03), (0.03, 0.08, 0.35))
    ]
    for row in np.arange(1.15, 1.95, 0.11):
        x = w / 2 - 0.12
        while x > -w / 2 + 0.2 and rng.random() < 0.93:
            long = rng.uniform(0.03, 0.16)
            z = float(row) + rng.normal() * 0.008
            out.box((x - long, 0.033, z), (x, 0.0345, z + 0.018), inks[int(rng.integers(3))])
            x -= long + 0.04
    return out


def goods(out: Piece, x0: float, x1: float, y0: float, y1: float, z: float, tall: float) -> None:
    """A shelf full of wares: boxes, jars and bottles in rows of a kind."""
    rng, x = out.rng, x0
    while x < x1 - 0.08:
        kind, wide = rng.random(), rng.uniform(0.07, 0.2)
        high, matter = tall * rng.uniform(0.4, 0.92), out.decor.things[int(rng.integers(8))]
        repeats = int(rng.integers(1, 5))
        for _ in range(repeats):
            if x + wide > x1:
                return
            if kind < 0.6:
                out.box((x, y0, z), (x + wide - 0.006, y1 - rng.uniform(0, 0.03), z + high), matter)
            else:
                with out.at(moved(x + wide / 2, y1 - wide / 2, z)):
                    r = wide * 0.46
                    out.lathe([(r, 0), (r, high * 0.6), (r * 0.4, high * 0.8), (r * 0.4, high)], matter, 10)
            x += wide
        x += rng.uniform(0, 0.05)


def shop_shelf(decor: Decor, length: float, *, double: bool) -> Piece:
    """Shelves of goods against a wall, or about the origin with two sides."""
    rng = decor.rng
    h = rng.uniform(1.3, 1.55) if double else rng.uniform(1.9, 2.3)
    out = Piece(decor, length, 0.9 if double else 0.45)
    frame = decor.trim if rng.random() < 0.5 else decor.wood
    rows = round(h / 0.4)
    for turn in (0.0, np.pi) if double else (0.0,):
        with out.at(moved(turn_rad=turn)):
            out.box((-length / 2, 0.0, 0), (length / 2, 0.02, h), frame)
            out.box((-length / 2, 0.0, 0), (length / 2, 0.42, 0.12), frame)
            for r in range(rows):
                z = 0.12 + (h - 0.15) * r / rows
                out.box((-length / 2, 0.0, z), (length / 2, 0.4, z + 0.02), frame)
                out.box(
                    (-length / 2, 0.4, z - 0.015), (length / 2, 0.406, z + 0.025), WHITE if r % 2 else decor.things[1]
                )
                goods(out, -length / 2 + 0.02, length / 2 - 0.02, 0.12, 0.38, z + 0.02, (h - 0.15) / rows - 0.05)
            for x in np.arange(-length / 2, length / 2 + 0.01, max(0.9, length / 3)):
                out.box((float(x) - 0.015, 0.0, 0), (float(x) + 0.015, 0.4, h), frame)
    return out


def till(decor: Decor) -> Piece:
    """A counter with a cash desk about the origin."""
    rng = decor.rng
    w = rng.uniform(1.6, 2.6)
    out = Piece(decor, w, 0.8)
    out.soft_box((-w / 2, -0.35, 0), (w / 2, 0.35, 0.92), decor.wood, 0.01)
    out.soft_box((-w / 2 - 0.04, -0.4, 0.92), (w / 2 + 0.04, 0.4, 0.96), decor.dark_wood, 0.008)
    out.soft_box((-0.2, -0.15, 0.96), (0.2, 0.2, 1.08), BLACK, 0.01)
    out.soft_box((-0.18, -0.02, 1.08), (0.18, 0.03, 1.34), BLACK, 0.006)
    out.clutter((-w / 2 + 0.1, -0.2), (-0.3, 0.2), 0.96, 5)
    out.clutter((0.3, -0.2), (w / 2 - 0.1, 0.2), 0.96, 5)
    return out


def crates(decor: Decor) -> Piece:
    """Boxes and crates piled up."""
    rng = decor.rng
    out = Piece(decor, 1.3, 0.9)
    for x in (-0.36, 0.34):
        z = 0.0
        for _ in range(int(rng.integers(1, 4))):
            w, d, h = rng.uniform(0.24, 0.33), rng.uniform(0.22, 0.33), rng.uniform(0.25, 0.45)
            matter = CARDBOARD if rng.random() < 0.6 else decor.wood
            with out.at(moved(x + rng.normal() * 0.03, 0.45 + rng.normal() * 0.03, z, rng.normal() * 0.12)):
                out.soft_box((-w, -d, 0), (w, d, h), matter, 0.006)
                if matter is CARDBOARD:
                    out.box((-0.03, -d - 0.001, h - 0.1), (0.03, d + 0.001, h + 0.002), decor.linen)
                else:
                    for q in (0.02, h / 2 - 0.04, h - 0.1):
                        out.box((-w - 0.012, -d - 0.012, q), (w + 0.012, d + 0.012, q + 0.08), matter)
            z += h + 0.003
    return out


def barrels(decor: Decor) -> Piece:
    """Wooden barrels or oil drums."""
    rng = decor.rng
    out = Piece(decor, 1.4, 0.8)
    drum = rng.random() < 0.5
    for x in (-0.35, 0.35)[: int(rng.integers(1, 3))]:
        with out.at(moved(x, 0.4, 0)):
            if drum:
                out.lathe(
                    [(0.29, 0), (0.29, 0.3), (0.3, 0.31), (0.29, 0.32), (0.29, 0.88), (0.27, 0.88)], decor.thing(), 24
                )
            else:
                out.lathe(
                    [(0.25, 0), (0.31, 0.22), (0.33, 0.45), (0.31, 0.68), (0.25, 0.9), (0.24, 0.87)], decor.wood, 24
                )
                for z, r in ((0.1, 0.285), (0.28, 0.325), (0.62, 0.325), (0.8, 0.285)):
                    out.lathe([(r, z), (r + 0.004, z + 0.04)], DARK_METAL, 24)
    return out


def workbench(decor: Decor) -> Piece:
    """A bench with tools on a board above."""
    rng = decor.rng
    w = rng.uniform(1.5, 2.4)
    out = Piece(decor, w, 0.75)
    out.soft_box((-w / 2, 0.02, 0.82), (w / 2, 0.7, 0.89), decor.wood, 0.01)
    out.legs(w / 2 - 0.08, 0.1, 0.62, 0.83, decor.wood, 0.045)
    out.soft_box((-w / 2 + 0.1, 0.1, 0.2), (w / 2 - 0.1, 0.62, 0.23), decor.wood, 0.006)
    for _ in range(4):
        x = rng.uniform(-w / 2 + 0.3, w / 2 - 0.3)
        out.soft_box((x - 0.18, 0.2, 0.23), (x + 0.18, 0.5, 0.23 + rng.uniform(0.15, 0.35)), decor.thing(), 0.01)
    out.clutter((-w / 2 + 0.15, 0.12), (w / 2 - 0.15, 0.45), 0.89, 7)
    out.box((-w / 2, 0.005, 1.15), (w / 2, 0.02, 2.0), decor.dark_wood)
    for x in np.arange(-w / 2 + 0.12, w / 2 - 0.1, 0.17):
        z, long = rng.uniform(1.65, 1.85), rng.uniform(0.18, 0.4)
        out.rod((float(x), 0.045, z), (float(x), 0.045, z - long), 0.012, decor.wood if rng.random() < 0.5 else RED)
        out.soft_box((float(x) - 0.05, 0.03, z), (float(x) + 0.05, 0.06, z + 0.05), STEEL, 0.005)
    return out


def extinguisher(decor: Decor) -> Piece:
    """A fire extinguisher under its sign."""
    out = Piece(decor, 0.25, 0.2)
    with out.at(moved(0, 0.11, 0.75)):
        out.lathe([(0.075, 0), (0.08, 0.03), (0.08, 0.38), (0.03, 0.46), (0.03, 0.5)], RED, 16)
    out.rod((0, 0.11, 1.25), (0, 0.18, 1.28), 0.012, BLACK)
    out.box((-0.1, 0.002, 1.6), (0.1, 0.008, 1.8), Surface("sign", (0.5, 0.04, 0.03), bump=0.0).indoors())
    return out


def notice(decor: Decor) -> Piece:
    """A pin board with papers."""
    rng = decor.rng
    out = Piece(decor, 1.2, 0.06)
    out.soft_box((-0.6, 0.004, 1.1), (0.6, 0.025, 1.95), decor.wood, 0.004)
    out.box((-0.57, 0.024, 1.13), (0.57, 0.027, 1.92), CARDBOARD)
    for _ in range(int(rng.integers(5, 14))):
        x, z = rng.uniform(-0.48, 0.48), rng.uniform(1.2, 1.82)
        w = rng.uniform(0.05, 0.11)
        paper = WHITE if rng.random() < 0.6 else decor.thing()
        out.box((x - w, 0.027, z - w * 0.7), (x + w, 0.029 + rng.uniform(0, 0.002), z + w * 0.7), paper)
    return out
