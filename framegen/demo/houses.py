"""Whole houses: their styles, walls and roofs.

Local frame: the front lies on y = 0 and faces -y, x runs from 0 to the width, +y goes back, +Z up, metres.
"""

from __future__ import annotations

import numpy as np

from framegen.demo import materials as m
from framegen.demo.facade import Facade, HouseStyle
from framegen.demo.materials import Material
from framegen.demo.mesh import MeshBuilder, rotation_z, translation
from framegen.demo.roofs import roof


def random_style(rng: np.random.Generator, kind: str) -> HouseStyle:
    """A style for ``kind``: ``shop``, ``townhouse``, ``block`` or ``cottage``."""

    def pick(options: tuple[Material, ...]) -> Material:
        return options[int(rng.integers(len(options)))]

    wall = pick(m.BRICKS) if rng.random() < 0.34 else pick(m.PLASTERS).shaded(float(rng.uniform(0.88, 1.1)))
    shop = kind == "shop" or (kind == "block" and rng.random() < 0.6)
    base = pick(m.TRIMS) if shop else m.STONE if rng.random() < 0.3 else wall
    low, high = {"shop": (1, 4), "townhouse": (1, 4), "block": (3, 6), "cottage": (0, 2)}[kind]
    shape = "flat" if kind == "block" else "gable" if rng.random() < (0.35 if kind != "cottage" else 0.2) else "eaves"
    return HouseStyle(
        wall=wall,
        base=base,
        trim=pick(m.TRIMS),
        roof_tiles=pick(m.ROOFS),
        cloth=pick(m.CLOTHS),
        sign=pick(m.SIGNS),
        floors=int(rng.integers(low, high)),
        ground_m=float(rng.uniform(3.4, 4.0)) if kind != "cottage" else 2.9,
        floor_m=float(rng.uniform(2.8, 3.2)),
        bay_m=float(rng.uniform(2.1, 2.8)),
        window_m=(float(rng.uniform(0.95, 1.3)), float(rng.uniform(1.35, 1.7))),
        sill_m=0.85,
        roof=shape,
        shop=shop,
        shutters=not shop and kind != "block" and bool(rng.random() < 0.5),
    )


def house(
    builder: MeshBuilder,
    rng: np.random.Generator,
    style: HouseStyle,
    width_m: float,
    depth_m: float,
    *,
    open_sides: str = "",
) -> None:
    """A whole house. ``open_sides``: of w, e and n, those that can be seen and get windows."""
    Facade(builder, style, width_m).build(rng, front=True)
    placements = {
        "e": (translation(width_m, 0) @ rotation_z(np.pi / 2), depth_m),
        "n": (translation(width_m, depth_m) @ rotation_z(np.pi), width_m),
        "w": (translation(0, depth_m) @ rotation_z(-np.pi / 2), depth_m),
    }
    for side, (matrix, length) in placements.items():
        with builder.at(matrix):
            if side in open_sides:
                Facade(builder, style, length).build(rng, front=False)
            else:
                height = style.wall_m
                builder.polygon([(0, 0, 0), (length, 0, 0), (length, 0, height), (0, 0, height)], style.wall)
    roof(builder, rng, style, width_m, depth_m)
