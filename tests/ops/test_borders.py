"""Borders of paint where surfaces meet: the fast form is the reference, and they go by steepness and not by cells."""

from __future__ import annotations

import numpy as np
import pytest
from ground_views import looking_down, ways

from framegen.frame import F32
from framegen.ops import borders_reference as reference
from framegen.ops import features as ft
from framegen.ops import reference as cells
from framegen.ops import snow_reference
from framegen.ops.borders import sharpened
from framegen.ops.compose import Survey, blank_survey
from framegen.ops.kernels.survey import ANY_COLOR, survey

W, H = 96, 64
EYE_M = 2.0


def place(orthographic: bool = False, wall_m: float = 9.0) -> tuple[ft.Rays, F32, F32]:
    """Rays, depth, and where a wall stands across level ground, slanted so that its foot crosses rows of cells."""
    rays = ft.rays_of(looking_down(W / H, EYE_M, 0.3, (12.0, 8.0) if orthographic else None), W, H)
    start, way = ways(rays)
    with np.errstate(divide="ignore", invalid="ignore"):
        ground = -(EYE_M + start[1]) / way[1]
        wall = (-wall_m - start[2] + 0.3 * start[0]) / (way[2] - 0.3 * way[0])
    ground = np.where(ground > 0, ground, np.inf)
    wall = np.where(wall > 0, wall, np.inf)
    return rays, np.minimum(ground, wall).astype(np.float32), (wall < ground).astype(np.float32)


def surveyed(depth: F32, rays: ft.Rays) -> Survey:
    found = blank_survey(depth)
    survey(0, H // ft.CELL_PX, depth, rays.stretch, np.float32(0.001), ANY_COLOR, *found.found)
    return found


def as_shares(found: Survey) -> F32:
    """``[4, H, W]``: what composing makes of a survey: bilinear where it does not say otherwise."""
    out = cells.shares(np.ones((H, W), np.float32))
    for y, (first, end) in enumerate(found.span):
        out[:, y, found.at[first:end]] = found.weight[:, first:end]
    return out


def wanted(depth: F32, rays: ft.Rays, cover: F32) -> F32:
    before = cells.shares(np.where(ft.solid(depth), 1 / depth, 0).astype(np.float32))
    return reference.shares(before, cover, snow_reference.normals(depth, rays)[1], depth)


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_fast_form_is_the_reference(orthographic: bool, seed: int) -> None:
    rays, depth, _ = place(orthographic)
    rng = np.random.default_rng(seed)
    depth *= rng.uniform(1, 1 + 0.01 * seed, depth.shape).astype(np.float32)
    cover = rng.random((H // 4, W // 4)).astype(np.float32) ** 2
    cover[:5] = 0.5
    old = surveyed(depth, rays)
    found = sharpened(old, cover, rays)
    off = np.abs(as_shares(found) - wanted(depth, rays, cover)).max(0)
    # where both neighbours differ by as much in depth, rounding takes either for the normal
    assert np.quantile(off, 0.99) < 2e-3
    assert found.through is old.through


def test_snow_ends_at_the_foot_of_a_wall_and_not_at_a_cell() -> None:
    rays, depth, wall = place()
    sampled = wall[ft.SAMPLE_PX :: ft.CELL_PX, ft.SAMPLE_PX :: ft.CELL_PX]
    cover = 1 - sampled
    old = surveyed(depth, rays)
    white = {
        name: (as_shares(found) * cells.taps(cover)).sum(0)
        for name, found in (("before", old), ("after", sharpened(old, cover, rays)))
    }
    inner = np.s_[4:-4, 4:-4]
    wrong = {name: np.abs(plane - (1 - wall))[inner].mean() for name, plane in white.items()}
    assert wrong["after"] < 0.4 * wrong["before"]


def test_where_paint_is_even_nothing_changes() -> None:
    rays, depth, _ = place()
    old = surveyed(depth, rays)
    found = sharpened(old, np.full((H // 4, W // 4), 0.7, np.float32), rays)
    for (first, end), (start, stop) in zip(old.span, found.span, strict=True):
        np.testing.assert_array_equal(found.at[start:stop], old.at[first:end])
        np.testing.assert_array_equal(found.weight[:, start:stop], old.weight[:, first:end])
