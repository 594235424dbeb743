"""The network is told of a material where words chose it, its look says more than its colour, or there is no colour;
and only grey boxes are evened out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framegen.engines.embedded import told
from framegen.frame import U8
from framegen.ops import layout

GRASS, PLASTER, STONE, SKY, SOIL = (layout.LABELS.index(n) for n in ("grass", "plaster", "stone", "sky", "soil"))
SHAPE = 6, 8
GREEN, TERRACOTTA, GREY, BLUE = (60, 120, 50), (150, 90, 70), (128, 128, 126), (130, 170, 230)


def scene(*strips: tuple[int, tuple[int, int, int]]) -> tuple[np.ndarray, U8]:
    """Strips of (material, colour) beside each other."""
    material = np.zeros(SHAPE, np.int32)
    color = np.zeros((*SHAPE, 3), np.uint8)
    for part, at in zip(strips, np.array_split(np.arange(SHAPE[1]), len(strips)), strict=True):
        material[:, at], color[:, at] = part
    return material, color


def of(strength: float = 0.5, named: bool = False, *strips: tuple[int, tuple[int, int, int]]) -> list[int]:
    """What is told of each strip."""
    material, color = scene(*strips)
    grey = told.grey_of(material, color).share > 0
    found = told.told(material, np.full(SHAPE, named), grey, strength)
    return [int(found[0, at[0]]) for at in np.array_split(np.arange(SHAPE[1]), len(strips))]


def test_walls_keep_their_own_colour_and_lawns_are_known() -> None:
    assert of(0.5, False, (SKY, BLUE), (PLASTER, TERRACOTTA), (STONE, GREY), (GRASS, GREEN)) == [0, 0, 0, GRASS]


def test_all_of_a_grey_box_is_told() -> None:
    assert of(0.5, False, (SKY, BLUE), (PLASTER, GREY), (STONE, GREY), (GRASS, GREY)) == [SKY, PLASTER, STONE, GRASS]
    assert of(0.5, False, (SKY, BLUE), (PLASTER, GREY), (STONE, GREY)) == [SKY, PLASTER, STONE]


def test_a_yard_of_concrete_is_no_grey_box_when_its_lawn_leaves_the_view() -> None:
    concrete = (134, 131, 126)
    assert of(0.5, False, (SKY, BLUE), (PLASTER, concrete), (STONE, concrete)) == [0, 0, 0]


def test_words_and_strength_make_materials_anew() -> None:
    strips = (PLASTER, TERRACOTTA), (GRASS, GREEN)
    assert of(0.5, True, *strips) == of(0.6, False, *strips) == [PLASTER, GRASS]
    assert of(0.0, False, *strips) == of(0.5, False, *strips) == [0, GRASS]


@given(st.integers(0, 2**31), st.floats(0, 1))
def test_nothing_is_told_that_is_not_so(seed: int, strength: float) -> None:
    rng = np.random.default_rng(seed)
    material = rng.integers(0, len(layout.LABELS), SHAPE).astype(np.int32)
    named = rng.random(SHAPE) < 0.3
    found = told.told(material, named, bool(rng.random() < 0.5), strength)
    assert found.dtype == np.int32 and ((found == material) | (found == 0)).all()
    np.testing.assert_array_equal(found[named], material[named])


CODES = np.array([0, SKY, PLASTER], np.uint8)
NONE, ALL = np.zeros(3, np.bool_), np.ones(3, np.float32)


def evens(strength: float, *strips: tuple[int, tuple[int, int, int]]) -> float:
    """How far plaster is evened out and becomes what it is, which is the same; the sky never is."""
    found = told.grey_of(*scene(*strips)).wanted(CODES, NONE, ALL, strength)
    assert not found.evens[:2].any() and not found.turns.any()
    np.testing.assert_array_equal(found.evens, found.becomes)
    assert found.albedo[2].all() and not found.albedo[:2].any()
    return float(found.evens[2])


def test_what_words_choose_turns_by_strength_and_loses_its_drawing_beyond_the_default() -> None:
    scenery = told.grey_of(*scene((PLASTER, TERRACOTTA), (GRASS, GREEN)))
    named = np.array([True, True, True])
    found = [scenery.wanted(CODES, named, ALL, s) for s in (0, 0.25, 0.5, 0.75, 1)]
    assert [float(one.turns[2]) for one in found] == [0, 0.5, 1, 1, 1]
    assert [float(one.evens[2]) for one in found] == [0, 0, 0, 1, 1]
    assert not any(one.turns[:2].any() or one.becomes.any() for one in found)
    people = np.array([1, 1, 0], np.float32)
    assert not found[0].concerned().any() and not scenery.wanted(CODES, named, people, 1).concerned().any()


def test_grey_boxes_are_evened_out_by_strength_and_games_with_colours_never() -> None:
    box = (SKY, BLUE), (PLASTER, GREY), (GRASS, GREY)
    assert [evens(s, *box) for s in (0, 0.25, 0.5, 1)] == [0, 0.5, 1, 1]
    assert [evens(s, (PLASTER, TERRACOTTA), (GRASS, GREEN)) for s in (0, 0.5, 1)] == [0, 0, 0]


def test_walls_alone_may_be_grey_until_materials_are_made_anew() -> None:
    pale = 200, 200, 200
    assert [evens(s, (SKY, BLUE), (PLASTER, pale)) for s in (0, 0.5, 0.75, 1)] == [0, 0, 1, 1]
    assert evens(1, (SKY, BLUE)) == 0


def test_no_pattern_pops_as_the_first_grass_comes_to_be_seen() -> None:
    def part(strength: float, rows: int) -> float:
        material, color = np.full((200, 8), PLASTER, np.int32), np.full((200, 8, 3), GREY, np.uint8)
        material[:rows] = GRASS
        found = told.grey_of(material, color).wanted(CODES, NONE, ALL, strength)
        return float(found.evens[2])

    for strength in (0.3, 0.5, 0.6):
        parts = [part(strength, rows) for rows in range(20)]
        assert parts[0] < 0.5 and parts[-1] == pytest.approx(min(1, 2 * strength))
        assert np.abs(np.diff(parts)).max() < 0.2


def test_a_little_colour_makes_a_grey_box_less_sure_and_no_threshold_pops() -> None:
    shares = [told.grey_of(*scene((GRASS, (128, 128, 128 - blue)))).share for blue in range(0, 20)]
    assert shares[0] == 1 and shares[-1] == 0
    assert np.abs(np.diff(shares)).max() < 0.2


def test_a_grey_ground_makes_no_grey_box_where_its_material_is_a_guess() -> None:
    material, color = scene((SOIL, GREY), (PLASTER, TERRACOTTA))
    assert told.grey_of(material, color).share == 1
    assert told.grey_of(material, color, material == SOIL).share == 0


def test_black_is_no_grey_box_and_a_fade_to_it_ends_in_it_without_a_pop() -> None:
    for colors in ((TERRACOTTA, GREEN), (GREY, GREY)):
        shares = []
        for light in np.linspace(1, 0, 200):
            walls, lawn = (tuple(int(light * level) for level in color) for color in colors)
            shares.append(told.grey_of(*scene((PLASTER, walls), (GRASS, lawn))).share)  # type: ignore[arg-type]
        assert shares[-1] == 0 and shares[0] == (colors[0] == GREY)
        assert np.abs(np.diff(shares)).max() < 0.2


def test_a_flash_is_no_grey_box_and_a_pale_one_is() -> None:
    def share(*strips: tuple[int, tuple[int, int, int]]) -> float:
        return told.grey_of(*scene(*strips)).share

    white = 255, 255, 255
    assert share((PLASTER, white), (GRASS, white)) == 0
    assert share((PLASTER, white)) == 0
    assert share((PLASTER, white), (GRASS, (235, 235, 235))) == 1
