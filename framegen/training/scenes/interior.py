"""Blender stages of rooms: dwellings, offices, corridors, shops, workshops, furnished and lived in."""

from __future__ import annotations

from framegen.training.scenes.chamber import Room
from framegen.training.scenes.layouts import FURNISH
from framegen.training.scenes.outlook import add_outlook
from framegen.training.scenes.stage import Stage
from framegen.training.scenes.synthesis import Rng


def build(kind: str, rng: Rng) -> Stage:
    """The stage of "interior"."""
    assert kind == "interior"
    place = str(rng.choice(list(FURNISH), p=[share for share, _ in FURNISH.values()]))
    room = Room(place, rng)
    room.enclose()
    FURNISH[place][1](room)
    add_outlook(room.stage, rng, room.plan.size)
    decor = room.decor
    room.stage.words += [f"{decor.floor.label} floor", f"{decor.wall.label} walls", "windows"]
    return room.stage
