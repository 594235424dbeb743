"""Windows and lamps in the dark: the fast form is the reference, and what is lit stays lit where it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32, F64, U8, Camera
from framegen.ops import features as ft
from framegen.ops import lights
from framegen.ops import lights_reference as reference
from framegen.ops.anchors import Anchors
from framegen.ops.fields import PLANE_GROUND, PLANE_WALL_Z
from framegen.ops.kernels import lights as kernels

W, H = 64, 48


def camera(x_m: float = 3.0, size_m: float = 0.0) -> Camera:
    pose = np.eye(4)
    pose[:3, 3] = (x_m, 1.7, -2.0)
    if size_m:
        clip = np.diag([2 / size_m, 2 / size_m, -2 / 100, 1.0])
        clip[2, 3] = -1
        return Camera(np.linalg.inv(pose), clip, 0.1, 100.0)
    return Camera.perspective(pose, fov_y_rad=1.2, aspect=W / H)


def geometry(seen: Camera | None, plane: U8 | None = None) -> ft.CellGeometry:
    empty = np.zeros((ft.CHANNELS, H // 4, W // 4), np.float32)
    return ft.CellGeometry(empty, plane, None, None if seen is None else ft.rays_of(seen, W, H))


def ways(seen: Camera) -> F64:
    """``[H, W, 3]``, along each pixel's ray."""
    rays = ft.rays_of(seen, W, H)
    if not rays.perspective:
        return np.broadcast_to(rays.forward, (H, W, 3)).astype(np.float64)
    return np.moveaxis(rays.columns[:, None, :] + rays.rows[:, :, None], 0, -1).astype(np.float64)


def world(seen: Camera, depth_m: F32) -> F64:
    rays = ft.rays_of(seen, W, H)
    ray = (rays.columns[:, None, :] + rays.rows[:, :, None]).astype(np.float64)
    offset = ray * depth_m if rays.perspective else ray + rays.forward[:, None, None] * depth_m
    return np.moveaxis(offset, 0, -1) + rays.position


def scene(seed: int = 0) -> tuple[U8, U8, F32, F32]:
    """Kinds, colour, depth and the air of a frame."""
    rng = np.random.default_rng(seed)
    kind = rng.choice([0, reference.WINDOW, reference.LAMP, reference.SIGN], (H, W), p=[0.4, 0.4, 0.1, 0.1]).astype(
        np.uint8
    )
    color = rng.integers(0, 256, (H, W, 3)).astype(np.uint8)
    depth = np.repeat(rng.uniform(4, 60, (H, 1)), W, 1).astype(np.float32)
    return kind, color, depth, np.exp(-depth / 50).astype(np.float32)


def planes(found: lights.Lights) -> tuple[F32, F32]:
    cover, light = np.zeros(H * W, np.float32), np.zeros((H * W, 3), np.float32)
    cover[found.at], light[found.at] = found.cover, found.color
    return cover.reshape(H, W), light.reshape(H, W, 3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([0.0, 40.0]), st.sampled_from([3.0, -4e5]), st.booleans())
def test_the_fast_form_is_the_reference(seed: int, size_m: float, x_m: float, moved: bool) -> None:
    kind, color, depth, through = scene(seed)
    seen = camera(x_m, size_m)
    shift = np.random.default_rng(seed).normal(0, 2, (H // 4, W // 4, 3)).astype(np.float32)
    anchors = Anchors(shift, np.ones((H // 4, W // 4), np.float32)) if moved else None
    at = world(seen, depth) + (shift.repeat(4, 0).repeat(4, 1) if moved else 0)
    plane = np.random.default_rng(seed).integers(0, 3, (H // 4, W // 4)).astype(np.uint8)
    rays = ft.rays_of(seen, W, H)
    pixel_m = rays.pixel_m * (depth.astype(np.float64) if rays.perspective else np.ones((H, W)))
    cover, light = reference.emission(kind, color, at, ways(seen), plane.repeat(4, 0).repeat(4, 1), pixel_m)
    found = lights.find(kind, color, geometry(seen, plane), depth, through, anchors)
    got, shone = planes(found)
    np.testing.assert_allclose(got, cover * through, atol=4e-3)
    lit = got > 0
    off = np.abs(shone[lit] - light[lit]).max(-1)
    # where two faces of a room meet, rounding takes either
    assert off.size == 0 or (np.quantile(off, 0.95) < 2e-3 and (off > 2e-3).mean() < 0.03)
    np.testing.assert_allclose(found.glow, reference.glow(kind, got, shone), atol=2e-3)
    picture = color.copy()
    found.shine(picture, 0.8)
    wanted = reference.shine(color, np.float32(0.8) * got, shone)
    assert np.abs(picture.astype(int) - wanted).max() <= 1


def test_a_window_keeps_its_light_as_the_view_moves() -> None:
    kind, color = np.full((H, W), reference.WINDOW, np.uint8), np.full((H, W, 3), 90, np.uint8)
    depth = np.full((H, W), 20.0, np.float32)
    pixel_m = 2 * 20.0 * np.tan(0.6) / H
    first, second = (
        planes(lights.find(kind, color, geometry(camera(x)), depth, None, None))[0] for x in (3.0, 3.0 + 8 * pixel_m)
    )
    np.testing.assert_allclose(second[:, :-8], first[:, 8:], atol=1e-3)


def test_some_windows_are_lit_and_some_are_dark_and_lamps_are_all_lit() -> None:
    color, depth = np.full((H, W, 3), 90, np.uint8), np.full((H, W), 60.0, np.float32)
    windows, lamps = (
        planes(lights.find(np.full((H, W), what, np.uint8), color, geometry(camera()), depth, None, None))[0]
        for what in (reference.WINDOW, reference.LAMP)
    )
    assert 0.3 < (windows > 0.95).mean() < 0.7
    assert (windows < 0.05).mean() > 0.2
    assert (lamps == 1).all()


def test_signs_shine_in_their_own_colours_and_their_letters_stay() -> None:
    kind, depth = np.full((H, W), reference.SIGN, np.uint8), np.full((H, W), 60.0, np.float32)
    color = np.full((H, W, 3), (120, 20, 15), np.uint8)
    color[::4] = 10
    cover, light = planes(lights.find(kind, color, geometry(camera()), depth, None, None))[:2]
    assert (cover == 1).all()
    board, letters = light[1, 3], light[0, 3]
    assert board[0] > 0.85 and board[0] > 4 * board[1] and letters.max() < 0.1


def test_rooms_are_deep_and_lit_from_above() -> None:
    room = reference.ROOM_M

    def seen(
        beside_m: float, up_m: float, way: tuple[float, float, float], wall: int = PLANE_WALL_Z, pixel_m: float = 0.01
    ) -> float:
        """Through a window at the middle of a room's front, or so far from it."""
        at = (5 * room[0] + beside_m, 2.5 * room[1] + up_m, -7.3)
        place, plane = reference.places(np.array(at)), np.array(wall, np.uint8)
        return float(reference.inside(place, np.array(way), plane, np.array(pixel_m)))

    back, floor, ceiling = (seen(0, 0, (0, up, -1)) for up in (0, -2, 2))
    assert ceiling > back > floor
    right = seen(0, 0, (0.9, 0, -1))
    assert right == pytest.approx(seen(0, 0, (-0.9, 0, -1)), abs=1e-6), "both walls are alike"
    assert seen(0.2, 0, (0.9, 0, -1)) != pytest.approx(right, abs=1e-4), "and stand where they stand"
    assert seen(0, 0, (0.3, 0, -1)) == pytest.approx(seen(0, 0, (3, 0, -10)), abs=1e-6), "along a ray it is one thing"
    assert seen(0, 0, (0, -2, -1), PLANE_GROUND) == 1, "no room is below a skylight"
    assert seen(0, 0, (0, -2, -1), pixel_m=1.0) == seen(0, 0, (0, 2, -1), pixel_m=1.0), "far away they are even"
    assert np.isfinite([seen(0, 0, (0, 0, 0)), seen(0, 0, (1, 0, 0)), seen(room[0] / 2, room[1] / 2, (0, 1, 0))]).all()


@pytest.mark.parametrize("lost", ["depth", "camera"])
def test_where_places_are_not_known_all_are_lit(lost: str) -> None:
    kind, color, depth, _ = scene()
    seen = geometry(None if lost == "camera" else camera())
    found = lights.find(kind, color, seen, None if lost == "depth" else depth, None, None)
    assert np.array_equal(planes(found)[0] > 0, kind > 0)


def test_wet_ground_mirrors_lights() -> None:
    seen = camera()
    rays = ft.rays_of(seen, W, H)
    y = np.linspace(-1, 1, H)[:, None] + np.zeros((1, W))
    depth = np.minimum(1.7 / np.maximum(y * np.tan(0.6), 1e-3), 15.0).astype(np.float32)
    place = ft.cell_features((W, H), depth, rays, None, 0.0, None)
    kind = np.zeros((H, W), np.uint8)
    kind[16:20, 30:34] = reference.LAMP
    color = np.full((H, W, 3), 90, np.uint8)
    dry, wet = (lights.find(kind, color, place, depth, None, None, share) for share in (0.0, 1.0))
    more = (wet.glow - dry.glow).sum(-1)
    assert more.min() >= 0
    assert more[7:].max() > 0.1, "on the floor below"
    assert not more[:5].any()


@pytest.mark.parametrize("offset", range(4))
def test_a_thin_lamp_before_the_sky_is_mirrored_wherever_it_stands(offset: int) -> None:
    rays = ft.rays_of(camera(), W, H)
    y = np.linspace(-1, 1, H)[:, None] + np.zeros((1, W))
    depth = np.where(y > 0.15, 1.7 / np.maximum(y * np.tan(0.6), 1e-3), np.inf).astype(np.float32)
    kind = np.zeros((H, W), np.uint8)
    kind[16:20, 28 + offset] = reference.LAMP
    depth[kind > 0] = 15.0
    place = ft.cell_features((W, H), depth, rays, None, 0.0, None)
    color = np.full((H, W, 3), 90, np.uint8)
    dry, wet = (lights.find(kind, color, place, depth, None, None, share).glow for share in (0.0, 1.0))
    assert (wet - dry).sum() > 0.05


def test_fog_hides_lights() -> None:
    kind, color, depth, _ = scene()
    clear = lights.find(kind, color, geometry(camera()), depth, np.ones_like(depth), None)
    thick = lights.find(kind, color, geometry(camera()), depth, np.full_like(depth, 0.1), None)
    np.testing.assert_allclose(thick.cover, clear.cover * np.float32(0.1), rtol=1e-5)
    np.testing.assert_allclose(thick.glow, clear.glow * np.float32(0.1), rtol=1e-4, atol=1e-7)


def test_frames_without_lights_and_odd_depths_do_no_harm() -> None:
    kind, color, depth, through = scene()
    none = lights.find(np.zeros_like(kind), color, geometry(camera()), depth, through, None)
    assert none.at.size == 0 and not none.glow.any()
    for odd in (np.inf, np.nan, -np.inf, 0.0, -1e30):
        depth[::3] = odd
        found = lights.find(kind, color, geometry(camera()), depth, through, None, 1.0)
        assert np.isfinite(found.cover).all() and np.isfinite(found.glow).all()


def test_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    kind, color, depth, through = scene()
    for seen in (camera(), camera(size_m=40.0), None):
        lights.find(kind, color, geometry(seen), depth, through, None)
        lights.find(np.asfortranarray(kind), color[..., ::-1], geometry(seen), None, None, None)
    sealed = geometry(camera())
    assert sealed.rays is not None
    sealed.rays.columns.setflags(write=False)
    lights.find(kind, color, sealed, depth, through, None).shine(color, 0.5)
    for compiled in (kernels.find, kernels.shine):
        assert len(getattr(compiled, "signatures")) == 1  # noqa: B009 - a plain function to the type checker


def test_a_lamp_hangs_where_it_is_not_where_the_window_before_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[F32] = []
    monkeypatch.setattr(lights, "reach", lambda share, lamp_m, *_: seen.extend((share, lamp_m)))
    kind, depth = np.zeros((H, W), np.uint8), np.full((H, W), 9.0, np.float32)
    kind[8, 8:10], depth[8, 8] = (reference.WINDOW, reference.LAMP), 2.0
    lights.find(kind, np.zeros((H, W, 3), np.uint8), geometry(camera()), depth, None, None)
    assert seen[0][2, 2] == 1 / 16 and seen[1][2, 2] == 9
