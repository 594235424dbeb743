"""Prompts: synonyms, strengths, negations, what is not understood."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.engines.prompt import material_of, read, sun_of
from framegen.ops import layout


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


@pytest.mark.parametrize("prompt", ["no fog", "without fog, please", "not foggy", "no fog or rain", "never misty"])
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
