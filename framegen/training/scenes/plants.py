"""Trees, bushes, cacti and grass as meshes. Leaves are cards with cut-out twigs; a plant stands on the origin."""

from __future__ import annotations

import math

import numpy as np

from framegen.frame import F64
from framegen.training.scenes.geometry import Builder
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.synthesis import Rng

BARK = Surface("bark", (0.13, 0.1, 0.075), "furrowed bark", rough=0.9, bump=0.8, bump_m=0.03)
BIRCH_BARK = Surface("bark", (0.5, 0.48, 0.45), "weathered plaster", rough=0.8)
CACTUS = Surface("cactus", (0.07, 0.13, 0.05), "undergrowth", rough=0.6, bump=0.3, snow=0.4, vary=0.25)
BLADE = Surface("grass", (0.085, 0.13, 0.03), rough=0.5, season="grass", translucent=0.3, snow=0.0, bump=0.0)
DRY = Surface("foliage", (0.17, 0.16, 0.08), cutout="willow", rough=0.7, translucent=0.2, snow=0.3, stain=0.0, bump=0.0)
PALM_LEAF = Surface("foliage", (0.06, 0.12, 0.03), rough=0.4, translucent=0.3, snow=0.3, bump=0.0)

BROADLEAVES = ("beech", "linden", "willow", "oak", "maple")


def leaf(species: str) -> Surface:
    """The cut-out leaves of a broadleaf species, in the season's colours."""
    return Surface(
        "foliage",
        (0.07, 0.12, 0.025),
        cutout=species,
        season="leaf",
        rough=0.45,
        translucent=0.35,
        snow=0.6,
        stain=0.0,
        bump=0.0,
    )


def needles(species: str, dark: float = 1.0) -> Surface:
    """The sprays of a conifer."""
    color = (0.035 * dark, 0.075 * dark, 0.026 * dark)
    return Surface("foliage", color, cutout=species, rough=0.6, translucent=0.15, stain=0.15, vary=0.2, bump=0.0)


def unit(a: F64) -> F64:
    """Rows brought to length one."""
    return np.asarray(a / (np.linalg.norm(a, axis=-1, keepdims=True) + 1e-9), np.float64)


def cards(
    builder: Builder, rng: Rng, roots: F64, along: F64, size: F64, leaves: Surface, normal: F64 | None = None
) -> None:
    """Leaf cards ``size`` metres square, each from its root ``along`` its direction, bent a little.

    ``roots``, ``along`` ``[n, 3]``; ``size`` ``[n]``; ``normal`` ``[n, 3]``: which way they face, or any way.
    """
    n = len(roots)
    along = unit(along)
    facing = rng.normal(size=(n, 3)) if normal is None else normal + 0.35 * rng.normal(size=(n, 3))
    across = unit(np.cross(along, facing))
    bend = np.cross(across, along) * (rng.uniform(-0.12, 0.12, n) * size)[:, None]
    half, length = across * (size / 2)[:, None], along * size[:, None]
    middle, tip = roots + length * 0.5 + bend, roots + length - bend
    points = np.stack([roots - half, roots + half, middle - half, middle + half, tip - half, tip + half], 1)
    first = np.arange(n)[:, None] * 6
    faces = np.concatenate([first + np.array(c) for c in ((0, 1, 3, 2), (2, 3, 5, 4))], 1).reshape(-1, 4)
    corner = ((0, 0), (1, 0), (1, 0.5), (0, 0.5), (0, 0.5), (1, 0.5), (1, 1), (0, 1))
    builder.add(points.reshape(-1, 3), faces, leaves, uv=np.tile(np.array(corner, np.float32), (n, 1)))


class Wood:
    """Straight pieces of branch, gathered and then added as one part."""

    def __init__(self) -> None:
        self._pieces: list[tuple[F64, F64, float, float]] = []

    def piece(self, start: F64, end: F64, r0: float, r1: float) -> None:
        """A tapered piece."""
        self._pieces.append((start, end, r0, r1))

    def add_to(self, builder: Builder, bark: Surface, sides: int = 7) -> None:
        """All pieces as tubes."""
        a, b = (np.array([p[k] for p in self._pieces]) for k in (0, 1))
        r0, r1 = (np.array([p[k] for p in self._pieces]) for k in (2, 3))
        ahead = unit(b - a)
        reference = np.where(np.abs(ahead[:, 2:3]) < 0.9, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
        u = unit(np.cross(ahead, reference))
        w = np.cross(ahead, u)
        turn = np.arange(sides) / sides * 2 * np.pi
        ring = u[:, None] * np.cos(turn)[None, :, None] + w[:, None] * np.sin(turn)[None, :, None]
        points = np.concatenate([a[:, None] + ring * r0[:, None, None], b[:, None] + ring * r1[:, None, None]], 1)
        k = np.arange(sides)
        quad = np.stack([k, (k + 1) % sides, sides + (k + 1) % sides, sides + k], 1)
        faces = (np.arange(len(a))[:, None, None] * 2 * sides + quad).reshape(-1, 4)
        builder.add(points.reshape(-1, 3), faces, bark, smooth=True)


def broadleaf(
    rng: Rng, height: float, bark: Surface, leaves: Surface | None, *, count: int = 2600, spread: float = 1.0
) -> Builder:
    """A tree that branches four times; ``leaves`` None: bare."""
    wood = Wood()
    tips: list[tuple[F64, F64]] = []

    def branch(at: F64, ahead: F64, length: float, radius: float, order: int) -> None:
        steps = 3 if order else 4
        for k in range(steps):
            ahead = unit(ahead + rng.normal(size=3) * (0.16 if order else 0.06) + (0, 0, 0.05))
            end = at + ahead * length / steps
            wood.piece(at, end, radius * (1 - 0.18 * k), radius * (1 - 0.18 * (k + 1)))
            at = end
            if order < 4 and (order or k >= 1):
                for _ in range(2):
                    if rng.random() < 0.86:
                        side = unit(ahead * 0.8 + rng.normal(size=3) * 0.6 * spread + (0, 0, 0.1))
                        branch(at, side, length * rng.uniform(0.5, 0.75), radius * 0.5, order + 1)
            if order >= 3 or (order == 2 and k):
                tips.append((at, ahead))

    branch(np.zeros(3), np.array((0.0, 0.0, 1.0)), height * 0.4, height * 0.026, 0)
    out = Builder()
    wood.add_to(out, bark)
    kept = [t for t in tips if t[0][2] > 0.3 * height]
    if leaves is None or not kept:
        return out
    roots, ways = np.array([t[0] for t in kept]), np.array([t[1] for t in kept])
    pick = rng.integers(len(kept), size=count)
    middle = roots.mean(0)
    at = roots[pick] + np.clip(rng.normal(size=(count, 3)), -1.6, 1.6) * 0.035 * height
    outward = unit(at - middle)
    along = ways[pick] * 0.4 + 0.7 * rng.normal(size=(count, 3)) + 0.6 * outward - (0, 0, 0.25)
    size = rng.uniform(0.3, 0.5, count) * (0.6 + 0.05 * height)
    cards(out, rng, at, along, size, leaves, outward + np.array((0, 0, 0.6)))
    return out


def conifer(rng: Rng, height: float, bark: Surface, leaves: Surface, *, slim: float = 0.2) -> Builder:
    """Whorls of drooping branches, each a fan of sprays."""
    wood = Wood()
    wood.piece(np.zeros(3), np.array((0.0, 0.0, height)), height * 0.018, 0.01)
    roots, ways, sizes = [], [], []
    whorls = int(rng.integers(24, 36))
    foot = rng.uniform(0.05, 0.2)
    for k in range(whorls):
        share = k / whorls
        z = height * (foot + (1 - foot) * share)
        reach = height * slim * (1 - share) ** 0.85 + 0.1
        droop = rng.uniform(-0.45, -0.1) + 0.4 * share
        for _ in range(int(rng.integers(5, 8))):
            turn = rng.uniform(0, 2 * np.pi)
            ahead = unit(np.array((math.cos(turn), math.sin(turn), droop)))
            length = reach * rng.uniform(0.7, 1.15)
            start = np.array((0.0, 0.0, z + rng.normal() * 0.02 * height))
            wood.piece(start, start + ahead * length, 0.012 + 0.01 * length, 0.004)
            count = max(2, int(length / 0.3))
            for j in range(count):
                place = (j + 0.4) / count
                side = np.cross(ahead, (0.0, 0.0, 1.0)) * rng.choice((-1, 1)) * rng.uniform(0.1, 0.9)
                roots.append(start + ahead * length * place)
                ways.append(ahead + side + (0, 0, 0.15))
                sizes.append(min(1.1, 0.3 + 0.5 * length * (1.15 - place)) * rng.uniform(0.75, 1.15))
    out = Builder()
    wood.add_to(out, bark, 6)
    cards(out, rng, np.array(roots), np.array(ways), np.array(sizes), leaves, np.tile((0.0, 0.0, 1.0), (len(roots), 1)))
    return out


def palm(rng: Rng, height: float, bark: Surface) -> Builder:
    """A leaning trunk with a crown of feathered fronds."""
    wood = Wood()
    at, ahead = np.zeros(3), unit(np.array((rng.normal() * 0.2, rng.normal() * 0.2, 1.0)))
    for k in range(12):
        end = at + ahead * height / 12
        wood.piece(at, end, 0.17 * (1 - 0.035 * k), 0.16 * (1 - 0.035 * k))
        at, ahead = end, unit(ahead + np.array((0, 0, 0.03)))
    points: list[F64] = []
    for k in range(18):
        turn, rise, length = k / 18 * 2 * np.pi + rng.uniform(-0.2, 0.2), rng.uniform(-0.3, 0.9), rng.uniform(2.0, 2.9)
        out_way = np.array((math.cos(turn), math.sin(turn), 0.0))
        across, stalk = np.cross(out_way, (0.0, 0.0, 1.0)), at
        for j in range(22):
            share = j / 22
            way = out_way * math.cos(rise - 1.6 * share) + np.array((0, 0, 1.0)) * math.sin(rise - 1.6 * share)
            end = stalk + way * length / 22
            for side in (-1, 1):
                reach = 0.75 * math.sin(math.pi * min(1.0, 0.12 + share * 0.9)) + 0.08
                points += [stalk, stalk + way * 0.05, stalk + (across * side * 0.8 + way * 0.5 + (0, 0, -0.35)) * reach]
            wood.piece(stalk, end, 0.018 * (1 - share) + 0.004, 0.018 * (1 - share) + 0.003)
            stalk = end
    out = Builder()
    wood.add_to(out, bark)
    out.add(np.array(points), np.arange(len(points)).reshape(-1, 3), PALM_LEAF)
    return out


def bush(rng: Rng, radius: float, bark: Surface, leaves: Surface, *, count: int = 420) -> Builder:
    """A round bush of twigs."""
    ends = unit(rng.normal(size=(40, 3))) * rng.uniform(0.5, 1, (40, 1)) * radius * (1, 1, 0.75)
    ends[:, 2] = np.abs(ends[:, 2])
    wood = Wood()
    for end in ends:
        wood.piece(np.zeros(3), end, 0.012, 0.003)
    out = Builder()
    wood.add_to(out, bark, 5)
    at = (
        ends[rng.integers(40, size=count)] * rng.uniform(0.5, 0.95, (count, 1))
        + rng.normal(size=(count, 3)) * 0.1 * radius
    )
    cards(
        out,
        rng,
        at,
        at + rng.normal(size=(count, 3)) * 0.5 * radius + (0, 0, 0.3 * radius),
        rng.uniform(0.2, 0.38, count),
        leaves,
    )
    return out


def cactus(rng: Rng, height: float) -> Builder:
    """A saguaro: ribbed columns."""
    out = Builder()

    def column(path: F64, radius: float) -> None:
        share = np.linspace(0, 1, len(path))
        taper = np.sqrt(np.maximum(0, 1 - np.maximum(0, (share - 0.93) / 0.07) ** 2))
        out.tube(path, radius * np.maximum(taper, 0.02), CACTUS, 20)

    up = np.concatenate([np.linspace(0, 0.93, 10), np.linspace(0.945, 1, 6)])
    column(np.stack([0 * up, 0 * up, height * up], 1), height * 0.055)
    for _ in range(int(rng.integers(0, 4))):
        turn, z, reach = rng.uniform(0, 2 * np.pi), height * rng.uniform(0.3, 0.55), height * rng.uniform(0.2, 0.4)
        share = np.linspace(0, 1, 18)[:, None]
        way = np.array((math.cos(turn), math.sin(turn), 0.0))
        path = way * height * 0.15 * np.minimum(1, share * 2.5) + np.array((0, 0, 1.0)) * (
            z + np.maximum(0, share - 0.25) * reach
        )
        column(path, height * 0.038)
    return out


def grass(rng: Rng, at: F64, ground_z: F64, distance: F64, height: F64, builder: Builder) -> None:
    """Blades of grass: ``at`` ``[n, 2]``; ``ground_z``, ``distance`` to the camera, ``height`` ``[n]``.

    Far blades are wider, so that fewer of them cover as much.
    """
    n = len(at)
    turn = rng.random(n) * 2 * np.pi
    across = np.stack([np.cos(turn), np.sin(turn), np.zeros(n)], 1)
    width = (0.0032 + 0.00085 * distance)[:, None]
    lean = np.stack([*(rng.normal(size=(2, n)) * 0.32), np.ones(n)], 1)
    tall = (height * rng.uniform(0.5, 1.3, n))[:, None]
    root = np.stack([at[:, 0], at[:, 1], ground_z - 0.02], 1)
    middle = root + lean * tall * 0.55
    tip = root + lean * tall + lean * (1, 1, 0) * tall * 0.7
    rows = [
        root - across * width,
        root + across * width,
        middle - across * width * 0.75,
        middle + across * width * 0.75,
        tip,
    ]
    first = np.arange(n)[:, None] * 5
    faces = np.concatenate([first + np.array(c) for c in ((0, 1, 3), (0, 3, 2), (2, 3, 4))], 1).reshape(-1, 3)
    builder.add(np.stack(rows, 1).reshape(-1, 3), faces, BLADE)


def grass_places(rng: Rng, x: float, y: float, yaw_rad: float, count: int, far_m: float = 32.0) -> F64:
    """Roots in front of a camera, dense near and sparse far: ``[n, 3]`` x, y, distance."""
    reach = 0.35 + far_m * rng.random(count) ** 1.35
    angle = yaw_rad + (rng.random(count) - 0.5) * 2.2
    return np.stack([x - np.sin(angle) * reach, y + np.cos(angle) * reach, reach], 1)
