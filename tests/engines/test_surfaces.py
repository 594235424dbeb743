"""What labels become: by their names, their words, and the prompt's."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.config import LabelSettings
from framegen.engines.embedded.surfaces import Surfaces, surfaces
from framegen.ops import layout
from framegen.ops.lights_reference import LAMP, SIGN, WINDOW
from framegen.ops.panes_reference import COAT, PANE
from framegen.ops.water_reference import FLOOR, WATER


def _material(found: Surfaces, code: int) -> str:
    return layout.LABELS[found.codes[code]]


LABELS = {1: LabelSettings("wall"), 2: LabelSettings("ground"), 3: LabelSettings("lawn"), 9: LabelSettings("goblin")}


def test_names_alone_say_the_plainest_material() -> None:
    found = surfaces(LABELS, "golden hour")
    assert [_material(found, code) for code in (1, 2, 3, 9, 200)] == ["plaster", "soil", "grass", "unknown", "unknown"]
    assert found.tints is None


def test_the_prompt_decides_where_a_name_leaves_it_open() -> None:
    found = surfaces(LABELS, "old red brick, wet asphalt, pine forest")
    assert _material(found, 1) == "brick"
    assert _material(found, 2) == "asphalt"
    assert _material(found, 3) == "grass", "a lawn is said to be one"
    assert found.tints is None, "bricks are red"


def test_colours_tint_what_has_another() -> None:
    found = surfaces({**LABELS, 4: LabelSettings("brick")}, "yellow brick, wet asphalt, pine forest").tints
    assert found is not None
    assert found[1, 0] > 0 > found[1, 2] and np.array_equal(found[4], found[1])
    assert not found[[2, 3, 9]].any()
    red = surfaces({4: LabelSettings("brick")}, "red brick").tints
    assert red is not None, "the engine's own bricks may be yellow"
    assert red[4, 0] > 0 > red[4, 2]


def test_things_of_a_prompt_do_not_make_walls_of_their_material() -> None:
    labels = {1: LabelSettings("wall"), 2: LabelSettings("ground"), 3: LabelSettings("fence")}
    found = surfaces(labels, "a castle behind a white fence, a table, logs")
    assert [_material(found, code) for code in labels] == ["plaster", "soil", "wood"]
    assert found.tints is not None
    assert found.tints[3].min() > 0 and not found.tints[[1, 2]].any()
    wooden = surfaces(labels, "wooden houses")
    assert [_material(wooden, code) for code in labels] == ["wood", "soil", "wood"], "streets are none"
    for prompt, walls, ground in (
        ("wooden and stone houses", "stone", "soil"),
        ("brick or white wooden houses", "brick", "soil"),
        ("stone and wooden floors", "plaster", "wood"),
        ("green grass and brick houses", "brick", "grass"),
        ("wooden fence and stone houses", "stone", "soil"),
        ("wood and stone", "stone", "wood"),
    ):
        found = surfaces(labels, prompt)
        assert [_material(found, code) for code in (1, 2)] == [walls, ground], prompt
    paved = surfaces(labels, "stone floor")
    assert [_material(paved, code) for code in (1, 2)] == ["plaster", "stone"]


def test_a_labels_own_words_are_stronger_and_change_it_alone() -> None:
    labels = {**LABELS, 1: LabelSettings("wall", words="white concrete"), 4: LabelSettings("wall")}
    found = surfaces(labels, "red brick")
    assert _material(found, 1) == "concrete"
    assert _material(found, 4) == "brick"
    assert found.tints is not None
    assert np.allclose(found.tints[1], found.tints[1, 0]) and found.tints[1, 0] > 0


def test_colour_goes_to_the_material_that_follows_it() -> None:
    found = surfaces({1: LabelSettings("wall"), 2: LabelSettings("floor")}, "dark brick with red sand")
    assert found.tints is not None
    assert found.tints[1].max() < 0
    assert found.tints[2, 0] > 0 > found.tints[2, 2]


def test_what_the_prompt_denies_becomes_nothing() -> None:
    for prompt in ("no red brick", "street without bricks", "brick-free"):
        found = surfaces(LABELS, prompt)
        assert (_material(found, 1), found.tints) == ("plaster", None)
    assert _material(surfaces(LABELS, "not brick but stone"), 1) == "stone"


def test_colour_goes_to_what_may_be_of_many_materials_too() -> None:
    found = surfaces({1: LabelSettings("houses"), 2: LabelSettings("road")}, "red houses, dark streets")
    assert found.tints is not None
    assert found.tints[1, 0] > 0 > found.tints[1, 2]
    assert found.tints[2].max() < 0


def test_two_colours_mix() -> None:
    red, yellow, both = (
        surfaces({1: LabelSettings("trees")}, f"{colors} trees").tints for colors in ("red", "yellow", "red and yellow")
    )
    assert red is not None and yellow is not None and both is not None
    assert np.allclose(both, (red + yellow) / 2)


def test_every_part_of_a_weighed_prompt_names_surfaces() -> None:
    found = surfaces(LABELS, "brick ::2 | wet asphalt")
    assert (_material(found, 1), _material(found, 2)) == ("brick", "asphalt")


def test_plurals_name_labels_too() -> None:
    found = surfaces(
        {1: LabelSettings("Floors"), 2: LabelSettings("pedestrians"), 3: LabelSettings("lamp posts")}, "yellow sand"
    )
    assert [_material(found, code) for code in (1, 3)] == ["sand", "metal"]
    assert found.allowed is not None and found.allowed[2].tolist() == [0, 0]


def test_grounds_and_walls_each_take_what_is_typical_of_them() -> None:
    found = surfaces(LABELS, "white concrete, yellow sand")
    assert (_material(found, 1), _material(found, 2)) == ("concrete", "sand")


def test_what_no_texture_shows_has_none_and_people_wear_no_snow() -> None:
    assert surfaces(LABELS, "night").allowed is None
    found = surfaces({**LABELS, 4: LabelSettings("window glass"), 5: LabelSettings("person")}, "red brick")
    assert found.allowed is not None
    assert found.allowed[[1, 2, 3, 9, 200]].tolist() == [[1, 1]] * 5
    assert found.allowed[[4, 5]].tolist() == [[0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("prompt", "walls"),
    [("a wooden cabin", "wood"), ("log cabin, snow", "wood"), ("old stone castle", "stone"), ("brick castle", "brick"),
     ("a castle", "plaster"), ("no wooden cabin", "plaster")],
)  # fmt: skip
def test_buildings_that_say_what_they_are_made_of_have_such_walls_and_no_such_ground(prompt: str, walls: str) -> None:
    labels = {1: LabelSettings("house wall"), 2: LabelSettings("ground"), 3: LabelSettings("floor")}
    codes = surfaces(labels, prompt).codes
    plain = surfaces(labels, "").codes
    assert layout.LABELS[codes[1]] == walls
    assert codes[2] == plain[2] and codes[3] == plain[3]


def test_windows_and_lamps_are_lights_unless_their_words_say_otherwise() -> None:
    names = {1: "window", 2: "street lamp", 3: "car windows", 4: "wall", 6: "house with windows", 7: "lamp post"}
    names |= {8: "truck windows", 9: "wine glass", 10: "lanterns", 11: "window curtain", 12: "glass window"}
    labels = {code: LabelSettings(name) for code, name in names.items()} | {5: LabelSettings("lamp", "unlit")}
    found = surfaces(labels, "night")
    assert found.lights is not None
    lit = {1: WINDOW, 2: LAMP, 10: LAMP, 12: WINDOW}
    assert {code: int(found.lights[code]) for code in range(256) if found.lights[code]} == lit
    assert _material(found, 5) == "glass", "nor does the network light it"
    assert surfaces(LABELS, "night").lights is None


def test_a_shops_sign_shines_and_one_at_the_roadside_does_not() -> None:
    names = {1: "sign", 2: "shop sign", 3: "RoadSign_01", 4: "stop sign", 5: "billboard", 6: "text", 7: "wooden sign"}
    names |= {9: "yield sign", 10: "SM_Sign_Parking", 11: "no entry sign", 12: "one-way sign", 13: "highway signs"}
    labels = {code: LabelSettings(name) for code, name in names.items()} | {8: LabelSettings("sign", "unlit")}
    found = surfaces(labels, "night").lights
    assert found is not None
    assert {code: int(found[code]) for code in range(256) if found[code]} == dict.fromkeys((1, 2, 5), SIGN)


def test_lights_are_known_by_names_that_tell_copies_apart() -> None:
    names = {
        1: "StreetLamp_A",
        2: "windowGlass_Left",
        3: "house_with_windows",
        4: "WindowFrame",
        5: "CarLights",
        6: "Window_Lit",
    }
    found = surfaces({code: LabelSettings(name) for code, name in names.items()}, "night")
    assert found.lights is not None and found.mirrors is not None
    assert {code: int(found.lights[code]) for code in names} == {1: LAMP, 2: WINDOW, 3: 0, 4: 0, 5: 0, 6: WINDOW}
    assert found.mirrors[[3, 4]].tolist() == [0, 0]


def test_people_are_known_and_what_is_theirs_is_none() -> None:
    names = ["BP_ThirdPersonCharacter", "NPC_Guard", "Woman_02", "Face", "cliff face", "PlayerCar", "GuardRail", "Wall"]
    found = surfaces({code: LabelSettings(name) for code, name in enumerate(names, 1)}, "snow")
    assert found.allowed is not None
    assert found.allowed[1:9, 1].tolist() == [0, 0, 0, 0, 1, 1, 1, 1] == [float(b > 0) for b in found.bears[1:9]]
    dressed = surfaces({1: LabelSettings("npc", "blue cloth"), 2: LabelSettings("thing", "a person in a coat")}, "snow")
    assert dressed.allowed is not None and not dressed.allowed[[1, 2], 1].any()


def test_people_in_and_on_things_are_none_of_them() -> None:
    names = ["taxi driver", "bus passengers", "person in a red car", "man on wet asphalt", "npc in glass"]
    things = ["driver's car", "passenger car", "driver seat", "car seat", "car park", "bus lane", "bus stop"]
    found = surfaces({code: LabelSettings(name) for code, name in enumerate(names + things, 1)}, "rain")
    assert found.mirrors is not None and found.allowed is not None
    assert [_material(found, code) for code in range(1, 6)] == ["unknown"] * 5
    assert not found.mirrors[1:6].any() and not found.allowed[1:6].any() and not found.bears[1:6].any()
    wanted = ["car paint"] * 2 + ["unknown"] * 2 + ["asphalt"] * 2 + ["unknown"]
    assert [_material(found, code) for code in range(6, 13)] == wanted
    assert found.allowed[6:13, 1].all()


def test_a_labels_own_words_rule_it() -> None:
    words = {1: ("window", "old red brick"), 2: ("window", "old wooden shutters"), 3: ("lamp", "rusty iron")}
    words |= {4: ("window", "dirty"), 5: ("wall", "light stone"), 6: ("car", "light blue paint"), 7: ("wall", "window")}
    found = surfaces({code: LabelSettings(*told) for code, told in words.items()}, "night")
    wanted = {1: "brick", 2: "wood", 3: "metal", 4: "glass", 5: "stone", 6: "car paint", 7: "glass"}
    assert {code: _material(found, code) for code in words} == wanted
    assert found.lights is not None
    assert np.flatnonzero(found.lights).tolist() == [4, 7]


def test_glass_that_the_engine_shows_what_lies_behind_is_left_alone() -> None:
    names = {1: "glass", 2: "cockpit glass", 3: "clear lake", 4: "window"}
    told = {code: LabelSettings(name, "transparent" if code == 4 else "") for code, name in names.items()}
    found = surfaces(told, "night")
    assert found.mirrors is not None and found.lights is not None
    assert found.mirrors[[1, 2, 3, 4]].tolist() == [PANE, 0, WATER, 0]
    assert np.flatnonzero(found.lights).tolist() == [1]


def test_water_paved_floors_panes_and_cars_mirror() -> None:
    names = {1: "lake", 2: "asphalt", 3: "grass", 4: "wall", 5: "street", 6: "paving slabs", 7: "window", 8: "car"}
    found = surfaces({code: LabelSettings(name) for code, name in names.items()}, "rain")
    assert found.mirrors is not None
    assert {code: int(found.mirrors[code]) for code in names} == {
        1: WATER,
        2: FLOOR,
        3: 0,
        4: 0,
        5: FLOOR,
        6: FLOOR,
        7: PANE,
        8: COAT,
    }
    assert surfaces({3: LabelSettings("grass")}, "rain").mirrors is None


def test_snow_stays_on_things_but_not_on_people_and_water_and_what_has_no_name() -> None:
    names = {1: "wall", 2: "npc", 3: "lake", 4: "tree", 5: "hill", 6: "window"}
    bears = surfaces({code: LabelSettings(name) for code, name in names.items()}, "snow").bears
    assert bears[[1, 5]].tolist() == [1, 1]
    assert bears[[0, 2, 3, 7]].tolist() == [0, 0, 0, 0]
    assert 0 < bears[6] < bears[4] < 1


def test_what_a_name_leaves_open_is_a_guess_until_words_choose_it() -> None:
    labels = {1: LabelSettings("ground"), 2: LabelSettings("SM_BrickWall_02"), 3: LabelSettings("wall", "old stone")}
    assert np.flatnonzero(surfaces(labels, "").guessed).tolist() == [1]
    assert not surfaces(labels, "wet asphalt").guessed.any()


def test_words_that_describe_what_a_thing_is_anyway_turn_it_into_nothing_else() -> None:
    words = {1: ("plaster", "weathered plaster"), 2: ("brick", "old red brick"), 3: ("wall", "old red brick")}
    words |= {4: ("plaster", "red brick"), 5: ("asphalt", "old town street"), 6: ("thing", "mossy stone")}
    words |= {7: ("roof", "clay tiles")}
    found = surfaces({code: LabelSettings(*told) for code, told in words.items()}, "")
    assert np.flatnonzero(found.turned).tolist() == [3, 4, 6]
    assert np.flatnonzero(found.named).tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert _material(found, 7) == "roof"
    assert found.tints is not None
    assert np.flatnonzero(found.tints.any(-1)).tolist() == [2], "the engine's own bricks may be yellow"
