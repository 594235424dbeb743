"""Conditions, streets' courses and development of pictures: what Blender is told and what becomes of its light."""

from __future__ import annotations

import numpy as np
import pytest

from framegen.training.scenes import conditions as cond
from framegen.training.scenes.route import draw_route
from framegen.training.scenes.tone import LOG_FAR_M, LOG_NEAR_M, Light, depth_code, develop


@pytest.mark.parametrize("kind", ["nature", "street", "town", "coast", "desert"])
def test_conditions_of_a_camera_differ_in_time_or_weather(kind: str) -> None:
    rng = np.random.default_rng(3)
    used: set[cond.Pairing] = set()
    for _ in range(4):
        c = cond.draw(rng, kind, ["summer", "autumn"], used, None)
        assert (c.time_of_day, c.weather) not in used
        used.add((c.time_of_day, c.weather))
        low, high = cond.SUN_ELEVATION_DEG[c.time_of_day]
        assert low <= c.sun_elevation_deg <= high
        assert c.sunny == (c.sun_elevation_deg > 0 and c.weather in ("clear", "partly cloudy"))
    assert kind != "desert" or not {w for _, w in used} & {"rain", "fog"}


def test_the_sun_stands_where_its_angles_say() -> None:
    rng = np.random.default_rng(0)
    c = cond.draw(rng, "nature", ["summer"], set(), None)
    x, y, z = c.towards_sun()
    assert np.isclose(np.hypot(np.hypot(x, y), z), 1)
    assert np.isclose(np.degrees(np.arcsin(z)), c.sun_elevation_deg)
    assert np.isclose(np.degrees(np.arctan2(x, y)) % 360, c.sun_azimuth_deg)


def test_prompts_speak_of_place_time_and_weather() -> None:
    rng = np.random.default_rng(1)
    c = cond.draw(rng, "street", ["winter"], set(), None)
    for prompt in cond.prompts(["city street", "windows", "people"], "city street", c, rng, indoors=False):
        assert "city street" in prompt
        assert (("midday" if c.time_of_day == "noon" else c.time_of_day.replace("_", " ")) in prompt) is True
    assert c.snow > 0


def test_depth_codes_invert_to_within_two_in_ten_thousand() -> None:
    depth = np.geomspace(0.06, 4900, 4000).astype(np.float32)
    code = depth_code(depth).astype(np.float64)
    back = LOG_NEAR_M * np.exp((code - 1) / 65534 * np.log(LOG_FAR_M / LOG_NEAR_M))
    assert np.abs(back / depth - 1).max() < 2e-4
    assert depth_code(np.array([1e10], np.float32))[0] == 0


def test_a_second_frame_is_developed_as_the_first() -> None:
    """The same light gives the same pixels, however the rest of the frame has changed."""
    rng = np.random.default_rng(2)
    c = cond.draw(rng, "nature", ["summer"], {k for k in cond.OUTDOORS if k != ("noon", "clear")}, None)
    rgb = rng.uniform(0.1, 0.6, (24, 40, 3)).astype(np.float32)
    near = np.full((24, 40), 10.0, np.float32)
    cloud = np.ones(3, np.float32)

    def view(light: np.ndarray) -> None:  # type: ignore[type-arg]
        np.clip(light, 0, 1, out=light)

    picture, how = develop(Light(rgb, near, near, 400.0), c, cloud, view, indoors=False, fixed=None)
    changed = rgb.copy()
    changed[:, 20:] = 0.9
    again, kept = develop(Light(changed, near, near, 400.0), c, cloud, view, indoors=False, fixed=how)
    assert kept == how
    assert np.array_equal(again[:, :16], picture[:, :16])


def test_frames_along_a_street_stand_upright_and_lean_with_the_slope() -> None:
    for seed in range(6):
        route = draw_route(np.random.default_rng(seed))
        level, leaning = route.frame(10, 2.0), route.frame(10, 2.0, tilt=True)
        assert np.allclose(level[:3, :3] @ level[:3, :3].T, np.eye(3))
        assert np.allclose(level[:3, 3], route.point(10, 2.0))
        grade = (route.point(11, 0)[2] - route.point(9, 0)[2]) / 2
        assert np.isclose(leaning[2, 1], grade)
        for side in (-1, 1):
            front = route.frontage(5, 8, 6, side)
            assert np.isclose(np.linalg.det(front[:3, :3]), 1)
            middle = front @ np.array([4, 3, 0, 1])
            assert np.hypot(*(middle[:2] - route.point(9, side * 9)[:2])) < 0.01
