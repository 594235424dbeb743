"""Times of the clock in prompts."""

from __future__ import annotations

import pytest

from framegen.engines.prompt import parts_of, read


@pytest.mark.parametrize(
    ("prompt", "said", "times"),
    [
        ("6:30 am, forest", "6:30 am", {"golden_hour": 1.0}),
        ("a street at 9 a.m.", "9 a.m.", {"morning": 1.0}),
        ("12 pm", "12 pm", {"noon": 1.0}),
        ("12am", "12am", {"night": 1.0}),
        ("old town, 14:00, rain", "14:00", {"noon": 1.0}),
        ("17:30", "17:30", {"golden_hour": 1.0}),
        ("6PM", "6pm", {"golden_hour": 0.6, "dusk": 0.4}),
        ("23:59", "23:59", {"night": 1.0}),
        ("0:00", "0:00", {"night": 1.0}),
    ],
)
def test_times_of_the_clock_are_understood(prompt: str, said: str, times: dict[str, float]) -> None:
    reading = read(prompt)
    assert reading.look.times == pytest.approx(times)
    assert said in reading.understood and not {"am", "pm", "m", "00"} & set(reading.ignored)


@pytest.mark.parametrize("prompt", ["16:9", "4k", "24 fps", "1080p", "13 pm", "25:00", "f1:30x", "am", "route 66"])
def test_other_numbers_are_no_times(prompt: str) -> None:
    assert read(prompt).look.times == {"noon": 1.0}


def test_a_time_goes_with_weights_and_other_words() -> None:
    assert parts_of("snow, 22:30 ::2 | rain ::1") == [
        ("snow, 22:30", pytest.approx(2 / 3)),
        ("rain", pytest.approx(1 / 3)),
    ]
    both = read("rainy evening, 8 pm").look
    assert both.times["night"] == both.times["dusk"] == 0.5 and both.weathers == {"rain": 1.0}
