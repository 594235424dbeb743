"""Furniture and rooms without Blender: bodies are closed, pieces keep to the floor that they claim, plans hold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from framegen.training.scenes import cases, kitchen, landmarks, seats, streetworks, workplace
from framegen.training.scenes.decor import Decor
from framegen.training.scenes.geometry import Builder
from framegen.training.scenes.labels import CODE
from framegen.training.scenes.matter import Surface
from framegen.training.scenes.piece import Piece
from framegen.training.scenes.shell import Hole, Plan, draw_shell

WOOD = Surface("wood", (0.2, 0.1, 0.05))
AGAINST_WALLS: dict[str, Callable[[Decor], Piece]] = {
    "sofa": seats.sofa,
    "armchair": seats.armchair,
    "bed": seats.bed,
    "nightstand": seats.nightstand,
    "floor lamp": seats.floor_lamp,
    "bookshelf": cases.bookshelf,
    "cabinet": cases.cabinet,
    "wardrobe": cases.wardrobe,
    "television": cases.television,
    "desk": cases.desk,
    "picture": cases.picture,
    "kitchen": partial(kitchen.kitchen_run, length=3.0, upper=True),
    "refrigerator": kitchen.fridge,
    "bath": kitchen.bath,
    "basin": kitchen.basin,
    "toilet": kitchen.toilet,
    "filing": workplace.filing,
    "whiteboard": workplace.whiteboard,
    "shelf of goods": partial(workplace.shop_shelf, length=2.0, double=False),
    "barrels": workplace.barrels,
    "workbench": workplace.workbench,
}
IN_THE_OPEN = (
    landmarks.cabin, landmarks.tent, landmarks.logs, landmarks.bale, landmarks.signpost, landmarks.ruin,
    landmarks.rowboat, landmarks.sailboat, landmarks.parasol, landmarks.beach_hut, streetworks.traffic_light,
    streetworks.bicycle, streetworks.refuse, streetworks.bus_shelter, streetworks.advert_column,
)  # fmt: skip


def points_of(builder: Builder) -> np.ndarray:
    return np.concatenate([part.points for part in builder.parts])


def volume(builder: Builder) -> float:
    """Signed volume by the divergence theorem: positive where faces look outwards."""
    total = 0.0
    for part in builder.parts:
        for face in part.faces:
            corners = part.points[face]
            for k in range(1, len(face) - 1):
                total += float(corners[0] @ np.cross(corners[k], corners[k + 1])) / 6
    return total


def test_a_soft_box_is_closed_and_a_little_smaller_than_the_box() -> None:
    out = Builder()
    out.soft_box((0, 0, 0), (1, 2, 3), WOOD, 0.1)
    assert 5.8 < volume(out) < 6
    edges = Counter(
        (face[i], face[(i + 1) % len(face)]) for part in out.parts for face in part.faces for i in range(len(face))
    )
    assert all(edges[b, a] == 1 for a, b in edges)


def test_a_cushion_fills_its_box_the_better_the_squarer() -> None:
    volumes = []
    for square in (1.0, 0.4, 0.15):
        out = Builder()
        out.cushion((0, 0, 0), (0.5, 0.5, 0.1), WOOD, square=square)
        assert np.abs(points_of(out)).max(0) == pytest.approx((0.5, 0.5, 0.1), abs=1e-6)
        volumes.append(volume(out))
    assert 0 < volumes[0] < volumes[1] < volumes[2] < 0.2


@pytest.mark.parametrize("name", AGAINST_WALLS)
@pytest.mark.parametrize("seed", range(3))
def test_pieces_keep_to_the_floor_they_claim(name: str, seed: int) -> None:
    piece = AGAINST_WALLS[name](Decor(np.random.default_rng(seed)))
    points = points_of(piece)
    assert np.isfinite(points).all()
    assert np.abs(points[:, 0]).max() <= piece.width / 2 + 0.2
    assert points[:, 1].min() >= -0.06 and points[:, 1].max() <= piece.depth + 0.35
    assert points[:, 2].min() >= -0.02
    assert {part.matter.label for part in piece.parts if isinstance(part.matter, Surface)} <= set(CODE)
    for bulb in piece.bulbs:
        assert points.min(0)[2] < bulb.place[2] <= points.max(0)[2] + 0.2


@pytest.mark.parametrize("make", IN_THE_OPEN)
def test_things_in_the_open_stand_about_the_origin(make: Callable[[np.random.Generator], Builder]) -> None:
    points = points_of(make(np.random.default_rng(5)))
    assert np.isfinite(points).all()
    assert points[:, 2].min() < 0.3 and np.abs(points[:, :2]).max() < 12


def test_a_plan_gives_out_no_place_twice_and_none_before_doors_or_windows() -> None:
    rng = np.random.default_rng(1)
    plan = Plan((5.0, 6.0, 2.6))
    plan.holes[1].append(Hole(2.0, 4.0, 0.9, 2.2))
    plan.holes[0].append(Hole(1.0, 1.9, 0.0, 2.05, door=True))
    spots = [spot for _ in range(30) if (spot := plan.spot(rng, 0.9, 0.5, tall=True, walls=[0, 1, 2, 3]))]
    assert len(spots) > 6
    for k, a in enumerate(plan.taken):
        for b in plan.taken[:k]:
            assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
    for wall, along in spots:
        if wall == 1:
            assert along + 0.45 < 2.0 or along - 0.45 > 4.0
        if wall == 0:
            assert along + 0.45 < 1.0 or along - 0.45 > 1.9


@pytest.mark.parametrize("wall", range(4))
def test_a_wall_looks_into_the_room(wall: int) -> None:
    plan = Plan((4.0, 5.0, 2.5))
    middle = plan.frame(wall, plan.length(wall) / 2) @ (0, 1, 0, 1)
    assert np.hypot(middle[0] - 2.0, middle[1] - 2.5) == pytest.approx((4.0 if wall % 2 else 5.0) / 2 - 1)


def test_walls_leave_their_holes_open() -> None:
    """No wall, joinery apart, stands in the middle of a window."""
    rng = np.random.default_rng(2)
    plan = Plan((4.0, 5.0, 2.5))
    plan.holes[1].append(Hole(1.5, 3.5, 0.8, 2.1))
    walls = draw_shell(plan, Decor(rng), rng, accent=0)["walls"]
    for part in walls.parts:
        low, high = part.points.min(0), part.points.max(0)
        assert not all(low[k] < (4.1, 2.5, 1.4)[k] < high[k] for k in range(3))


def test_a_room_of_work_is_of_stone_and_steel() -> None:
    for seed in range(12):
        decor = Decor(np.random.default_rng(seed), bare=True)
        assert decor.floor.label in ("concrete", "tile", "metal")
        assert not decor.wall.snow and not decor.floor.wet


def test_bicycles_roll_on_two_wheels() -> None:
    points = points_of(streetworks.bicycle(np.random.default_rng(0)))
    assert points[:, 2].min() == pytest.approx(0.0, abs=0.05)
    assert math.isclose(float(np.ptp(points[:, 1])), 1.74, abs_tol=0.1)
