"""What is done to a latent before it becomes a picture."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.engines.embedded import taste
from framegen.frame import F32
from framegen.ops import layout, reference, unveil_reference

H, W = 12, 16


def _latent() -> F32:
    rng = np.random.default_rng(0)
    latent = np.zeros((H, W, layout.LATENT), np.float32)
    latent[..., layout.GAIN] = rng.normal(0, 0.2, (H, W, 3))
    latent[..., layout.COVER] = 0.3
    latent[..., layout.PAINT] = 0.1
    latent[..., layout.AIR] = (0.2, 0.4, 0.6)
    return latent


def test_colour_is_that_of_the_surface_and_its_paint() -> None:
    color, through = np.full((4 * H, 4 * W, 3), 90, np.uint8), np.ones((4 * H, 4 * W), np.float32)
    latent, gain = _latent(), np.asarray((1.2, 0.9, 0.5), np.float32)
    before = reference.compose(latent, color, through, None)
    after = reference.compose(taste.colored(latent, gain), color, through, None)
    assert np.allclose(after, before * gain, atol=2e-3)


def test_a_grade_grows_with_its_share() -> None:
    assert taste.grade({"noon": 1.0, "golden_hour": 0.0}) is None
    warmth = [1.0]
    for share in (0.5, 1.0):
        gain = taste.grade({"noon": 1 - share, "golden_hour": share})
        assert gain is not None
        warmth.append(gain[1, 0] / gain[1, 2])
    assert warmth[0] < warmth[1] < warmth[2]
    night = taste.grade({"night": 1.0})
    assert night is not None and night[:2].max() < 1


def test_leaves_in_snow_are_not_autumns() -> None:
    latent, leaves = _latent(), np.zeros((H, W), bool)
    latent[..., layout.GAIN] = (0.5, -0.4, -0.3)
    latent[:4, :, layout.GAIN] = (0.1, 0.1, 0.0)
    leaves[:8] = True
    out = taste.evergreen(latent, leaves, 1.0)
    assert np.array_equal(out[:4], latent[:4]) and np.array_equal(out[8:], latent[8:])
    red, green, blue = out[4:8, :, layout.GAIN].mean((0, 1))
    assert red - green == pytest.approx(taste.REDDER, abs=1e-5) and blue == pytest.approx(-0.3)
    half = taste.evergreen(latent, leaves, 0.5)[4:8, :, layout.GAIN].mean((0, 1))
    assert red < half[0] < 0.5 and np.array_equal(taste.evergreen(latent, leaves, 0.0), latent)


def test_nights_have_contrast_as_far_as_they_are_night_and_clear() -> None:
    dark, bright = 0.1, 0.5
    apart = []
    for night, fog in ((0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.0, 0.5), (1.0, 1.0)):
        curve = taste.curve({"noon": 1 - night, "night": night}, fog)
        low, high = reference.toned(np.asarray((dark, bright), np.float32), curve)
        apart.append(high - low)
    assert apart[0] == apart[4] == pytest.approx(bright - dark)
    assert apart[0] < apart[1] < apart[2] > apart[3] > apart[4]
    for steep, low in (taste.curve({time: 1.0}, 0.0) for time in taste.CONTRAST):
        assert low <= 1 and steep - low <= 1, "the curve rises"


def test_the_engines_clouds_stay_in_the_colour_of_the_air() -> None:
    sky = np.ones((H, W), np.float32)
    sky[8:] = 0
    color = np.full((4 * H, 4 * W, 3), (130, 170, 230), np.uint8)
    color[8:16, 8:40] = 240
    latent = _latent()
    out = taste.own_sky(latent, color, sky, np.ones_like(sky))
    assert np.array_equal(out[8:], latent[8:])
    through = np.ones((4 * H, 4 * W), np.float32)
    picture = reference.compose(out, color, through, None)[:28]
    assert picture[10:14, 12:36].mean() > 1.1 * picture[20:26].mean(), "the cloud is still there"
    assert picture.mean((0, 1)) == pytest.approx((0.2, 0.4, 0.6), abs=0.06)


def test_where_no_own_sky_shows_nothing_changes_and_little_of_it_changes_little() -> None:
    sky, color = np.ones((H, W), np.float32), np.full((4 * H, 4 * W, 3), (130, 170, 230), np.uint8)
    latent = _latent()
    kept = np.zeros_like(sky)
    kept[:, 5] = 1e-3
    out = taste.own_sky(latent, color, sky, kept)
    assert np.array_equal(out[:, :5], latent[:, :5])
    assert 0 < np.abs(out[:, 5] - latent[:, 5]).max() < 0.05


def test_the_sky_is_the_engines_at_strength_zero_alone() -> None:
    assert [taste.sky_kept(s) for s in (0, 0.25, 0.5, 1)] == [1, 0.5, 0, 0]


def test_paint_becomes_light_but_for_snow_and_new_materials() -> None:
    assert taste.unveiled(0.5, 0.0) == taste.unveiled(0.0, 0.0) == unveil_reference.SHARE
    assert taste.unveiled(1.0, 0.0) == taste.unveiled(0.5, 1.0) == 0.0
    assert 0 < taste.unveiled(0.8, 0.0) < taste.unveiled(0.5, 0.0)


def test_a_low_sun_gilds_the_horizon_and_leaves_the_sky_above_blue() -> None:
    gains = taste.overhead({"golden_hour": 1.0}, 1.0)
    grade = taste.grade({"golden_hour": 1.0})
    assert gains is not None and grade is not None
    latent = np.full((3, 1, layout.KEPT), 0.5, np.float32)
    up = np.array([[0.9], [0.2], [-0.3]], np.float32)
    out = taste.cleared(latent, up, gains)
    air = out[..., layout.AIR] * grade[1]
    np.testing.assert_allclose(air[0, 0], 0.5, atol=1e-5)
    np.testing.assert_allclose(air[2, 0], 0.5 * grade[1], atol=1e-6)
    assert air[2, 0, 2] < air[1, 0, 2] < air[0, 0, 2]
    rest = np.ones(layout.KEPT, bool)
    rest[layout.AIR] = False
    np.testing.assert_array_equal(out[..., rest], latent[..., rest])
    assert (latent == 0.5).all()
    half = taste.overhead({"golden_hour": 0.5, "noon": 0.5}, 1.0)
    assert half is not None and 1 < half[2] < gains[2]
    assert taste.overhead({"noon": 1.0}, 1.0) is None


def test_clear_nights_darken_above() -> None:
    assert taste.overhead({"night": 1.0}, 0.0) is None
    half, whole = (taste.overhead({"night": 1.0}, clear) for clear in (0.5, 1.0))
    assert half is not None and whole is not None
    assert (whole < half).all() and (half < 1).all() and whole[2] > whole[0], "and stay blue"


def test_the_sun_stands_in_its_place_in_the_sky_as_clear_as_it_shines() -> None:
    latent = np.full((1, 5, layout.KEPT), 0.5, np.float32)
    toward = np.cos(np.array([[0.0, 0.05, 0.3, 1.0, 3.0]], np.float32))
    out = taste.sunlit(latent, toward, 1.0)
    bright = out[0, :, layout.AIR.start]
    assert bright[0] == pytest.approx(taste.SUNLIGHT[0], abs=1e-3)
    assert (np.diff(bright[:4]) < 0).all() and bright[3] < 0.51 and bright[4] == 0.5
    rest = np.ones(layout.KEPT, bool)
    rest[layout.AIR] = False
    np.testing.assert_array_equal(out[..., rest], latent[..., rest])
    assert 0.5 < taste.sunlit(latent, toward, 0.4)[0, 0, layout.AIR.start] < 0.8
    assert taste.sunlit(latent, toward[:, 4:], 1.0) is latent, "it is behind the viewer"
    white = np.ones((1, 5, layout.KEPT), np.float32)
    assert (taste.sunlit(white, toward, 1.0) == 1).all(), "it darkens nothing"


def test_fog_is_brighter_above_and_around_the_sun_and_warmer_there() -> None:
    latent = _latent()
    latent[..., layout.AIR] = 0.75
    up = np.linspace(0.6, -0.6, H, dtype=np.float32)[:, None].repeat(W, 1)
    toward = np.linspace(-1, 1, W, dtype=np.float32)[None].repeat(H, 0)

    def air(fog: float = 1.0, sunny: float = 1.0, height: float = 0.2) -> F32:
        return np.asarray(taste.misted(latent, up, toward, fog, sunny, height)[..., layout.AIR])

    assert np.array_equal(taste.misted(latent, up, toward, 0.0, 1.0, 0.2), latent)
    sunless, lit = air(sunny=0.0), air()
    assert (np.diff(sunless, axis=0) <= 1e-6).all() and sunless[0, 0, 0] > sunless[-1, 0, 0] + 0.08
    assert np.array_equal(sunless[:, 0], sunless[:, -1]), "no sun, no side"
    warmth = lit[..., 0] - lit[..., 2]
    assert (np.diff(lit[..., 0], axis=1) >= -1e-6).all() and lit[6, -1, 0] > lit[6, 0, 0] + 0.08
    assert warmth[6, -1] > 0.03 and warmth[6, 0] < 0
    assert air(height=0.9)[6, -1, 2] > lit[6, -1, 2], "a high sun is white"
    half = air(fog=0.5)
    assert ((half - 0.75) * (lit - 0.75) >= -1e-3).all() and np.abs(half - 0.75).sum() < np.abs(lit - 0.75).sum()
    assert lit.max() <= 1
    rest = np.delete(np.arange(layout.LATENT), np.r_[layout.AIR])
    assert np.array_equal(taste.misted(latent, up, toward, 1, 1, 0.2)[..., rest], latent[..., rest])


def test_lights_glow_in_paint_and_in_what_the_sky_leaves_of_it() -> None:
    latent, glow = _latent(), np.random.default_rng(1).random((H, W, 3)).astype(np.float32)
    sky = np.linspace(0, 1, W, dtype=np.float32) * np.ones((H, 1), np.float32)
    out, before = taste.glowing(latent, glow, 0.5, 0.8, sky), latent.copy()
    np.testing.assert_array_equal(latent, before)
    before[..., layout.PAINT] += 0.5 * glow
    before[..., layout.AIR] += 0.4 * glow * sky[..., None]
    np.testing.assert_allclose(out, before, atol=1e-6)
