"""A look led on from the average one."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.engines.embedded.condition import condition_of, vector
from framegen.engines.embedded.guidance import GUIDANCE, guided
from framegen.engines.embedded.network import FOLDER, Style
from framegen.engines.prompt import read
from framegen.frame import F32
from framegen.ops import layout

STYLE = Style.load(FOLDER / "style.npz")


def film(style: Style, prompt: str) -> F32:
    return style(vector(condition_of(read(prompt).look).shares, None))


@pytest.mark.parametrize("guidance", [0.5, 1.0, GUIDANCE, 2.0])
def test_every_film_is_led_on_from_one_that_all_looks_share(guidance: float) -> None:
    led, rng = guided(STYLE, guidance), np.random.default_rng(0)
    conditions = rng.normal(0, 1, (8, layout.CONDITION)).astype(np.float32)
    plain, further = (np.stack([style(c) for c in conditions]) for style in (STYLE, led))
    shared = further - guidance * plain
    assert np.allclose(shared, shared[0], atol=1e-4), "(1 - guidance) times the average, whatever the condition"
    prompts = [f"{t}, {w}" for t in ("noon", "morning", "golden hour", "dusk", "night") for w in layout.WEATHERS]
    average = [np.mean([film(style, prompt) for prompt in prompts], 0) for style in (STYLE, led)]
    assert np.allclose(*average, atol=1e-4), "the average look stays as it is"


def test_without_guidance_nothing_changes() -> None:
    assert np.allclose(film(guided(STYLE, 1.0), "night, rain"), film(STYLE, "night, rain"), atol=1e-6)


def test_looks_are_further_apart() -> None:
    def apart(style: Style) -> float:
        return float(np.abs(film(style, "night, rain") - film(style, "noon, clear sky")).mean())

    assert apart(guided(STYLE)) == pytest.approx(GUIDANCE * apart(STYLE), rel=1e-3)
