"""The demo's town: three by three blocks around a market square, in low poly, made in code.

World: right-handed, +Z up, metres; +y is north. The square is the middle block; roads run
between the blocks and around them; cottages stand outside, then meadows and hills.
Everything follows from the seed.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from framegen.demo import church, houses, life, plan, props
from framegen.demo import materials as m
from framegen.demo.mesh import MeshBuilder, rotation_z, translation
from framegen.demo.paths import ClosedPath, look_along
from framegen.demo.plan import BLOCK_HALF_M, BLOCKS_M, PAVEMENT_M, PAVEMENT_TOP_M, ROAD_HALF_M, ROADS_M
from framegen.demo.scene import Scene, clusters
from framegen.frame import F64

ROWS_HALF_M = BLOCK_HALF_M - PAVEMENT_M
CHURCH_BLOCK_M = (0.0, 44.0)
CAMERA_SPEED_MPS = 8.5

_CAMERA_WAY = (
    (-11.0, -10.6, 2.0, 8),
    (-9.0, 1.5, 1.9, -34),
    (-1.0, 8.4, 2.1, -42),
    (8.6, 9.2, 2.3, -14),
    (13.6, 13.4, 2.5, 6),
    (20.0, 21.0, 2.8, 22),
    (22.0, 34.0, 3.0, 38),
    (22.5, 51.0, 3.4, 30),
    (30.0, 64.0, 3.6, -30),
    (44.0, 66.0, 3.4, -48),
    (60.0, 62.0, 3.2, -44),
    (66.0, 48.0, 3.0, -36),
    (66.0, 22.0, 2.8, -44),
    (65.0, -6.0, 3.2, -46),
    (57.0, -20.0, 4.2, -16),
    (42.0, -22.0, 5.4, -34),
    (20.0, -22.0, 6.2, -32),
    (0.0, -22.0, 5.4, -42),
    (-16.0, -25.0, 3.8, 20),
    (-22.0, -40.0, 2.9, 36),
    (-25.0, -58.0, 2.8, -24),
    (-38.0, -66.0, 3.0, -46),
    (-58.0, -63.0, 3.0, -42),
    (-66.0, -48.0, 3.0, -34),
    (-61.0, -27.0, 3.0, -40),
    (-46.0, -22.0, 2.9, 34),
    (-27.0, -19.0, 2.7, 26),
)
"""The camera's round: x, y, z in metres, and how far it glances to the left (degrees)."""


def build_town(seed: int = 4) -> Scene:
    """The whole town."""
    rng = np.random.default_rng(seed)
    ground = MeshBuilder()
    plan.ground(ground)
    stock = props.Stock(rng)
    builder = MeshBuilder()
    occluders = []
    for x in BLOCKS_M:
        for y in BLOCKS_M:
            if x == 0 and y == 0:
                _square(builder, rng, stock)
                continue
            lowest_m = _block(builder, rng, x, y)
            if (x, y) != CHURCH_BLOCK_M:
                occluders.append(
                    [(x - ROWS_HALF_M, y - ROWS_HALF_M, 0.0), (x + ROWS_HALF_M, y + ROWS_HALF_M, lowest_m)]
                )
    _outskirts(builder, rng, stock)
    _street_furniture(builder, rng, stock)
    plan.hills(ground, rng)
    car_meshes, cars = life.cars(rng)
    person_meshes, people = life.people(rng)
    return Scene(
        clusters=[*clusters(ground.build(), 800.0), *clusters(builder.build(), 22.0)],
        movers=[*car_meshes, *person_meshes],
        poses=partial(life.poses, cars, people),
        camera=partial(_camera, ClosedPath(_CAMERA_WAY)),
        fov_y_rad=float(np.radians(54)),
        near_m=0.1,
        far_m=900.0,
        occluders=np.array(occluders),
    )


def _camera(path: ClosedPath, seconds: float) -> F64:
    """``[4, 4]``: a travelling shot along the path, glancing to either side as a passer-by does."""
    travelled = CAMERA_SPEED_MPS * seconds
    x, y, z, glance_deg = path.position(travelled)
    yaw = path.heading_rad(travelled + 3.0, ahead_m=14.0) + np.radians(glance_deg)
    pitch = np.radians(2.0 + 2.5 * np.sin(6 * np.pi * travelled / path.length_m))
    return look_along((x, y, z), yaw, pitch)


def _slab(builder: MeshBuilder, cx: float, cy: float, half: float, top: m.Material) -> None:
    """A block's pavement: raised, with a kerb and cut corners."""
    cut, z = 2.2, PAVEMENT_TOP_M
    inset = half - cut
    plan = [
        (half, -inset),
        (half, inset),
        (inset, half),
        (-inset, half),
        (-half, inset),
        (-half, -inset),
        (-inset, -half),
        (inset, -half),
    ]
    outer = [(cx + x, cy + y) for x, y in plan]
    inner = [(cx + x * (1 - 0.22 / half), cy + y * (1 - 0.22 / half)) for x, y in plan]
    for k in range(8):
        (ax, ay), (bx, by) = outer[k], outer[(k + 1) % 8]
        (px, py), (qx, qy) = inner[k], inner[(k + 1) % 8]
        builder.polygon([(ax, ay, 0.0), (bx, by, 0.0), (bx, by, z), (ax, ay, z)], m.KERB)
        builder.polygon([(ax, ay, z), (bx, by, z), (qx, qy, z), (px, py, z)], m.KERB)
    builder.polygon([(x, y, z) for x, y in inner], top)


def _block(builder: MeshBuilder, rng: np.random.Generator, cx: float, cy: float) -> float:
    """Four rows of houses around a court; each front looks at its street. Returns the height of the lowest wall.

    But for the church's block the rows leave no gap: nobody looks in below that height.
    """
    _slab(builder, cx, cy, BLOCK_HALF_M, m.PAVING)
    edge = ROWS_HALF_M
    lowest_m = np.inf
    near_square = abs(cx) + abs(cy) == 44.0
    church_here = (cx, cy) == CHURCH_BLOCK_M
    for side in range(4):
        with builder.at(translation(cx, cy, PAVEMENT_TOP_M) @ rotation_z(side * np.pi / 2) @ translation(-edge, -edge)):
            if church_here and side == 0:
                with builder.at(translation(edge - 4.5, 0.5)):
                    church.church(builder, rng)
                continue
            # Each row owns the corner where it begins, so the last house stops before the next row.
            if church_here and side in (1, 3):
                start, end = (10.0, 2 * edge - 10.0) if side == 1 else (0.0, 2 * edge - 20.0)
            else:
                start, end = 0.0, 2 * edge - 10.0
            faces_square = near_square and not church_here
            kinds = ("shop", "townhouse", "block") if faces_square else ("shop", "townhouse", "shop", "block")
            lowest_m = min(lowest_m, PAVEMENT_TOP_M + _row(builder, rng, start, end, kinds))
    return lowest_m


def _row(builder: MeshBuilder, rng: np.random.Generator, start: float, end: float, kinds: tuple[str, ...]) -> float:
    """Houses wall to wall along x from ``start`` to ``end``. Returns the height of the lowest wall."""
    x = start
    lowest_m = np.inf
    first = True
    while end - x > 4.0:
        width = float(rng.uniform(6.5, 10.5))
        if end - x - width < 6.0:
            width = end - x
        kind = "townhouse" if width > 13 else kinds[int(rng.integers(len(kinds)))]
        style = houses.random_style(rng, kind)
        with builder.at(translation(x, 0)):
            houses.house(builder, rng, style, width, 10.0, open_sides="w" if first else "")
        x, first = x + width, False
        lowest_m = min(lowest_m, style.wall_m)
    return lowest_m


def _square(builder: MeshBuilder, rng: np.random.Generator, stock: props.Stock) -> None:
    _slab(builder, 0.0, 0.0, BLOCK_HALF_M, m.COBBLES)
    top = PAVEMENT_TOP_M
    with builder.at(translation(0, 0, top)):
        props.fountain(builder)
        ring = 2 * np.pi * (np.arange(8) + 0.5) / 8
        for k, angle in enumerate(ring):
            with builder.at(translation(13.6 * np.cos(angle), 13.6 * np.sin(angle))):
                builder.lathe([(1.15, 0.0), (1.15, 0.28), (0.95, 0.28), (0.95, 0.2)], m.STONE, sides=8)
                builder.lathe([(0.95, 0.2), (0.94, 0.21)], m.SOIL, sides=8)
                stock.put(builder, "tree", 0, 0, scale=float(rng.uniform(0.95, 1.15)))
            with builder.at(rotation_z(angle + np.pi / 8)):
                if k % 2 == 0:
                    stock.put(builder, "bench", 0, -11.0, turn_rad=0.0)
                else:
                    stock.put(builder, "old lamp", 0, -11.0, turn_rad=0.0)
        for x, y, turn in (
            (11.5, -4.5, 0.5),
            (12.0, 0.5, 0.5),
            (11.0, 5.2, 0.5),
            (-4.0, -12.5, 0.0),
            (1.0, -12.8, 0.0),
        ):
            with builder.at(translation(x, y) @ rotation_z(turn * np.pi + np.pi)):
                props.market_stall(builder, rng)
        for x, y in ((-13.0, 13.0), (13.0, 13.0)):
            for _ in range(5):
                dx, dy = rng.uniform(-1.5, 1.5, 2)
                stock.put(builder, "bush", x + dx, y + dy, scale=float(rng.uniform(0.7, 1.2)))
        for along in np.arange(-15, 15.1, 3.0):
            for x, y in ((along, -16.4), (along, 16.4), (-16.4, along), (16.4, along)):
                stock.put(builder, "bollard", float(x), float(y))


def _outskirts(builder: MeshBuilder, rng: np.random.Generator, stock: props.Stock) -> None:
    """Cottages with gardens and hedges outside the outer road, looking inwards."""
    line = ROADS_M[3] + ROAD_HALF_M
    for side in range(4):
        with builder.at(rotation_z(side * np.pi / 2)):
            # Outside the south road, y grows towards the town; the fronts look at it.
            for low, high in ((-68.0, -27.0), (-17.0, 17.0), (27.0, 68.0)):
                builder.box((low, -line - 2.0, 0.0), (high, -line, PAVEMENT_TOP_M), m.KERB, top=m.PAVING)
                builder.rectangle(low, -line - 24.0, high, -line - 2.0, 0.1, m.LAWN)
                x = low + 1.5
                while x < high - 9.5:
                    width = float(rng.uniform(8.0, 10.5))
                    style = houses.random_style(rng, "cottage" if rng.random() < 0.75 else "townhouse")
                    setback = 2.0 + float(rng.uniform(3.5, 6.0))
                    with builder.at(translation(x + width, -line - setback, 0.1) @ rotation_z(np.pi)):
                        houses.house(builder, rng, style, width, 8.5, open_sides="we")
                    builder.rectangle(
                        x + width / 2 - 0.7, -line - setback, x + width / 2 + 0.7, -line - 2.0, 0.12, m.PAVING
                    )
                    for _ in range(int(rng.integers(3, 6))):
                        stock.put(
                            builder,
                            "bush",
                            x + float(rng.uniform(-1, width + 1)),
                            -line - float(rng.uniform(2.6, 4.2)),
                            0.1,
                            scale=float(rng.uniform(0.6, 1.3)),
                        )
                    if rng.random() < 0.6:
                        y = -line - setback - float(rng.uniform(0, 6))
                        stock.put(builder, "tree", x + width + 1.6, y, 0.1, scale=float(rng.uniform(0.9, 1.3)))
                    x += width + float(rng.uniform(3.0, 5.0))
            for x in np.arange(-64.0, 65.0, 9.0):
                if rng.random() < 0.75 and min(abs(abs(x) - 22.0), 22.0) > 6.0:
                    y = -line - float(rng.uniform(19.0, 23.0))
                    stock.put(builder, "distant tree", float(x), y, 0.05, scale=float(rng.uniform(1.2, 1.7)))
            for road in ROADS_M[1:3]:
                for along in np.arange(line + 6.0, 150.0, 12.0):
                    for x in (road - 7.0, road + 7.0):
                        y = -float(along + rng.uniform(-1, 1))
                        stock.put(builder, "distant tree", x, y, 0.02, scale=float(rng.uniform(1.0, 1.4)))
            for _ in range(60):
                x, y = float(rng.uniform(-190, 190)), -float(rng.uniform(102, 215))
                if min(abs(abs(x) - 22.0), 22.0) > 9.0:
                    stock.put(builder, "conifer", x, y, scale=float(rng.uniform(0.75, 1.5)))


def _street_furniture(builder: MeshBuilder, rng: np.random.Generator, stock: props.Stock) -> None:
    """Trees, lamps, bins and parked cars along the kerbs of every block."""
    kerb = BLOCK_HALF_M - 0.75
    for cx in BLOCKS_M:
        for cy in BLOCKS_M:
            square = cx == 0 and cy == 0
            for side in range(4):
                with builder.at(translation(cx, cy, PAVEMENT_TOP_M) @ rotation_z(side * np.pi / 2)):
                    for x in (-9.0, 8.0):
                        stock.put(builder, "street lamp", x, -kerb, turn_rad=-np.pi / 2)
                    if square:
                        continue
                    for x in (-14.0, -3.5, 3.0, 13.5):
                        if rng.random() < 0.5:
                            with builder.at(translation(x + float(rng.uniform(-0.6, 0.6)), -kerb)):
                                builder.box((-0.6, -0.55, 0.0), (0.6, 0.55, 0.012), m.SOIL, faces="t")
                                stock.put(builder, "tree", 0, 0, scale=float(rng.uniform(0.8, 1.07)))
                    if rng.random() < 0.6:
                        stock.put(builder, "litter bin", float(rng.uniform(-7, 6)), -kerb)
                with builder.at(translation(cx, cy) @ rotation_z(side * np.pi / 2)):
                    for x in np.arange(-12.0, 12.1, 6.0):
                        if not square and rng.random() < 0.36:
                            turn = 0.0 if rng.random() < 0.8 else np.pi
                            place = float(x + rng.uniform(-0.5, 0.5))
                            stock.put(builder, "car", place, -BLOCK_HALF_M - 1.05, turn_rad=turn)
