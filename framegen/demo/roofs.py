"""Roofs, with dormers and chimneys.

Local frame: the front lies on y = 0 and faces -y, x runs from 0 to the width, +y goes back, +Z up, metres.
"""

from __future__ import annotations

import numpy as np

from framegen.demo import materials as m
from framegen.demo.facade import HouseStyle
from framegen.demo.mesh import MeshBuilder, rotation_z, translation

EAVES_M = 0.45


def roof(builder: MeshBuilder, rng: np.random.Generator, style: HouseStyle, width: float, depth: float) -> None:
    """The roof of a house of ``width`` and ``depth``, as its style says."""
    top, tiles = style.wall_m, style.roof_tiles
    if style.roof == "flat":
        builder.rectangle(0, 0, width, depth, top, m.FLAT_ROOF)
        for low, high in (
            ((0.0, -0.1, top), (width, 0.2, top + 0.7)),
            ((0.0, depth - 0.2, top), (width, depth, top + 0.7)),
            ((0.0, 0.2, top), (0.2, depth - 0.2, top + 0.7)),
            ((width - 0.2, 0.2, top), (width, depth - 0.2, top + 0.7)),
        ):
            builder.box(low, high, style.wall, top=style.trim)
        for _ in range(int(rng.integers(1, 4))):
            x, y = rng.uniform(1, width - 3), rng.uniform(2, depth - 3)
            size = rng.uniform(0.8, 2.0, 3)
            builder.box((x, y, top), (x + size[0], y + size[1], top + size[2]), m.CONCRETE)
        return
    if style.roof == "gable":
        with builder.at(translation(width, 0) @ rotation_z(np.pi / 2)):
            pitched(builder, style, depth, width, top)
        return
    pitched(builder, style, width, depth, top)
    rise = _rise(depth)
    if style.floors and width > 6 and rng.random() < 0.6:
        for x in np.arange(width / 4, width, width / 2):
            _dormer(builder, style, float(x), top, rise / (depth / 2))
    x = float(rng.uniform(0.15, 0.85)) * width
    chimney = m.BRICKS[0] if style.wall.label != "brick" else style.wall
    ridge = top + rise
    builder.box((x - 0.35, depth * 0.5 + 0.4, ridge - 1.2), (x + 0.35, depth * 0.5 + 1.0, ridge + 0.9), chimney)
    builder.box((x - 0.18, depth * 0.5 + 0.55, ridge + 0.9), (x + 0.18, depth * 0.5 + 0.85, ridge + 1.2), tiles)


def _rise(span_m: float) -> float:
    return 0.42 * span_m


def pitched(builder: MeshBuilder, style: HouseStyle, width: float, depth: float, top: float) -> None:
    """A roof with its ridge along x, its eaves over y = 0 and y = depth."""
    rise, tiles = _rise(depth), style.roof_tiles
    middle, ridge = depth / 2, top + rise
    drop = EAVES_M * rise / middle
    west, east, side = 0.0, width, 0.22
    for (y, z), (yr, zr) in (
        ((-EAVES_M, top - drop), (middle, ridge)),
        ((depth + EAVES_M, top - drop), (middle, ridge)),
    ):
        slope = [(west - side, y, z), (east + side, y, z), (east + side, yr, zr), (west - side, yr, zr)]
        if y > yr:
            slope = slope[::-1]
        lift = 0.16
        builder.polygon([(a, b, c + lift) for a, b, c in slope], tiles)
        builder.polygon(slope[::-1], style.trim)
        edge = [(west - side, y, z), (east + side, y, z), (east + side, y, z + lift), (west - side, y, z + lift)]
        builder.polygon(edge if y < yr else edge[::-1], style.trim)
        for x, flip in ((west - side, y < yr), (east + side, y > yr)):
            verge = [(x, yr, zr), (x, y, z), (x, y, z + lift), (x, yr, zr + lift)]
            builder.polygon(verge if flip else verge[::-1], style.trim)
    builder.polygon([(west, depth, top), (west, 0, top), (west, middle, ridge)], style.wall)
    builder.polygon([(east, 0, top), (east, depth, top), (east, middle, ridge)], style.wall)


def _dormer(builder: MeshBuilder, style: HouseStyle, x: float, top: float, slope: float) -> None:
    y0, width, height = 0.9, 1.3, 1.25
    z0 = top + slope * y0 + 0.16
    z1 = z0 + height
    back = y0 + (height + 0.5) / slope
    w0, w1 = x - width / 2, x + width / 2
    builder.polygon([(w0, y0, z0), (w1, y0, z0), (w1, y0, z1), (w0, y0, z1)], style.wall)
    builder.polygon([(w0, y0, z1), (w1, y0, z1), (x, y0, z1 + 0.5)], style.wall)
    builder.polygon(
        [
            (w0 + 0.2, y0 - 0.02, z0 + 0.1),
            (w1 - 0.2, y0 - 0.02, z0 + 0.1),
            (w1 - 0.2, y0 - 0.02, z1),
            (w0 + 0.2, y0 - 0.02, z1),
        ],
        m.GLASS,
    )
    builder.polygon([(w0, back, z1), (w0, y0, z0), (w0, y0, z1)], style.wall)
    builder.polygon([(w1, y0, z0), (w1, back, z1), (w1, y0, z1)], style.wall)
    out = 0.15
    builder.polygon(
        [(w0 - out, y0 - out, z1 - 0.1), (x, y0 - out, z1 + 0.52), (x, back, z1 + 0.52), (w0 - out, back, z1 - 0.1)][
            ::-1
        ],
        style.roof_tiles,
    )
    builder.polygon(
        [(w1 + out, y0 - out, z1 - 0.1), (w1 + out, back, z1 - 0.1), (x, back, z1 + 0.52), (x, y0 - out, z1 + 0.52)][
            ::-1
        ],
        style.roof_tiles,
    )
