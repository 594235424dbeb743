"""Prompts: synonyms, strengths, negations, what is not understood."""

from __future__ import annotations

import ast
import dataclasses
import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.engines import vocabulary as words_of
from framegen.engines.materials import material_of, word_material
from framegen.engines.prompt import Surface, parts_of, read, sun_of
from framegen.ops import layout
from framegen.viewer import PRESETS


@pytest.mark.parametrize(
    ("prompt", "time", "weather", "season"),
    [
        ("a rainy night in the city", "night", "rain", "summer"),
        ("golden hour", "golden_hour", "clear", "summer"),
        ("low sun, april", "golden_hour", "clear", "spring"),
        ("sunset over the sea, autumn", "golden_hour", "clear", "autumn"),
        ("foggy winter morning", "morning", "fog", "winter"),
        ("moonlit street", "night", "clear", "summer"),
        ("gloomy afternoon", "noon", "overcast", "summer"),
        ("twilight, thunderstorm", "dusk", "rain", "summer"),
        ("SPRING Midday, Blue-Sky", "noon", "clear", "spring"),
        ("magic hour", "golden_hour", "clear", "summer"),
        ("midnight sun, the sun is low", "golden_hour", "clear", "summer"),
        ("just before sunrise in march", "dusk", "clear", "spring"),
        ("sandstorm", "noon", "fog", "summer"),
        ("dust storm, desert", "noon", "fog", "summer"),
        ("dark clouds", "noon", "overcast", "summer"),
        ("storm clouds at halloween", "noon", "overcast", "autumn"),
        ("heavy rain and storm clouds", "noon", "rain", "summer"),
        ("mostly sunny", "noon", "partly cloudy", "summer"),
        ("not a cloud in the sky", "noon", "clear", "summer"),
        ("hurricane, milky way", "night", "rain", "summer"),
    ],
)
def test_synonyms(prompt: str, time: str, weather: str, season: str) -> None:
    look = read(prompt).look
    assert look.times == {time: 1.0}
    assert look.weathers == {weather: 1.0}
    assert look.seasons == {season: 1.0}


def test_strengths_order_the_fog() -> None:
    light, plain, heavy = (read(p).look.fog_per_m for p in ("light fog", "fog", "thick fog"))
    assert light < plain < heavy
    assert read("mist").look.fog_per_m < plain
    assert read("light rain").look.fog_per_m < read("heavy rain").look.fog_per_m


def test_snow_brings_winter_and_a_blizzard_closes_the_sky() -> None:
    assert read("snow").look.seasons == {"winter": 1.0}
    assert read("light snow").look.snow < read("snow").look.snow < read("heavy snow").look.snow
    blizzard = read("blizzard").look
    assert blizzard.weathers == {"overcast": 1.0}
    assert blizzard.fog_per_m > read("snow").look.fog_per_m


def test_much_and_little_are_said_in_many_ways() -> None:
    assert read("less fog").look == read("light fog").look
    assert read("more fog").look == read("a lot of fog").look == read("heavy fog").look
    assert read("lots of snow").look.snow == read("covered in snow").look.snow == 1
    assert read("melting snow").look.snow < read("snow").look.snow
    assert read("snow is falling").look == read("snowing").look


@pytest.mark.parametrize(
    ("prompt", "ignored"),
    [("shallow depth of field", ("shallow", "depth of field")), ("golden gate", ("golden gate",)),
     ("post-processing", ("post processing",)), ("ice cream shop", ("ice cream", "shop"))],
)  # fmt: skip
def test_idioms_say_nothing_of_what_their_words_mean(prompt: str, ignored: tuple[str, ...]) -> None:
    reading = read(prompt)
    assert (reading.look, reading.ignored, reading.surfaces) == (read("").look, ignored, ())


@pytest.mark.parametrize(
    "prompt",
    ["no fog", "remove the fog", "avoid fog", "without fog, please", "not foggy", "no fog or rain", "never misty"],
)
def test_negation_is_not_a_wish(prompt: str) -> None:
    reading = read(prompt)
    assert reading.look.weathers == {"clear": 1.0}
    assert reading.look.fog_per_m < 1e-3
    assert any(word.startswith("no ") for word in reading.understood)


def test_negation_ends_with_what_it_denies() -> None:
    look = read("no snow, rain at night").look
    assert (look.snow, look.weathers, look.times) == (0.0, {"rain": 1.0}, {"night": 1.0})
    assert read("winter without snow").look.snow == 0
    assert read("no sunshine").look.weathers == {"overcast": 1.0}


@pytest.mark.parametrize(
    ("prompt", "wish"),
    [
        ("a street with no people at night", "night"),
        ("no lights at night", "night"),
        ("no light at night", "night"),
        ("not too dark at night", "night"),
        ("empty street without cars at sunset", "sunset"),
        ("no cars in the rain", "rain"),
        ("no wind in the snow", "snow"),
        ("no people but rain", "rain"),
        ("no fog or people at dusk", "dusk"),
        ("no snow and it is night", "night"),
        ("no fog and there are clouds", "clouds"),
    ],
)
def test_negation_ends_at_a_preposition(prompt: str, wish: str) -> None:
    assert read(prompt).look == dataclasses.replace(read(wish).look, materials=read(prompt).look.materials)
    assert read("not at night").look == read("").look, "what it is about has not come yet"


@pytest.mark.parametrize(
    ("prompt", "wish"),
    [
        ("a night with no moon", "night"),
        ("no stars, night sky", "night"),
        ("moonless night", "night"),
        ("rain without puddles", "rain"),
        ("heavy rain, no thunder", "heavy rain"),
        ("winter, not cold", "winter"),
        ("deep snow, no ice", "deep snow"),
        ("overcast but not gloomy", "overcast"),
        ("overcast without dark clouds", "overcast"),
        ("storm, no lightning", "storm"),
    ],
)
def test_who_denies_a_detail_denies_nothing_else(prompt: str, wish: str) -> None:
    wanted = read(wish).look
    assert dataclasses.replace(read(prompt).look, stars=wanted.stars) == wanted
    assert {
        phrase
        for table in (words_of.TIMES, words_of.WEATHERS, words_of.SEASONS, {"snow": tuple(words_of.SNOW)})
        for phrases in table.values()
        for phrase in phrases
    } >= words_of.DETAILS


@pytest.mark.parametrize(
    ("prompt", "same"),
    [
        ("no snow, ice or fog", "no snow, no ice, no fog"),
        ("no snow, ice, or fog", "no snow, no ice, no fog"),
        ("winter without snow, mist or any rain at dusk", "winter without snow, no mist, no rain, dusk"),
        ("neither snow, rain nor fog", "no snow, no rain, no fog"),
        ("free of fog, rain or snow", "no fog, no rain, no snow"),
        ("no people, red cars or fog, night", "no people, no red cars, no fog, night"),
        ("a street, no rain, clouds or heavy fog. Snow", "a street, no rain, no clouds, no heavy fog. Snow"),
    ],
)  # fmt: skip
def test_a_negation_holds_over_a_list_that_ends_in_or(prompt: str, same: str) -> None:
    assert read(prompt).look == read(same).look
    assert read(prompt).understood == read(same).understood
    assert read(prompt).surfaces == read(same).surfaces


@pytest.mark.parametrize(
    ("prompt", "same"),
    [
        ("no fog, rainy night", "no fog. rainy night"),
        ("no fog, rain, night", "no fog. rain. night"),
        ("no fog, rain and snow", "no fog. rain and snow"),
        ("no sun or snow, fog or rain", "no sun or snow. fog or rain"),
        ("no fog, rain or snow, dusk or night", "no fog, rain or snow. dusk or night"),
        ("no cars, a wet street at dusk or night", "no cars. a wet street at dusk or night"),
        ("no cars at night, rain or fog", "no cars at night. rain or fog"),
        ("no sun, without rain, fog", "no sun. without rain. fog"),
        ("snow-free street, rain or fog", "snow-free street. rain or fog"),
        ("no snow; rain or fog", "no snow. rain or fog"),
        ("no, rain or fog", "rain or fog"),
        ("no cars, a lonely old man in yellow walking home, rain or fog", "no cars. a lonely old man, rain or fog"),
    ],
)
def test_a_comma_ends_every_other_negation(prompt: str, same: str) -> None:
    assert read(prompt).look == read(same).look


WORDS = sorted(
    phrase
    for table in (words_of.TIMES, words_of.WEATHERS, words_of.SEASONS, {"snow": tuple(words_of.SNOW)})
    for phrases in table.values()
    for phrase in phrases
    if words_of.ENDS.isdisjoint(phrase.split())
)


@settings(deadline=None)
@given(st.lists(st.sampled_from([*WORDS, "people", "cars", "wires"]), min_size=2, max_size=5), st.booleans())
def test_a_list_denies_each_of_its_items(items: list[str], oxford: bool) -> None:
    listed = ", ".join(items[:-1]) + (", or " if oxford else " or ") + items[-1]
    assert read(f"no {listed}").look == read("no " + ". no ".join(items)).look
    *_, last = items
    wished = read(f"no {items[0]}, {last}").understood
    assert last in wished or last not in WORDS, "a comma alone ends it"


@pytest.mark.parametrize(
    "prompt",
    ["isn\u2019t foggy", "don\u2019t show snow", "it doesn't rain", "neither rain nor snow", "snow-free street",
     "fog free", "free of snow", "snowless street"],
)  # fmt: skip
def test_other_ways_to_say_no(prompt: str) -> None:
    look = read(prompt).look
    assert (look.snow, look.weathers, look.seasons) == (0.0, {"clear": 1.0}, {"summer": 1.0})


def test_what_is_denied_is_not_the_default_either() -> None:
    assert "summer" not in read("no summer").look.seasons
    assert set(read("not night, not noon").look.times).isdisjoint({"night", "noon"})
    for prompt in ("no sun", "sunless", "no sunshine"):
        assert read(prompt).look.weathers == {"overcast": 1.0}
    assert read("traffic-free night").look.times == {"night": 1.0}


@pytest.mark.parametrize(
    ("word", "material"),
    [("roads", "asphalt"), ("streets", "asphalt"), ("walls", "plaster"), ("houses", "plaster"), ("mountains", "rock"),
     ("rivers", "water"), ("beaches", "sand"), ("fields", "grass"), ("cobblestones", "paving"), ("roofs", "roof"),
     ("glass", "glass"), ("glasses", "glass"), ("bus", "car paint"), ("leaves", "foliage"), ("goblins", None)],
)  # fmt: skip
def test_plurals_are_their_singulars(word: str, material: str | None) -> None:
    assert word_material(word) == material
    assert read(word).ignored == (() if material else (word,))
    assert read("winters, storms").look == read("winter, storm").look
    assert read("falls, springs").ignored == ("falls", "springs"), "other words than autumn and spring"


GIVEN = re.compile(r"""(?:--prompt |prompt"?\s*[:=]\s*)"([^"{}…]+)\"""")
KEPT = {"old": "says nothing of light or material", "lit": "as old", "bridge": "shows in a snippet what is ignored"}


def prompts_of(path: Path) -> Iterator[str]:
    """What a file gives as prompts, or keeps in a table of prompts, looks or words."""
    text = path.read_text(encoding="utf-8")
    yield from GIVEN.findall(text)
    for node in ast.walk(ast.parse(text)) if path.suffix == ".py" else ():
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            names = ast.unparse(node).split("=")[0]
            if re.search(r"PROMPTS?|LOOKS|WORDS", names):
                tables = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
                constants = [part for table in tables for part in ast.walk(table) if isinstance(part, ast.Constant)]
                yield from (part.value for part in constants if isinstance(part.value, str))


def test_the_project_prompts_with_words_that_are_known(root: Path) -> None:
    folders = [root / name for name in ("docs", "demos", "framegen/demo", "clients/godot", "clients/python")]
    paths = [root / "README.md", *(path for folder in folders for path in sorted(folder.rglob("*")))]
    kinds = {".md", ".py", ".gd", ".tres"}
    shown = {path: list(prompts_of(path)) for path in paths if path.suffix in kinds and path.name != "area_look.gd"}
    assert shown[root / "README.md"] and sum("looks" in path.parts and bool(told) for path, told in shown.items()) == 6
    prompts = [prompt for told in shown.values() for prompt in told] + [preset.prompt for preset in PRESETS]
    ignored = {word: prompt for prompt in prompts for part, _ in parts_of(prompt) for word in read(part).ignored}
    assert set(ignored) <= set(KEPT), ignored


def test_colours_are_understood_where_a_surface_follows() -> None:
    assert read("red trees at night").understood == ("red", "trees", "at night")
    assert read("red and yellow trees").surfaces == (Surface("foliage", "trees", ("red", "yellow")),)
    reading = read("a red dragon, white")
    assert (reading.understood, reading.ignored) == ((), ("red", "dragon", "white"))
    assert read("no red brick").ignored == ("red", "brick")
    assert read("dark night, brick").surfaces == (Surface("brick", "brick", ()),)


def test_shades_join_the_colour_that_they_are_of() -> None:
    assert read("old dark red brick").surfaces == (Surface("brick", "brick", ("dark", "red")),)
    assert read("red dark brick").surfaces == (Surface("brick", "brick", ("dark",)),)


def test_prompts_are_divided_by_bars_and_weighed() -> None:
    assert parts_of("a forest ::2 | a rainy night") == [
        ("a forest", pytest.approx(2 / 3)),
        ("a rainy night", pytest.approx(1 / 3)),
    ]
    assert parts_of("fog") == [("fog", 1.0)]
    assert parts_of("rain::2 night::1") == parts_of("rain::2, night") == parts_of("rain ::2 | night")
    assert parts_of("rain::.5 snow::-1 | night::0.5 | ") == [("rain", 0.25), ("night", 0.25), ("", 0.5)]
    assert parts_of("rain::2 | night") == parts_of("rain::2 |night")
    assert parts_of("fog ::0 | rain") == [("rain", 1.0)]
    assert parts_of("fog ::0") == [("", 1.0)]
    assert parts_of(f"fog ::{'9' * 400} | rain") == [
        ("fog", pytest.approx(1, abs=1e-5)),
        ("rain", pytest.approx(0, abs=1e-5)),
    ]


def test_unknown_words_are_named_and_change_nothing() -> None:
    reading = read("a dragon eating noodles")
    assert reading.understood == ()
    assert reading.ignored == ("dragon", "eating", "noodles")
    assert reading.look == read("").look


def test_the_sun_stands_lower_at_golden_hour_and_not_at_all_at_night() -> None:
    noon, golden = sun_of(read("noon").look), sun_of(read("golden hour").look)
    assert noon is not None
    assert golden is not None
    assert noon[1] > golden[1] > 0
    assert math.hypot(*noon) == pytest.approx(1)
    assert math.atan2(noon[2], noon[0]) == pytest.approx(math.atan2(golden[2], golden[0]))
    assert sun_of(read("night").look) is None
    assert sun_of(read("dusk").look) is None


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_look(prompt: str) -> None:
    look = read(prompt).look
    for shares, names in (
        (look.times, layout.TIMES),
        (look.weathers, layout.WEATHERS),
        (look.seasons, layout.SEASONS),
    ):
        assert set(shares) <= set(names)
        assert sum(shares.values()) == pytest.approx(1)
    assert 0 <= look.snow <= 1
    assert 1e-4 <= look.fog_per_m <= 0.06


@pytest.mark.parametrize(
    ("text", "material"),
    [("old red brick wall", "brick"), ("Wall_03", "plaster"), ("wet asphalt road", "asphalt"), ("goblin", "unknown")],
)
def test_materials(text: str, material: str) -> None:
    assert material_of(text) == material
    assert material in layout.LABELS


@pytest.mark.parametrize(
    ("text", "material"),
    [("street lamp", "lamp"), ("car windows", "glass"), ("brick house window", "glass"), ("shop sign", "sign"),
     ("old red brick wall", "brick"), ("stone wall", "stone"), ("car", "car paint"), ("street lights", "lamp"),
     ("light grey concrete", "concrete"), ("light wall", "plaster"), ("light", "lamp"), ("lamp post", "metal"),
     ("house with windows", "plaster"), ("plaster wall, small windows", "plaster"), ("wooden pole", "wood")],
)  # fmt: skip
def test_a_thing_at_the_end_of_a_phrase_is_that_thing(text: str, material: str) -> None:
    assert material_of(text) == material


@pytest.mark.parametrize(
    ("name", "material"),
    [("SM_House_01", "plaster"), ("windowGlass", "glass"), ("StreetLamp_A", "lamp"), ("WaterPlane", "water"),
     ("CarBody_Red", "car paint"), ("HTMLBrickWall", "brick"), ("RoofTiles", "roof"), ("TREES", "foliage"),
     ("Street_Lights_Left", "lamp"), ("lightGray", "unknown"), ("PinkBox", "unknown"), ("HighwayGuardRail", "metal"),
     ("WaterTank", "metal"), ("house_with_windows", "plaster"), ("HouseWithWindows", "plaster"),
     ("Lamp(Clone)", "lamp")],
)  # fmt: skip
def test_names_are_read_as_engines_write_them(name: str, material: str) -> None:
    assert material_of(name) == material


@pytest.mark.parametrize(
    ("name", "material"),
    [("lake house", "plaster"), ("lake", "water"), ("river rock", "rock"), ("beach house", "plaster"),
     ("street tree", "foliage"), ("tree trunk", "bark"), ("car trunk", "car paint"), ("pine wood", "wood"),
     ("pine floor", "wood"), ("forest floor", "soil"), ("desert ground", "sand"), ("street wall", "plaster"),
     ("dirt road", "soil"), ("road", "asphalt"), ("road line", "road marking"), ("tree line", "foliage"),
     ("floor tiles", "tile"), ("floor concrete", "concrete"), ("door metal", "metal"), ("tile roof", "roof"),
     ("window frame", "unknown"), ("wooden window frame", "wood"), ("wall paint", "plaster"), ("grass hill", "grass"),
     ("mountain lake", "water"), ("house door", "wood"), ("table cloth", "fabric"), ("road fence", "wood")],
)  # fmt: skip
def test_places_and_what_may_be_of_many_materials_give_way(name: str, material: str) -> None:
    assert material_of(name) == material


def test_names_of_materials_mean_themselves() -> None:
    assert [name for name in layout.LABELS if material_of(name) != name] == ["person"], "people are lit, not painted"
