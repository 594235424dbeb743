"""The shared shader formulas: their NumPy meaning against projective geometry, and GLSL against that meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
import shader_reference as meaning
from numpy.typing import NDArray

from framegen.frame import Camera

F64 = NDArray[np.float64]
Run = Callable[[str, Mapping[str, F64]], NDArray[np.float32]]
RNG = np.random.default_rng(5)
CASES = 256


def _perspective(shift: tuple[float, float] = (0.0, 0.0)) -> F64:
    clip = np.array(Camera.perspective(np.eye(4), fov_y_rad=1.1, aspect=16 / 9, near_m=0.1, far_m=300.0).clip_from_view)
    clip[0, 2], clip[1, 2] = shift
    return clip


def _orthographic() -> F64:
    return np.array([[0.2, 0, 0, 0.05], [0, 0.35, 0, -0.1], [0, 0, -0.02, -1.001], [0, 0, 0, 1.0]])


LENSES = {"symmetric": _perspective(), "off-centre": _perspective((0.2, -0.1)), "orthographic": _orthographic()}


def _motion() -> F64:
    """A rigid change of view space: a turn of about 5 degrees and half a metre."""
    yaw, pitch = 0.08, -0.05
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    nod = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    motion = np.eye(4)
    motion[:3, :3], motion[:3, 3] = turn @ nod, (0.4, -0.1, 0.3)
    return motion


def _uv(count: int = CASES) -> F64:
    return RNG.uniform(0.0, 1.0, (count, 2))


@pytest.mark.parametrize("lens", LENSES)
def test_a_point_is_found_where_the_captured_camera_saw_it(lens: str) -> None:
    clip = LENSES[lens]
    then = np.concatenate([RNG.uniform(-4, 4, (CASES, 2)), RNG.uniform(-30, -2, (CASES, 1)), np.ones((CASES, 1))], 1)
    now = then @ np.linalg.inv(_motion()).T
    seen_now, seen_then = (v @ clip.T for v in (now, then))
    uv = np.stack([0.5 + 0.5 * seen_now[:, 0] / seen_now[:, 3], 0.5 - 0.5 * seen_now[:, 1] / seen_now[:, 3]], 1)
    there = meaning.reproject(uv, -now[:, 2], clip, _motion(), clip)
    ndc = seen_then[:, :2] / seen_then[:, 3:]
    np.testing.assert_allclose(there[:, 0], 0.5 + 0.5 * ndc[:, 0], atol=1e-9)
    np.testing.assert_allclose(there[:, 1], 0.5 - 0.5 * ndc[:, 1], atol=1e-9)
    np.testing.assert_allclose(there[:, 2], -then[:, 2], atol=1e-9)


def test_the_sky_turns_and_does_not_move() -> None:
    walk = np.eye(4)
    walk[:3, 3] = (5.0, -2.0, 9.0)
    uv = _uv()
    clip = LENSES["symmetric"]
    there = meaning.reproject(uv, np.full(CASES, np.inf), clip, walk, clip)
    np.testing.assert_allclose(there[:, :2], uv, atol=2e-5)
    turned = meaning.reproject(uv, np.full(CASES, np.inf), clip, _motion(), clip)
    assert np.abs(turned[:, :2] - uv).max() > 0.02


def test_what_lies_behind_the_captured_camera_is_outside() -> None:
    back = np.eye(4)
    back[2, 3] = 40.0
    clip = LENSES["symmetric"]
    there = meaning.reproject(_uv(), np.full(CASES, 5.0), clip, back, clip)
    assert (meaning.inside(there[:, :2], np.array([0.01, 0.01])) == 0).all()


def test_a_result_is_shown_for_a_quarter_of_a_second() -> None:
    ages = np.array([0.0, 250.0, 325.0, 400.0, 9000.0])
    np.testing.assert_allclose(meaning.freshness(ages), [1, 1, 0.5, 0, 0])


def test_the_same_surface_may_slope_and_the_sky_is_only_sky() -> None:
    found = np.array([10.0, 10.1, 10.6, 10.6, np.inf, 10.0, np.inf])
    expected = np.array([10.0, 10.0, 10.0, 10.0, 10.0, 1e6, 9e5])
    steep = np.array([0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.0])
    share = meaning.same_surface(found, expected, steep)
    np.testing.assert_allclose(share, [1, 1, 0, 1, 0, 0, 1])


def test_what_stood_beside_a_pixel_leaves_no_rim_there() -> None:
    wall, post, sky = [10.0] * 4, [10.0, 4.0, 10.0, 10.0], [np.inf] * 4
    then = np.array([wall, post, post, wall, sky, [np.inf, 9.0, np.inf, np.inf], [9.8, 10.2, 10.0, 10.0]])
    now = np.array([wall, wall, post, post, sky, sky, wall])
    own = np.array([10.0, 10.0, 10.0, 10.0, np.inf, np.inf, 10.0])
    np.testing.assert_allclose(meaning.no_rim(own, then, own, now, np.zeros(7)), [1, 0, 1, 1, 1, 0, 1])
    steep = np.array([0.4])
    assert meaning.no_rim(own[1:2], then[1:2], own[1:2], now[1:2], steep) == 1, "its own slope is no rim"


def test_glsl_finds_rims_as_meant(run_glsl: Run) -> None:
    depth = RNG.uniform(0.5, 50.0, (CASES, 1))
    then, now = (depth * RNG.uniform(low, 1.1, (CASES, 4)) for low in (0.9, 0.97))
    depth[:8], then[4:12], now[2:6, 1:] = np.inf, np.inf, np.inf
    slope = RNG.uniform(0.0, 0.02, (CASES, 1))
    inputs = {"depth": depth, "around_then": then, "around_now": now, "slope": slope}
    got = run_glsl("result = vec4(fg_no_rim(depth.x, around_then, depth.x, around_now, slope.x));", inputs)
    want = meaning.no_rim(depth[:, 0], then, depth[:, 0], now, slope[:, 0])
    assert 0.1 < want.mean() < 0.9
    np.testing.assert_array_equal(got[:, 0], want)


@pytest.mark.parametrize("lens", LENSES)
def test_glsl_reprojects_as_meant(lens: str, run_glsl: Run) -> None:
    clip = LENSES[lens]
    uv = _uv()
    depth = np.concatenate([RNG.uniform(0.2, 200.0, (CASES - 8, 1)), np.full((8, 1), np.inf)])
    if lens == "orthographic":
        depth = np.minimum(
            depth, 1000.0
        )  # a million metres times a turn is beyond float32, and far outside the picture
    inputs = {"uv": uv, "depth": depth, "clip_now": clip, "clip_then": LENSES["off-centre"], "move": _motion()}
    got = run_glsl("result = vec4(fg_reproject(uv.xy, depth.x, clip_now, move, clip_then), 1.0);", inputs)
    want = meaning.reproject(uv, depth[:, 0], clip, _motion(), LENSES["off-centre"])
    ahead = want[:, 2] > 0.05
    np.testing.assert_allclose(got[ahead, :2], want[ahead, :2], rtol=2e-4, atol=2e-4)
    np.testing.assert_allclose(got[:, 2], want[:, 2], rtol=1e-4, atol=1e-4)


def test_glsl_judges_as_meant(run_glsl: Run) -> None:
    depth = RNG.uniform(0.5, 50.0, (CASES, 1))
    neighbours = depth * RNG.uniform(0.9, 1.1, (CASES, 4))
    expected = depth * RNG.uniform(0.95, 1.05, (CASES, 1))
    expected[:8], depth[4:12] = 1e6, np.inf
    age = RNG.uniform(0.0, 500.0, (CASES, 1))
    uv = RNG.uniform(-0.05, 1.05, (CASES, 2))
    inputs = {"depth": depth, "near_by": neighbours, "expected": expected, "age": age, "uv": uv}
    body = (
        "float slope = fg_slope(depth.x, near_by);"
        "result = vec4(slope, fg_same_surface(depth.x, expected.x, slope),"
        " fg_inside(uv.xy, vec2(0.02, 0.04)), fg_freshness(age.x));"
    )
    got = run_glsl(body, inputs)
    slope = meaning.slope(depth[:, 0], neighbours)
    np.testing.assert_allclose(got[:, 0], slope, atol=1e-5)
    np.testing.assert_allclose(got[:, 1], meaning.same_surface(depth[:, 0], expected[:, 0], slope), atol=2e-4)
    np.testing.assert_allclose(got[:, 2], meaning.inside(uv, np.array([0.02, 0.04])), atol=1e-4)
    np.testing.assert_allclose(got[:, 3], meaning.freshness(age[:, 0]), atol=1e-4)


def test_what_was_not_seen_is_as_the_same_surface_beside_it() -> None:
    """A wall that a post hid: taps on the wall say how it looks, those on the post say nothing."""
    hole, wall, post = np.array([0.3, 0.3, 0.3]), np.array([0.5, 0.4, 0.3]), np.array([0.1, 0.1, 0.1])
    offsets = [meaning.fill_offset(tap) for tap in range(12)]
    assert len(set(offsets)) == 12
    assert np.sum(offsets) == 0
    total = np.zeros(4)
    for tap, (right, _) in enumerate(offsets):
        color, depth = (post, 4.0) if right > 0 else (wall, 10.0)
        weight = meaning.fill_weight(tap, color, np.array(depth), hole, np.array(10.0), np.array(0.0))
        total += np.append(color, 1.0) * weight
    np.testing.assert_allclose(meaning.filled(hole, total), wall, atol=1e-9)
    np.testing.assert_array_equal(meaning.filled(hole, np.zeros(4)), hole)
    far, near = (meaning.fill_weight(tap, wall, np.array(10.0), hole, np.array(10.0), np.array(0.0)) for tap in (8, 0))
    assert near == 4 * far > 0
    alike, unlike = (
        meaning.fill_weight(0, c, np.array(10.0), hole, np.array(10.0), np.array(0.0)) for c in (wall, 1 - wall)
    )
    assert alike > unlike


def test_glsl_fills_as_meant(run_glsl: Run) -> None:
    tap = np.repeat(np.arange(12.0), CASES // 12 + 1)[:CASES, None]
    found, hole, total = (RNG.uniform(0.0, 1.0, (CASES, n)) for n in (3, 3, 4))
    depth = RNG.uniform(0.5, 50.0, (CASES, 1))
    there = depth * RNG.uniform(0.95, 1.05, (CASES, 1))
    depth[:8], there[4:12] = np.inf, 1e6
    slope = RNG.uniform(0.0, 0.01, (CASES, 1))
    total[:9, 3], total[:9, :3] = 0.0, 0.0
    inputs = {"tap": tap, "found": found, "hole": hole, "total": total, "depth": depth, "there": there, "slope": slope}
    got = run_glsl(
        "int n = int(tap.x + 0.5);"
        "result = vec4(fg_fill_offset(n), fg_fill_weight(n, found.rgb, depth.x, hole.rgb, there.x, slope.x), 0.0);",
        inputs,
    )
    numbers = tap[:, 0].astype(int)
    np.testing.assert_array_equal(got[:, :2], [meaning.fill_offset(n) for n in numbers])
    want = [
        meaning.fill_weight(n, found[i], depth[i, 0], hole[i], there[i, 0], slope[i, 0]) for i, n in enumerate(numbers)
    ]
    np.testing.assert_allclose(got[:, 2], want, atol=2e-4)
    around = there * RNG.uniform(0.9, 1.1, (CASES, 4))
    inputs["around"] = around
    got = run_glsl("result = vec4(fg_fill_is_clear(int(tap.x + 0.5), there.x, around, slope.x) ? 1.0 : 0.0);", inputs)
    clear = [meaning.fill_is_clear(n, there[i], around[i : i + 1], slope[i])[0] for i, n in enumerate(numbers)]
    assert 0.1 < np.mean(clear) < 0.9
    np.testing.assert_array_equal(got[:, 0] > 0.5, clear)
    got = run_glsl("result = vec4(fg_filled(hole.rgb, total), 1.0);", inputs)
    np.testing.assert_allclose(got[:, :3], meaning.filled(hole, total), atol=1e-5)


def test_glsl_maps_colours_as_meant(run_glsl: Run) -> None:
    grid = RNG.normal(0.0, 0.3, (9, 16, 3, 4)) + np.eye(3, 4)
    uv, color = _uv(), RNG.uniform(0.0, 1.0, (CASES, 3))
    uv[:4] = [(0, 0), (1, 0), (0, 1), (1, 1)]
    got = run_glsl(
        "result = vec4(fg_grid_color(grid, uv.xy, color.rgb), 1.0);", {"grid": grid, "uv": uv, "color": color}
    )
    np.testing.assert_allclose(got[:, :3], meaning.grid_color(grid, uv, color), atol=1e-5)


def test_glsl_encodes_as_meant(run_glsl: Run) -> None:
    color = np.concatenate([RNG.uniform(0.0, 1.0, (CASES - 16, 3)), RNG.uniform(0.0, 0.01, (16, 3))])
    encoded = run_glsl("result = vec4(fg_srgb_from_linear(color.rgb), 1.0);", {"color": color})
    np.testing.assert_allclose(encoded[:, :3], meaning.srgb_from_linear(color), atol=1e-5)
    decoded = run_glsl("result = vec4(fg_linear_from_srgb(color.rgb), 1.0);", {"color": color})
    np.testing.assert_allclose(decoded[:, :3], meaning.linear_from_srgb(color), atol=1e-5)


@pytest.mark.parametrize("lens", LENSES)
def test_glsl_reads_depth_as_meant(lens: str, run_glsl: Run) -> None:
    clip = LENSES[lens]
    depth = RNG.uniform(0.5, 50.0, (CASES, 1))
    z_and_w = np.stack([-depth[:, 0], np.ones(CASES)], 1)
    ndc = (z_and_w @ clip[2, 2:] / (z_and_w @ clip[3, 2:]))[:, None]
    np.testing.assert_allclose(meaning.depth_m(ndc[:, 0], clip), depth[:, 0], rtol=1e-9)
    rows = np.broadcast_to(np.concatenate([clip[2, 2:], clip[3, 2:]]), (CASES, 4))
    got = run_glsl("result = vec4(fg_depth_m(ndc.x, rows.xy, rows.zw));", {"ndc": ndc, "rows": np.array(rows)})
    np.testing.assert_allclose(got[:, 0], depth[:, 0], rtol=2e-3)
