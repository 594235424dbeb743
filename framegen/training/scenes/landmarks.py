"""What people leave in the open: fences, cabins, tents, logs, ruins, boats, parasols, signs. Meshes on the origin."""

from __future__ import annotations

import math

import numpy as np

from framegen.training.scenes.bank import mean_color
from framegen.training.scenes.facade import SIGN_COLORS
from framegen.training.scenes.geometry import Builder, moved
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.plants import BARK
from framegen.training.scenes.synthesis import Rng, scaled

WEATHERED = Surface("wood", (0.2, 0.17, 0.14), "grey boards", rough=0.85, bump=0.4)
TIMBER = Surface("wood", (0.22, 0.13, 0.07), "boards", rough=0.75, bump=0.4)
CUT = Surface("wood", (0.36, 0.25, 0.14), rough=0.8, bump=0.2)
STRAW = Surface("soil", (0.42, 0.32, 0.12), "dry lawn", rough=0.95, bump=0.8, bump_m=0.03)
STEEL = Surface("metal", (0.36, 0.37, 0.38), rough=0.4, metal=0.8, bump=0.0)
EMBER = Surface("lamp", (0.05, 0.03, 0.02), glow="night", glow_color=(1.0, 0.3, 0.05), glow_strength=9.0, bump=0.0)


def cloth(rng: Rng) -> Surface:
    """Canvas in a loud colour, through which light shines."""
    color = SIGN_COLORS[int(rng.integers(6))]
    return Surface("fabric", color, "canvas", rough=0.9, translucent=0.3, bump=0.1, bump_m=0.004, snow=0.7)


def fence(rng: Rng, length: float) -> Builder:
    """Posts and rails along x."""
    out, rails = Builder(), int(rng.integers(2, 4))
    for x in np.arange(0, length + 0.1, 2.0):
        lean = rng.normal() * 0.03
        out.tube(np.array([(x, 0, -0.3), (x + lean, lean, 1.15)]), 0.055, WEATHERED, 8)
    for k in range(rails):
        z = 0.3 + 0.7 * k / max(1, rails - 1)
        for x in np.arange(0, length - 0.1, 2.0):
            sag = rng.normal() * 0.03
            out.tube(np.array([(x, 0.05, z + sag), (x + 2.0, 0.05, z - sag)]), 0.04, WEATHERED, 6)
    return out


def cabin(rng: Rng) -> Builder:
    """A hut of boards with a door, windows, a chimney and a porch."""
    out = Builder()
    w, d, h = rng.uniform(3.5, 5.5), rng.uniform(3.0, 4.5), rng.uniform(2.2, 2.7)
    wall = WEATHERED if rng.random() < 0.5 else TIMBER
    name = str(rng.choice(("slates", "flat tiles", "roofing felt", "corrugated sheet")))
    roof = Surface("roof", mean_color(name), name, bump=0.7, bump_m=0.03)
    out.box((-w / 2, -d / 2, -0.8), (w / 2, d / 2, h), wall)
    rise, over = 0.45 * d, 0.4
    for side in (-1, 1):
        y0, z0 = side * (d / 2 + over), h - over * rise / (d / 2)
        low = [(-w / 2 - 0.3, y0, z0), (w / 2 + 0.3, y0, z0), (w / 2 + 0.3, 0, h + rise), (-w / 2 - 0.3, 0, h + rise)]
        out.polygon(low if side < 0 else low[::-1], roof)
        under = [(x, y, z - 0.08) for x, y, z in low]
        out.polygon(under[::-1] if side < 0 else under, TIMBER)
    for x in (-w / 2, w / 2):
        gable = [(x, -d / 2, h), (x, d / 2, h), (x, 0, h + rise - 0.05)]
        out.polygon(gable[::-1] if x < 0 else gable, wall)
    for z0, z1 in ((0.0, 2.0),):
        out.soft_box((-0.45, -d / 2 - 0.05, z0), (0.45, -d / 2, z1), TIMBER, 0.01)
    glass = Surface(
        "glass", (0.02, 0.025, 0.03), rough=0.1, bump=0.0, glow="night", glow_color=(1.0, 0.6, 0.25), glow_strength=1.6
    )
    for x in (-w / 2 + 0.8, w / 2 - 0.8):
        out.soft_box((x - 0.45, -d / 2 - 0.06, 0.95), (x + 0.45, -d / 2, 1.8), WEATHERED, 0.01)
        out.box((x - 0.38, -d / 2 - 0.065, 1.02), (x + 0.38, -d / 2, 1.73), glass)
        out.box((x - 0.02, -d / 2 - 0.075, 1.02), (x + 0.02, -d / 2, 1.73), WEATHERED)
    stone = Surface("stone", mean_color("rubble"), "rubble", bump=0.7, bump_m=0.03)
    out.box((w / 2 - 0.1, -0.4, -0.5), (w / 2 + 0.45, 0.4, h + rise + 0.6), stone)
    out.box((-w / 2, -d / 2 - 1.1, -0.6), (w / 2, -d / 2, -0.02), WEATHERED)
    return out


def tent(rng: Rng) -> Builder:
    """A ridge tent, open towards -y, with a fire before it."""
    out, canvas = Builder(), cloth(rng)
    a, b, ridge = [(-1.0, -1.3, 0), (-1.0, 1.3, 0)], [(1.0, -1.3, 0), (1.0, 1.3, 0)], [(0, -1.45, 1.35), (0, 1.35, 1.3)]
    out.polygon([a[1], a[0], ridge[0], ridge[1]], canvas)
    out.polygon([b[0], b[1], ridge[1], ridge[0]], canvas)
    out.polygon([b[1], a[1], ridge[1]], canvas)
    for side in (-1, 1):
        out.polygon([(side * 1.0, -1.3, 0), (side * 0.55, -1.35, 0.02), (0, -1.45, 1.34)], canvas)
    for k in range(9):
        turn = 2 * math.pi * k / 9
        with out.at(moved(0.45 * math.cos(turn), -3.0 + 0.45 * math.sin(turn), 0.05)):
            out.sphere((0.14, 0.12, 0.1), Surface("rock", (0.2, 0.19, 0.18), "dark stone"), rng, 0.2, 5)
    for k in range(5):
        turn = 2 * math.pi * k / 5
        out.tube(np.array([(0.3 * math.cos(turn), -3 + 0.3 * math.sin(turn), 0.03), (0, -3, 0.28)]), 0.04, BARK, 6)
    with out.at(moved(0, -3, 0.08)):
        out.sphere((0.18, 0.18, 0.12), EMBER, rng, 0.3, 5)
    return out


def logs(rng: Rng) -> Builder:
    """Felled trunks piled up, or a single fallen one."""
    out = Builder()
    rows = int(rng.integers(1, 4))
    radius, long = rng.uniform(0.16, 0.28), rng.uniform(1.8, 3.6)
    for row in range(rows):
        for k in range(rows - row):
            y, z = (k - (rows - row) / 2) * 2 * radius, radius * (1 + 1.75 * row)
            x = rng.normal() * 0.08
            out.tube(
                np.array([(x - long / 2, y, z), (x + long / 2, y, z)]),
                radius * rng.uniform(0.9, 1.0),
                BARK,
                12,
                caps=False,
            )
            for end, way in ((x - long / 2, 1), (x + long / 2, -1)):
                turn = -way * np.arange(12) / 12 * 2 * np.pi
                ring = np.stack([np.full(12, end), y + radius * np.cos(turn), z + radius * np.sin(turn)], 1)
                out.polygon(ring.tolist(), CUT)
    return out


def bale(rng: Rng) -> Builder:
    """A round bale of straw."""
    out, r = Builder(), rng.uniform(0.6, 0.8)
    out.tube(np.array([(-0.6, 0, r), (0.6, 0, r)]), r, STRAW, 24)
    return out


def signpost(rng: Rng) -> Builder:
    """A post with arms that point along paths."""
    out = Builder()
    out.tube(np.array([(0, 0, -0.3), (0, 0, 2.3)]), 0.06, TIMBER, 8)
    for k in range(int(rng.integers(1, 4))):
        with out.at(moved(0, 0, 2.1 - 0.24 * k, rng.uniform(0, 6.28))):
            out.soft_box((0.03, -0.03, 0), (0.85, 0.0, 0.18), WEATHERED, 0.01)
    return out


def ruin(rng: Rng) -> Builder:
    """Broken stone walls and columns."""
    out = Builder()
    name = str(rng.choice(("ashlar", "rubble", "stone wall")))
    stone = Surface(
        "stone", scaled(mean_color(name), 1.0 if name != "stone wall" else 2.6), name, bump=0.7, bump_m=0.03
    )
    for k in range(int(rng.integers(1, 4))):
        with out.at(moved(rng.normal() * 1.5, rng.normal() * 1.5, -0.3, math.pi / 2 * k + rng.normal() * 0.05)):
            x, high = 0.0, rng.uniform(1.2, 3.4)
            while high > 0.4 and x < 6:
                wide = rng.uniform(0.5, 1.1)
                out.soft_box((x, -0.28, 0), (x + wide, 0.28, high), stone, 0.03)
                x, high = x + wide, high - rng.uniform(-0.35, 0.9)
    for _ in range(int(rng.integers(0, 4))):
        with out.at(moved(rng.uniform(-3.5, 3.5), rng.uniform(-3.5, 3.5), -0.2)):
            tall = rng.uniform(0.7, 3.6)
            out.lathe([(0.42, 0), (0.42, 0.25), (0.3, 0.32), (0.26, tall)], stone, 18)
            if tall > 3:
                out.box((-0.42, -0.42, tall), (0.42, 0.42, tall + 0.25), stone)
    return out


def rowboat(rng: Rng) -> Builder:
    """A rowing boat along y, pulled ashore or afloat."""
    out = Builder()
    paint = Surface("wood", SIGN_COLORS[int(rng.integers(6))], "painted boards", rough=0.5, bump=0.2)
    s = np.linspace(-1, 1, 13)
    half = 0.72 * (1 - np.abs(s) ** 2.4 * np.where(s > 0, 1.0, 0.55))
    keel = 0.1 + 0.28 * np.abs(s) ** 3
    across = np.linspace(-1, 1, 9)[:, None]
    rise = (1 - np.cos(across * 1.5)) / (1 - np.cos(1.5))
    x = half * np.sin(across * 1.35) / np.sin(1.35)
    grid = np.stack(np.broadcast_arrays(x, 2.0 * s, keel + (0.62 + 0.16 * s**2 - keel) * rise), -1)
    i, j = np.meshgrid(np.arange(8), np.arange(12), indexing="ij")
    corner = (i * 13 + j).ravel()
    faces = np.stack([corner, corner + 13, corner + 14, corner + 1], 1)
    out.add(grid.reshape(-1, 3), faces[:, ::-1], paint, smooth=True)
    out.add(grid.reshape(-1, 3) + np.array((0.0, 0.0, 0.03)), faces, TIMBER, smooth=True)
    for y in (-0.9, 0.0, 0.8):
        wide = float(np.interp(y / 2, s, half))
        out.soft_box((-wide * 0.93, y - 0.13, 0.42), (wide * 0.93, y + 0.13, 0.46), TIMBER, 0.008)
    for side in (-1, 1):
        out.tube(np.array([(side * 0.35, -1.4, 0.52), (side * 0.6, 1.4, 0.6)]), 0.025, CUT, 6)
        out.tube(grid[0 if side < 0 else -1] + np.array((0.0, 0.0, 0.02)), 0.03, TIMBER, 6)
    return out


def sailboat(rng: Rng) -> Builder:
    """A yacht with two sails, its waterline at z = 0."""
    out = Builder()
    with out.at(np.diag([2.0, 2.2, 2.0, 1.0])):
        out.take(rowboat(rng))
    canvas = Surface("fabric", (0.66, 0.65, 0.62), "canvas", rough=0.9, translucent=0.3, bump=0.0)
    out.tube(np.array([(0, 0.4, 0.5), (0, 0.4, 8.5)]), 0.06, STEEL, 8)
    out.polygon([(0, 0.3, 1.6), (0.9, -3.4, 1.6), (0, 0.3, 8.2)], canvas)
    out.polygon([(0, 0.5, 7.4), (0.5, 0.9, 1.5), (0, 4.0, 1.3)], canvas)
    return out


def parasol(rng: Rng) -> Builder:
    """A parasol with a towel and a deck chair in its shade."""
    out = Builder()
    colors = [cloth(rng), Surface("fabric", (0.64, 0.62, 0.58), "canvas", translucent=0.3, bump=0.1)]
    out.tube(np.array([(0, 0, -0.2), (0.1, 0, 2.2)]), 0.025, CUT, 8)
    turn = np.arange(11) / 10 * 2 * np.pi
    for k in range(10):
        a, b = turn[k], turn[k + 1]
        rim = [(0.1 + 1.25 * math.cos(t), 1.25 * math.sin(t), 1.85) for t in (a, b)]
        out.polygon([rim[0], rim[1], (0.1, 0, 2.3)], colors[k % 2])
        skirt = [(x, y, z - 0.14) for x, y, z in rim]
        out.polygon([skirt[0], skirt[1], rim[1], rim[0]], colors[k % 2])
    towel = cloth(rng)
    with out.at(moved(0.6, -1.1, 0.015, rng.uniform(-0.5, 0.5))):
        out.box((-0.4, -0.85, 0), (0.4, 0.85, 0.015), towel)
    for side in (-0.3, 0.3):
        out.tube(np.array([(-0.9 + side, -0.6, 0.1), (-0.9 + side, 0.7, 0.75)]), 0.02, CUT, 6)
        out.tube(np.array([(-0.9 + side, -0.6, 0.55), (-0.9 + side, 0.55, 0.0)]), 0.02, CUT, 6)
    out.polygon([(-1.2, -0.55, 0.25), (-0.6, -0.55, 0.25), (-0.6, 0.7, 0.74), (-1.2, 0.7, 0.74)], towel)
    return out


def beach_hut(rng: Rng) -> Builder:
    """A changing hut in stripes, its front towards -y."""
    out = Builder()
    paint = Surface("wood", scaled(SIGN_COLORS[int(rng.integers(6))], 1.1), "painted boards", rough=0.6, bump=0.3)
    pale = Surface("wood", (0.62, 0.6, 0.56), "painted boards", rough=0.6, bump=0.3)
    for k in range(8):
        x = -1.0 + 0.25 * k
        out.box((x, -1.0, 0), (x + 0.25, 1.0, 2.1), paint if k % 2 else pale)
    for side in (-1, 1):
        low = [(side * 1.15, -1.15, 2.05), (side * 1.15, 1.1, 2.05), (0, 1.1, 2.8), (0, -1.15, 2.8)]
        out.polygon(low if side > 0 else low[::-1], WEATHERED)
        out.polygon(low[::-1] if side > 0 else low, WEATHERED)
    for y in (-1.0, 1.0):
        gable = [(-1.0, y, 2.1), (1.0, y, 2.1), (0, y, 2.75)]
        out.polygon(gable if y < 0 else gable[::-1], pale)
    out.soft_box((-0.4, -1.04, 0.05), (0.4, -1.0, 1.9), TIMBER, 0.01)
    return out
