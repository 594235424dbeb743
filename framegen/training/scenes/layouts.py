"""How rooms are furnished, place by place."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from framegen.frame import F64
from framegen.training.scenes import cases, kitchen, seats, workplace
from framegen.training.scenes.chamber import Room
from framegen.training.scenes.geometry import moved


def place_at(frame: F64, ahead_m: float) -> F64:
    """A frame some metres in front of a piece at a wall."""
    out: F64 = frame @ moved(0.0, ahead_m)
    return out


def _living(room: Room) -> None:
    rng, plan, d = room.rng, room.plan, room.decor
    sofa = room.against(seats.sofa, "sofa", walls=[0, 3, 2])
    if sofa is not None:
        frame = plan.frame(*sofa)
        x, y = place_at(frame, 1.65)[:2, 3].tolist()
        turn = (0.0, math.pi / 2, math.pi, -math.pi / 2)[sofa[0]]
        if rng.random() < 0.8:
            carpet = seats.rug(d)
            room.put(carpet, place_at(frame, 1.75), "rug")
            room.stage.words.append("rug")
        room.middle(seats.low_table(d), x, y, turn, "coffee table")
        opposite = (sofa[0] + 2) % 4
        room.against(cases.television, "television", tall=True, walls=[opposite, (sofa[0] + 1) % 4])
    room.several(
        [
            (seats.armchair, "armchair", False),
            (seats.plant, "house plant", False),
            (seats.floor_lamp, "floor lamp", False),
        ],
        4,
    )
    room.several([(cases.bookshelf, "bookshelf", True), (cases.cabinet, "sideboard", True)], 3)
    room.several(
        [(seats.plant, "house plant", False), (cases.bookshelf, "bookshelf", True), (cases.desk, "desk", False)], 2
    )
    room.hang(cases.picture, "pictures", 3)
    room.ceiling_lamp()


def _kitchen(room: Room) -> None:
    rng, plan, d = room.rng, room.plan, room.decor
    first = int(rng.choice((0, 3)))
    for wall in (first, 1 if rng.random() < 0.5 else 2):
        free = plan.length(wall) - 0.75
        clear = all(not h.door for h in plan.holes[wall])
        upper = not plan.holes[wall]
        run = min(free, rng.uniform(2.4, 4.2))
        if clear and run >= 1.8:
            room.against(
                partial(kitchen.kitchen_run, length=run, upper=upper),
                "kitchen units",
                tall=False,
                walls=[wall],
            )
            if upper:
                plan.hung.append((wall, 0.0, plan.length(wall)))
    room.against(kitchen.fridge, "refrigerator", tall=True)
    x, y, _ = plan.size
    for _ in range(6):
        px, py = rng.uniform(0.35, 0.65) * x, rng.uniform(0.3, 0.7) * y
        if room.middle(seats.table(d, chairs=True), px, py, float(rng.choice((0.0, math.pi / 2))), "table"):
            break
    room.several(
        [(cases.cabinet, "sideboard", True), (seats.plant, "house plant", False), (cases.bookshelf, "shelf", True)],
        2,
    )
    room.hang(cases.picture, "pictures")
    room.hang(cases.wall_clock, "clock")
    room.ceiling_lamp()


def _bedroom(room: Room) -> None:
    rng, plan, d = room.rng, room.plan, room.decor
    piece = seats.bed(d)
    spot = plan.spot(rng, piece.width + 1.0, piece.depth, tall=False, walls=[0, 3])
    if spot is not None:
        room.put(piece, plan.frame(*spot), "bed")
        for side in (-1, 1):
            if rng.random() < 0.85:
                room.put(
                    seats.nightstand(d),
                    plan.frame(spot[0], spot[1] + side * (piece.width / 2 + 0.22)),
                    "nightstand",
                )
        if rng.random() < 0.6:
            frame = plan.frame(*spot)
            room.put(seats.rug(d), place_at(frame, 1.7), "rug")
        room.stage.words += ["bed", "pillows"]
    room.against(cases.wardrobe, "wardrobe", tall=True)
    room.several(
        [
            (cases.cabinet, "chest of drawers", True),
            (seats.armchair, "armchair", False),
            (cases.bookshelf, "bookshelf", True),
            (seats.plant, "house plant", False),
        ],
        3,
    )
    room.hang(cases.picture, "pictures", 2)
    room.ceiling_lamp()


def _dining(room: Room) -> None:
    x, y, _ = room.plan.size
    if room.rng.random() < 0.6:
        room.put(seats.rug(room.decor), moved(x / 2, y / 2, 0, float(room.rng.choice((0.0, math.pi / 2)))), "rug")
    room.middle(
        seats.table(room.decor, chairs=True),
        x / 2,
        y / 2,
        float(room.rng.choice((0.0, math.pi / 2))),
        "dining table",
    )
    room.several(
        [
            (cases.cabinet, "sideboard", True),
            (cases.bookshelf, "bookshelf", True),
            (seats.plant, "house plant", False),
            (seats.floor_lamp, "floor lamp", False),
        ],
        5,
    )
    room.hang(cases.picture, "pictures", 3)
    room.ceiling_lamp()


def _study(room: Room) -> None:
    room.against(cases.desk, "desk")
    room.several([(cases.bookshelf, "bookshelf", True)], 4)
    room.several(
        [
            (seats.armchair, "armchair", False),
            (seats.plant, "house plant", False),
            (seats.floor_lamp, "floor lamp", False),
        ],
        3,
    )
    room.hang(cases.picture, "pictures", 2)
    room.ceiling_lamp()


def _office(room: Room) -> None:
    rng, d, (x, y, _) = room.rng, room.decor, room.plan.size
    for px in np.arange(1.6, x - 1.2, 2.6):
        for py in np.arange(2.0, y - 1.6, 3.4):
            if rng.random() < 0.85:
                room.middle(workplace.desk_pair(d), float(px), float(py), 0.0, "desks")
    room.several(
        [
            (workplace.filing, "filing cabinets", True),
            (cases.bookshelf, "shelves", True),
            (seats.plant, "plants", False),
        ],
        6,
    )
    room.hang(workplace.whiteboard, "whiteboard")
    room.hang(workplace.notice, "notice board")
    room.hang(cases.wall_clock, "clock")
    room.panels(26)
    room.visitors(int(rng.integers(0, 4)))


def _corridor(room: Room) -> None:
    rng = room.rng
    room.several(
        [
            (seats.plant, "plants", False),
            (workplace.filing, "cabinets", True),
            (lambda d: seats.sofa(d, 0.8), "chairs", False),
        ],
        4,
    )
    room.hang(cases.picture, "pictures", 3)
    room.hang(workplace.notice, "notice board", 2)
    room.hang(workplace.extinguisher, "fire extinguisher")
    room.panels(18)
    room.visitors(int(rng.integers(0, 4)))


def _shop(room: Room) -> None:
    rng, d, (x, y, _) = room.rng, room.decor, room.plan.size
    for wall in (0, 3, 2):
        for _ in range(3):
            room.against(
                lambda q: workplace.shop_shelf(q, rng.uniform(1.6, 2.8), double=False),
                "shelves of goods",
                tall=True,
                walls=[wall],
            )
    room.middle(workplace.till(d), x * rng.uniform(0.4, 0.7), 1.6, float(rng.choice((0.0, math.pi))), "counter")
    for px in np.arange(1.7, x - 1.5, 2.1):
        room.middle(
            workplace.shop_shelf(d, rng.uniform(2.0, y - 5.0) if y > 7.5 else 2.0, double=True),
            float(px),
            y * 0.58,
            math.pi / 2,
            "aisles",
        )
    room.several([(workplace.crates, "boxes", False), (seats.plant, "plants", False)], 3)
    room.hang(cases.picture, "posters", 2)
    room.panels(34)
    room.visitors(int(rng.integers(1, 6)))


def _workshop(room: Room) -> None:
    rng, d, (x, y, _) = room.rng, room.decor, room.plan.size
    room.several([(workplace.workbench, "workbench", True)], 3)
    room.several(
        [
            (workplace.crates, "crates", False),
            (workplace.barrels, "barrels", False),
            (lambda q: workplace.shop_shelf(q, 2.0, double=False), "shelves", True),
        ],
        7,
    )
    room.middle(seats.table(d, chairs=False), x / 2, y / 2, float(rng.choice((0.0, math.pi / 2))), "table")
    room.hang(workplace.extinguisher, "fire extinguisher")
    room.hang(workplace.notice, "notice board")
    room.panels(40, hanging=True)
    room.visitors(int(rng.integers(0, 3)))


def _bathroom(room: Room) -> None:
    room.against(kitchen.bath, "bathtub")
    room.against(kitchen.basin, "washbasin", tall=True)
    room.against(kitchen.toilet, "toilet", tall=True)
    room.several([(cases.cabinet, "cabinet", True), (seats.plant, "house plant", False)], 2)
    room.hang(cases.picture, "pictures")
    room.ceiling_lamp()


FURNISH: dict[str, tuple[float, Callable[[Room], None]]] = {
    "living room": (0.2, _living),
    "kitchen": (0.14, _kitchen),
    "bedroom": (0.12, _bedroom),
    "dining room": (0.08, _dining),
    "office": (0.12, _office),
    "corridor": (0.1, _corridor),
    "shop": (0.1, _shop),
    "workshop": (0.07, _workshop),
    "bathroom": (0.04, _bathroom),
    "study": (0.03, _study),
}
"""Place -> how often it is drawn, and what furnishes it."""
