"""Strength to timesteps: documented numbers, and monotone for every row."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framegen.engines.diffusers.recipes import RECIPES, Recipe
from framegen.engines.diffusers.schedule import Schedule, alpha_bar

IDS = [recipe.spec.name for recipe in RECIPES]


def told(schedule: Schedule, strength: float, steps: int = 1) -> list[float]:
    return [numbers.t for numbers in schedule.course(strength, steps).numbers]


def test_the_share_of_the_source_at_known_timesteps() -> None:
    kept = np.sqrt(alpha_bar()[[249, 399, 499, 749, 999]])
    assert kept == pytest.approx([0.82, 0.65, 0.53, 0.24, 0.07], abs=0.01)


@pytest.mark.parametrize("recipe", RECIPES, ids=IDS)
def test_more_strength_never_keeps_more_of_the_source(recipe: Recipe) -> None:
    for steps in recipe.steps:
        kept = [recipe.schedule.course(s, steps).kept for s in np.linspace(0, 1, 101)]
        assert (np.diff(kept) <= 1e-9).all()
        if recipe.kind != "translate":
            assert kept[-1] < 0.1
            assert kept[0] > 0.8 or recipe.schedule.rule == "fixed"


@pytest.mark.parametrize("recipe", RECIPES, ids=IDS)
def test_what_the_network_sees_has_unit_variance(recipe: Recipe) -> None:
    for strength in (0.0, 0.3, 0.5, 0.9, 1.0):
        for steps in recipe.steps:
            course = recipe.schedule.course(strength, steps)
            norm = course.numbers[0].norm
            assert (course.source**2 + course.noise**2) / norm**2 == pytest.approx(1.0, abs=0.006)
            for numbers in course.numbers:
                assert math.hypot(numbers.signal, numbers.spread) == pytest.approx(numbers.norm, rel=1e-6)
            for numbers, following in itertools.pairwise(course.numbers):
                spread = math.hypot(numbers.next_guess, numbers.next_noise)
                assert math.hypot(numbers.next_signal, spread) == pytest.approx(following.norm, rel=1e-6)


@pytest.mark.parametrize(
    ("schedule", "strength", "steps", "times"),
    [
        (Schedule("even"), 0.5, 1, [499]),
        (Schedule("even"), 1.0, 4, [999, 749, 499, 249]),
        (Schedule("even"), 0.5, 2, [499, 249]),
        (Schedule("even"), 0.0, 1, [19]),
        (Schedule("lcm"), 0.6, 1, [599]),
        (Schedule("lcm"), 1.0, 4, [999, 759, 499, 259]),
        (Schedule("lcm"), 0.01, 1, [19]),
        (Schedule("grid", trained=(999, 749, 499, 249)), 0.4, 1, [499]),
        (Schedule("grid", trained=(999, 749, 499, 249)), 1.0, 2, [999, 499]),
        (Schedule("grid", trained=(999, 749, 499, 249)), 0.3, 4, [249]),
        (Schedule("fixed", trained=(399,)), 0.2, 1, [399]),
        (Schedule("translate", trained=(999,)), 0.9, 1, [999]),
    ],
)
def test_documented_timesteps(schedule: Schedule, strength: float, steps: int, times: list[int]) -> None:
    assert told(schedule, strength, steps) == times


def test_a_network_from_noise_sees_no_source_at_full_strength() -> None:
    assert Schedule("fixed", "fresh", trained=(999,)).course(1.0).source == 0.0
    assert Schedule("fixed", "fresh", trained=(999,)).course(0.5).kept == pytest.approx(math.sqrt(alpha_bar()[999]))
    assert Schedule("fixed", "keep", trained=(999,)).course(0.5).kept == pytest.approx(math.sqrt(alpha_bar()[999]))
    assert Schedule("fixed", "keep", trained=(999,)).course(0.0).kept == pytest.approx(2 * math.sqrt(alpha_bar()[999]))


def test_translation_takes_the_source_alone() -> None:
    course = Schedule("translate", trained=(999,)).course(0.3)
    assert (course.source, course.noise) == (1.0, 0.0)
    mixed = Schedule("translate", trained=(999,)).course(0.3, mixed=True)
    assert (mixed.source, mixed.noise) == pytest.approx((0.7, 0.3))


def test_ancestral_steps_are_diffusers_own() -> None:
    """Against the numbers of EulerAncestralDiscreteScheduler's formula, written out."""
    numbers = Schedule("even", "ancestral").course(1.0, 2).numbers[0]
    sigma, following = (math.sqrt((1 - a) / a) for a in alpha_bar()[[999, 499]])
    up = math.sqrt(following**2 * (sigma**2 - following**2) / sigma**2)
    assert numbers.next_noise == pytest.approx(up, rel=1e-6)
    assert numbers.next_guess == pytest.approx(math.sqrt(following**2 - up**2), rel=1e-6)


@pytest.mark.parametrize("recipe", RECIPES, ids=IDS)
def test_both_ways_of_writing_a_step_say_the_same(recipe: Recipe) -> None:
    """``x = z + σ n`` and ``x_t = √ᾱ z + √(1-ᾱ) n``: what the network sees and what its guess means."""
    if recipe.schedule.rule == "angle":
        return
    for strength in (0.3, 0.5, 1.0):
        for numbers in recipe.schedule.course(strength).numbers:
            share = float(alpha_bar()[int(numbers.t)])
            assert numbers.signal / numbers.norm == pytest.approx(math.sqrt(share), rel=1e-6)
            assert numbers.spread / numbers.signal == pytest.approx(math.sqrt((1 - share) / share), rel=1e-6)


def test_the_noise_schedule_is_diffusers_own_to_the_last_bit() -> None:
    diffusers = pytest.importorskip("diffusers", reason="needs diffusers: pip install -e .[test], see .ci/tools")
    betas = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    assert np.array_equal(alpha_bar(), diffusers.LCMScheduler(**betas).alphas_cumprod.numpy())


@given(st.floats(0, 1), st.sampled_from([1, 2, 4]), st.sampled_from(RECIPES))
def test_every_course_is_finite_and_falls(strength: float, steps: int, recipe: Recipe) -> None:
    course = recipe.schedule.course(strength, steps)
    assert np.isfinite(course.table()).all()
    assert 1 <= len(course.numbers) <= steps
    times = [numbers.t for numbers in course.numbers]
    assert times == sorted(times, reverse=True)
    assert course.table().shape == (1 + len(times), 9)
