"""Water mirrors what a mirror would; the fast form is the reference."""

from __future__ import annotations

import numpy as np
import pytest
from ground_views import looking_down, ways
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32, U8, Camera
from framegen.ops import falls_reference, water
from framegen.ops import features as ft
from framegen.ops import water_reference as reference
from framegen.ops.clouds import cloud_tile
from framegen.ops.kernels import water as kernels
from framegen.ops.kernels.jit import ready

W, H = 96, 64
EYE_M, WALL_M, TOP_M = 2.0, 9.0, 4.0
NO_SUN = np.zeros(3, np.float32)
NOISE = cloud_tile()
SKY = np.array([0.5, 0.6, 0.9], np.float32)
STILL = water.Light(NO_SUN)


def camera(orthographic: bool = False, down_rad: float = 0.1, far_away_m: float = 0.0) -> Camera:
    return looking_down(W / H, EYE_M, down_rad, (20, 15) if orthographic else None, far_away_m)


def pond(seen: Camera) -> tuple[ft.CellGeometry, F32, U8]:
    """A level of water, a wall behind it up to :data:`TOP_M`, the sky: geometry, depth, where the water is."""
    rays = ft.rays_of(seen, W, H)
    start, way = ways(rays)
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = (-EYE_M - start[1]) / way[1]
        wall = (-WALL_M - start[2]) / way[2]
    floor[(floor <= 0) | (floor > wall)] = np.inf
    top = start[1] + way[1] * wall + EYE_M
    wall[(wall <= 0) | (top > TOP_M)] = np.inf
    depth = np.minimum(floor, wall).astype(np.float32)
    geometry = ft.cell_features((W, H), depth, rays, None, 0.0, None)
    return geometry, depth, (floor < wall).astype(np.uint8)


def quay(seen: Camera, rise_m: float, slope: float = 0.0) -> tuple[ft.CellGeometry, F32, U8]:
    """Ground (2) that rises to the back by ``slope``, and ``rise_m`` lower behind an edge across it (1): geometry,
    depth, which of both each pixel is."""
    rays = ft.rays_of(seen, W, H)
    start, way = ways(rays)
    with np.errstate(divide="ignore", invalid="ignore"):
        upper, lower = (
            (height - start[1] - slope * start[2]) / (way[1] + slope * way[2]) for height in (-EYE_M, -EYE_M - rise_m)
        )
    skew = start[2] + way[2] * np.where(np.isfinite(upper), upper, 0) + 0.3 * (start[0] + way[0] * upper)
    here = (upper > 0) & (skew > -5)
    depth = np.where(here, upper, np.where(lower > 0, lower, np.inf)).astype(np.float32)
    depth[depth > 60] = np.inf
    what = np.where(np.isfinite(depth), np.where(here, reference.FLOOR, reference.WATER), 0)
    return ft.cell_features((W, H), depth, rays, None, 0.0, None), depth, what.astype(np.uint8)


def traced(picture: U8, geometry: ft.CellGeometry, depth: F32, where: U8, light: water.Light, sky: F32 = SKY) -> F32:
    """What the fast form mirrors."""
    rays = geometry.rays
    assert rays is not None
    inverse, corner = ft.pixel_from_world(rays)
    ahead = NO_SUN if rays.perspective else rays.forward.astype(np.float32)
    out = np.empty((H // 2, W // 2, 4), np.float32)
    kernels.mirror(
        0, H // 2, picture, where, depth, water.levels(where, depth, geometry),
        ready(rays.columns, np.float32), ready(rays.rows, np.float32), ahead.copy(), inverse, corner,
        np.float32(rays.pixel_m), reference.waves(rays.position, light), sky * sky, light.sun, np.float32(light.sunny),
        np.float32(light.rain), NOISE,
        *(np.mod(rays.position[::2] / reference.PUDDLES_M, 1) * len(NOISE)), out,
    )  # fmt: skip
    return out


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("rise_m", [0.0, 0.15, 2.0])
def test_the_levels_of_water_and_floors_are_the_reference(orthographic: bool, rise_m: float) -> None:
    for geometry, depth, where in (pond(camera(orthographic)), quay(camera(orthographic), rise_m, 0.1)):
        odd = depth.copy()
        odd[::5, ::3], odd[::7, ::2] = np.nan, -1.0
        for seen in (depth, odd):
            got, wanted = water.levels(where, seen, geometry), reference.levels(where, seen, geometry)
            np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)
            assert np.isfinite(wanted).any() and np.isinf(wanted).any()


def test_softening_is_the_reference_and_leaves_what_is_no_still_water() -> None:
    rng = np.random.default_rng(0)
    mirrored = rng.random((20, 30, 4)).astype(np.float32)
    still = rng.random((20, 30)) < 0.7
    still[:4] = still[17:] = False
    mirrored[~still] = 0, 0, 0, -1
    wanted = reference.soften(mirrored)
    np.testing.assert_allclose(water.soften(mirrored.copy(), 4, 17), wanted, atol=1e-6)


def test_a_floor_that_mirrors_nothing_but_black_darkens_as_far_as_asked_and_nothing_beside_it() -> None:
    mirrored = np.zeros((8, 8, 4), np.float32)
    mirrored[..., 3] = 1  # wholly
    kind, picture = np.full((16, 16), reference.FLOOR, np.uint8), np.full((16, 16, 3), 255, np.uint8)
    kind[:, 8:] = 0
    depth, clear, cells = np.full((16, 16), 5, np.float32), np.ones((16, 16), np.float32), np.zeros((4, 4), np.float32)
    line, ahead, air = np.ones((3, 16), np.float32), np.zeros(3, np.float32), np.ones((4, 4, 3), np.float32)
    kernels.lay(
        0, 16, mirrored, kind, picture.copy(), depth, clear, air, line, line.copy(), ahead, NOISE, 0.0, 0.0,
        SKY.copy(), SKY.copy(), cells, np.float32(0.25), picture,
    )  # fmt: skip
    assert (picture[:, 8:] == 255).all()
    assert np.abs(picture[:, :8].astype(int) - 191).max() <= 1


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 2**31), st.booleans(), st.floats(-0.2, 0.5), st.sampled_from([0.0, 3e4]), st.floats(0, 1),
    st.sampled_from([0.0, 12.5, 1e9]),
)  # fmt: skip
def test_the_fast_form_is_the_reference(
    seed: int, orthographic: bool, down_rad: float, far_m: float, rough: float, seconds: float
) -> None:
    rng = np.random.default_rng(seed)
    geometry, depth, where = pond(camera(orthographic, max(down_rad, 0.15) if orthographic else down_rad, far_m))
    where[:, W // 2 :] *= reference.FLOOR
    # smooth, so that a ray that rounding lets end a pixel further ends in nearly the same colour
    slow = np.linspace(0, 1, H)[:, None, None] * [200, 90, 40] + np.linspace(0, 1, W)[None, :, None] * [20, 90, 200]
    picture = slow.astype(np.uint8)
    sun = np.array([0.2, 0.25, -1.0], np.float32)
    light = water.Light(sun / np.linalg.norm(sun), 0.8, rough, seconds)
    wanted = reference.mirrored(picture, where, depth, geometry, light, SKY)
    got = traced(picture, geometry, depth, where, light)
    np.testing.assert_array_equal(got[..., 3] < 0, wanted[..., 3] < 0)
    np.testing.assert_allclose(got[..., 3], wanted[..., 3], atol=2e-3)
    # at the wall's upper edge rounding decides between wall and sky
    assert np.quantile(np.abs(got[..., :3] - wanted[..., :3]), 0.99) < 4e-3
    through = rng.uniform(0.2, 1, (H, W)).astype(np.float32)
    air = rng.random((H // 4, W // 4, 3)).astype(np.float32)
    color = rng.integers(0, 256, (H, W, 3)).astype(np.uint8)
    where[(where == 0) & (rng.random((H, W)) < 0.9)] = reference.WATER  # the wall is a waterfall
    there, got = where > 0, reference.soften(got)
    rays = geometry.rays
    assert rays is not None
    over = reference.laid(picture, got, where, color, depth, through, air, geometry, light, SKY, 0.8)
    fast = picture.copy()
    ahead = NO_SUN.copy() if rays.perspective else rays.forward.astype(np.float32)
    kernels.lay(
        0, H, got, where, color, depth, through, air, rays.columns, rays.rows, ahead, NOISE,
        *falls_reference.place_of(rays.position, light.seconds), SKY, falls_reference.foam(SKY, light.sunny),
        falls_reference.falling(geometry), np.float32(0.8), fast,
    )  # fmt: skip
    assert np.abs(fast.astype(int) - over).max() <= 1
    assert np.array_equal(fast[~there], picture[~there])


@pytest.mark.parametrize("orthographic", [False, True])
def test_a_stripe_on_the_wall_is_mirrored_as_far_below_the_water(
    orthographic: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "SLOPES", (0.0,) * len(reference.SLOPES))
    seen = camera(orthographic, 0.4 if orthographic else 0.15)
    geometry, depth, where = pond(seen)
    rays = geometry.rays
    assert rays is not None
    ray = (rays.columns[:, None, :] + rays.rows[:, :, None]).astype(np.float64)
    offset = ray * np.where(np.isfinite(depth), depth, 0)
    if not rays.perspective:
        offset = ray + rays.forward[:, None, None] * np.where(np.isfinite(depth), depth, 0)
    height = offset[1] + EYE_M
    picture = np.zeros((H, W, 3), np.uint8)
    picture[(where == 0) & np.isfinite(depth) & (np.abs(height - 1.2) < 0.25)] = 255
    out = traced(picture, geometry, depth, where, STILL, np.zeros(3, np.float32))
    shining = out[..., 0] / np.maximum(out[..., 3], 1e-6) > 0.5
    assert shining.any()
    # the mirror image of the stripe: as far behind the wall's foot, seen through the water's surface
    last = reference.BLOCK_PX - 1
    place = np.moveaxis(offset, 0, -1)[last::2, last::2]
    away = np.maximum(np.linalg.norm(place, axis=-1, keepdims=True), 1e-6)
    way = place / away if rays.perspective else np.asarray(rays.forward)
    way = np.where(way == 0, -1e-6, way)
    beyond = (-WALL_M - place[..., 2]) / way[..., 2]
    met = -beyond * way[..., 1]
    wanted = (where[last::2, last::2] > 0) & (np.abs(met - 1.2) < 0.15)
    # a step of the ray is wider than the stripe's rim
    assert (shining & wanted).sum() > 0.8 * wanted.sum()
    # beside the picture's edge what is there stands for what is not seen
    assert not (shining & (np.abs(met - 1.2) > 0.6))[:, 4:-4].any()


def test_grazing_water_mirrors_most_and_walls_of_water_mirror_nothing() -> None:
    geometry, depth, where = pond(camera())
    picture = np.full((H, W, 3), 255, np.uint8)
    out = traced(picture, geometry, depth, where, STILL)
    share = np.where(out[..., 3] >= 0, out[..., 3], np.nan)
    rows = np.nanmean(share[np.isfinite(share).any(1)], 1)
    assert rows[0] > 3 * rows[-1] > 0
    falling = traced(picture, geometry, depth, np.where(np.isfinite(depth), 1, 0).astype(np.uint8), STILL)
    assert (falling[..., 3] >= 0).sum() <= 1.1 * (out[..., 3] >= 0).sum()


def test_views_whose_pose_is_scaled_mirror_the_same() -> None:
    seen, picture = camera(True, 0.4), np.full((H, W, 3), 90, np.uint8)
    scaled = Camera(
        np.diag([0.2, 0.2, 0.2, 1]) @ seen.view_from_world, seen.clip_from_view @ np.diag([5, 5, 1, 1]), 0.1, 100
    )
    plain, other = (
        traced(picture, geometry, depth, where, STILL)[..., 3] for geometry, depth, where in map(pond, (seen, scaled))
    )
    assert (plain >= 0).any()
    # a pixel's width is not known in metres then, by which small waves fade
    np.testing.assert_allclose(other, plain, atol=0.05)


RAIN = water.Light(NO_SUN, 1.0, 1.0)


@pytest.mark.parametrize("rise_m", [0.15, 0.8])
def test_water_and_roads_mirror_up_to_the_edge_of_a_quay_or_kerb(rise_m: float) -> None:
    geometry, depth, what = quay(camera(down_rad=0.3), rise_m)
    picture = np.full((H, W, 3), 90, np.uint8)
    last = reference.BLOCK_PX - 1
    for kinds in (what, np.where(what > 0, reference.FLOOR, 0).astype(np.uint8)):
        # normals of the cells at the picture's own edges and the horizon's are not known as well
        still = (traced(picture, geometry, depth, kinds, RAIN)[..., 3] >= 0)[8:]
        assert (what[last::2, last::2][8:] == reference.WATER).sum() > 100
        assert still.all()


def test_ramps_are_mirrors_throughout() -> None:
    for slope in (0.0, 0.1):
        geometry, depth, what = quay(camera(down_rad=0.2), 0.0, slope)
        floor = np.where(what > 0, reference.FLOOR, 0).astype(np.uint8)
        still = traced(np.full((H, W, 3), 90, np.uint8), geometry, depth, floor, RAIN)[..., 3] >= 0
        near = depth[1::2, 1::2] < 25  # at its upper end a ramp meets the sky
        assert still[near].mean() > 0.9


def test_water_is_left_alone_by_who_dives_in_it() -> None:
    pose = np.eye(4)
    pose[:3, :3] = [[1, 0, 0], [0, np.cos(0.3), -np.sin(0.3)], [0, np.sin(0.3), np.cos(0.3)]]
    rays = ft.rays_of(Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H), W, H)
    _, way = ways(rays)
    above = way[1] > 0.02
    depth = np.where(above, 1.5 / np.where(above, way[1], 1), np.inf).astype(np.float32)
    depth[20:30, 40:50] = 1.0  # a fish
    where = (above & (depth != 1.0)).astype(np.uint8)
    geometry = ft.cell_features((W, H), depth, rays, None, 0.0, None)
    picture, air = np.full((H, W, 3), 90, np.uint8), np.full((H // 4, W // 4, 3), 0.8, np.float32)
    out = picture.copy()
    water.lay(out, where, picture, depth, np.ones((H, W), np.float32), air, geometry, STILL, SKY, 1.0)
    assert (out == picture).all(-1)[where > 0].mean() > 0.99


def test_water_that_falls_is_white_in_the_light_of_the_sky_and_moves_with_the_engines_time() -> None:
    geometry, depth, ground = pond(camera())
    falls = (np.isfinite(depth) & (ground == 0)).astype(np.uint8)
    picture, color = np.zeros((H, W, 3), np.uint8), np.full((H, W, 3), 120, np.uint8)
    air, clear = np.zeros((H // 4, W // 4, 3), np.float32), np.ones((H, W), np.float32)

    def fallen(light: water.Light) -> F32:
        out = picture.copy()
        water.lay(out, falls, color, depth, clear, air, geometry, light, SKY, 1.0)
        assert np.array_equal(out[falls == 0], picture[falls == 0])
        return out[falls > 0].astype(np.float32)

    first = fallen(STILL)
    red, _, blue = first.mean(0)
    assert blue > 255 * np.mean(falls_reference.FALLING) * falls_reference.FOAM * SKY[2] * 0.7
    sunny = fallen(water.Light(np.array([0, 1, 0], np.float32), 1.0)).mean(0)
    assert red / blue < 0.8
    assert sunny[0] / sunny[2] > 0.9
    later = fallen(water.Light(NO_SUN, 1.0, 0.0, 0.2))
    assert np.abs(later - first).mean() > 2
    # a tile has fallen past, and it is as it was
    again = falls_reference.STRANDS_M * falls_reference.STRETCH / falls_reference.FALL_M_S
    np.testing.assert_allclose(fallen(water.Light(NO_SUN, 1.0, 0.0, again)), first, atol=1)


def test_rough_water_is_no_foam() -> None:
    """Waves that the engine models stand off the level of the water, but not upright."""
    geometry, depth, where = pond(camera())
    rays = geometry.rays
    bumpy = depth * np.random.default_rng(2).uniform(0.97, 1.03, depth.shape).astype(np.float32)
    sea = ft.cell_features((W, H), depth, rays, None, 0.0, None)
    air, clear = np.zeros((H // 4, W // 4, 3), np.float32), np.ones((H, W), np.float32)
    out = np.zeros((H, W, 3), np.uint8)
    water.lay(out, where, np.full_like(out, 60), bumpy, clear, air, sea, STILL, SKY, 1.0)
    inner = where.astype(bool) & (depth < 6)
    assert out[inner].mean() < 90
    assert falls_reference.falling(sea)[H // 4 - 2, W // 8] == 0


def test_the_sun_glitters_in_it_where_nothing_stands_before_it() -> None:
    geometry, depth, where = pond(camera())
    picture = np.full((H, W, 3), 40, np.uint8)
    high, hidden = (np.array([0.0, np.sin(a), -np.cos(a)], np.float32) for a in (0.7, 0.05))
    dark = traced(picture, geometry, depth, where, STILL)
    assert (traced(picture, geometry, depth, where, water.Light(high)) > dark + 0.05).any()
    behind = traced(picture, geometry, depth, where, water.Light(hidden))
    np.testing.assert_allclose(behind, dark, atol=0.02)


def test_waves_go_on_with_the_engines_time_and_rain_makes_them_steeper() -> None:
    here = np.zeros(3)
    first, later, rainy = (
        reference.waves(here, water.Light(NO_SUN, 1.0, rough, seconds)) for rough, seconds in ((0, 0), (0, 0.1), (1, 0))
    )
    assert (first[:, 2] != later[:, 2]).all()
    assert (rainy[:, 3] > 2 * first[:, 3]).all()
    # a crest stays where it is in the world, wherever the camera is
    moved = reference.waves(np.array([1e3 + 0.3, 4.0, -7e3]), STILL)
    phase = moved[:, 2] - (first[:, 0].astype(np.float64) * (1e3 + 0.3) - first[:, 1].astype(np.float64) * 7e3)
    assert np.abs(np.exp(1j * phase) - 1).max() < 0.01


def test_fog_hides_it_and_strength_leaves_the_engines() -> None:
    geometry, depth, where = pond(camera())
    picture, color = np.full((H, W, 3), 90, np.uint8), np.full((H, W, 3), 120, np.uint8)
    air = np.full((H // 4, W // 4, 3), 0.8, np.float32)
    thick = picture.copy()
    water.lay(thick, where, color, depth, np.zeros((H, W), np.float32), air, geometry, STILL, SKY, 1.0)
    assert (np.abs(thick[where > 0].astype(int) - 204) <= 1).mean() > 0.95
    for share, changed in ((0.0, False), (1.0, True)):
        out = picture.copy()
        water.lay(out, where, color, depth, np.ones((H, W), np.float32), air, geometry, STILL, SKY, share)
        assert (out != picture).any() == changed


@pytest.mark.filterwarnings("error")
def test_without_a_camera_or_water_and_with_odd_depths_nothing_breaks() -> None:
    geometry, depth, where = pond(camera())
    picture, color = np.full((H, W, 3), 90, np.uint8), np.full((H, W, 3), 120, np.uint8)
    air, clear = np.zeros((H // 4, W // 4, 3), np.float32), np.ones((H, W), np.float32)

    def lay(depth_m: F32, there: U8, known: ft.CellGeometry) -> U8:
        out = picture.copy()
        water.lay(out, there, color, depth_m, clear, air, known, STILL, SKY, 1.0)
        return out

    assert np.array_equal(lay(depth, where, ft.CellGeometry(geometry.features, None, None, None)), picture)
    assert np.array_equal(lay(depth, np.zeros_like(where), geometry), picture)
    for odd in (np.inf, np.nan, -np.inf, 0.0, -1e30, 1e30):
        holes = depth.copy()
        holes[::3] = odd
        lay(holes, np.ones_like(where), geometry)


def test_what_is_farther_than_places_can_be_told_is_left_alone() -> None:
    geometry, depth, where = pond(camera())
    far = np.where(where > 0, depth, np.float32(1e30))
    geometry = ft.cell_features((W, H), far, geometry.rays, None, 0.0, None)
    picture, air = np.full((H, W, 3), 90, np.uint8), np.zeros((H // 4, W // 4, 3), np.float32)
    out = picture.copy()
    every = np.full((H, W), reference.WATER, np.uint8)
    water.lay(out, every, picture, far, np.ones((H, W), np.float32), air, geometry, STILL, SKY, 1.0)
    deep = far == 1e30
    deep[:-4] &= deep[4:]  # beside the water it goes on
    deep[-4:] = False
    assert deep.sum() > 500
    assert np.array_equal(out[deep], picture[deep])


def test_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    for seen in (camera(), camera(True, 0.4)):
        geometry, depth, where = pond(seen)
        picture, air = np.zeros((H, W, 3), np.uint8), np.zeros((H // 4, W // 4, 3), np.float32)
        assert geometry.rays is not None
        geometry.rays.columns.setflags(write=False)
        water.lay(picture, where, picture[..., ::-1], depth, np.ones_like(depth), air, geometry, STILL, SKY, 1.0)
    for compiled in (kernels.mirror, kernels.lay):
        assert len(getattr(compiled, "signatures")) == 1  # noqa: B009 - a plain function to the type checker


def test_the_skys_colour_is_that_of_what_is_seen_of_it_or_of_the_air() -> None:
    air = np.zeros((4, 6, 3), np.float32)
    air[0], air[1:] = (0.2, 0.4, 0.8), 0.5
    sky = np.zeros((4, 6), np.float32)
    np.testing.assert_allclose(water.sky_of(air, sky), air.mean((0, 1)), atol=1e-6)
    sky[0] = 0.7
    np.testing.assert_allclose(water.sky_of(air, sky), (0.2, 0.4, 0.8), atol=1e-6)
