"""Times of the clock in a prompt: "6 am", "at 18:30", "10:15 pm" say how light it is, as words do."""

from __future__ import annotations

import re
from itertools import pairwise

_TIME = re.compile(
    r"(?<![\w:.,])(?:"
    r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"|(?P<only>1[0-2]|0?[1-9])\s*(?P<of>[ap])\.?m\b\.?"
    r")(?![\w:])"
)
_LIGHT: tuple[tuple[float, str], ...] = (
    (0.0, "night"), (4.5, "night"), (5.5, "dusk"), (6.5, "golden_hour"), (8.5, "morning"), (10.0, "morning"),
    (11.5, "noon"), (15.5, "noon"), (17.5, "golden_hour"), (18.75, "dusk"), (20.0, "night"), (24.0, "night"),
)  # fmt: skip
"""Hours at which it is as light as the time of day of that name, where day and night are equally long."""


def times(text: str) -> tuple[str, list[tuple[str, dict[str, float]]]]:
    """``text`` (in small letters) without the clock's times, and each of these with its shares of times of day."""
    found = [(match[0].strip(), _shares(_hour(match))) for match in _TIME.finditer(text)]
    return _TIME.sub(" ", text), found


def _hour(match: re.Match[str]) -> float:
    hour = int(match["hour"] or match["only"])
    half = match["half"] or match["of"]
    if half is not None and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour + int(match["minute"] or 0) / 60


def _shares(hour: float) -> dict[str, float]:
    """Between two hours of the table both names have their share."""
    (before, first), (after, then) = next(pair for pair in pairwise(_LIGHT) if pair[0][0] <= hour < pair[1][0])
    part = (hour - before) / (after - before)
    if first == then or part == 0:
        return {first: 1.0}
    return {first: 1 - part, then: part}
