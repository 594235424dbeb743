"""A small church with a tower.

Local frame: the front lies on y = 0 and faces -y, x runs from 0 to the width, +y goes back, +Z up, metres.
"""

from __future__ import annotations

import numpy as np

from framegen.demo import materials as m
from framegen.demo.facade import Facade, HouseStyle
from framegen.demo.mesh import MeshBuilder, rotation_z, translation
from framegen.demo.roofs import pitched


def church(builder: MeshBuilder, rng: np.random.Generator) -> None:
    """A small church: nave 9 m wide and 20 m long behind a tower of 24 m. The front is the tower's."""
    wall = m.PALE_STONE
    style = HouseStyle(
        wall=wall,
        base=m.STONE,
        trim=m.TRIMS[0],
        roof_tiles=m.ROOFS[2],
        cloth=m.CLOTHS[0],
        sign=m.SIGNS[2],
        floors=0,
        ground_m=7.5,
        floor_m=0.0,
        bay_m=3.2,
        window_m=(1.1, 4.0),
        sill_m=1.6,
        roof="eaves",
        shop=False,
        shutters=False,
    )
    with builder.at(translation(0, 5) @ translation(9, 0) @ rotation_z(np.pi / 2)):
        for matrix, length in (
            (np.eye(4), 20.0),
            (translation(20, 9) @ rotation_z(np.pi), 20.0),
            (translation(20, 0) @ rotation_z(np.pi / 2), 9.0),
        ):
            with builder.at(matrix):
                Facade(builder, style, length).build(rng, front=False)
        builder.polygon([(0, 9, 0), (0, 0, 0), (0, 0, 7.5), (0, 9, 7.5)], wall)
        pitched(builder, style, 20.0, 9.0, 7.5)
    low, high = (2.0, 0.0, 0.0), (7.0, 5.2, 17.0)
    builder.box(low, high, wall, faces="nsew")
    builder.box((1.8, -0.2, 0.0), (7.2, 5.4, 1.0), m.STONE)
    for z in (8.5, 16.6):
        builder.box((1.85, -0.15, z), (7.15, 5.35, z + 0.4), m.STONE)
    builder.polygon([(3.6, -0.03, 1.0), (5.4, -0.03, 1.0), (5.4, -0.03, 3.8), (3.6, -0.03, 3.8)], m.DOOR_WOOD)
    builder.polygon([(3.6, -0.03, 3.8), (5.4, -0.03, 3.8), (4.5, -0.03, 4.9)], m.DOOR_WOOD)
    for matrix in (
        np.eye(4),
        translation(7, 2.6 - 2.5) @ rotation_z(np.pi / 2) @ translation(-2.0, 0),
        translation(2, 5.1) @ rotation_z(-np.pi / 2) @ translation(-2.0, 0),
    ):
        with builder.at(matrix):
            builder.polygon(
                [(3.9, -0.03, 13.3), (5.1, -0.03, 13.3), (5.1, -0.03, 15.8), (3.9, -0.03, 15.8)], m.DARK_METAL
            )
            angle = np.arange(16) * np.pi / 8
            builder.polygons(
                [np.stack([4.5 + 0.95 * np.cos(angle), np.full(16, -0.05), 11.2 + 0.95 * np.sin(angle)], 1)], m.TRIMS[0]
            )
            builder.polygon(
                [(4.45, -0.08, 11.2), (4.55, -0.08, 11.2), (4.53, -0.08, 12.0), (4.47, -0.08, 12.0)], m.DARK_METAL
            )
            builder.polygon(
                [(4.5, -0.08, 11.14), (5.05, -0.08, 11.3), (5.05, -0.08, 11.36), (4.5, -0.08, 11.26)], m.DARK_METAL
            )
    tip = (4.5, 2.6, 25.0)
    base = [(1.8, -0.2, 17.0), (7.2, -0.2, 17.0), (7.2, 5.4, 17.0), (1.8, 5.4, 17.0)]
    for a, b in zip(base, base[1:] + base[:1], strict=True):
        builder.polygon([a, b, tip], m.ROOFS[2])
    builder.box((4.46, 2.56, 24.8), (4.54, 2.64, 26.4), m.DARK_METAL)
    builder.box((4.1, 2.56, 25.6), (4.9, 2.64, 25.7), m.DARK_METAL)
