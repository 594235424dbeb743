"""Prompts: words of photography, and of what the sky shows and what falls from it."""

from __future__ import annotations

import dataclasses

import pytest

from framegen.engines.prompt import Surface, read
from framegen.ops.photo import PLAIN, Photo


def test_words_of_photography_say_how_it_is_photographed_and_nothing_else() -> None:
    for prompt in (
        "cinematic",
        "vivid colours",
        "black-and-white",
        "b&w",
        "cold tones",
        "post-apocalyptic",
        "35mm film",
    ):
        reading = read(prompt)
        assert not reading.ignored and not reading.surfaces, prompt
        assert reading.look.photo != PLAIN
        assert dataclasses.replace(reading.look, photo=PLAIN) == read("").look, prompt
    assert read("black and white").look.photo.saturation == -1
    slight, plain, much = (read(f"{how} muted colours").look.photo.saturation for how in ("slightly", "", "very"))
    assert 0 > slight > plain > much
    both = read("sunset, warm tones, film grain").look
    assert both.times == {"golden_hour": 1.0} and both.photo == Photo(warmth=0.45, grain=0.45)
    assert read("no film grain, night").look.photo == PLAIN


def test_what_no_surface_is_dark_makes_all_of_it_darker() -> None:
    for prompt in ("dark", "a dark alley at night", "dark roof, dark mood"):
        reading = read(prompt)
        assert reading.look.photo.exposure_ev < -0.5 and "dark" in " ".join(reading.understood), prompt
    for prompt in ("dark red brick", "dark night", "dark clouds", "not dark", "dark wet asphalt"):
        assert read(prompt).look.photo == PLAIN, prompt


def test_how_dark_it_is_to_be_is_said_as_of_other_words() -> None:
    less, slight, plain, much = (read(f"{how} dark").look.photo.exposure_ev for how in ("less", "slightly", "", "very"))
    assert less > 0 > slight > plain > much
    assert read("very dark, rain").look == dataclasses.replace(read("rain").look, photo=read("very dark").look.photo)
    assert read("dark corners").look.photo == Photo(vignette=0.6)


def test_less_of_a_photograph_takes_some_of_it_away() -> None:
    assert read("less vivid").look.photo.saturation < 0 < read("slightly vivid").look.photo.saturation
    assert read("less grainy").look.photo == PLAIN


@pytest.mark.parametrize("prompt", ["black and white tiles", "vintage cars", "monochrome carpet", "b&w crosswalk"])
def test_what_is_said_of_things_says_nothing_of_the_picture(prompt: str) -> None:
    assert read(prompt).look.photo == PLAIN
    assert read("black and white tiles").surfaces == (Surface("tile", "tiles", ("black", "white")),)
    for of_all in ("black and white picture", "black and white street", "vintage photo of cars"):
        assert read(of_all).look.photo != PLAIN, of_all


def test_words_bring_stars_and_the_moon_and_deny_them() -> None:
    plain, starry, none = (read(f"{words} night").look for words in ("clear", "starry", "starless"))
    assert starry.stars > plain.stars > none.stars == 0
    assert read("moonlit street").look.moon == read("full moon").look.moon == 1
    assert plain.moon == read("a moonless night").look.moon == 0


def test_words_bring_an_aurora_and_its_night_and_deny_it() -> None:
    plain, named, strong, none = (
        read(words).look for words in ("night", "northern lights", "strong aurora borealis, snow", "night, no aurora")
    )
    assert plain.aurora == none.aurora == 0 < named.aurora < strong.aurora <= 1
    assert named.times == none.times == {"night": 1.0}


def test_rain_and_snow_fall_where_words_say_so_and_not_where_all_is_wet_or_white() -> None:
    drizzle, rain, storm, heavy = (read(p).look.drops for p in ("drizzle", "rainy dusk", "thunderstorm", "heavy rain"))
    assert 0 < drizzle < rain < heavy < 1 and rain < storm <= 1
    for prompt in ("after rain", "wet street", "puddles", "no rain", "snow", "fog"):
        assert read(prompt).look.drops == 0, prompt
    assert read("light snowfall").look.flakes < read("snowing").look.flakes < read("blizzard").look.flakes == 1
    for prompt in ("deep snow", "winter", "no snow, snowing"):
        assert read(prompt).look.flakes == 0, prompt
