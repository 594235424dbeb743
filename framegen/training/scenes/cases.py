"""Furniture that holds things: bookshelves, cabinets, wardrobes, desks, televisions, pictures, mirrors."""

from __future__ import annotations

import math

import numpy as np

from framegen.training.scenes.decor import BLACK, BRASS, DARK_METAL, MIRROR, SCREEN, STEEL, WHITE, Decor
from framegen.training.scenes.geometry import moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.piece import Piece
from framegen.training.scenes.seats import chair

MONITOR = Surface("glass", (0.02, 0.025, 0.03), rough=0.15, bump=0.0, glow="always", glow_strength=0.6).indoors()


def bookshelf(decor: Decor) -> Piece:
    """A tall open case of books and small things."""
    rng = decor.rng
    w, h, d = rng.uniform(0.7, 1.5), rng.uniform(1.5, 2.2), 0.31
    out, wood = Piece(decor, w, d), decor.wood
    for x in (-w / 2, w / 2 - 0.022):
        out.soft_box((x, 0.01, 0), (x + 0.022, d, h), wood, 0.003)
    out.box((-w / 2, 0.01, 0.05), (w / 2, 0.02, h), wood)
    count = round(h / 0.36)
    columns = max(1, round(w / 0.8))
    for k in range(count + 1):
        z = 0.06 + (h - 0.085) * k / count
        out.soft_box((-w / 2 + 0.02, 0.01, z), (w / 2 - 0.02, d, z + 0.022), wood, 0.003)
        if k == count:
            break
        tall = (h - 0.085) / count - 0.03
        for c in range(columns):
            x0, x1 = (-w / 2 + 0.03 + (w - 0.06) * q / columns for q in (c, c + 1))
            if rng.random() < 0.22:
                out.clutter((x0 + 0.1, 0.12), (x1 - 0.1, 0.2), z + 0.022, 2)
                continue
            end = x0 + (x1 - x0) * rng.uniform(0.45, 1.0)
            out.books(x0, end, d - 0.03, z + 0.022, min(0.33, tall))
            if end < x1 - 0.25:
                out.clutter((end + 0.1, 0.14), (x1 - 0.08, 0.2), z + 0.022, 2)
    return out


def cabinet(decor: Decor, *, tall: bool = False) -> Piece:
    """A sideboard with doors, or a wardrobe when ``tall``."""
    rng = decor.rng
    w = rng.uniform(1.0, 1.8)
    h, d = (rng.uniform(1.9, 2.2), 0.6) if tall else (rng.uniform(0.5, 0.95), 0.45)
    out = Piece(decor, w, d)
    wood = decor.trim if rng.random() < 0.3 else decor.wood
    foot = 0.02 if tall else 0.12
    out.soft_box((-w / 2, 0.02, foot), (w / 2, d - 0.02, h), wood, 0.006)
    out.legs(w / 2 - 0.06, 0.08, d - 0.08, foot + 0.01, decor.dark_wood)
    doors = int(rng.integers(2, 5))
    for k in range(doors):
        x0, x1 = (-w / 2 + w * q / doors for q in (k, k + 1))
        rows = 1 if tall or rng.random() < 0.6 else 3
        for r in range(rows):
            z0, z1 = (foot + 0.03 + (h - foot - 0.06) * q / rows for q in (r, r + 1))
            out.soft_box((x0 + 0.008, d - 0.025, z0), (x1 - 0.008, d - 0.003, z1 - 0.008), wood, 0.004)
            grip = x1 - 0.05 if k % 2 == 0 else x0 + 0.05
            out.rod((grip, d + 0.012, (z0 + z1) / 2), (grip, d + 0.012, (z0 + z1) / 2 + 0.09), 0.007, BRASS)
    if not tall:
        out.clutter((-w / 2 + 0.15, 0.14), (w / 2 - 0.15, 0.3), h, 5)
        if rng.random() < 0.4:
            out.lamp(rng.choice((-1, 1)) * (w / 2 - 0.2), 0.22, h, 0.45, 9)
        out.bulbs = out.bulbs[:1]
    return out


def wardrobe(decor: Decor) -> Piece:
    """A wardrobe."""
    return cabinet(decor, tall=True)


def television(decor: Decor) -> Piece:
    """A flat screen on a low cabinet."""
    out = cabinet(decor)
    h = max(float(p.points[:, 2].max()) for p in out.parts[:1]) if out.parts else 0.5
    wide = min(out.width * 0.95, decor.rng.uniform(0.9, 1.4))
    z = max(0.5, h) + 0.38
    out.soft_box((-wide / 2, 0.16, z), (wide / 2, 0.2, z + wide * 0.57), BLACK, 0.006)
    out.polygon(
        [(wide / 2 - 0.012, 0.201, z + 0.012), (-wide / 2 + 0.012, 0.201, z + 0.012),
         (-wide / 2 + 0.012, 0.201, z + wide * 0.57 - 0.012), (wide / 2 - 0.012, 0.201, z + wide * 0.57 - 0.012)],
        SCREEN,
    )  # fmt: skip
    return out


def monitor(out: Piece, x: float, y: float, z: float, *, lit: bool) -> None:
    """A computer's screen that looks along +y."""
    wide, tall = 0.54, 0.32
    out.soft_box((x - wide / 2, y, z + 0.12), (x + wide / 2, y + 0.03, z + 0.12 + tall), BLACK, 0.005)
    out.soft_box((x - 0.12, y - 0.08, z), (x + 0.12, y + 0.1, z + 0.014), BLACK, 0.004)
    out.box((x - 0.03, y - 0.03, z), (x + 0.03, y - 0.005, z + 0.3), BLACK)
    q0, q1 = z + 0.13, z + 0.11 + tall
    corners = [(x + wide / 2 - 0.01, y + 0.031, q0), (x - wide / 2 + 0.01, y + 0.031, q0)]
    corners += [(x - wide / 2 + 0.01, y + 0.031, q1), (x + wide / 2 - 0.01, y + 0.031, q1)]
    glow = tuple(out.rng.uniform(0.1, 0.9, 3).tolist())
    shown = Surface(
        "glass", (0.02, 0.02, 0.025), rough=0.15, bump=0.0, glow="always", glow_color=glow, glow_strength=0.7
    )
    out.polygon(corners, shown.indoors() if lit else SCREEN)


def desk(decor: Decor, *, office: bool = False) -> Piece:
    """A desk against the wall with screen, keyboard, papers, lamp and a chair; ``office``: steel and a swivel chair."""
    rng = decor.rng
    w, d = rng.uniform(1.2, 1.8), rng.uniform(0.65, 0.8)
    out = Piece(decor, w, d + 0.75)
    top = decor.trim if office and rng.random() < 0.5 else decor.wood
    out.soft_box((-w / 2, 0.03, 0.71), (w / 2, d, 0.74), top, 0.006)
    out.legs(w / 2 - 0.05, 0.09, d - 0.07, 0.71, STEEL if office else decor.wood, 0.022)
    side = float(rng.choice((-1, 1)))
    x0, x1 = sorted((side * (w / 2 - 0.04), side * (w / 2 - 0.44)))
    out.soft_box((x0, 0.08, 0.06), (x1, d - 0.05, 0.68), decor.trim if office else decor.wood, 0.006)
    for z in (0.1, 0.29, 0.48):
        out.soft_box(
            (x0 + 0.01, d - 0.06, z), (x1 - 0.01, d - 0.035, z + 0.17), decor.trim if office else decor.wood, 0.004
        )
    for k in range(int(rng.integers(1, 3))):
        monitor(out, -0.3 * side + k * 0.58 * side - 0.1, 0.22, 0.74, lit=bool(rng.random() < 0.7))
    out.soft_box(
        (-0.24 - 0.2 * side, 0.42, 0.74), (0.2 - 0.2 * side, 0.55, 0.757), BLACK if rng.random() < 0.6 else WHITE, 0.004
    )
    out.clutter((-w / 2 + 0.12, 0.12), (-0.45, d - 0.15), 0.74, 4)
    out.clutter((0.45, 0.12), (w / 2 - 0.12, d - 0.15), 0.74, 4)
    if not office or rng.random() < 0.3:
        out.lamp(side * (w / 2 - 0.18), 0.2, 0.74, 0.42, 10)
    if office:
        swivel(decor, out, -0.2 * side, d + 0.25, math.pi + rng.normal() * 0.5)
    else:
        chair(decor, out, -0.2 * side, d + 0.2, math.pi + rng.normal() * 0.25)
    return out


def swivel(decor: Decor, out: Piece, x: float, y: float, turn: float) -> None:
    """A chair on castors."""
    cloth = decor.cloths[0]
    with out.at(moved(x, y, 0, turn)):
        for k in range(5):
            a = k / 5 * 2 * math.pi
            out.rod((0, 0, 0.09), (0.28 * math.cos(a), 0.28 * math.sin(a), 0.06), 0.02, DARK_METAL)
        out.rod((0, 0, 0.08), (0, 0, 0.45), 0.03, STEEL)
        out.cushion((0, 0, 0.48), (0.24, 0.24, 0.05), cloth, square=0.4)
        out.cushion((0, -0.24, 0.8), (0.22, 0.045, 0.27), cloth, square=0.45)
        out.box((-0.03, -0.25, 0.45), (0.03, -0.23, 0.7), DARK_METAL)


def picture(decor: Decor, middle: float = 1.6) -> Piece:
    """A framed picture, or a group of them, or a mirror, on the wall."""
    rng = decor.rng
    out = Piece(decor, 1.0, 0.08)
    frame = (BLACK, decor.wood, decor.trim, decor.dark_wood, BRASS)[int(rng.integers(5))]
    count = 1 if rng.random() < 0.65 else int(rng.integers(2, 4))
    x = -0.5 + 0.5 / count
    for _ in range(count):
        w = rng.uniform(0.4, 0.95) / (1 if count == 1 else count)
        h, z = w * rng.uniform(0.7, 1.35), middle + rng.normal() * 0.06
        out.soft_box(
            (x - w / 2 - 0.03, 0.004, z - h / 2 - 0.03), (x + w / 2 + 0.03, 0.03, z + h / 2 + 0.03), frame, 0.005
        )
        edge = 0.0 if rng.random() < 0.5 else 0.07 * w
        if edge:
            out.box((x - w / 2, 0.028, z - h / 2), (x + w / 2, 0.0315, z + h / 2), decor.linen)
        if count == 1 and rng.random() < 0.15:
            xs, zs = (x + w / 2, x - w / 2), (z - h / 2, z + h / 2)
            out.polygon([(xs[k in (1, 2)], 0.033, zs[k > 1]) for k in range(4)], MIRROR)
        else:
            out.image((x - w / 2 + edge, x + w / 2 - edge), 0.033, (z - h / 2 + edge, z + h / 2 - edge))
        x += 1.0 / count
    return out


def wall_clock(decor: Decor) -> Piece:
    """A round clock on the wall."""
    out = Piece(decor, 0.35, 0.06)
    turn = np.arange(25) / 24 * 2 * np.pi
    with out.at(np.array([[1, 0, 0, 0], [0, 0, 1, 0.0], [0, -1, 0, 2.0], [0, 0, 0, 1.0]])):
        out.lathe([(0.16, 0.0), (0.16, 0.035), (0.145, 0.045)], BLACK, 24)
    ring = [(0.143 * math.cos(t), 0.046, 2.0 + 0.143 * math.sin(t)) for t in -turn[:-1]]
    out.polygon(ring, WHITE)
    for angle, length in ((decor.rng.uniform(0, 6.28), 0.11), (decor.rng.uniform(0, 6.28), 0.07)):
        out.rod((0, 0.05, 2.0), (length * math.sin(angle), 0.05, 2.0 + length * math.cos(angle)), 0.005, BLACK, 6)
    return out
