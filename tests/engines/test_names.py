"""Labels from the names that engines give things; clients do the same by the file that is held to this one here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framegen.config import LabelSettings
from framegen.engines.embedded.names import ADJECTIVE, ENDINGS, MOST, VAGUE, WORDS, label_of
from framegen.engines.embedded.surfaces import surfaces
from framegen.ops import layout

SHARED = json.loads((Path(__file__).parents[2] / "protocol" / "label_names.json").read_text("utf-8"))


def test_clients_have_the_words_that_the_model_knows() -> None:
    assert SHARED["words"] == sorted(WORDS)
    assert SHARED["vague"] == sorted(VAGUE)


@pytest.mark.parametrize("example", SHARED["examples"], ids=lambda example: " ".join(example["names"]) or "none")
def test_the_shared_examples_are_so(example: dict[str, object]) -> None:
    names = example["names"]
    assert isinstance(names, list)
    assert label_of(names) == example["label"]


@pytest.mark.parametrize(
    ("names", "material"),
    [
        (["M_Glass_01", "Window_Left"], "glass"),
        (["Material", "SM_BrickWall_02"], "brick"),
        (["leaves", "Tree_Oak_03"], "foliage"),
        (["Bark", "Tree"], "bark"),
        (["palette", "StreetLamp_A"], "lamp"),
        (["Asphalt", "Road_Straight"], "asphalt"),
        (["mat_roof_tiles", "Building_07_LOD0"], "roof"),
        (["Water", "WaterPlane"], "water"),
        (["Light_Blue", "Thing"], "unknown"),
        (["Palette", "Terrain"], "soil"),
        (["Sky", "SkyDome"], "unknown"),
    ],
)
def test_the_model_understands_them(names: list[str], material: str) -> None:
    found = surfaces({1: LabelSettings(label_of(names))}, "")
    assert layout.LABELS[found.codes[1]] == material


def test_panes_of_cars_stay_dark_and_those_of_houses_do_not() -> None:
    car, house = (label_of(["Glass", "Window", owner]) for owner in ("Car", "House"))
    assert surfaces({1: LabelSettings(car)}, "").lights is None
    assert surfaces({1: LabelSettings(house)}, "").lights is not None


@given(st.lists(st.text(max_size=40), max_size=5))
def test_any_name_gives_a_label_of_known_words_that_fits(names: list[str]) -> None:
    label = label_of(names)
    assert len(label) <= MOST
    for word in label.replace(",", "").split():
        assert word in WORDS or any(word == known + end for end in ENDINGS for known in WORDS)
    assert label_of([label]) == label or "," in label or ADJECTIVE in label
