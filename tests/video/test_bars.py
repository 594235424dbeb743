"""Letterbox bars are found; dark scenes keep every pixel."""

from __future__ import annotations

import numpy as np
import pytest
from clips import scene
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.video.bars import Bars, find_bars


def boxed(number: int, bars: Bars, black: int = 0, noise: int = 0) -> np.ndarray:
    picture = scene(number, 160, 120)
    rng = np.random.default_rng(number)
    inside = bars.inside(picture).copy()
    picture[:] = black
    if noise:
        picture += rng.integers(0, noise + 1, picture.shape, dtype=np.uint8)
    bars.inside(picture)[:] = inside
    return picture


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 30), st.integers(0, 1), st.integers(0, 12), st.integers(0, 3))
def test_letterbox_is_found_to_the_pixel(bar: int, uneven: int, black: int, noise: int) -> None:
    bars = Bars(top=bar + uneven, bottom=bar)
    assert find_bars(boxed(i, bars, black, noise) for i in range(4)) == bars


@pytest.mark.parametrize("bars", [Bars(left=20, right=20), Bars(top=14, bottom=14, left=20, right=21)])
def test_pillars_and_windows_are_found(bars: Bars) -> None:
    assert find_bars(boxed(i, bars) for i in range(4)) == bars


def test_a_picture_that_fills_its_frame_has_none() -> None:
    assert not find_bars(scene(i, 160, 120) for i in range(4))


def test_black_fades_between_scenes_do_not_matter() -> None:
    bars = Bars(top=16, bottom=16)
    pictures = [boxed(0, bars), np.zeros((120, 160, 3), np.uint8), boxed(3, bars)]
    assert find_bars(pictures) == bars


def test_all_black_has_no_bars() -> None:
    assert not find_bars([np.zeros((120, 160, 3), np.uint8)] * 4)


def night(number: int) -> np.ndarray:
    """A black sky over a lamp-lit street that ends in darkness again."""
    picture = np.zeros((120, 160, 3), np.float32)
    y, x = np.mgrid[:120, :160]
    for lamp in (30, 90, 150):
        picture += 200 * np.exp(-(((x - lamp - number) / 14.0) ** 2 + ((y - 70) / 9.0) ** 2))[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def test_a_night_scene_is_not_cropped() -> None:
    assert not find_bars(night(i) for i in range(6))


def test_a_dark_ceiling_alone_is_not_a_bar() -> None:
    pictures = [scene(i, 160, 120) for i in range(4)]
    for picture in pictures:
        picture[:24] = 0
    assert not find_bars(pictures)


def test_subtitles_in_the_bar_make_it_no_bar() -> None:
    bars = Bars(top=16, bottom=16)
    pictures = [boxed(i, bars) for i in range(4)]
    pictures[2][108:116, 40:120] = 255
    assert not find_bars(pictures)


def test_a_scene_that_opens_up_has_no_bars() -> None:
    pictures = [boxed(0, Bars(top=16, bottom=16)), scene(1, 160, 120)]
    assert not find_bars(pictures)
