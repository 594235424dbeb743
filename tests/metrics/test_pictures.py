"""PSNR, SSIM and the best colour transform, on pictures whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.frame import U8
from framegen.metrics.pictures import colour_transform, psnr_db, ssim


@pytest.fixture
def picture() -> U8:
    rng = np.random.default_rng(0)
    return rng.integers(60, 200, (48, 64, 3), dtype=np.uint8)


def test_psnr_of_an_even_shift(picture: U8) -> None:
    assert psnr_db(picture, picture) == 90
    assert psnr_db(picture, picture + np.uint8(10)) == pytest.approx(20 * np.log10(255 / 10), abs=1e-4)


def test_ssim_knows_structure_from_brightness(picture: U8) -> None:
    assert ssim(picture, picture) == pytest.approx(1)
    brighter, other = picture + np.uint8(10), picture[:, ::-1]
    assert ssim(picture, brighter) > 0.95
    assert ssim(picture, other) < 0.3
    # Wang et al.: an uncorrelated picture of the same mean leaves the product of means and of variances alone
    flat = np.full_like(picture, round(float(picture.mean())))
    assert ssim(picture, flat) < 0.1


def test_the_colour_transform_undoes_one(picture: U8) -> None:
    mixed = picture.astype(np.float64) @ [[0.6, 0.1, 0.0], [0.1, 0.5, 0.1], [0.0, 0.2, 0.7]] + 12
    target = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    assert psnr_db(colour_transform(picture, target), target) > 50
