"""The fast composition against its meaning."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framegen.engines.embedded.network import FOLDER
from framegen.frame import F32, U8, Camera
from framegen.ops import features as ft
from framegen.ops import layout, reference
from framegen.ops.anchors import Anchors
from framegen.ops.compose import Composer, Survey, air_of, blank_survey, survey_of_color
from framegen.ops.fields import FieldAtlas, load_atlas
from framegen.ops.kernels import compose as kernels
from framegen.ops.kernels.features import fast_cell_features
from framegen.ops.kernels.survey import survey as fill

W, H = 192, 144
LEVELS = 2.01
"""Two 8-bit levels: float32 rounding, the 8-bit colour floor, an exponential good to 1e-4."""


@pytest.fixture(scope="module")
def atlas() -> FieldAtlas:
    return load_atlas(FOLDER)


def _latent(seed: int) -> F32:
    rng = np.random.default_rng(seed)
    h, w = H // 4, W // 4

    def smooth(channels: int) -> F32:
        return cv2.resize(rng.random((5, 6, channels)).astype(np.float32), (w, h)).reshape(h, w, channels)

    out = np.zeros((h, w, layout.LATENT), np.float32)
    out[..., layout.GAIN] = 2 * smooth(3) - 1.5
    cover = smooth(1) * 0.8
    out[..., layout.COVER] = cover[..., 0]
    out[..., layout.PAINT] = smooth(3) * cover
    out[..., layout.AIR] = smooth(3)
    out[..., layout.DETAIL] = 1.2 * smooth(1)[..., 0]
    choice = smooth(layout.FIELDS)
    out[..., layout.CHOICE] = choice / choice.sum(-1, keepdims=True)
    return reference.settle(out)


def _scene(seed: int) -> tuple[U8, F32, ft.CellGeometry]:
    rng = np.random.default_rng(seed)
    pose = np.eye(4)
    pose[:3, :3] = [[0.8, 0, 0.6], [0, 1, 0], [-0.6, 0, 0.8]]
    pose[:3, 3] = (1234.5, 3.0, -77.7)
    camera = Camera.perspective(pose, fov_y_rad=math.radians(60), aspect=W / H)
    rays = ft.rays_of(camera, W, H)
    ray = rays.columns[:, None, :] + rays.rows[:, :, None]
    floor = np.where(ray[1] < -0.02, 3.0 / np.maximum(-ray[1], 1e-6), np.inf)
    depth = floor.astype(np.float32)
    depth[30:90, 20:70] = 6.0
    depth[10:60, 110:160] = 9.0
    color = rng.integers(0, 256, (H // 8, W // 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    return color, depth, ft.cell_features((W, H), depth, rays, None, 0.01, None)


def _expected(
    latent: F32, color: U8, depth: F32 | None, geometry: ft.CellGeometry, fog: float, atlas: FieldAtlas, contrast: float
) -> F32:
    through = reference.through_air(depth, geometry.rays, fog, (W, H))
    detail = None
    if depth is not None and geometry.plane is not None:
        detail = reference.picked_detail(latent, depth, geometry, atlas)
    near = None if depth is None else _nearness(depth)
    return 255 * reference.compose(latent, color, through, detail, near, cover=0.7, contrast=contrast)


def _nearness(depth: F32) -> F32:
    ground = ft.solid(depth)
    return np.where(ground, 1 / np.where(ground, depth, 1), 0).astype(np.float32)


def survey(depth: F32, rays: ft.Rays | None, fog_per_m: float) -> Survey:
    """What the composition is told of depth; while a game runs, the call that reads a frame fills it."""
    blank = blank_survey(depth)
    stretch = np.empty((0, 0), np.float32) if rays is None else rays.stretch
    fill(0, H // ft.CELL_PX, blank.depth_m, stretch, np.float32(fog_per_m), np.float32(reference.ALIKE), *blank.found)
    return blank


@pytest.mark.parametrize("contrast", [0.0, 1.0])
def test_fast_composition_is_the_reference(atlas: FieldAtlas, contrast: float) -> None:
    composer = Composer(atlas)
    for seed in range(3):
        latent, (color, depth, geometry) = _latent(seed), _scene(seed)
        got = composer.compose(
            latent, color, survey(depth, geometry.rays, 0.01), geometry, cover=0.7, contrast=contrast
        )
        want = _expected(latent, color, depth, geometry, 0.01, atlas, contrast)
        error = np.abs(got - want)
        # float32 and float64 positions may pick neighbouring texels: a band of few pixels, not a shift
        assert np.percentile(error, 99.5) <= LEVELS
        assert error.mean() < 0.5


def test_the_tone_curve_is_the_references(atlas: FieldAtlas) -> None:
    latent, (color, depth, geometry) = _latent(3), _scene(3)
    seen = survey(depth, geometry.rays, 0.01)
    got, plain = (Composer(atlas).compose(latent, color, seen, geometry, curve=c) for c in ((1.3, 0.3), (0.0, 0.0)))
    want = 255 * reference.toned(plain.astype(np.float32) / 255, (1.3, 0.3))
    assert np.abs(got - want).max() <= 1.2, "of one rounding, and of another that the curve makes steeper"
    assert got.std() > plain.std()


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_tone_curve_rises_from_black_to_white(low: float, more: float) -> None:
    x = np.linspace(0, 1, 101, dtype=np.float32)
    y = reference.toned(x, (low + more, low))
    assert y[0] == 0 and y[-1] == 1 and (np.diff(y) >= -1e-6).all()


def test_a_grade_multiplies_surfaces_with_their_paint_and_the_air(atlas: FieldAtlas) -> None:
    latent, (color, depth, geometry) = _latent(2), _scene(2)
    grade = np.array(((1.1, 1.0, 0.8), (0.9, 1.0, 1.2), (1.0, 1.0, 1.0)), np.float32)
    seen = survey(depth, geometry.rays, 0.01)
    got = Composer(atlas).compose(latent, color, seen, geometry, cover=0.7, grade=grade).astype(int)
    graded = latent.copy()
    graded[..., layout.GAIN] += np.log(grade[0])
    graded[..., layout.PAINT] *= grade[0]
    graded[..., layout.AIR] *= grade[1]
    want = Composer(atlas).compose(graded, color, seen, geometry, cover=0.7)
    assert np.abs(got - want).max() <= 1


def test_without_depth_there_is_neither_air_nor_detail(atlas: FieldAtlas) -> None:
    latent, (color, _, _) = _latent(5), _scene(5)
    geometry = ft.cell_features((W, H), None, None, None, 0.01, None)
    got = Composer(atlas).compose(latent, color, None, geometry, cover=0.7)
    want = _expected(latent, color, None, geometry, 0.01, atlas, 1.0)
    assert np.abs(got - want).max() <= LEVELS


def test_no_cell_speaks_across_an_edge_of_depth(atlas: FieldAtlas) -> None:
    """A box lit white before a black floor: it is white up to its edge, and nothing beside it is."""
    color = np.full((H, W, 3), 128, np.uint8)
    _, depth, geometry = _scene(1)
    depth[:] = 20.0
    depth[31:90, 21:70] = 6.0
    inside = depth < 10
    latent = np.zeros((H // 4, W // 4, layout.KEPT), np.float32)
    latent[..., layout.GAIN] = np.where(inside[2::4, 2::4], 0.6, -2.0)[..., None]
    got = Composer(atlas).compose(latent, color, survey(depth, geometry.rays, 0.0), geometry, contrast=0.0)[..., 0]
    # of 231 and 17; at a corner one cell in four is of the pixel's own side
    assert got[inside].min() > 170 and np.percentile(got[inside], 2) > 220
    assert got[~inside].max() < 70 and np.percentile(got[~inside], 98) < 22


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("value", [0.0, -0.0, -5.0, np.nan, 1e-42])
def test_what_is_no_distance_is_sky(atlas: FieldAtlas, value: float, flat: bool) -> None:
    """Bit for bit what infinite depth gives: features, air, edges and composition; and so in the reference."""
    color, depth, geometry = _scene(1)
    rays, latent = geometry.rays, _latent(1)
    assert rays is not None
    if flat:
        camera = Camera(np.eye(4), np.diag([0.1, 0.13, -0.01, 1.0]))
        rays = ft.rays_of(camera, W, H)
    # within surfaces, across their edges, in the sky, and one pixel alone
    holes = np.zeros((H, W), bool)
    holes[50:100, 40:90] = holes[0:20, 100:140] = holes[70, 121] = True
    results = []
    for missing in (value, np.inf):
        seen = np.where(holes, np.float32(missing), depth)
        sun = np.array((0.0, 0.8, 0.6), np.float32)
        fast, meant = (f((W, H), seen, rays, sun, 0.01, None) for f in (fast_cell_features, ft.cell_features))
        found = survey(seen, rays, 0.01)
        picture = Composer(atlas).compose(latent, color, found, fast, cover=0.7)
        counts = found.span[:, 1] - found.span[:, 0]
        assert fast.plane is not None and fast.footprint_m is not None
        fast_parts = fast.features, fast.plane, fast.footprint_m, found.through, counts, picture
        expected = _expected(latent, color, seen, meant, 0.01, atlas, 1.0)
        results.append((*fast_parts, meant.features, meant.plane, meant.footprint_m, expected))
    for got, want in zip(*results, strict=True):
        assert got is not None and want is not None
        assert np.array_equal(got, want)


def test_results_are_new_arrays(atlas: FieldAtlas) -> None:
    composer, (color, depth, geometry) = Composer(atlas), _scene(1)
    first = composer.compose(_latent(1), color, survey(depth, geometry.rays, 0.01), geometry)
    kept = first.copy()
    composer.compose(_latent(2), color, survey(depth, geometry.rays, 0.05), geometry)
    assert np.array_equal(first, kept)


def test_without_an_anchor_there_is_no_detail(atlas: FieldAtlas) -> None:
    composer, (color, depth, geometry) = Composer(atlas), _scene(1)
    latent = _latent(3)
    nowhere = Anchors(np.zeros((H // 4, W // 4, 3), np.float32), np.zeros((H // 4, W // 4), np.float32))
    moving = composer.compose(latent, color, survey(depth, geometry.rays, 0.01), geometry, anchors=nowhere)
    plain = composer.compose(latent, color, survey(depth, geometry.rays, 0.01), geometry, contrast=0.0)
    assert np.abs(moving.astype(int) - plain).max() <= 1


def test_anchors_shift_where_detail_is_read(atlas: FieldAtlas) -> None:
    """What has moved by a shift looks as it did where it was: the fast form and the reference agree on it."""
    composer, (color, depth, geometry) = Composer(atlas), _scene(2)
    latent, rng = _latent(4), np.random.default_rng(4)
    shift = rng.uniform(-400, 400, (H // 4, W // 4, 3)).astype(np.float32)
    anchors = Anchors(shift, np.ones((H // 4, W // 4), np.float32))
    got = composer.compose(latent, color, survey(depth, geometry.rays, 0.01), geometry, anchors=anchors)
    through = reference.through_air(depth, geometry.rays, 0.01, (W, H))
    detail = reference.picked_detail(latent, depth, geometry, atlas, anchors)
    want = 255 * reference.compose(latent, color, through, detail, _nearness(depth))
    error = np.abs(got - want)
    assert np.percentile(error, 99.5) <= LEVELS
    plain = composer.compose(latent, color, survey(depth, geometry.rays, 0.01), geometry)
    assert np.abs(got.astype(int) - plain).mean() > 0.4


def test_detail_holds_its_place_when_the_camera_moves(atlas: FieldAtlas) -> None:
    """The same floor texel, seen from two cameras, is read from the same place of the tile."""
    latent = _latent(0)
    latent[..., layout.PICK] = 0
    points = []
    pixels = 20
    pixel_m = 2 * math.tan(0.5) / H
    for shift in (0.0, pixels * 2.0 * pixel_m):
        pose = np.eye(4)
        pose[:3, 3] = (100.0 + shift, 2.0, 40.0)
        pose[:3, :3] = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]  # straight down
        camera = Camera.perspective(pose, fov_y_rad=1.0, aspect=W / H)
        rays = ft.rays_of(camera, W, H)
        depth = np.full((H, W), 2.0, np.float32)
        geometry = ft.cell_features((W, H), depth, rays, None, 0.0, None)
        points.append(reference.picked_detail(latent, depth, geometry, atlas))
    a, b = points[0][:, pixels:], points[1][:, : W - pixels]
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.9


def test_what_is_seen_between_bars_has_its_own_light_and_bars_theirs(atlas: FieldAtlas) -> None:
    """Bars thinner than a cell, so that all four cells around a pixel may be of them, or none."""
    depth = np.full((H, W), 20.0, np.float32)
    color = np.full((H, W, 3), 100, np.uint8)
    bars = np.zeros((H, W), bool)
    bars[:, 1::8] = bars[:, 2::8] = True  # the second of every other cell's sampled columns
    depth[bars] = 2.0
    sampled = bars[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
    assert sampled.any() and not sampled.all()
    latent = np.zeros((H // 4, W // 4, layout.KEPT), np.float32)
    latent[..., layout.GAIN] = np.where(sampled[..., None], np.log(2.0), np.log(0.5))
    bare = ft.cell_features((W, H), depth, None, None, 0.0, None)
    got = Composer(atlas).compose(latent, color, survey(depth, None, 0.0), bare, contrast=0.0)[8:-8, 8:-8, 0]
    inner = bars[8:-8, 8:-8]
    assert np.abs(got[inner].astype(int) - 200).max() <= 2
    assert np.abs(got[~inner].astype(int) - 50).max() <= 2


def test_without_depth_edges_of_brightness_part_the_cells(atlas: FieldAtlas) -> None:
    color, _, _ = _scene(5)
    latent, bare = _latent(6), ft.cell_features((W, H), None, None, None, 0.0, None)
    near = reference.nearness_of_color(color)
    want = 255 * reference.compose(latent, color, np.ones((H, W), np.float32), None, near, by_color=True)
    got = Composer(atlas).compose(latent, color, survey_of_color(color), bare)
    assert np.abs(got.astype(np.float32) - want).max() < LEVELS


def test_one_compiled_form_of_the_survey_serves_frames_with_depth_and_without() -> None:
    kernels.warm_up()
    color, depth, geometry = _scene(1)
    # kernels that call it may have had a form compiled of their own
    before = set(getattr(fill, "signatures"))  # noqa: B009 - a plain function to the type checker
    survey_of_color(color)
    survey(depth, geometry.rays, 0.01)
    assert set(getattr(fill, "signatures")) == before  # noqa: B009


def test_a_dark_post_before_a_bright_sky_keeps_its_light_to_its_edge_without_depth(atlas: FieldAtlas) -> None:
    color = np.full((H, W, 3), 200, np.uint8)
    color[:, 90:106] = 40
    latent = np.zeros((H // 4, W // 4, layout.KEPT), np.float32)
    latent[:, 22:27, layout.GAIN] = 1.0  # the post's cells, the outermost of which are half sky
    bare = ft.cell_features((W, H), None, None, None, 0.0, None)
    mixed = Composer(atlas).compose(latent, color, None, bare)
    parted = Composer(atlas).compose(latent, color, survey_of_color(color), bare)
    post = round(40 * math.e)
    assert abs(int(parted[70, 91, 0]) - post) < 6 and abs(int(parted[70, 87, 0]) - 200) < 12
    assert int(mixed[70, 87, 0]) > 220, "the sky beside it was lit up"


@pytest.mark.parametrize("curve", [reference.STRAIGHT, (0.9, 0.3)])
def test_the_air_that_layers_go_by_is_the_one_that_is_shown(curve: tuple[float, float]) -> None:
    latent = 1.4 * _latent(3)
    grade = np.array([[0.5, 0.5, 0.5], [0.9, 1.0, 1.3], [1, 1, 1]], np.float32)
    for gains in (None, grade):
        air = latent[..., layout.AIR] * (1 if gains is None else gains[1])
        wanted = reference.toned(np.clip(air, 0, 1).astype(np.float32), curve)
        np.testing.assert_allclose(air_of(latent, gains, curve), wanted, atol=1e-6)
