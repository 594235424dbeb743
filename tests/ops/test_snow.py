"""Snow lies on what faces up where the network says that there is any; the fast form is the reference."""

from __future__ import annotations

import numpy as np
import pytest
from ground_views import looking_down, ways
from hypothesis import given, settings
from hypothesis import strategies as st

from framegen.frame import F32, U8, Camera
from framegen.ops import features as ft
from framegen.ops import layout, snow
from framegen.ops import snow_reference as reference
from framegen.ops.anchors import Anchors
from framegen.ops.kernels import snow as kernels

W, H = 96, 64
EYE_M, WALL_M = 1.7, 6.0
NO_SUN = np.zeros(3, np.float32)
ALL = np.ones(256, np.float32)


def camera(orthographic: bool = False, far_m: float = 0.0) -> Camera:
    return looking_down(W / H, EYE_M, 0.35, (12, 9) if orthographic else None, far_m, -far_m)


def yard(seen: Camera) -> tuple[ft.Rays, F32, U8]:
    """A floor, a wall across it and the sky above: rays, depth, which of them each pixel is (1 floor, 2 wall)."""
    rays = ft.rays_of(seen, W, H)
    start, way = ways(rays)
    with np.errstate(divide="ignore", invalid="ignore"):
        floor, wall = (-EYE_M - start[1]) / way[1], (-WALL_M - start[2]) / way[2]
    floor[floor <= 0] = np.inf
    wall[(wall <= 0) | (start[1] + way[1] * wall > 1.5)] = np.inf
    depth = np.minimum(floor, wall).astype(np.float32)
    return rays, depth, np.where(np.isinf(depth), 0, np.where(floor < wall, 1, 2)).astype(np.uint8)


def cells(value: float) -> F32:
    return np.full((H // 4, W // 4, 3), value, np.float32)


def lay(
    picture: U8, rays: ft.Rays, depth: F32, label: U8, amount: float = 1.0, bears: F32 = ALL, sun: F32 = NO_SUN,
    through: float = 1.0, share: float = 1.0,
) -> U8:  # fmt: skip
    out = picture.copy()
    clear = np.full((H, W), through, np.float32)
    snow.layer(out, label, bears, depth, clear, cells(0.9), cells(0.5), rays, sun, amount, share)(0, H)
    return out


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 2**31), st.booleans(), st.sampled_from([0.0, 3e4]), st.floats(0.1, 1), st.booleans(), st.booleans()
)  # fmt: skip
def test_the_fast_form_is_the_reference(
    seed: int, orthographic: bool, far_m: float, amount: float, bumpy: bool, half: bool
) -> None:
    rng = np.random.default_rng(seed)
    rays, depth, label = yard(camera(orthographic, far_m))
    if bumpy:
        depth *= rng.uniform(0.98, 1.02, depth.shape).astype(np.float32)
    if half:
        depth = depth.astype(np.float16).astype(np.float32)
    picture = rng.integers(0, 256, (H, W, 3)).astype(np.uint8)
    bears = rng.random(256).astype(np.float32)
    color, air = (rng.random((H // 4, W // 4, 3)).astype(np.float32) for _ in range(2))
    through = rng.random((H, W)).astype(np.float32)
    sun = np.array([0.3, 0.5, 0.4], np.float32)
    got = picture.copy()
    snow.layer(got, label, bears, depth, through, color, air, rays, sun, amount, 0.8)(0, H)
    cover, bright = reference.lying(reference.normals(depth, rays), depth, rays, amount, sun)
    wanted = reference.laid(picture, cover, bright, color, through, air, bears[label], 0.8)
    off = np.abs(got.astype(int) - wanted)
    # where both neighbours differ by as much in depth, rounding takes either
    assert np.quantile(off, 0.99) <= 1
    assert off.max() <= 1 or bumpy or half


@pytest.mark.parametrize("orthographic", [False, True])
def test_floors_are_covered_up_to_the_wall_and_walls_are_not(orthographic: bool) -> None:
    rays, depth, label = yard(camera(orthographic))
    picture = np.full((H, W, 3), 60, np.uint8)
    out = lay(picture, rays, depth, label)
    inner = np.s_[2:-2, 2:-2]
    assert out[inner][label[inner] == 1].min() > 180
    assert np.array_equal(out[label != 1], picture[label != 1])


def test_little_snow_lies_in_patches_that_stay_where_they_are() -> None:
    rays, depth, label = yard(camera())
    picture = np.full((H, W, 3), 60, np.uint8)
    light, deep = (lay(picture, rays, depth, label, amount)[label == 1][:, 0] > 120 for amount in (0.45, 1.0))
    assert 0.15 < light.mean() < 0.85 < deep.mean()
    # one period of the noise further the same pattern lies
    x = reference.NOISE_M
    pose = np.eye(4)
    pose[0, 3] = x
    there = camera()
    moved = Camera(there.view_from_world @ np.linalg.inv(pose), there.clip_from_view, there.near_m, there.far_m)
    again = lay(picture, ft.rays_of(moved, W, H), depth, label, 0.45)[label == 1][:, 0] > 120
    assert (again == light).mean() > 0.98


def test_patches_go_along_with_what_moves() -> None:
    rays, depth, label = yard(camera())
    ones, still = np.ones((H, W), np.float32), np.full((H, W, 3), 60, np.uint8)

    def patches(seen: ft.Rays, shift: tuple[float, float, float] | None) -> U8:
        cells_of = None if shift is None else np.full((H // 4, W // 4, 3), shift, np.float32)
        anchors = None if cells_of is None else Anchors(cells_of, ones[::4, ::4])
        out = still.copy()
        snow.layer(out, label, ALL, depth, ones, cells(0.9), cells(0.5), seen, NO_SUN, 0.45, 1.0, anchors)(0, H)
        cover, _ = reference.lying(reference.normals(depth, seen), depth, seen, 0.45, NO_SUN, cells_of)
        wanted = reference.laid(still, cover, np.ones_like(cover), cells(0.9), ones, cells(0.5), ALL[label], 1.0)
        assert np.quantile(np.abs(out.astype(int) - wanted), 0.99) <= 6, "all but how bright it is"
        return out

    first = patches(rays, None)
    # all has driven on by a little, and so has who looks at it
    later = ft.rays_of(looking_down(W / H, EYE_M, 0.35, None, 1.3, -0.7), W, H)
    assert np.abs(patches(later, (-1.3, 0.0, 0.7)).astype(int) - first).max() <= 2
    assert np.abs(patches(later, None).astype(int) - first).mean() > 5


def test_what_bears_none_stays_bare_and_strength_leaves_the_engines() -> None:
    rays, depth, label = yard(camera())
    picture = np.full((H, W, 3), 60, np.uint8)
    assert np.array_equal(lay(picture, rays, depth, label, bears=np.zeros(256, np.float32)), picture)
    assert np.array_equal(lay(picture, rays, depth, label, share=0.0), picture)
    foggy = lay(picture, rays, depth, label, through=0.0)[2:-2, 2:-2]
    assert np.abs(foggy[label[2:-2, 2:-2] == 1].astype(int) - 127).max() < 12, "fog hides it"


def test_what_faces_the_sun_is_brighter() -> None:
    rays, depth, label = yard(camera())
    picture = np.full((H, W, 3), 60, np.uint8)
    floor = label == 1
    low, high = (np.array([0, up, np.sqrt(1 - up * up)], np.float32) for up in (0.2, 0.9))
    # level ground is as bright as the network says, whatever the sun's height
    morning, noon = (lay(picture, rays, depth, label, sun=sun)[floor].mean() for sun in (low, high))
    np.testing.assert_allclose(morning, noon, atol=1)
    normal = np.zeros((3, 1, 2), np.float32)
    normal[:, 0, 0], normal[:, 0, 1] = (0, 0.8, 0.6), (0, 0.8, -0.6)
    line = ft.rays_of(camera(), 2, 1)
    _, bright = reference.lying(normal, np.ones((1, 2), np.float32), line, 1.0, low)
    assert bright[0, 0] > bright[0, 1] + 0.2


def test_the_colour_is_that_of_the_snow_around_and_rooms_have_none() -> None:
    label = np.full((16, 24), layout.LABELS.index("paving"), np.int32)
    latent, picture = np.zeros((16, 24, layout.KEPT), np.float32), np.full((64, 96, 3), 30, np.uint8)
    clear, air = np.ones((64, 96), np.float32), np.full((16, 24, 3), 0.4, np.float32)
    features = np.zeros((ft.CHANNELS, 16, 24), np.float32)
    features[ft.NORMAL_UP, 8:] = 1
    geometry = ft.CellGeometry(features, None, None, None)
    assert snow.color_of(picture, latent, label, clear, air, geometry, 1.0) is None
    latent[8:, :, layout.COVER] = 1
    latent[8:, :12, layout.PAINT], latent[8:, 12:, layout.PAINT] = 0.9, 0.5
    picture[32:, :48], picture[32:, 48:] = 230, 128
    found = snow.color_of(picture, latent, label, clear, air, geometry, 1.0)
    assert found is not None and found[1] == 1
    color = found[0]
    np.testing.assert_allclose(color[12, 1], 0.9, atol=0.05)
    np.testing.assert_allclose(color[12, -2], 0.5, atol=0.05)
    assert np.isfinite(color).all() and color.min() > 0.4, "beyond it, what is nearest"
    # half of what is seen is the air before it
    hazy = snow.color_of(
        (picture * 0.5 + 51).astype(np.uint8), latent, label, clear * np.float32(0.5), air, geometry, 1.0
    )
    assert hazy is not None
    np.testing.assert_allclose(hazy[0], color, atol=0.02)
    floor = np.full_like(label, layout.LABELS.index("tile"))
    assert snow.color_of(picture, latent, floor, clear, air, geometry, 1.0) is None, "a shimmer on floors of rooms"
    floor[:, :6] = label[:, :6]
    assert snow.color_of(picture, latent, floor, clear, air, geometry, 1.0) is None, "a garden behind a window"
    features[ft.SKY, :8] = 1
    assert snow.color_of(picture, latent, floor, clear, air, geometry, 1.0) is not None, "a pier under the sky"
    floor[8:12] = layout.LABELS.index("water")
    assert snow.color_of(picture, latent, floor, clear, air, geometry, 1.0) is not None, "in a lake"
    floor[8:], features[ft.SKY] = layout.LABELS.index("water"), 0
    floor[15] = layout.LABELS.index("grass")
    assert snow.color_of(picture, latent, floor, clear, air, geometry, 1.0) is not None, "the shore of a lake"
    features[ft.NORMAL_UP] = 0
    assert snow.color_of(picture, latent, label, clear, air, geometry, 1.0) is None, "paint on walls is no snow"


def test_a_zebra_crossing_does_not_show_in_the_colour_of_deep_snow() -> None:
    label = np.full((16, 24), layout.LABELS.index("asphalt"), np.int32)
    label[:, 8:12] = layout.LABELS.index("road marking")
    latent, picture = np.zeros((16, 24, layout.KEPT), np.float32), np.full((64, 96, 3), 160, np.uint8)
    latent[..., layout.COVER], latent[..., layout.PAINT] = 0.9, 0.6
    picture[:, 32:48] = 230
    features = np.zeros((ft.CHANNELS, 16, 24), np.float32)
    features[ft.NORMAL_UP] = 1
    geometry = ft.CellGeometry(features, None, None, None)
    clear, air = np.ones((64, 96), np.float32), np.full((16, 24, 3), 0.4, np.float32)
    found = snow.color_of(picture, latent, label, clear, air, geometry, 1.0)
    assert found is not None and np.ptp(found[0]) < 0.05


def test_a_few_cells_of_snow_bring_little_of_it() -> None:
    """In a fade the network begins with a few cells: then the rest must not come at once."""
    label = np.full((20, 24), layout.LABELS.index("paving"), np.int32)
    latent, picture = np.zeros((20, 24, layout.KEPT), np.float32), np.full((80, 96, 3), 200, np.uint8)
    features = np.zeros((ft.CHANNELS, 20, 24), np.float32)
    features[ft.NORMAL_UP] = 1
    geometry = ft.CellGeometry(features, None, None, None)
    clear, air = np.ones((80, 96), np.float32), np.full((20, 24, 3), 0.4, np.float32)
    sure = []
    for cells in range(0, 120, 2):
        latent.reshape(-1, layout.KEPT)[:cells, layout.COVER] = 0.9
        found = snow.color_of(picture, latent, label, clear, air, geometry, 0.6)
        sure.append(0.0 if found is None else found[1])
    assert sure[0] == 0 and sure[-1] == 1 and (np.diff(sure) >= 0).all() and np.diff(sure).max() < 0.06


@pytest.mark.parametrize("sky_grows", [True, False])
def test_a_view_that_turns_goes_softly_from_a_room_to_the_open(sky_grows: bool) -> None:
    label = np.full((100, 24), layout.LABELS.index("wood"), np.int32)
    features = np.zeros((ft.CHANNELS, 100, 24), np.float32)
    features[ft.NORMAL_UP] = 1
    geometry = ft.CellGeometry(features, None, None, None)
    rooms, lying = [snow.in_a_room(label, geometry)], [snow.lies(label, geometry)]
    for row in range(100):
        if sky_grows:
            features[ft.SKY, row], features[ft.NORMAL_UP, row] = 1, 0
        else:
            label[row] = layout.LABELS.index("grass")
        rooms.append(snow.in_a_room(label, geometry))
        lying.append(snow.lies(label, geometry))
    assert (rooms[0], rooms[50 if sky_grows else -1], lying[0], lying[50 if sky_grows else -1]) == (1, 0, 0, 1)
    assert max(np.abs(np.diff(said[:99])).max() for said in (rooms, lying)) < 0.11


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 1), st.integers(0, 4))
def test_what_cells_say_of_snow_is_the_reference(seed: int, amount: float, of_rooms: int) -> None:
    rng = np.random.default_rng(seed)
    h, w = rng.integers(5, 20, 2).tolist()
    latent = rng.uniform(-0.1, 1.1, (h, w, layout.KEPT)).astype(np.float32)
    codes = rng.choice(len(layout.LABELS), (h, w)), rng.choice(np.flatnonzero(reference.IS_ROOM), (h, w))
    label = np.where(rng.random((h, w)) < of_rooms / 4, codes[1], codes[0]).astype(np.int32)
    label[rng.random((h, w)) < 0.5] = layout.LABELS.index("paving")
    features = np.zeros((ft.CHANNELS, h, w), np.float32)
    normals = rng.normal(size=(3, h, w)) * [[[0.3]], [[1]], [[0.3]]]
    features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1] = normals / np.linalg.norm(normals, axis=0)
    features[ft.SKY] = rng.random() * 0.5
    geometry = ft.CellGeometry(features, None, None, None)
    picture = rng.integers(0, 256, (h * 4, w * 4, 3)).astype(np.uint8)
    through, air = rng.random((h * 4, w * 4)).astype(np.float32), rng.random((h, w, 3)).astype(np.float32)
    got, wanted = (form.color_of(picture, latent, label, through, air, geometry, amount) for form in (snow, reference))
    assert (got is None) == (wanted is None)
    if got is not None and wanted is not None:
        np.testing.assert_allclose(got[0], wanted[0], atol=2e-4)
        assert got[1] == pytest.approx(wanted[1], abs=1e-4)
    for said in ("lies", "in_a_room"):
        assert getattr(snow, said)(label, geometry) == pytest.approx(
            getattr(reference, said)(label, geometry), abs=1e-6
        )
    before = latent.copy()
    walls = [form.off_walls(latent, label, geometry, amount) for form in (snow, reference)]
    np.testing.assert_allclose(*walls, atol=1e-5)
    np.testing.assert_array_equal(latent, before)


def test_walls_keep_their_own_colours_and_leaves_and_ground_their_snow() -> None:
    rng = np.random.default_rng(5)
    latent = rng.uniform(0.2, 0.9, (12, 24, layout.KEPT)).astype(np.float32)
    features = np.zeros((ft.CHANNELS, 12, 24), np.float32)
    features[ft.NORMAL_UP, :, :8] = 1  # ground, then a wall, then leaves that face anywhere
    features[ft.NORMAL_AHEAD, :, 8:16] = -1
    leaves = rng.normal(size=(3, 12, 8))
    features[ft.NORMAL_RIGHT : ft.NORMAL_AHEAD + 1, :, 16:] = leaves / np.linalg.norm(leaves, axis=0)
    geometry, unknown = ft.CellGeometry(features, None, None, None), np.zeros((12, 24), np.int32)
    out = snow.off_walls(latent, unknown, geometry, 1.0)
    for part in (layout.COVER, layout.PAINT):
        kept = out[..., part] / latent[..., part]
        np.testing.assert_allclose(kept[:, :7], 1)
        np.testing.assert_allclose(kept[:, 9:15], 1 - reference.WALLS, rtol=1e-5)
        assert kept[:, 18:].mean() > 0.95
    np.testing.assert_array_equal(out[..., layout.GAIN], latent[..., layout.GAIN])
    np.testing.assert_array_equal(snow.off_walls(latent, unknown, geometry, 0.0), latent)
    trees = np.full_like(unknown, layout.LABELS.index("foliage"))
    trees[:, :8] = layout.LABELS.index("soil")
    np.testing.assert_array_equal(snow.off_walls(latent, trees, geometry, 1.0), latent)
    room = np.full_like(unknown, layout.LABELS.index("fabric"))
    room[:2] = layout.LABELS.index("soil")  # of a garden behind its window
    kept = snow.off_walls(latent, room, geometry, 1.0)[..., layout.COVER] / latent[..., layout.COVER]
    np.testing.assert_allclose(kept[2:], 1 - reference.WALLS, rtol=1e-5)
    np.testing.assert_allclose(kept[:2, :7], 1)
    yard = np.full_like(unknown, layout.LABELS.index("concrete"))
    kept = snow.off_walls(latent, yard, geometry, 1.0)[..., layout.COVER] / latent[..., layout.COVER]
    np.testing.assert_allclose(kept[:, :7], 1, err_msg="a yard may be of concrete")


@pytest.mark.filterwarnings("error")
def test_odd_depths_do_no_harm_and_one_compiled_form_serves_all() -> None:
    kernels.warm_up()
    rays, depth, label = yard(camera())
    picture = np.full((H, W, 3), 60, np.uint8)
    for odd in (np.inf, np.nan, -np.inf, 0.0, -1e30, 1e30):
        holes = depth.copy()
        holes[::3], holes[:, 5] = odd, odd
        lay(picture, rays, holes, label)
        lay(picture, rays, np.full_like(depth, odd), label)
    rays.columns.setflags(write=False)
    lay(picture, rays, np.asfortranarray(depth), label)
    lay(picture, ft.rays_of(camera(True), W, H), depth, label)
    assert len(getattr(kernels.lay, "signatures")) == 1  # noqa: B009 - a plain function to the type checker
