"""What of footage stays: rectangles and the black of a picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inverting_engine import InvertingEngine

from framegen.config import Settings
from framegen.errors import ConfigError, MediaError
from framegen.video.bars import Bars
from framegen.video.footage import Restyler
from framegen.video.mask import NOTHING, SOFT_PX, Kept, Rectangle

SIZES = st.integers(1, 90)


def test_without_either_all_is_restyled() -> None:
    assert NOTHING.mask(64, 48) is None


@given(st.integers(0, 63), st.integers(0, 47), SIZES, SIZES)
def test_a_rectangle_stays_and_its_surroundings_come_softly(x: int, y: int, width: int, height: int) -> None:
    mask = Kept(rectangles=(Rectangle(x, y, width, height),)).mask(64, 48)
    assert mask is not None
    inside = np.zeros((48, 64), bool)
    inside[y : y + height, x : x + width] = True
    assert np.array_equal(mask == 0, inside)
    far = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    assert (mask[far >= SOFT_PX] == 255).all()
    np.testing.assert_allclose(mask[far < SOFT_PX], 255 / SOFT_PX * far[far < SOFT_PX], atol=1.5)


def test_rectangles_and_a_picture_of_any_size_go_together(tmp_path: Path) -> None:
    drawn = np.full((96, 128, 3), 255, np.uint8)
    drawn[:, :64] = 0
    cv2.imwrite(str(tmp_path / "hud.png"), drawn)
    mask = Kept(tmp_path / "hud.png", (Rectangle(60, 40, 4, 8),)).mask(64, 48)
    assert mask is not None and mask.shape == (48, 64)
    assert not mask[:, :31].any() and (mask[:30, 33:] == 255).all() and not mask[40:, 60:].any()


def test_where_a_mask_is_transparent_all_is_restyled(tmp_path: Path) -> None:
    painted = np.zeros((48, 64, 4), np.uint8)
    painted[10:20, :, 3] = 255
    painted[30:40] = 255, 255, 255, 128
    painted[40:, :, 3] = 128
    cv2.imwrite(str(tmp_path / "hud.png"), painted)
    mask = Kept(tmp_path / "hud.png").mask(64, 48)
    assert mask is not None and not mask[10:20].any()
    assert (mask[:10] == 255).all() and (mask[20:40] == 255).all() and (mask[40:] == 127).all()


def test_another_shape_or_a_rectangle_beside_the_picture_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "hud.png"), np.zeros((64, 64), np.uint8))
    with pytest.raises(MediaError, match=r"64x64 .* 64x48"):
        Kept(tmp_path / "hud.png").mask(64, 48)
    with pytest.raises(MediaError, match=r"64,0,5,5 lies outside .* 64x48"):
        Kept(rectangles=(Rectangle(64, 0, 5, 5),)).mask(64, 48)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,2,3,4", "1,2,0,4", "-1,2,3,4", "1.5,2,3,4"])
def test_words_that_are_no_rectangle_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="X,Y,WIDTH,HEIGHT"):
        Rectangle.parse(text)
    assert Rectangle.parse("520, 10,110,60") == Rectangle(520, 10, 110, 60)


def test_between_bars_the_mask_is_that_of_the_whole_picture() -> None:
    picture = np.full((80, 64, 3), 40, np.uint8)
    mask = Kept(rectangles=(Rectangle(0, 40, 16, 40),)).mask(64, 80)
    restyler = Restyler(InvertingEngine(), Settings(), Bars(top=16, bottom=16), mask=mask)
    out = restyler(picture)
    assert (out[40:, :16] == 40).all() and (out[:16] == 40).all() and (out[64:] == 40).all()
    assert (out[16:30, 30:] != 40).all()
