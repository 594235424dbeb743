"""Surfaces lose their squares, keep their light and get their material's colour; the fast form is the reference."""

from __future__ import annotations

import numpy as np
import pytest
from ground_views import looking_down, ways

from framegen.frame import F32, U8
from framegen.ops import features as ft
from framegen.ops import recolor
from framegen.ops import recolor_reference as reference
from framegen.ops.kernels import recolor as kernels
from framegen.ops.recolor_reference import LIGHTER, Wanted

W, H = 128, 96
EYE_M, WALL_M = 2.0, 7.0
GROUND, WALL = 3, 9
LIT = {GROUND: 150.0, WALL: 90.0}
"""Brightness of each, between its squares'."""


def place(orthographic: bool = False) -> tuple[ft.Rays, F32, U8, F32]:
    """Rays, depth, labels and checkers of one metre, 1 or -1, of level ground, a wall across it, and sky above that."""
    size = (12.0, 9.0) if orthographic else None
    rays = ft.rays_of(looking_down(W / H, EYE_M, 0.2, size), W, H)
    start, way = ways(rays)
    with np.errstate(divide="ignore", invalid="ignore"):
        ground = -(EYE_M + start[1]) / way[1]
        wall = (-WALL_M - start[2]) / way[2]
    ground, wall = (np.where(z > 0, z, np.inf) for z in (ground, wall))
    depth = np.minimum(ground, wall)
    at = start + way * np.where(np.isfinite(depth), depth, 0)
    depth[at[1] > 1.0] = np.inf
    label = np.where(wall < ground, WALL, GROUND).astype(np.uint8)
    squares = np.floor(at + 1e-4).astype(int)
    checkers = np.where(wall < ground, squares[0] + squares[1], squares[0] + squares[2]) % 2 * 2 - 1
    return rays, depth.astype(np.float32), label, checkers.astype(np.float32)


def drawn(label: U8, checkers: F32, contrast: float = 0.25) -> U8:
    lit = np.vectorize(LIT.get)(label) * (1 + contrast * checkers)
    return np.repeat(lit[..., None], 3, -1).astype(np.uint8)


NOTHING = np.zeros(256, np.float32)
OWN = np.zeros((256, 3), np.float32)
BRICK, LAWN = np.float32([0.55, 0.35, 0.3]), np.float32([0.3, 0.4, 0.15])


def evened(share: float = 1.0) -> Wanted:
    """All labels so far, in their own colours."""
    return Wanted(np.full(256, share, np.float32), NOTHING, NOTHING, OWN)


def colors(wall: F32 = BRICK, ground: F32 = LAWN) -> F32:
    albedo = OWN.copy()
    albedo[WALL], albedo[GROUND] = wall, ground
    return albedo


def of(*codes: int, share: float = 1.0) -> F32:
    shares = NOTHING.copy()
    shares[list(codes)] = share
    return shares


def contrast_of(picture: U8, checkers: F32, where: np.ndarray) -> float:
    """How much brighter the one kind of squares is than the other, over their sum."""
    plane = picture[..., 0].astype(float)
    light, dark = (plane[where & (checkers == sign)].mean() for sign in (1, -1))
    return float((light - dark) / (light + dark))


def normals(depth: F32, rays: ft.Rays) -> F32:
    cells = depth[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
    stands = ft.solid(cells)
    return ft.cell_normals(ft.cell_points(np.where(stands, cells, np.inf).astype(np.float32), rays), rays) * stands


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_fast_form_is_the_reference(orthographic: bool, seed: int) -> None:
    rays, depth, label, _ = place(orthographic)
    rng = np.random.default_rng(seed)
    color = rng.integers(0, 256, (H, W, 3)).astype(np.uint8)
    label = np.where(rng.random((H, W)) < 0.1 * seed, rng.integers(0, 256, (H, W)), label).astype(np.uint8)
    evens, becomes, turns = (rng.random(256).astype(np.float32) * (rng.random(256) < 0.8) for _ in range(3))
    albedo = (rng.random((256, 3)) * (rng.random((256, 1)) < 0.7)).astype(np.float32)
    wanted = Wanted(evens, becomes, turns, albedo)
    got = recolor.recolored(color, label, depth, rays, wanted)
    cells = np.s_[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
    found = reference.fits(color[cells], normals(depth, rays), label[cells], wanted)
    meant = reference.recolored(color, normals(depth, rays), label, depth, found)
    off = np.abs(got.astype(int) - meant)
    assert off.max() <= 1 and (off > 0).mean() < 0.01


@pytest.mark.parametrize("orthographic", [False, True])
def test_squares_go_and_light_and_sky_stay(orthographic: bool) -> None:
    rays, depth, label, checkers = place(orthographic)
    color = drawn(label, checkers)
    out = recolor.recolored(color, label, depth, rays, evened())
    solid = ft.solid(depth)
    for code, lit in LIT.items():
        mine = solid & (label == code)
        before, after = (contrast_of(picture, checkers, mine) for picture in (color, out))
        assert before == pytest.approx(0.25, abs=0.01)
        assert after < 0.3 * before
        assert out[mine].mean() == pytest.approx(lit, abs=0.08 * lit)
    np.testing.assert_array_equal(out[~solid], color[~solid])


def test_it_goes_as_far_as_is_asked_and_only_where_it_is() -> None:
    rays, depth, label, checkers = place()
    color = drawn(label, checkers)
    color.setflags(write=False)
    ground = ft.solid(depth) & (label == GROUND)
    seen = [contrast_of(recolor.recolored(color, label, depth, rays, evened(s)), checkers, ground) for s in (0, 0.5, 1)]
    assert seen[0] > 1.5 * seen[1] > 2 * seen[2]
    out = recolor.recolored(color, label, depth, rays, Wanted(of(GROUND), NOTHING, NOTHING, OWN))
    np.testing.assert_array_equal(out[label == WALL], color[label == WALL])


def test_a_little_of_it_changes_little_even_of_black() -> None:
    rays, depth, label, checkers = place()
    color = drawn(label, checkers)
    color[checkers < 0] = 0
    out = recolor.recolored(color, label, depth, rays, evened(1e-4))
    assert np.abs(out.astype(int) - color).max() <= 1


def test_half_floats_do_as_well() -> None:
    rays, depth, label, checkers = place()
    color, half = drawn(label, checkers), depth.astype(np.float16)
    wanted = recolor.recolored(color, label, half.astype(np.float32), rays, evened())
    np.testing.assert_array_equal(recolor.recolored(color, label, half, rays, evened()), wanted)


def test_a_sliver_of_a_label_hardly_changes() -> None:
    code = np.full((20, 20), GROUND, np.uint8)
    code[0, :2] = 77  # two cells, too few to tell squares from colour
    color = np.full((20, 20, 3), 128, np.uint8)
    share = reference.fits(color, np.ones((3, 20, 20), np.float32), code, evened()).share
    assert share[77] < 0.2
    assert share[GROUND] > 0.9


@pytest.mark.filterwarnings("error")
def test_nothing_to_see_is_no_error_and_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    rays, depth, label, _ = place()
    black = np.zeros((H, W, 3), np.uint8)
    for z in (np.full_like(depth, np.inf), np.full_like(depth, np.nan), np.zeros_like(depth), depth):
        np.testing.assert_array_equal(recolor.recolored(black, label, z, rays, evened())[:4], black[:4])
    assert len(getattr(kernels.paint, "signatures")) == 1  # noqa: B009 - a plain function to the type checker


def hue(picture: U8, where: np.ndarray) -> F32:
    """What a part of a picture has of red, green and blue, over their sum."""
    mean = picture[where].mean(0)
    return np.asarray(mean / mean.sum(), np.float32)


def test_a_grey_box_gets_its_materials_colours_in_the_engines_light() -> None:
    rays, depth, label, checkers = place()
    color = drawn(label, checkers)
    both = of(WALL, GROUND)
    out = recolor.recolored(color, label, depth, rays, Wanted(both, both, NOTHING, colors()))
    solid = ft.solid(depth)
    for code, albedo in ((WALL, BRICK), (GROUND, LAWN)):
        mine = solid & (label == code)
        np.testing.assert_allclose(hue(out, mine), albedo / albedo.sum(), atol=0.01)
        assert contrast_of(out, checkers, mine) < 0.1
        assert out[mine].mean() / 255 == pytest.approx(albedo.mean(), rel=0.1), "labels' own greys say nothing"
    np.testing.assert_array_equal(out[~solid], color[~solid])


def test_how_the_engine_lit_a_label_that_faces_two_ways_lights_the_others() -> None:
    rays, depth, label, _ = place()
    one = np.where(label == WALL, GROUND, label).astype(np.uint8)
    one[:, : W // 2] = label[:, : W // 2]  # the right half of the wall is labelled as the ground is
    color = drawn(label, np.zeros((H, W), np.float32))
    same = colors(LAWN, LAWN)
    both = of(WALL, GROUND)
    out = recolor.recolored(color, one, depth, rays, Wanted(both, both, NOTHING, same)).astype(float)
    solid = ft.solid(depth)
    wall, ground = (out[solid & (one == code)][:, 1].mean() for code in (WALL, GROUND))
    assert LIT[WALL] / LIT[GROUND] < 0.65
    assert 0.5 < wall / ground < 0.85, "walls are as much darker as the engine drew them"


def test_what_turns_keeps_its_drawing_and_the_light_around_it() -> None:
    rays, depth, label, checkers = place()
    wall = ft.solid(depth) & (label == WALL)
    for lit in (90, 12):
        color = np.repeat((lit * (1 + 0.25 * checkers))[..., None], 3, -1).astype(np.uint8)
        out = recolor.recolored(color, label, depth, rays, Wanted(NOTHING, NOTHING, of(WALL), colors()))
        np.testing.assert_array_equal(out[label == GROUND], color[label == GROUND])
        np.testing.assert_allclose(hue(out, wall), BRICK / BRICK.sum(), atol=0.02)
        assert contrast_of(out, checkers, wall) == pytest.approx(contrast_of(color, checkers, wall), abs=0.05)
    assert out[wall].mean() / color[wall].mean() < 1.1 * LIGHTER, "at night it does not shine"


def test_a_label_without_a_colour_of_its_own_stays() -> None:
    rays, depth, label, checkers = place()
    color = drawn(label, checkers)
    wanted = Wanted(NOTHING, of(WALL, GROUND), of(WALL, GROUND), OWN)
    np.testing.assert_array_equal(recolor.recolored(color, label, depth, rays, wanted), color)


@pytest.mark.parametrize("curved", [0.1, 0.2, 0.3])
def test_a_lamp_beside_a_curved_wall_lights_no_other_walls(curved: float) -> None:
    side, other, n = 5, 6, 60
    turn = curved * np.linspace(-1, 1, n)
    normal, code = np.zeros((3, n, n), np.float32), np.full((n, n), WALL, np.uint8)
    normal[0], normal[2] = np.sin(turn), np.cos(turn)
    color = np.repeat((60 * np.exp(np.linspace(-0.8, 0.8, n)))[None, :, None], n, 0)
    for label, facing, at in ((side, 1, np.s_[:10]), (other, -1, np.s_[-10:])):
        normal[:, :, at] = np.array([facing, 0, 0])[:, None, None]
        code[:, at], color[:, at] = label, 80
    grey = np.full((256, 3), 0.5, np.float32)
    color = np.repeat(color, 3, -1).astype(np.uint8)
    found = reference.fits(color, normal, code, Wanted(of(), of(side, other, WALL), NOTHING, grey))
    lit = 80 * found.gain[[side, other], 0]
    assert 1 < lit.max() / lit.min() < 5


def test_what_is_on_its_way_from_one_to_another_goes_evenly() -> None:
    rays, depth, label, checkers = place()
    color = drawn(label, checkers)
    none = Wanted(NOTHING, NOTHING, NOTHING, OWN)
    brick, lawn = (Wanted(NOTHING, NOTHING, of(WALL), colors(to)) for to in (BRICK, LAWN))
    assert reference.mixed([(brick, 1.0)]) is brick
    wall = ft.solid(depth) & (label == WALL)
    for begin, end in ((none, brick), (brick, lawn)):
        seen = []
        for share in np.linspace(0, 1, 11):
            wanted = reference.mixed([(begin, 1 - float(share)), (end, float(share))])
            seen.append(recolor.recolored(color, label, depth, rays, wanted)[wall].mean(0))
        ends = [recolor.recolored(color, label, depth, rays, one)[wall].mean(0) for one in (begin, end)]
        np.testing.assert_allclose([seen[0], seen[-1]], ends, atol=0.5)
        steps = np.abs(np.diff(seen, axis=0)).max()
        assert steps < 0.25 * np.abs(ends[1] - ends[0]).max()


def test_edges_whose_normals_are_of_neither_side_make_no_light_flicker() -> None:
    walls, n = (5, 6, 7), 90
    code = np.repeat(np.repeat(np.uint8(walls), n // 3)[None], n, 0)
    lit = np.repeat(np.repeat(np.array([150, 90, 60]), n // 3)[None], n, 0)
    squares = np.where(np.indices((n, n)).sum(0) % 2, 1.25, 0.75)
    color = np.repeat((lit * squares)[..., None], 3, -1).astype(np.uint8)
    gains = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        normal = np.eye(3, dtype=np.float32)[:, code - walls[0]]
        edges = rng.random((n, n)) < 0.01
        other = rng.normal(size=(3, int(edges.sum())))
        normal[:, edges] = other / np.linalg.norm(other, axis=0)
        wanted = Wanted(NOTHING, of(*walls), NOTHING, np.full((256, 3), 0.5, np.float32))
        gains.append(reference.fits(color, normal, code, wanted).gain[list(walls), 0])
    assert (np.ptp(gains, axis=0) < 0.025 * np.mean(gains, 0)).all()


def test_without_depth_only_what_words_chose_turns_and_else_no_time_is_spent() -> None:
    _, _, label, checkers = place()
    color, both = drawn(label, checkers), of(WALL, GROUND)
    assert recolor.recolored(color, label, None, None, Wanted(both, both, NOTHING, colors())) is color
    out = recolor.recolored(color, label, None, None, Wanted(both, both, of(WALL), colors()))
    np.testing.assert_array_equal(out[label == GROUND], color[label == GROUND])
    np.testing.assert_allclose(hue(out, label == WALL), BRICK / BRICK.sum(), atol=0.02)
