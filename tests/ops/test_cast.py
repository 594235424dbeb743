"""The sun's shadows fall where they must, fade with their casters, and the fast form is the reference."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from ground_views import looking_down, ways
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32, U8, Camera
from framegen.ops import cast
from framegen.ops import cast_reference as reference
from framegen.ops import features as ft
from framegen.ops.duet import Ranges
from framegen.ops.kernels import cast as kernels
from framegen.ops.kernels import drawn
from framegen.ops.kernels.jit import ready

W, H = 128, 96
EYE_M, POST_M, POST_HIGH_M = 3.0, 8.0, 2.0


def camera(orthographic: bool = False, down_rad: float = 0.35) -> Camera:
    return looking_down(W / H, EYE_M, down_rad, (12, 9) if orthographic else None)


def plaza(seen: Camera, post: bool = True) -> tuple[ft.CellGeometry, F32, U8]:
    """A floor with a post upon it and the sky above: geometry, depth, what each pixel is (1 floor, 2 post)."""
    rays = ft.rays_of(seen, W, H)
    start, way = ways(rays)
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = (-EYE_M - start[1]) / way[1]
        front = (-POST_M - start[2]) / way[2]
    floor[floor <= 0] = np.inf
    x, y = (start[i] + way[i] * np.where(np.isfinite(front), front, 0) for i in (0, 1))
    upright = (np.abs(x) < 0.5) & (y + EYE_M > 0) & (y + EYE_M < POST_HIGH_M) & (front > 0) & post
    depth = np.where(upright, front, floor).astype(np.float32)
    what = np.where(upright, 2, np.where(np.isfinite(floor), 1, 0)).astype(np.uint8)
    return ft.cell_features((W, H), depth, rays, None, 0.0, None), depth, what


def sun_at(azimuth_rad: float, height_rad: float) -> F32:
    c = np.cos(height_rad)
    return np.array([c * np.sin(azimuth_rad), np.sin(height_rad), -c * np.cos(azimuth_rad)], np.float32)


def laid(shadows: cast.Shadows, picture: U8, color: U8, through: F32, share: float) -> Ranges | None:
    """Their layer where no frames were before."""
    return shadows.layer(shadows.cells(), picture, color, through, share)


def traced(geometry: ft.CellGeometry, depth: F32, sun: F32) -> F32:
    """The shades of the fast form, of every other block."""
    rays = geometry.rays
    assert rays is not None
    inverse, corner = ft.pixel_from_world(rays)
    ahead = np.zeros(3, np.float32) if rays.perspective else rays.forward.astype(np.float32)
    normal = np.moveaxis(geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1], 0, -1) @ rays.level
    out = np.empty((H // 2, W // 2), np.float32)
    kernels.shade(
        0, H // 2, depth, ready(normal, np.float32), ready(rays.columns, np.float32), ready(rays.rows, np.float32),
        ahead, inverse, corner, sun, out,
    )  # fmt: skip
    return out


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**31), st.booleans(), st.floats(-3, 3), st.floats(0.2, 1.4))
def test_the_fast_form_is_the_reference(seed: int, orthographic: bool, azimuth: float, height: float) -> None:
    geometry, depth, _ = plaza(camera(orthographic))
    sun = sun_at(azimuth, height)
    wanted, got = reference.shade(depth, geometry, sun), traced(geometry, depth, sun)
    # at a shadow's border rounding decides
    assert (np.abs(got - wanted) > 0.02).mean() < 0.01
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (H, W, 3)).astype(np.uint8)
    through, told = rng.random((H, W)).astype(np.float32), rng.random((H // 4, W // 4)).astype(np.float32)
    over = reference.laid(picture, got, through, told, 0.8)
    fast = picture.copy()
    kernels.lay(0, H, fast, got, through, told, np.float32(0.8))
    assert np.abs(fast.astype(int) - over).max() <= 1


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("azimuth_rad", [-2.5, -0.7, 0.7, 2.5])
def test_a_post_casts_its_shadow_away_from_the_sun(orthographic: bool, azimuth_rad: float) -> None:
    seen = camera(orthographic)
    geometry, depth, what = plaza(seen)
    sun = sun_at(azimuth_rad, 0.8)
    shades = reference.filled(traced(geometry, depth, sun))
    rays = geometry.rays
    assert rays is not None
    ray = (rays.columns[:, None, :] + rays.rows[:, :, None]).astype(np.float64)
    known = np.where(np.isfinite(depth), depth, 0)
    place = ray * known if rays.perspective else ray + rays.forward[:, None, None] * known
    # where the way to the sun crosses the post
    along = (-POST_M - place[2]) / sun[2]
    x, y = place[0] + along * sun[0], place[1] + along * sun[1] + EYE_M
    floor = what == 1
    inside = floor & (along > 0) & (np.abs(x) < 0.35) & (y > 0.5) & (y < POST_HIGH_M - 0.5)
    outside = floor & (depth > 3) & ((along < -1) | (np.abs(x) > 1.4) | (y > POST_HIGH_M + 0.9))
    last = reference.BLOCK_PX - 1
    assert inside[last::2, last::2].any()
    assert (shades[inside[last::2, last::2]] > 0.2).mean() > 0.6
    assert (shades[outside[last::2, last::2]] > 0.2).mean() < 0.01


def test_casters_at_the_border_of_the_screen_cast_less() -> None:
    geometry, depth, _ = plaza(camera(down_rad=-0.2), post=False)
    depth[:, -3:] = np.minimum(depth[:, -3:], 6.0)
    shades = reference.filled(traced(geometry, depth, sun_at(1.2, 0.5)))
    assert shades[:, :-3].max() < 0.5


def test_shades_come_to_what_cells_were_on_average() -> None:
    rng = np.random.default_rng(2)
    shades = reference.filled(rng.uniform(0, 0.5, (24, 32)).astype(np.float32))
    np.testing.assert_allclose(
        reference.steadied(shades, reference.means(shades), reference.means(shades)), shades, atol=1e-6
    )
    np.testing.assert_allclose(reference.means(shades)[3, 5], shades[6:8, 10:12].mean(), rtol=1e-6)
    even, darker = np.full((24, 32), 0.4, np.float32), np.full((12, 16), 0.4, np.float32)
    darker[6, 8:] = 0.9
    steady = reference.steadied(even, reference.means(even), darker)
    assert steady[:10] == pytest.approx(0.4)
    assert steady[12:14, 20:] == pytest.approx(0.4 + 0.5 * 0.75)
    for odd in (-5, 5):
        bound = reference.steadied(shades, reference.means(shades), np.full((12, 16), odd, np.float32))
        assert bound.min() >= 0
        assert bound.max() <= 1


def test_no_sun_shines_where_a_view_that_looks_up_meets_no_sky() -> None:
    level, down = (plaza(camera(down_rad=angle))[:2] for angle in (0.0, 1.0))
    assert reference.open_to_the_sky(*level) == 1

    def under(roof: float, geometry: ft.CellGeometry, depth_m: F32) -> float:
        features = geometry.features.copy()
        sky = features[ft.SKY] > 0
        features[ft.SKY] = sky & (np.cumsum(sky).reshape(sky.shape) <= (1 - roof) * sky.sum())
        return reference.open_to_the_sky(ft.CellGeometry(features, None, None, geometry.rays), depth_m)

    assert under(1.0, *level) == 0
    assert under(0.9, *level) == 1, "a window to the sky is enough"
    assert 0 < under(0.99, *level) < 1, "it fades as the last of the sky leaves the view"
    assert under(1.0, *down) == reference.open_to_the_sky(*down) == 1, "a view that looks down shows none anyway"


def test_no_sun_is_made_up_in_a_room_with_a_window() -> None:
    geometry, depth, _ = plaza(camera(down_rad=-0.2), post=False)
    sky = np.isinf(depth)

    def room(window: float, wall_m: float) -> float:
        around = depth.copy()
        columns = np.arange(W) >= window * W
        around[sky & columns] = wall_m
        seen = ft.cell_features((W, H), around, geometry.rays, None, 0.0, None)
        return reference.open_to_the_sky(seen, around)

    assert room(0.2, 3.0) == 0
    assert room(0.2, 12.0) == 1, "a street between tall houses"
    assert room(0.7, 3.0) == 1, "a wall beside the view"
    assert 0 < room(0.38, 3.0) < 1, "it fades"


def test_what_the_network_was_told_is_laid_over_in_part() -> None:
    geometry, depth, _ = plaza(camera())
    picture, clear = np.full((H, W, 3), 200, np.uint8), np.ones((H, W), np.float32)
    sun = sun_at(0.9, 0.8)

    def lay(share: float = 1.0, through: F32 = clear, known: ft.CellGeometry = geometry, toward: F32 = sun) -> U8:
        out = picture.copy()
        layer = laid(cast.Shadows(depth, known, toward), out, picture, through, share)
        if layer is not None:
            layer(0, H)
        return out

    assert lay().min() < 150
    told = geometry.features.copy()
    told[ft.SHADOW] = 1
    lighter = lay(known=ft.CellGeometry(told, geometry.plane, geometry.footprint_m, geometry.rays))
    assert 200 < lighter.max() <= np.ceil(200 * (1 + reference.LIGHTEN * (1 - min(reference.DARK))))
    darkest = 200 * (1 - (1 - reference.TOLD) * (1 - min(reference.DARK)))
    assert darkest - 1 <= lighter.min() < 190, "no shadow twice"
    for nothing in (lay(0.0), lay(through=clear * 0), lay(toward=np.zeros(3, np.float32))):
        assert np.array_equal(nothing, picture)


def test_shadows_that_the_engine_draws_itself_are_not_laid_over_again() -> None:
    geometry, depth, _ = plaza(camera(down_rad=0.6))
    for column in range(-4, 5):  # a row of posts
        depth[30:60, 64 + 14 * column : 68 + 14 * column] = 6.0
    rays = geometry.rays
    geometry = ft.cell_features((W, H), depth, rays, None, 0.0, None)
    sun = sun_at(0.9, 0.8)
    shades = reference.filled(traced(geometry, depth, sun))
    plain = np.random.default_rng(3).integers(150, 200, (H, W, 3)).astype(np.uint8)
    dark = np.clip(1 - 0.5 * shades, 0, 1).repeat(2, 0).repeat(2, 1)[..., None]
    own = (plain * dark).astype(np.uint8)
    assert reference.drawn(shades, plain, depth, geometry) < 0.2
    assert reference.drawn(shades, own, depth, geometry) > 0.8
    clear = np.ones((H, W), np.float32)
    normals = geometry.features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1]
    for color in (plain, own, np.zeros_like(plain)):
        for seen in (shades, shades * 0, shades[:, ::-1].copy()):
            fast = reference.verdict(*drawn.pairs(seen, color, depth, normals))
            assert fast == pytest.approx(reference.drawn(seen, color, depth, geometry), abs=1e-4)
    changed = []
    for color in (plain, own):
        out = plain.copy()
        layer = laid(cast.Shadows(depth, geometry, sun), out, color, clear, 1.0)
        if layer is not None:
            layer(0, H)
        changed.append(np.abs(out.astype(int) - plain).mean())
    assert changed[1] < 0.25 * changed[0]


@pytest.mark.filterwarnings("error")
def test_odd_depths_do_no_harm_and_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    for orthographic in (False, True):
        geometry, depth, _ = plaza(camera(orthographic))
        assert geometry.rays is not None
        geometry.rays.columns.setflags(write=False)
        picture, clear = np.full((H, W, 3), 200, np.uint8), np.ones((H, W), np.float32)
        for odd in (np.inf, np.nan, -np.inf, 0.0, -1e30, 1e30):
            holes = np.asfortranarray(depth)
            holes[::3] = odd
            layer = laid(cast.Shadows(holes, geometry, sun_at(0.9, 0.8)), picture, picture.copy(), clear, 1.0)
            assert layer is not None
            layer(0, H)
    for compiled in (kernels.shade, kernels.lay):
        assert len(getattr(compiled, "signatures")) == 1  # noqa: B009 - a plain function to the type checker


def test_planes_of_a_frame_are_free_once_nobody_holds_its_shadows() -> None:
    geometry, depth, _ = plaza(camera())
    picture = np.full((H, W, 3), 200, np.uint8)
    gc.disable()  # or it would find a ring that holds itself
    try:
        shadows = cast.Shadows(depth, geometry, sun_at(0.9, 0.8))
        laid(shadows, picture, picture, np.ones((H, W), np.float32), 1.0)
        held = weakref.ref(shadows)
        del shadows
        assert held() is None
    finally:
        gc.enable()
