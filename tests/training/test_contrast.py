"""What the contrast of textures is taught: one that is known beforehand is found."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install -e .[test], see .ci/tools")

from framegen.ops import layout  # noqa: E402
from framegen.ops.fields import UNITS_PER_LOG  # noqa: E402
from framegen.training.embedded.batch import Item  # noqa: E402
from framegen.training.embedded.contrast import wanted_contrast  # noqa: E402
from framegen.training.embedded.pairs import NO_FIELD, SMOOTH_FIELD  # noqa: E402

H, W = 96, 128
LEFT, RIGHT = 3, 7
"""Fields of the two halves of the picture."""
LEFT_CONTRAST, RIGHT_CONTRAST = 0.7, 0.2


def scene(light: float = 1.0) -> Item:
    """Two walls with textures of different contrast, lit by ``light``; what the engine draws is plain."""
    rng = np.random.default_rng(0)
    detail = torch.from_numpy(rng.integers(-30, 31, (1, layout.FIELDS, H, W)).astype(np.int8))
    left = torch.arange(W)[None].expand(H, W) < W // 2
    shown = torch.where(left, detail[0, LEFT] * LEFT_CONTRAST, detail[0, RIGHT] * RIGHT_CONTRAST) / UNITS_PER_LOG
    color, none = torch.full((1, 3, H, W), 0.5), torch.zeros(1)
    return Item(
        color=color,
        cells=none,
        label=none,
        condition=none,
        through=torch.ones(1, 1, H, W),
        detail=detail,
        nearness=none,
        field=torch.where(left[::4, ::4], LEFT, RIGHT)[None],
        target=color * light * shown.exp(),
        strength=none,
        rivals=none,
        suited=none,
    )


@pytest.mark.parametrize("light", [1.0, 0.6, 1.3])
def test_each_surface_is_taught_its_own_contrast_in_any_light(light: float) -> None:
    wanted, sure = wanted_contrast(scene(light))
    assert wanted.shape == sure.shape == (1, H // 4, W // 4)
    # black is lifted a little before logarithms are taken, which costs some of the contrast
    assert float(wanted[0, 12, 4]) == pytest.approx(LEFT_CONTRAST, rel=0.12)
    assert float(wanted[0, 12, -5]) == pytest.approx(RIGHT_CONTRAST, rel=0.12)
    assert float(sure[0, 12, 4]) == float(sure[0, 12, -5]) == 1


def test_texture_that_lies_elsewhere_in_the_target_is_taught_in_part() -> None:
    item = scene()
    shifted = dataclasses.replace(item, target=(item.target + torch.roll(item.target, 2, -1)) / 2)
    wanted, _ = wanted_contrast(shifted)
    # half of it is in its place: a slope of half, a spread of half the square root of two
    assert float(wanted[0, 12, 8]) == pytest.approx(LEFT_CONTRAST * 0.5 * 2**0.25, rel=0.15)


def test_nothing_is_known_where_two_surfaces_meet() -> None:
    _, sure = wanted_contrast(scene())
    middle = W // 8
    assert not sure[0, :, middle - 1 : middle + 1].any()


def test_what_no_field_shows_is_taught_none() -> None:
    item = scene()
    item.field[0, :, : W // 8] = SMOOTH_FIELD
    wanted, sure = wanted_contrast(item)
    assert not wanted[0, :, : W // 8].any()
    assert bool(sure[0, :, : W // 8].all())


def test_unknown_surfaces_and_what_fog_hides_are_left_to_the_other_losses() -> None:
    unknown, foggy = scene(), scene()
    unknown.field[:] = NO_FIELD
    foggy.through[:] = 0.2
    assert not wanted_contrast(unknown)[1].any()
    assert not wanted_contrast(foggy)[1].any()


def test_texture_that_the_engine_draws_already_is_not_asked_for_again() -> None:
    item = scene()
    drawn = dataclasses.replace(item, color=item.target)
    assert float(wanted_contrast(drawn)[0].max()) == pytest.approx(0, abs=1e-5)
